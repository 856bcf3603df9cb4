"""Databases that tools keep: opened to be read and never changed, not even in the files that SQLite keeps beside them.

A connection that may only read still writes into a database's `-shm`, makes one where there is none, and takes the
`-wal` away when it is the last to leave. So each state in which a database can be found has a way of its own in:
`readonly_shm` where others are at work or were killed, `immutable` where nothing waits in the `-wal`, and a copy
where something waits and the `-shm` is missing, without which SQLite does not look into a `-wal`.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Final

from tallystick.tools.tool import DatabaseReader, Record, Schema, Unknown

_PATIENCE: Final = 0.5
"""Seconds to wait for somebody who has locked the database."""
_MODE_AT: Final = 18
"""Where in a database's first bytes it says whether it keeps a `-wal` (2) or a journal (1)."""
_KEEPS_WAL: Final = 2
_BEGINNING: Final = b"SQLite format 3\x00"
_MOST_COPIED: Final = 2 << 30
_BUSY, _LOCKED, _NO_MEMORY, _READ_ONLY, _IO, _CANNOT_OPEN, _PROTOCOL = 5, 6, 7, 8, 10, 14, 15
"""Codes of SQLite, which Python tells from 3.11 on (https://www.sqlite.org/rescode.html) …"""
_SAID: Final = (
    ("locked", _BUSY),
    ("out of memory", _NO_MEMORY),
    ("readonly", _READ_ONLY),
    ("I/O", _IO),
    ("unable to open", _CANNOT_OPEN),
    ("protocol", _PROTOCOL),
)
"""… and before that only in SQLite's own words."""
_MARK_OF_WAL: Final = 24
"""Bytes at the beginning of a `-wal`, its salts among them, that change when it is begun anew."""


class Unread(OSError):
    """A database that cannot be read now and may be later; its text says why."""


def consult(path: str, reader: DatabaseReader) -> str:
    """Let a reader ask its questions; return why it could not be answered, empty when all went well.

    Raise `Unread`, or another OSError, where it is worth trying again although the database stays as it is.
    """
    # SQLite keeps its other files beside the one that a link leads to.
    path = os.path.realpath(path)
    with open(path, "rb") as file:
        head = file.read(_MODE_AT + 1)
    if not head:
        return "an empty database"
    if not head.startswith(_BEGINNING) or len(head) <= _MODE_AT:
        return "not a database"
    before = _marks(path)
    try:
        with _opened(path, keeps_wal=head[_MODE_AT] == _KEEPS_WAL) as connection:
            _answer(connection, reader)
    except Unknown as error:
        return str(error)
    except sqlite3.DatabaseError as error:
        if _marks(path)[0] != before[0] or _may_pass(error):
            raise Unread(_told(error)) from None
        return _told(error)
    return ""


@contextmanager
def _opened(path: str, *, keeps_wal: bool) -> Iterator[sqlite3.Connection]:
    """Open a database in the way that its state allows; raise `Unread` when it changed in a way that is not safe to read."""
    waiting = keeps_wal and _size(f"{path}-wal") > 0
    if not keeps_wal:
        # Locks of the journal's kind are the system's and leave nothing behind.
        with _connected(path, "mode=ro") as connection:
            yield connection
    elif not waiting:
        before = _marks(path)
        with _connected(path, "mode=ro&immutable=1") as connection:
            yield connection
        if _marks(path)[0] != before[0]:
            raise Unread("it was written to while it was being read")
    elif os.path.exists(f"{path}-shm"):
        with _connected(path, "mode=ro&readonly_shm=1") as connection:
            yield connection
    else:
        with _copied(path) as copy, _connected(copy, "mode=rw") as connection:
            yield connection


@contextmanager
def _connected(path: str, how: str) -> Iterator[sqlite3.Connection]:
    uri = f"file:{_quoted(os.path.abspath(path))}?{how}"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE)) as connection:
        # What a foreign file brings along (views, triggers) may do nothing but compute.
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("BEGIN")
        yield connection


@contextmanager
def _copied(path: str) -> Iterator[str]:
    """Copy a database and what waits in its `-wal` into a folder of their own, which is gone afterwards."""
    if _size(path) > _MOST_COPIED:
        raise Unread("too large to be copied, which reading it without its -shm file would need")
    with tempfile.TemporaryDirectory(prefix="tallystick-") as folder:
        copy = os.path.join(folder, "copy.db")
        before = _marks(path)
        for suffix in ("", "-wal"):
            shutil.copyfile(path + suffix, copy + suffix)
        if _marks(path) != before:
            raise Unread("it was written to while it was being copied")
        yield copy


def _answer(connection: sqlite3.Connection, reader: DatabaseReader) -> None:
    questions = reader.read(_schema(connection))
    try:
        query = next(questions)
        while True:
            rows: Iterable[Record] = connection.execute(query.sql, dict(query.values))
            query = questions.send(rows)
    except StopIteration:
        return
    finally:
        questions.close()


def _schema(connection: sqlite3.Connection) -> Schema:
    """Return the tables; one that needs a module which is not there has no columns."""
    schema: dict[str, frozenset[str]] = {}
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall():
        try:
            columns = connection.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        except sqlite3.OperationalError:
            columns = []
        schema[name] = frozenset(column for (column,) in columns)
    return schema


def _marks(path: str) -> tuple[tuple[int, int], bytes]:
    """Return what tells that a database was written to: its size and time, and the beginning of its `-wal`."""
    about = os.stat(path)
    try:
        with open(f"{path}-wal", "rb") as file:
            begun = file.read(_MARK_OF_WAL)
    except OSError:
        begun = b""
    return (about.st_size, about.st_mtime_ns), begun


def _may_pass(error: sqlite3.DatabaseError) -> bool:
    """Tell whether an error speaks of the moment instead of the database."""
    return _code(error) in {_BUSY, _LOCKED, _IO, _CANNOT_OPEN, _READ_ONLY, _NO_MEMORY, _PROTOCOL}


def _told(error: sqlite3.DatabaseError) -> str:
    code = _code(error)
    if code in {_BUSY, _LOCKED}:
        return "another program has locked it"
    if code == _READ_ONLY:
        return "another program broke off in the middle of a write; it has to put the file in order itself"
    return f"the database cannot be read ({error})"


def _code(error: sqlite3.DatabaseError) -> int:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF
    # The words stand first: what a file holds that is quoted behind them says nothing.
    words = str(error)[:40]
    return (
        next((number for part, number in _SAID if part in words), 0)
        if isinstance(error, sqlite3.OperationalError)
        else 0
    )


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
