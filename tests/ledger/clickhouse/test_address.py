"""Addresses: what is said in them, what is not shown of them, and what is refused."""

import pytest

from tallystick.errors import Misused
from tallystick.ledger.clickhouse.address import parse


def test_an_address_says_where_and_how() -> None:
    found = parse("clickhouse://ada:it%27s@one:8124,two,[::1]:9/ledger?cluster=meter&secure=1")
    assert found.hosts == (("one", 8124), ("two", 8123), ("::1", 9))
    assert found[1:] == ("ledger", "ada", "it's", "meter", True)
    assert parse("clickhouse://one/ledger")[2:] == ("", "", "", False)
    assert parse("clickhouse://ada@one/ledger", "secret").password == "secret"


def test_a_password_is_not_shown() -> None:
    assert parse("clickhouse://ada:secret@one,two:1/ledger").shown == "clickhouse://one:8123,two:1/ledger"


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse:///ledger",
        "clickhouse://one",
        "clickhouse://one/a;b",
        "clickhouse://one/a?what=1",
        "clickhouse://one:x/a",
    ],
)
def test_what_says_nothing_is_refused(url: str) -> None:
    with pytest.raises(Misused, match="ClickHouse"):
        parse(url)
