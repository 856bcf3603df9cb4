"""Opening the file: who may read and write it, what an upgrade leaves behind, and what is said when it fails."""

import gc
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.ledger.sample import EVER, LOG, MAIN, View, batch, reading

from tallystick.errors import Unavailable
from tallystick.ledger.sqlite import opening
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.maintenance import verify
from tallystick.ledger.sqlite.opening import (
    WriterLock,
    backup,
    is_current,
    migrations,
    newest,
    open_to_read,
    open_to_write,
)
from tallystick.usage.tokens import Tokens


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return where a ledger with one event lies."""
    made = str(tmp_path / "made" / "ledger.db")
    with closing(SqliteLedger(made, write=True)) as ledger:
        ledger.add([batch(LOG, [View()])])
    return made


@pytest.fixture
def upgraded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a later version's migrations: our own, and one that adds a table."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for _, text in migrations():
        (folder / Path(text).name).write_text(Path(text).read_text())
    (folder / f"{newest() + 1:04}_more.sql").write_text("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;")
    monkeypatch.setattr(opening, "_MIGRATIONS", str(folder))
    return folder


def set_version(path: str, version: int) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={version}")


def version_of(path: str) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [number for number, _ in migrations()] == list(range(1, newest() + 1))


def test_a_new_file_is_durable_and_for_its_owner_only(path: str) -> None:
    with closing(open_to_write(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA user_version").fetchone() == (newest(),)
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700
    assert list(Path(path).parent.glob("*.before-*")) == []


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    made = tmp_path / "ledger.db"
    made.touch()
    assert not is_current(str(made))
    open_to_write(str(made)).close()
    assert is_current(str(made))


def test_a_reader_cannot_write(path: str) -> None:
    with closing(open_to_read(path)) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM events")


@pytest.mark.parametrize("name", ["100% #1? led ger.db", "Übung.db"])
def test_any_name_can_be_opened(tmp_path: Path, name: str) -> None:
    made = str(tmp_path / name)
    open_to_write(made).close()
    open_to_read(made).close()
    assert is_current(made)
    assert name in {each.name for each in tmp_path.iterdir()}


def test_an_older_file_is_copied_before_it_is_upgraded(path: str, upgraded: Path) -> None:
    old = newest() - 1
    assert not is_current(path)
    with closing(SqliteLedger(path, write=True)) as ledger:
        assert ledger.connection.execute("SELECT count(*) FROM more").fetchone() == (0,)
        assert len(ledger.ask("events", **EVER)) == 1
    assert is_current(path)
    copy = f"{path}.before-{newest():04}"
    assert version_of(copy) == old
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*) FROM events").fetchone() == (1,)
    assert upgraded.is_dir()


FIRST = Path(opening.__file__).parent / "migrations" / "0001_first.sql"
"""The form of the first ledgers, whose text never changes again."""


@pytest.fixture
def first(tmp_path: Path) -> str:
    """Return where a ledger of the first form lies, as its writer left it: two sessions, three calls in two quarter-hours."""
    made = str(tmp_path / "ledger.db")
    with closing(sqlite3.connect(made)) as db:
        db.executescript(FIRST.read_text())
        db.execute("PRAGMA user_version=1")
        db.execute("INSERT INTO sources VALUES (1, '/home/dev/a', 'claude-code', 'log', 11, 900, 5, 900, 7, x'', 4)")
        for number, session in ((1, "s1"), (2, "s2")):
            whose = (number, "claude-code", session, "/home/dev/p", "", "", "", "box", "dev")
            db.execute("INSERT INTO contexts VALUES (?,?,?,?,?,?,?,?,?)", whose)
        db.execute("INSERT INTO variants VALUES (1, 'anthropic', 'claude-opus-4-8', '', '', '')")
        marks = ",".join("?" * 24)
        for number, context, time in ((1, 1, 1_000), (2, 1, 2_000), (3, 2, 900_001)):
            counts, rest = (10, 20, 30, 40, 50, 6), (3, 0, 0, 0, 0, 0, None, number, 1, 1, 1, 1)
            row = (number, 70 + number, 0, time, context, 1, *counts, *rest)
            db.execute(f"INSERT INTO events VALUES ({marks})", row)  # noqa: S608 - nothing but question marks
        db.execute("INSERT INTO usage VALUES (0, 1, 0, 1, 1, 2, 20, 40, 60, 80, 100, 12, 0)")
        db.execute("INSERT INTO usage VALUES (1, 1, 0, 1, 2, 1, 10, 20, 30, 40, 50, 6, 0)")
        db.commit()
    return made


def test_a_ledger_of_the_first_form_is_brought_up_with_all_that_it_holds(first: str) -> None:
    assert version_of(first) == 1
    with closing(SqliteLedger(first, write=True)) as ledger:
        events = ledger.ask("events", **EVER)
        assert [(row[0], row[1], row[4:10]) for row in events] == [
            (1, 1_000, (10, 20, 30, 40, 50, 6)),
            (2, 2_000, (10, 20, 30, 40, 50, 6)),
            (3, 900_001, (10, 20, 30, 40, 50, 6)),
        ]
        # Each is one call, dated exactly, seen by itself.
        assert {row[18:] for row in events} == {(1, 0, 0, 1)}
        assert ledger.ask("usage_by_variant", **EVER)[0][4:6] == (2, 20)
        # What comes now is settled with what was there: 17 - 10 - 10 is nothing, 65 - 60 of the lesser session is 5.
        ledger.add(
            [
                batch(
                    LOG,
                    readings=[
                        reading(5_000, Tokens(17), context=MAIN._replace(session="s1")),
                        reading(960_000, Tokens(15), meter=91, context=MAIN._replace(session="s2")),
                    ],
                )
            ]
        )
        assert [row[4] for row in ledger.ask("events", **EVER) if row[21] == 0] == [5]
    assert version_of(first) == newest()
    assert verify(first) == []
    copy = f"{first}.before-{newest():04}"
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT count(*), sum(output) FROM events").fetchone() == (3, 150)
        assert "readings" not in {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    assert version_of(copy) == 1


def test_windows_of_before_there_were_accounts_are_kept_and_what_was_no_share_is_not(tmp_path: Path) -> None:
    path = str(tmp_path / "ledger.db")
    with closing(sqlite3.connect(path)) as db:
        for number, text in migrations()[:11]:
            db.executescript(Path(text).read_text())
            db.execute(f"PRAGMA user_version={number}")
        rows = [(50, 41.5), (60, 101.0), (70, 1_763_852_400.0)]
        db.executemany("INSERT INTO limits VALUES ('anthropic', 'five_hour', ?, 300, ?, 7, 'max')", rows)
        db.commit()
    with closing(SqliteLedger(path, write=True)) as ledger:
        told = ledger.ask("limits", **EVER)
    assert told == [
        ("anthropic", "five_hour", 300, 41.5, 7, 50, "max", ""),
        ("anthropic", "five_hour", 300, 101.0, 7, 60, "max", ""),
    ]


@pytest.mark.parametrize(
    "folder", [False, True], ids=["the copy's place is taken", "the copy in the making's place is"]
)
def test_a_copy_that_cannot_be_made_keeps_the_ledger_as_it_was(first: str, *, folder: bool) -> None:
    Path(f"{first}.before-{newest():04}{'.part' if folder else ''}").mkdir()
    with pytest.raises(
        Unavailable, match=r"The copy .*before-\d+, which is made before .* the ledger is as it was\."
    ) as told:
        open_to_write(first)
    assert "folder of the ledger" not in str(told.value)
    gc.collect()
    assert version_of(first) == 1
    assert folder or not Path(f"{first}.before-{newest():04}.part").exists(), "half a copy takes room"


def test_a_failing_upgrade_leaves_the_file_as_it_was(path: str, upgraded: Path) -> None:
    last = max(upgraded.iterdir())
    last.write_text("CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;\nINSERT INTO nowhere VALUES (1);")
    with pytest.raises(Unavailable, match="no such table: nowhere"):
        open_to_write(path)
    assert version_of(path) == newest() - 1
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM events").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name='more'").fetchone() == (0,)


def test_an_older_file_cannot_be_read_as_it_is(path: str) -> None:
    set_version(path, 0)
    with pytest.raises(Unavailable, match=r"has an older form\. Run any command that reads logs"):
        open_to_read(path)


def test_a_newer_file_is_left_alone(path: str) -> None:
    set_version(path, newest() + 1)
    before = Path(path).read_bytes()
    for open_ in (open_to_read, open_to_write):
        with pytest.raises(Unavailable, match=r"written by a newer Tallystick\. Upgrade this one"):
            open_(path)
    # A connection that is not let go of warns here, which is an error.
    gc.collect()
    assert is_current(path), "there is nothing that writing could bring up to date"
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize("open_", [open_to_read, open_to_write, is_current])
def test_a_file_that_is_no_ledger_is_told_of(tmp_path: Path, open_: object) -> None:
    made = tmp_path / "ledger.db"
    made.write_bytes(b"This is a letter, not a ledger. " * 500)
    assert callable(open_)
    with pytest.raises(Unavailable, match=r"cannot be opened \(file is not a database\)"):
        open_(str(made))
    gc.collect()
    assert made.read_bytes().startswith(b"This is a letter")


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    for path in (tmp_path / "data" / "ledger.db", tmp_path / "data" / "below" / "ledger.db"):
        with pytest.raises(Unavailable, match="TALLY_DATA_DIR"):
            open_to_write(str(path))


def test_a_missing_file_is_no_ledger(tmp_path: Path) -> None:
    made = str(tmp_path / "ledger.db")
    assert not is_current(made)
    with pytest.raises(Unavailable, match="cannot be opened"):
        open_to_read(made)


def test_a_file_in_use_is_told_apart_from_a_damaged_one(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_BUSY_MS", 50)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"in use by another program\. Try again"):
            open_to_write(path)


def test_a_copy_is_whole_and_replaces_an_older_one(path: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("old")
    with closing(open_to_read(path)) as db:
        backup(db, str(copy))
    with closing(SqliteLedger(str(copy))) as ledger:
        assert len(ledger.ask("events", **EVER)) == 1
    assert not Path(f"{copy}.part").exists()


def test_the_lock_is_held_by_one_at_a_time(path: str) -> None:
    first, second = WriterLock(path), WriterLock(path)
    assert first.take(wait=False)
    assert not second.take(wait=False)
    first.release()
    first.release()
    assert second.take(wait=False)
    second.release()


def test_a_ledger_that_another_makes_meanwhile_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, known = str(tmp_path / "ledger.db"), migrations()

    def meanwhile() -> list[tuple[int, str]]:
        monkeypatch.setattr(opening, "migrations", lambda: known)
        with closing(SqliteLedger(made, write=True)) as other:
            other.add([batch(LOG, [View()])])
        return known

    monkeypatch.setattr(opening, "migrations", meanwhile)
    with closing(SqliteLedger(made, write=True)) as ledger:
        assert len(ledger.ask("events", **EVER)) == 1


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot be opened \(unable to open database file\)"):
        open_to_write(str(tmp_path))


HOLD = """
import sys, time
from tallystick.ledger.sqlite.opening import WriterLock
lock = WriterLock(sys.argv[1])
assert lock.take(wait=True)
print("taken", flush=True)
time.sleep(60)
"""


def test_the_lock_of_a_killed_process_is_free(path: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"taken\n"
    lock = WriterLock(path)
    assert not lock.take(wait=False)
    holder.kill()
    # Waiting ends as soon as the other process has: a lock that outlived it would hang here.
    assert lock.take(wait=True)
    lock.release()
    holder.stdout.close()
    holder.wait()


OPEN = """
import sys
from tallystick.ledger.sqlite.opening import open_to_write
sys.stdin.readline()
open_to_write(sys.argv[1]).close()
"""


def open_at_once(path: str) -> list[tuple[bytes, int]]:
    """Have four processes open a ledger for writing; return what each said and how it ended."""
    racers = [
        subprocess.Popen([sys.executable, "-c", OPEN, path], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin
        racer.stdin.write(b"go\n")
        racer.stdin.flush()
    return [(racer.communicate()[1], racer.returncode) for racer in racers]


def test_several_processes_can_make_the_same_ledger_at_once(tmp_path: Path) -> None:
    for attempt in range(3):
        made = str(tmp_path / f"{attempt}.db")
        assert open_at_once(made) == [(b"", 0)] * 4
        assert is_current(made)


def test_several_processes_can_upgrade_the_same_ledger_at_once(first: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(first)) as db:
        # So large that its copy is not made before the others come.
        db.execute(
            "INSERT INTO sources VALUES (2, '/home/dev/b', 'codex', 'log', 12, 9, 5, 9, 7, zeroblob(30000000), 4)"
        )
        db.commit()
    for attempt in range(3):
        made = str(tmp_path / f"{attempt}.db")
        shutil.copy(first, made)
        assert open_at_once(made) == [(b"", 0)] * 4
        assert is_current(made)
        assert version_of(f"{made}.before-{newest():04}") == 1
