"""The notebook of a machine that has no ledger: how far each source was read, and what is still to be sent.

Both change in one transaction, so that what was read is sent, and once. Names of sources stand in it as keyed
digests, and what a reader remembers of one is sealed with its name: who has the notebook without the logs learns
neither the names nor the projects in them.
"""

import os
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from hashlib import blake2b, shake_256
from typing import Final, NamedTuple

from tallystick.errors import Unavailable
from tallystick.ledger.ledger import Source

_TABLES: Final = """
PRAGMA auto_vacuum=FULL;
PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sources (
    name BLOB PRIMARY KEY, inode INTEGER, size INTEGER, mtime INTEGER, offset INTEGER, head INTEGER, state BLOB, last INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, rows INTEGER NOT NULL);
"""
_PATIENCE: Final = 10
"""Seconds to wait for another one that writes."""
_FIELDS: Final = "inode, size, mtime, offset, head, state, last"


class Waiting(NamedTuple):
    """What is still to be sent."""

    letters: int
    rows: int
    bytes: int


class Letter(NamedTuple):
    """Something to be sent at once."""

    id: int
    body: bytes
    rows: int


class Notebook:
    """Keeps what has to be remembered between two runs, in one file that only its owner reads."""

    def __init__(self, path: str, key: bytes) -> None:
        """Open it, or begin one; `key` is the machine's own. Raise `Unavailable`."""
        self._path, self._key = path, key
        try:
            os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
            # Made with its mode: for no moment can anybody else read it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._file = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            self._begin()
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from None

    def _begin(self) -> None:
        try:
            self._file.executescript(_TABLES)
        except sqlite3.Error:
            self._file.close()
            raise

    def marks(self) -> dict[bytes, tuple[int, int, int]]:
        """Return by what each source was known when it was read: inode, size and time, by `name_of` it."""
        return {row[0]: row[1:] for row in self._file.execute("SELECT name, inode, size, mtime FROM sources")}

    def name_of(self, path: str) -> bytes:
        """Return the name under which a source is kept."""
        return blake2b(path.encode("utf-8", "surrogateescape"), digest_size=16, key=self._key).digest()

    def source(self, path: str, tool: str) -> Source | None:
        """Return a source as it was left; None for one that was never read."""
        query = f"SELECT {_FIELDS} FROM sources WHERE name = ?"  # noqa: S608  names of ours
        row = self._file.execute(query, (self.name_of(path),)).fetchone()
        if row is None:
            return None
        source = Source(path, tool, "log", *row)
        return source._replace(state=self._sealed(source))

    def add(self, sources: Iterable[Source], letters: Iterable[tuple[bytes, int]]) -> None:
        """Keep how far sources were read and what that gave, as bodies with their numbers of rows; all or none. Raise `Unavailable`."""
        kept = [(self.name_of(each.path), *each[3:8], self._sealed(each), each.last) for each in sources]
        self._change(
            ("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?)", kept),
            ("INSERT INTO outbox (body, rows) VALUES (?, ?)", [(zlib.compress(body), rows) for body, rows in letters]),
        )

    def waiting(self) -> Waiting:
        """Return how much is still to be sent; bytes are those on disk."""
        found = self._file.execute("SELECT count(*), sum(rows), sum(length(body)) FROM outbox").fetchone()
        return Waiting(*(each or 0 for each in found))

    def letter(self, after: int = 0) -> Letter | None:
        """Return the oldest one that is to be sent, of those after one; None when there is none."""
        row = self._file.execute(
            "SELECT id, body, rows FROM outbox WHERE id > ? ORDER BY id LIMIT 1", (after,)
        ).fetchone()
        return None if row is None else Letter(row[0], zlib.decompress(row[1]), row[2])

    def delivered(self, letter: int) -> None:
        """Forget one that the server has; raise `Unavailable`."""
        self._change(("DELETE FROM outbox WHERE id = ?", [(letter,)]))

    def setting(self, name: str) -> str:
        """Return what was set; empty when nothing was."""
        row = self._file.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def begin_anew(self) -> None:
        """Forget how far sources were read, so that all of them are read once more; what waits stays. Raise `Unavailable`."""
        self._change(("DELETE FROM sources", [()]))

    def set(self, name: str, value: str, *, forget: bool = False) -> None:
        """Keep a setting and, if so asked, forget what was read and what waits; raise `Unavailable`."""
        forgetting: list[tuple[str, Sequence[tuple[object, ...]]]] = [
            ("DELETE FROM outbox", [()]),
            ("DELETE FROM sources", [()]),
        ]
        self._change(
            ("INSERT OR REPLACE INTO settings VALUES (?, ?)", [(name, value)]), *(forgetting if forget else [])
        )

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _change(self, *changes: tuple[str, Sequence[tuple[object, ...]]]) -> None:
        try:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                for statement, rows in changes:
                    self._file.executemany(statement, rows)
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._failed(error) from None

    def _failed(self, error: Exception) -> Unavailable:
        told = getattr(error, "strerror", None) or str(error)
        return Unavailable(
            f"The notebook {self._path} cannot be used ({told.lower()}). Make room for it and see that you may write there; "
            "where it is damaged, remove it: everything is then sent once more, which changes nothing."
        )

    def _sealed(self, source: Source) -> bytes:
        """Return the state of a source sealed, or a sealed one open."""
        if not source.state:
            return b""
        seed = b"\0".join((self._key, source.path.encode("utf-8", "surrogateescape"), str(source.inode).encode()))
        size = len(source.state)
        stream = int.from_bytes(shake_256(seed).digest(size), "little")
        return (int.from_bytes(source.state, "little") ^ stream).to_bytes(size, "little")
