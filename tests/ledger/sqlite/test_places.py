"""Places in SQLite: which days change with them, and that they stay right when names change or go."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import COPY, LOG, MAIN, View, batch

from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite import naming, opening
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import HIDDEN
from tallystick.usage.period import DAY_MS

OPEN = MAIN._replace(project="", branch="", agent="title")


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    """Return a ledger of calls without a project on days 1 and 2, and of another session on day 3."""
    with closing(SqliteLedger(":memory:", write=True)) as made:
        views = [View(1, time=DAY_MS, context=OPEN), View(2, time=2 * DAY_MS, context=OPEN)]
        made.add([batch(LOG, [*views, View(3, time=3 * DAY_MS, context=COPY)])])
        yield made


def changed(ledger: SqliteLedger, told: Batch) -> list[int]:
    before: dict[int, int] = dict(ledger.ask("days"))
    ledger.add([told])
    return [day for day, state in ledger.ask("days") if before.get(day) != state]


def shown(ledger: SqliteLedger) -> list[str]:
    return [row[3] for row in ledger.ask("contexts") if row[5] == "title"]


def test_the_days_of_what_is_shown_otherwise_change(ledger: SqliteLedger) -> None:
    assert changed(ledger, batch(LOG, [View(4, time=9 * DAY_MS)])) == [1, 2, 9]
    assert changed(ledger, batch(LOG, [View(5, time=9 * DAY_MS, context=MAIN._replace(version="3"))])) == [9]
    inner = MAIN._replace(project=f"{MAIN.project}/inner")
    assert changed(ledger, batch(LOG, [View(6, time=9 * DAY_MS, context=inner)])) == [9]
    outer = MAIN._replace(project="/home/dev")
    assert changed(ledger, batch(LOG, [View(7, time=9 * DAY_MS, context=outer)])) == [1, 2, 9]
    assert shown(ledger) == ["/home/dev"]


def test_two_machines_that_become_one_share_their_sessions(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(4, context=MAIN._replace(machine="old"))])])
    assert shown(ledger) == [""]
    naming.rename(ledger.connection, naming.MACHINE, "old", MAIN.machine)
    assert shown(ledger) == [MAIN.project]


def test_what_a_machine_that_goes_away_knew_goes_with_it(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, tags=[("claude-code", "s1", "a", "b"), ("claude-code", "s2", "a", "b")])])
    naming.remove(ledger.connection, naming.MACHINE, MAIN.machine)
    assert ledger.ask("contexts") == ledger.ask("tags") == []
    assert ledger.connection.execute("SELECT count(*) FROM places").fetchone() == (0,)


def test_a_ledger_of_an_older_form_gets_them_and_what_was_sent_without_a_project_keeps_none(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for number, name in opening.migrations():
            if number < 10:
                db.executescript(Path(name).read_text())
                db.execute(f"PRAGMA user_version={number}")
        insert = "INSERT INTO contexts VALUES (?, 'claude-code', ?, ?, ?, '', '', ?, 'dev')"
        rows = [
            (1, "s1", "", "", "box"),
            (2, "s1", "/p/b", "", "box"),
            (3, "s1", "/p", "main", "box"),
            (4, "s1", "/p", "", "box"),
        ]
        sent = [
            (5, "s1", "", "", "laptop"),
            (6, "s1", "/q", "", "laptop"),
            (7, "s2", "", "", "box"),
            (8, "", "", "", "box"),
            (9, "", "/z", "", "box"),
        ]
        db.executemany(insert, [*rows, *sent])
        db.execute("INSERT INTO machines VALUES ('m', 'laptop', 'dev', 0, 0, '', '', 0, 0, '')")
        db.execute("INSERT INTO days VALUES (7, 70)")
    with closing(SqliteLedger(path, write=True)) as ledger:
        found = {row[0]: row[3:5] for row in ledger.ask("contexts")}
        assert [found[number] for number in (1, 2, 5, 7, 8)] == [
            ("/p", "main"),
            ("/p/b", ""),
            ("", ""),
            ("", ""),
            ("", ""),
        ]
        assert ledger.connection.execute("SELECT project FROM contexts WHERE id = 5").fetchone() == (HIDDEN,)
        assert ledger.ask("days") != [(7, 70)]
        # As the writer would have it.
        kept = ledger.connection.execute("SELECT * FROM places ORDER BY context").fetchall()
        naming.rename(ledger.connection, naming.USER, "dev", "dev2")
        assert ledger.connection.execute("SELECT * FROM places ORDER BY context").fetchall() == kept
