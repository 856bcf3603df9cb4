"""The schema: made once, found again, left alone when it is newer."""

from itertools import count

import pytest
from tests.ledger.engines import OfTests

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.clickhouse.schema import bring_up_to_date, migrations, statements


def test_statements_are_told_apart_and_can_be_repeated() -> None:
    found = statements("-- a\nCREATE TABLE a (\n    b Int64\n) ENGINE = Memory;\nCREATE VIEW c AS\nSELECT 1;\n")
    assert found == [
        "CREATE TABLE IF NOT EXISTS a (\n    b Int64\n) ENGINE = Memory",
        "CREATE VIEW IF NOT EXISTS c AS\nSELECT 1",
    ]


def test_migrations_are_numbered_without_a_gap() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))


def test_what_is_there_is_left_as_it_is(ledger: OfTests) -> None:
    ledger.server.put("tags", [("codex", "s1", "ticket", "X-1")])
    bring_up_to_date(ledger.server)
    assert ledger.server.rows("SELECT count() AS n FROM tags") == [(1,)]
    assert ledger.server.numbers("SELECT number FROM migrations ORDER BY number") == list(migrations())


def test_tables_over_a_cluster_are_refused_rather_than_made_in_part(ledger: OfTests) -> None:
    ((host, port),) = ledger.server.address.hosts
    with pytest.raises(Unavailable, match="take cluster out"):
        ClickhouseLedger(f"clickhouse://{host}:{port}/other?cluster=meter", count(1).__next__)


def test_a_newer_ledger_is_left_alone(ledger: OfTests) -> None:
    ledger.server.do("INSERT INTO migrations (number) VALUES (999)")
    try:
        with pytest.raises(Unavailable, match="newer version"):
            bring_up_to_date(ledger.server)
    finally:
        ledger.server.do("TRUNCATE TABLE migrations")
        bring_up_to_date(ledger.server)
