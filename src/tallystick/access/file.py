"""The file: a store in SQLite, made by the first change, for its owner alone."""

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

from tallystick.access.engine import Part, Values
from tallystick.errors import Unavailable

_BUSY_S: Final = 10.0


class SqliteFile:
    """One part in one file."""

    def __init__(self, path: str, part: Part) -> None:
        """Name the file."""
        self.clock = "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        self._path, self._steps = path, part.steps
        self._reader: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._lock = threading.Lock()

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where there is no file yet."""
        with self._lock:
            try:
                reader = self._current()
                return [] if reader is None else reader.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                self._let_go()
                raise self._unusable(error) from None

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give a transaction beside which there is no other."""
        try:
            self._made()
            with closing(self._opened()) as connection:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        except OSError as error:
            raise Unavailable(f"{self._path} cannot be written ({(error.strerror or str(error)).lower()}).") from None

    def in_passing(self, sql: str, values: Values) -> None:
        """Change what nobody would miss."""
        try:
            with closing(self._opened(wait=0.0)) as connection:
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(sql, values)
        except (sqlite3.Error, Unavailable):
            return

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _current(self) -> sqlite3.Connection | None:
        """Return a connection to the file as it lies there now; None where there is none."""
        try:
            about = os.stat(self._path)
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
        connection = sqlite3.connect(self._path, timeout=wait, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            version = _version(connection)
            if 0 < version < len(self._steps):
                version = self._brought_up(connection)
        except sqlite3.Error:
            connection.close()
            raise
        if version != len(self._steps):
            connection.close()
            raise Unavailable(f"{self._path} was written by another version of Tallystick: upgrade this one.")
        return connection

    def _brought_up(self, connection: sqlite3.Connection) -> int:
        """Carry out the steps that an older version did not know; return the version that the file has then."""
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have done so while this one waited.
            for step in self._steps[_version(connection) :]:
                for statement in _text(step).split(";\n"):
                    connection.execute(statement)
            if _version(connection) < len(self._steps):
                connection.execute(f"PRAGMA user_version = {len(self._steps)}")
            connection.execute("COMMIT")
        except sqlite3.Error:
            connection.rollback()
            raise
        return _version(connection)

    def _made(self) -> None:
        """Make the file, readable for its owner alone, unless there is one; nobody ever sees half of it."""
        beside = [file for file in (f"{self._path}-wal", f"{self._path}-shm") if os.path.exists(file)]
        if os.path.exists(self._path):
            return
        # Left from a file that was taken away: SQLite would take them for those of the new one.
        for file in beside:
            os.remove(file)
        os.makedirs(os.path.dirname(self._path) or ".", mode=0o700, exist_ok=True)
        part = f"{self._path}.{secrets.token_hex(8)}.new"
        # SQLite gives the files beside it the mode that this one has.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(sqlite3.connect(part, isolation_level=None)) as connection:
                steps = " ".join(_text(step) for step in self._steps)
                connection.executescript(f"BEGIN; {steps} PRAGMA user_version = {len(self._steps)}; COMMIT;")
                connection.execute("PRAGMA journal_mode = WAL")
            # Another process may have made it in the meantime.
            with suppress(FileExistsError):
                os.link(part, self._path)
        finally:
            os.remove(part)

    def _unusable(self, error: sqlite3.Error) -> Unavailable:
        return Unavailable(f"{self._path} cannot be used ({error}).")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _text(step: str) -> str:
    with open(step, encoding="utf-8") as text:
        return text.read()
