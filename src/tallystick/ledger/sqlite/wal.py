"""The write-ahead log of the file, which must be cut off now and then.

SQLite begins the log anew only in a moment in which nobody reads from it. A server that always answers somebody has no such
moment: the log would grow for ever, and each page that is read would be searched for in all of it. So once it is long, the
writer holds back for as long as those who read at that moment need.
"""

import os
import sqlite3
from typing import Final

_LONG_BYTES: Final = 64 << 20
_AGAIN_BYTES: Final = 16 << 20
_PATIENCE_MS: Final = 1_000
"""How long a writer waits for those who read, and all who write wait for it."""


class Wal:
    """The log of one connection's file, whose writer that is."""

    def __init__(self, db: sqlite3.Connection, long_bytes: int = _LONG_BYTES, again_bytes: int = _AGAIN_BYTES) -> None:
        """Begin; beyond `long_bytes` the log is cut off, or else once it is longer by `again_bytes`."""
        self._db = db
        self._long = self._next = long_bytes
        self._again = again_bytes
        (self._path,) = (f"{path}-wal" for _, name, path in db.execute("PRAGMA database_list") if name == "main")

    def keep_short(self) -> None:
        """Cut the log off if it is long; when somebody reads for too long for that, try again later."""
        size = self._size()
        if size < self._next:
            return
        (patience,) = self._db.execute("PRAGMA busy_timeout").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {patience}")
        self._next = max(self._size() + self._again, self._long)

    def _size(self) -> int:
        try:
            return os.stat(self._path).st_size
        except FileNotFoundError:
            # In memory, or in a folder that allows for no log.
            return 0
