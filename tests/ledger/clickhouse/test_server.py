"""Speaking to the servers: values in statements, and what is told when none answers."""

import pytest
from tests.ledger.engines import OfTests

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.address import parse
from tallystick.ledger.clickhouse.server import Server, among, bound, literal


@pytest.mark.parametrize("text", ["it's; --\0x", "a\\'b", "Übung/仕事 :since", "\n\t"])
def test_a_text_comes_back_as_it_was(ledger: OfTests, text: str) -> None:
    assert ledger.server.rows(f"SELECT {literal(text)} AS t") == [(text,)]
    assert ledger.server.rows(bound("SELECT :text AS t -- :other", {"text": text})) == [(text,)]


def test_numbers_stand_in_sets() -> None:
    assert among([3, -4]) == "(3,-4)"
    assert among([]) == "(NULL)"


def test_an_empty_set_holds_nothing(ledger: OfTests) -> None:
    assert ledger.server.rows(bound("SELECT number FROM numbers(3) WHERE number IN ", {}) + among([])) == []


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(Unavailable, match=r"clickhouse://127.0.0.1:1/ledger cannot be reached") as found:
        Server(parse("clickhouse://ada:secret@127.0.0.1:1/ledger"))
    assert "secret" not in str(found.value)


def test_the_next_one_is_asked_where_one_does_not_answer(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    server = Server(parse(f"clickhouse://127.0.0.1:1,{host}:{port}/{ledger.server.address.database}"))
    assert server.rows("SELECT 1 AS n") == [(1,)]
    server.close()


def test_a_wrong_statement_is_no_matter_of_the_person(ledger: OfTests) -> None:
    with pytest.raises(Exception, match="UNKNOWN_TABLE") as found:
        ledger.server.rows("SELECT n FROM nowhere")
    assert not isinstance(found.value, Unavailable)


def test_rows_are_put_in_the_order_of_the_columns(ledger: OfTests) -> None:
    ledger.server.put("tags", [("codex", "s1", "ticket", "X-1")])
    ledger.server.put("tags", [])
    assert ledger.server.rows("SELECT value, name, session, tool FROM tags") == [("X-1", "ticket", "s1", "codex")]
