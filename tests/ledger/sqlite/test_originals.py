"""Originals: of prompts that lie in several sources the one of the source that ended first counts."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import LOG, MAIN, batch

from tallystick.ledger.sqlite import originals
from tallystick.ledger.sqlite.days import Days
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.originals import Known, Prompts, portions

EARLY = LOG._replace(path="/home/dev/early", mtime=0, last=1_000)
LATE = LOG._replace(path="/home/dev/late", mtime=0, last=9_000)
PROMPT = (7, 500, MAIN, 3)


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    """Return an empty ledger."""
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def counted(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """Return the prompts that count, each with its source."""
    return db.execute(
        "SELECT p.key, s.path FROM prompts p JOIN sources s ON s.id = p.source WHERE copy = 0 ORDER BY 1, 2"
    ).fetchall()


@pytest.mark.parametrize("most", [1, 500])
def test_the_source_that_ended_first_has_the_original(
    ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    # With many sources at once all prompts are looked at, with few only theirs.
    monkeypatch.setattr(originals, "_ASKED_AT_ONCE", most)
    ledger.add([batch(LATE, prompts=[PROMPT, (8, 600, MAIN, 4)])])
    assert counted(ledger.connection) == [(7, LATE.path), (8, LATE.path)]
    ledger.add([batch(EARLY, prompts=[PROMPT]), batch(LOG)])
    assert counted(ledger.connection) == [(7, EARLY.path), (8, LATE.path)]


def test_what_changes_changes_the_state_of_its_day(ledger: SqliteLedger) -> None:
    ledger.add([batch(LATE, prompts=[PROMPT])])
    before = ledger.ask("days", since=-1, until=9)
    ledger.add([batch(EARLY, prompts=[PROMPT])])
    assert ledger.ask("days", since=-1, until=9) != before


def test_a_copy_is_the_original_when_that_is_taken_out(ledger: SqliteLedger) -> None:
    ledger.add([batch(LATE, prompts=[PROMPT]), batch(EARLY, prompts=[PROMPT])])
    db = ledger.connection
    db.execute("DELETE FROM prompts WHERE source = (SELECT id FROM sources WHERE path = ?)", (EARLY.path,))
    assert counted(db) == []
    Prompts(db, Days(db, 1), Known(db)).sort_out_keys([7])
    assert counted(db) == [(7, LATE.path)]


def test_a_source_is_looked_up_once_until_it_is_forgotten(ledger: SqliteLedger) -> None:
    ledger.add([batch(EARLY), batch(LOG)])
    known = Known(ledger.connection)
    assert known(1).path == EARLY.path
    ledger.connection.execute("UPDATE sources SET last = 4000")
    assert known(1).closed == 1_000
    known.forget(1)
    assert known(1).closed == 4_000
    ledger.connection.execute("UPDATE sources SET last = 5000")
    known.forget_all()
    assert known(1).closed == 5_000


def test_portions_hold_everything_once() -> None:
    assert [len(part) for part in portions(list(range(1_001)))] == [500, 500, 1]
