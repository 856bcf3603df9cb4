"""The store: one small SQLite file that the server and commands use at once, and in which every change is noted."""

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final, NamedTuple

from tallystick.errors import Unavailable

_SCHEMA: Final = os.path.join(os.path.dirname(__file__), "schema.sql")
_VERSION: Final = 1
_BUSY_S: Final = 10.0

type Values = tuple[str | int | bytes | None, ...]


class Noted(NamedTuple):
    """One administrative change."""

    time: int
    """Milliseconds since 1970, UTC."""
    who: str
    """`cli`, or whose token or invitation it was: `token 3`, `invite 4`."""
    action: str
    subject: str


class Change:
    """A transaction that is under way, by whom and when."""

    def __init__(self, connection: sqlite3.Connection, who: str, now: int) -> None:
        """Begin with what was opened."""
        self._connection, self.who, self.now = connection, who, now

    def do(self, sql: str, *values: str | int | bytes | None) -> sqlite3.Cursor:
        """Carry out a statement."""
        return self._connection.execute(sql, values)

    def note(self, action: str, subject: str, who: str = "") -> None:
        """Note what is changed, together with the change."""
        self.do("INSERT INTO audit (time, who, action, subject) VALUES (?, ?, ?, ?)", self.now, who or self.who, action, subject)  # fmt: skip


class Store:
    """The file, opened when it is asked for; any thread may use it."""

    def __init__(self, path: str) -> None:
        """Name the file, which is made by the first change."""
        self.path = path
        self._reader: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._lock = threading.Lock()

    def rows(self, sql: str, *values: str | int | bytes | None) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where there is no file yet. Raise Unavailable for a file that cannot be used."""
        with self._lock:
            try:
                reader = self._current()
                return [] if reader is None else reader.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                self._let_go()
                raise self._unusable(error) from None

    @contextmanager
    def changing(self, who: str, now: int) -> Iterator[Change]:
        """Give a transaction that is committed when all goes well, and leaves nothing when it does not."""
        try:
            self._made()
            with closing(self._opened()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield Change(connection, who, now)
                except BaseException:
                    connection.rollback()
                    raise
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        except OSError as error:
            raise Unavailable(f"{self.path} cannot be written ({(error.strerror or str(error)).lower()}).") from None

    def in_passing(self, sql: str, *values: str | int | bytes | None) -> None:
        """Change what nobody would miss, without waiting for anybody or for the disk."""
        try:
            with closing(self._opened(wait=0.0)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(sql, values)
        except (sqlite3.Error, Unavailable):
            return

    def noted(self) -> list[Noted]:
        """Return every change, the oldest first."""
        return [Noted(*row) for row in self.rows("SELECT time, who, action, subject FROM audit ORDER BY id")]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _current(self) -> sqlite3.Connection | None:
        """Return a connection to the file as it lies there now; None where there is none."""
        try:
            about = os.stat(self.path)
        except OSError:
            # Whoever takes the file away takes away what was granted.
            self._let_go()
            return None
        file = about.st_dev, about.st_ino
        if self._reader is None or file != self._file:
            self._let_go()
            self._reader, self._file = self._opened(), file
            self._reader.execute("PRAGMA query_only = ON")
        return self._reader

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _opened(self, wait: float = _BUSY_S) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=wait, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
        if version != _VERSION:
            connection.close()
            raise Unavailable(f"{self.path} was written by another version of Tallystick: upgrade this one.")
        return connection

    def _made(self) -> None:
        """Make the file, readable for its owner alone, unless there is one; nobody ever sees half of it."""
        beside = [file for file in (f"{self.path}-wal", f"{self.path}-shm") if os.path.exists(file)]
        if os.path.exists(self.path):
            return
        # Left from a file that was taken away: SQLite would take them for those of the new one.
        for file in beside:
            os.remove(file)
        os.makedirs(os.path.dirname(self.path) or ".", mode=0o700, exist_ok=True)
        part = f"{self.path}.{secrets.token_hex(8)}.new"
        # SQLite gives the files beside it the mode that this one has.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as connection:
                with open(_SCHEMA, encoding="utf-8") as text:
                    connection.executescript(f"BEGIN; {text.read()} PRAGMA user_version = {_VERSION}; COMMIT;")
                connection.execute("PRAGMA journal_mode = WAL")
            # Another process may have made it in the meantime.
            with suppress(FileExistsError):
                os.link(part, self.path)
        finally:
            os.remove(part)

    def _unusable(self, error: sqlite3.Error) -> Unavailable:
        return Unavailable(f"{self.path} cannot be used ({error}).")


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "access.db")
