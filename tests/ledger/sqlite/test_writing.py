"""Writing: one transaction for what comes, its indexes, and content that never enters."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import EVER, LATER, LOG, View, batch, decoded

from tallystick.ledger.ledger import Batch, Receipt, Source
from tallystick.ledger.sqlite.engine import SqliteLedger


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.db")


def indexes(ledger: SqliteLedger) -> set[str]:
    found = ledger.connection.execute("SELECT name FROM sqlite_schema WHERE type='index' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in found}


def test_a_first_addition_leaves_the_indexes_that_it_found(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        before = indexes(ledger)
        assert {"events_key", "events_time"} <= before
        ledger.add([batch(LOG, [View(number) for number in range(5_000)])])
        assert indexes(ledger) == before


def test_a_first_addition_that_fails_leaves_them_too(path: str) -> None:
    def broken() -> Iterator[Batch]:
        yield batch(LOG, [View(number) for number in range(5_000)])
        raise KeyboardInterrupt

    with closing(SqliteLedger(path, write=True)) as ledger:
        before = indexes(ledger)
        with pytest.raises(KeyboardInterrupt):
            ledger.add(broken())
        assert indexes(ledger) == before
        assert ledger.add([batch(LOG, [View(1)])]) == Receipt(new=1)
    with closing(SqliteLedger(path)) as ledger:
        assert len(ledger.ask("events", **EVER)) == 1


def test_a_large_addition_equals_many_small_ones(path: str) -> None:
    views = [View(number % 3_500, time=1_000 * number, grade=number % 4) for number in range(7_000)]
    with closing(SqliteLedger(path, write=True)) as one, closing(SqliteLedger(":memory:", write=True)) as many:
        one.add([batch(LOG, views)])
        for begin in range(0, len(views), 1_000):
            many.add([batch(LOG, views[begin : begin + 1_000])])
        assert decoded(one) == decoded(many)


def test_batches_are_written_as_they_come(path: str) -> None:
    held: list[int] = []

    def batches() -> Iterator[Batch]:
        for portion in range(4):
            yield batch(LOG, [View(10_000 * portion + number) for number in range(2_000)])
            assert ledger._writer
            held.append(len(ledger._writer._fresh))

    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add(batches())
    assert max(held) <= 2_000, "what has been written is not held any longer"


def test_a_source_is_one_row_however_often_it_is_told_of(path: str) -> None:
    with closing(SqliteLedger(path, write=True)) as ledger:
        for number in range(3):
            ledger.add([batch(LOG._replace(offset=number), [View(number)]), batch(LATER)])
        assert ledger.connection.execute("SELECT id, path, place FROM sources").fetchall() == [
            (1, LOG.path, 2),
            (2, LATER.path, 900),
        ]


def test_what_a_source_shares_is_settled_anew_only_where_it_stands_otherwise(path: str) -> None:
    asked: list[str] = []

    def looks(source: Source) -> int:
        asked.clear()
        ledger.add([batch(source, [View(9)])])
        return sum("FROM sightings WHERE source IN" in text for text in asked)

    with closing(SqliteLedger(path, write=True)) as ledger:
        ledger.add([batch(LOG, [View(1)]), batch(LATER, [View(1)])])
        ledger.connection.set_trace_callback(asked.append)
        assert looks(LOG._replace(offset=950, size=1_100)) == 0
        # Written later than it seemed, it may no longer be the original.
        assert looks(LOG._replace(mtime=20_000_000_000)) == 1
        assert looks(LOG._replace(mtime=20_000_000_000, witness="otlp")) == 1
