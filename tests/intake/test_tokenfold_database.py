"""An existing database of tokenfold: the same events as from the logs and from pushes, each once, and the file as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from tests.faces.compat.tokenfold_world import PUSHES
from tests.intake.push.test_tokenfold import SAMPLES, read, send, told
from tests.intake.push.tokenfolding import batches
from tests.intake.tokenfold_database import made

from tallystick.intake.databases import consult
from tallystick.intake.tokenfold_database import TokenfoldDatabase
from tallystick.ledger.ledger import Batch, Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Context


def take(path: Path, ledger: Ledger, user: str = "alice") -> TokenfoldDatabase:
    """Bring a database in."""
    found: list[Batch] = []
    reader = TokenfoldDatabase(found.append, user)
    assert consult(str(path), reader) == ""
    ledger.add(found)
    return reader


def figures(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return time, session, model and tokens of each event."""
    return [(event[0], event[1][0], event[2].model, event[3]) for event in told(ledger)["events"]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a database of the world."""
    return made(tmp_path / "tokenfold.db", PUSHES)


def test_events_are_those_that_were_pushed_but_for_what_it_never_kept(database: Path) -> None:
    pushed, taken = MemoryLedger(), MemoryLedger()
    send(pushed, PUSHES)
    reader = take(database, taken)
    assert (reader.rows, reader.machines) == (15, {"laptop", "__script_"})
    # For how long caches were written to is not in its columns: five minutes are what it billed.
    short = [(*each[:3], (*each[3][:2], each[3][2] + each[3][3], 0, *each[3][4:])) for each in figures(pushed)]
    assert figures(taken) == short
    whose = {(Context(*row[1:]).machine, Context(*row[1:]).user) for row in taken.ask("contexts")}
    assert whose == {("laptop", "alice"), ("__script_", "alice")}
    ((name, begin, end, _),) = told(taken)["calls"]
    assert (name, begin > 0, end) == ("Bash", True, 0)


@pytest.mark.parametrize("first", ["database", "push"])
def test_what_is_known_otherwise_counts_once_and_the_better_counts_hold(database: Path, first: str) -> None:
    both, pushed = MemoryLedger(), MemoryLedger()
    send(pushed, PUSHES)
    if first == "database":
        take(database, both)
    send(both, PUSHES)
    take(database, both)
    take(database, both)
    assert len(figures(both)) == len(figures(pushed)) == 6
    assert figures(both) == figures(pushed)


def test_the_logs_of_the_same_sessions_count_and_nothing_twice(tmp_path: Path) -> None:
    folder = tmp_path / ".claude" / "projects"
    for case in ("people", "agents", "streamed", "forks", "no-request-ids", "cache-lifetimes"):
        for each in (SAMPLES / case).iterdir():
            if each.is_dir():
                copytree(each, folder / f"{each.name}-{case}", dirs_exist_ok=True)
    path = made(tmp_path / "tokenfold.db", batches(folder, "laptop"))
    logs, both, other = MemoryLedger(), MemoryLedger(), MemoryLedger()
    read(logs, tmp_path)
    read(both, tmp_path)
    take(path, both)
    take(path, other)
    read(other, tmp_path)
    assert figures(both) == figures(other) == figures(logs)


def test_the_file_is_only_read(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA journal_mode=WAL")
    before = {file.name: file.read_bytes() for file in database.parent.iterdir()}
    take(database, MemoryLedger())
    assert {file.name: file.read_bytes() for file in database.parent.iterdir()} == before


def test_rows_that_make_no_sense_are_skipped(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE events SET output_tokens = 'many' WHERE model = 'house-9'")
        db.execute("UPDATE events SET timestamp = 'yesterday' WHERE uuid LIKE 's1-8-%' AND type = 'assistant'")
        db.execute(
            "UPDATE events SET session_id = NULL, version = x'ff' WHERE model LIKE '%sonnet%' AND agent_id IS NULL"
        )
        db.commit()
    ledger = MemoryLedger()
    take(database, ledger)
    assert len(figures(ledger)) == 4
    assert sum(row[-1] for row in ledger.ask("skipped_total")) >= 2


def test_another_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as db:
        db.execute("CREATE TABLE events (uuid TEXT, type TEXT)")
    reader = TokenfoldDatabase(lambda _: None, "")
    assert "no database of tokenfold: its events lack message_id" in consult(str(tmp_path / "other.db"), reader)
