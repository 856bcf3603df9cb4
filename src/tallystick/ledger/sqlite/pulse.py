"""The pulse: which ledger lies at a path, and whether anything was committed to it since it was last felt."""

import os
import sqlite3
import threading

from tallystick.errors import Unavailable
from tallystick.ledger.sqlite.opening import open_to_read

type Beat = tuple[tuple[int, int] | None, tuple[int, int]]
"""Which file it is (device and inode, None when there is none), and what changes with every commit to it."""


class Pulse:
    """Feels a ledger from any thread, without reading anything in it."""

    def __init__(self, path: str) -> None:
        """Name the ledger, which need not be there yet."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._opened = 0
        self._lock = threading.Lock()

    def feel(self) -> Beat:
        """Return another value than before when the ledger is another one or something was committed to it."""
        with self._lock:
            file = _identity(self._path)
            if file != self._file or self._connection is None:
                self._open(file)
            if self._connection is None:
                return file, (self._opened, 0)
            try:
                # SQLite counts it up in each connection for the commits of all others.
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                self._let_go()
                return file, (self._opened, 0)
            return file, (self._opened, version)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _open(self, file: tuple[int, int] | None) -> None:
        self._let_go()
        self._file = file
        if file is not None:
            try:
                self._connection = open_to_read(self._path, any_thread=True)
            except Unavailable:
                return
            self._opened += 1

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _identity(path: str) -> tuple[int, int] | None:
    try:
        about = os.stat(path)
    except OSError:
        return None
    return about.st_dev, about.st_ino
