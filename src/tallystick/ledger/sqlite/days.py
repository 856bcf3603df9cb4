"""The state of each day: another number whenever anything of the day changes, so that what was worked out of others still holds."""

import os
import sqlite3
from collections.abc import Iterable
from typing import Final

from tallystick.usage.period import DAY_MS

_DAY: Final = f"(time - (time % {DAY_MS} + {DAY_MS}) % {DAY_MS}) / {DAY_MS}"
"""Whole numbers divide towards zero in SQLite; a day begins below its moment, before 1970 too."""
_INSERT: Final = "INSERT INTO days (day, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state"
_NEW: Final = f"""INSERT INTO days (day, state) SELECT DISTINCT {_DAY}, ? FROM events WHERE id >= ?
ON CONFLICT DO UPDATE SET state = excluded.state"""
_OF_KEYS: Final = f"SELECT DISTINCT {_DAY} FROM events WHERE lead = 1 AND key IN ({{}})"
_ASKED_AT_ONCE: Final = 500


class Days:
    """The days that one transaction changes."""

    def __init__(self, db: sqlite3.Connection, first: int) -> None:
        """Begin; the events numbered from `first` on are new."""
        self._db, self._first = db, first
        self._touched: set[int] = set()

    def touch(self, times: Iterable[int]) -> None:
        """Take note that something at these moments (milliseconds since 1970, UTC) came, changed or went."""
        self._touched.update([time // DAY_MS for time in times])

    def touch_events(self, keys: Iterable[int]) -> None:
        """Take note that something was told of the events with these keys, which are none of the new ones."""
        wanted = sorted(set(keys))
        for at in range(0, len(wanted), _ASKED_AT_ONCE):
            part = wanted[at : at + _ASKED_AT_ONCE]
            self._touched.update(day for (day,) in self._db.execute(_OF_KEYS.format(", ".join("?" * len(part))), part))

    def settle(self) -> None:
        """Give the days of all that, and of the new events, a state that no day ever had."""
        state = int.from_bytes(os.urandom(8), signed=True)
        self._db.execute(_NEW, (state, self._first))
        self._db.executemany(_INSERT, [(day, state) for day in sorted(self._touched)])
