"""The file: one small SQLite database of alerts, which servers and commands use at once."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

from tallystick.errors import Unavailable

SCHEMA: Final = os.path.join(os.path.dirname(__file__), "schema.sql")
"""Makes the tables, as SQLite has it."""
_VERSION: Final = 1
_BUSY_S: Final = 10.0


class File:
    """The database, opened for each use: it is used seldom, and may be taken away at any time."""

    def __init__(self, path: str) -> None:
        """Name the file, which is made by the first change."""
        self.path = path

    def rows(self, sql: str, *values: str | int) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where there is no file yet. Raise Unavailable for one that cannot be used."""
        if not os.path.exists(self.path):
            return []
        try:
            with closing(self._opened()) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give a transaction in which nobody else changes anything; it is committed when all goes well."""
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
            raise Unavailable(f"{self.path} cannot be written ({(error.strerror or str(error)).lower()}).") from None

    def close(self) -> None:
        """Do nothing: it is opened for each use."""

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
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
        if os.path.exists(self.path):
            return
        os.makedirs(os.path.dirname(self.path) or ".", mode=0o700, exist_ok=True)
        part = f"{self.path}.{secrets.token_hex(8)}.new"
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            # No write-ahead log: a change every few hours needs none, and so there is one file only.
            with (
                closing(sqlite3.connect(part, isolation_level=None)) as connection,
                open(SCHEMA, encoding="utf-8") as text,
            ):
                connection.executescript(f"BEGIN; {text.read()} PRAGMA user_version = {_VERSION}; COMMIT;")
            # Another process may have made it in the meantime.
            with suppress(FileExistsError):
                os.link(part, self.path)
        finally:
            os.remove(part)

    def _unusable(self, error: sqlite3.Error) -> Unavailable:
        return Unavailable(f"{self.path} cannot be used ({error}).")


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "alerts.db")
