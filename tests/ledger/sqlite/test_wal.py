"""The write-ahead log: it is cut off once it is long, and waits for no reader for ever."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tallystick.ledger.sqlite import wal
from tallystick.ledger.sqlite.opening import open_to_read, open_to_write

LONG = 200_000


class Written:
    """A ledger's file, and how long its log is."""

    def __init__(self, path: Path) -> None:
        """Make it."""
        self.path = str(path)
        self.db = open_to_write(self.path)
        # The log is all this is about: nothing else cuts it off.
        self.db.execute("PRAGMA wal_autocheckpoint = 0")
        self.db.execute("CREATE TABLE filled (bytes BLOB)")
        self.wal = wal.Wal(self.db, LONG, LONG)

    def write(self) -> None:
        """Add a commit of 100 kB."""
        self.db.execute("INSERT INTO filled VALUES (zeroblob(100000))")

    @property
    def size(self) -> int:
        """The log's."""
        return Path(f"{self.path}-wal").stat().st_size

    def number(self) -> int:
        """Return how many rows somebody else finds."""
        with closing(open_to_read(self.path)) as other:
            (found,) = other.execute("SELECT count(*) FROM filled").fetchone()
            return int(found)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    """Return a ledger whose writer waits for a moment only."""
    monkeypatch.setattr(wal, "_PATIENCE_MS", 50)
    made = Written(tmp_path / "ledger.db")
    yield made
    made.db.close()


def test_a_short_log_is_left_alone(written: Written) -> None:
    written.wal.keep_short()
    before = written.size
    assert 0 < before < LONG
    written.wal.keep_short()
    assert written.size == before


def test_a_long_log_is_cut_off_and_nothing_is_lost(written: Written) -> None:
    for _ in range(3):
        written.write()
    assert written.size > LONG
    written.wal.keep_short()
    assert written.size == 0
    assert written.number() == 3
    written.write()
    assert written.number() == 4


def test_who_reads_keeps_what_it_sees_and_holds_up_nobody_for_long(written: Written) -> None:
    written.write()
    with closing(sqlite3.connect(written.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM filled").fetchone() == (1,)
        for _ in range(3):
            written.write()
        at = time.monotonic()
        written.wal.keep_short()
        assert time.monotonic() - at < 2
        assert written.size > LONG
        assert reader.execute("SELECT count(*) FROM filled").fetchone() == (1,)
        # It is not waited for again before the log has grown by as much.
        at = time.monotonic()
        written.wal.keep_short()
        assert time.monotonic() - at < 0.05
        assert written.number() == 4
    for _ in range(3):
        written.write()
    written.wal.keep_short()
    assert written.size == 0
    assert written.number() == 7


def test_waiting_for_who_writes_is_as_before(written: Written) -> None:
    before = written.db.execute("PRAGMA busy_timeout").fetchone()
    for _ in range(3):
        written.write()
    written.wal.keep_short()
    assert written.db.execute("PRAGMA busy_timeout").fetchone() == before


def test_a_ledger_in_memory_has_no_log() -> None:
    with closing(open_to_write(":memory:")) as db:
        wal.Wal(db, 0).keep_short()
        assert db.execute("SELECT count(*) FROM events").fetchone() == (0,)
