"""The state of each day: another number whenever anything of the day changes, so that what was worked out of others still holds."""

import os
import sqlite3
from collections.abc import Iterable
from typing import Final

from tallystick.usage.period import DAY_MS

_DAY: Final = f"(time - (time % {DAY_MS} + {DAY_MS}) % {DAY_MS}) / {DAY_MS}"
"""Whole numbers divide towards zero in SQLite; a day begins below its moment, before 1970 too."""
_INSERT: Final = "INSERT INTO days (day, state) VALUES (?, ?) ON CONFLICT DO UPDATE SET state = excluded.state"
_NEW: Final = f"SELECT DISTINCT {_DAY} FROM events WHERE id >= ?"
_OF_KEYS: Final = f"SELECT DISTINCT {_DAY} FROM events WHERE lead = 1 AND key IN ({{}})"
_OF_CONTEXTS: Final = f"""SELECT {_DAY} FROM events WHERE context IN ({{0}}) AND id < ?
UNION SELECT {_DAY} FROM prompts WHERE context IN ({{0}})"""
_GROWN: Final = "INSERT INTO grown (day, was, first, whole) VALUES (?, ?, ?, ?)"
_FORGET: Final = "DELETE FROM grown WHERE id <= (SELECT max(id) FROM grown) - ?"
_GROWN_MOST: Final = 4_096
_ASKED_AT_ONCE: Final = 500


class Days:
    """The days that one transaction changes."""

    def __init__(self, db: sqlite3.Connection, first: int) -> None:
        """Begin; the events numbered from `first` on are new."""
        self._db, self._first = db, first
        self._touched: set[int] = set()
        self._used: set[int] = set()
        self._prompted: set[int] = set()

    def touch(self, times: Iterable[int]) -> None:
        """Take note that something at these moments (milliseconds since 1970, UTC) came, changed or went."""
        self._touched.update([time // DAY_MS for time in times])

    def touch_prompts(self, times: Iterable[int]) -> None:
        """Take note that nothing but prompts of these moments came, changed or went."""
        self._prompted.update([time // DAY_MS for time in times])

    def touch_events(self, keys: Iterable[int]) -> None:
        """Take note that uses of tools were told of the events with these keys, which are none of the new ones."""
        wanted = sorted(set(keys))
        for at in range(0, len(wanted), _ASKED_AT_ONCE):
            part = wanted[at : at + _ASKED_AT_ONCE]
            self._used.update(day for (day,) in self._db.execute(_OF_KEYS.format(", ".join("?" * len(part))), part))

    def touch_contexts(self, contexts: Iterable[int]) -> None:
        """Take note that these contexts, or their sessions, are shown otherwise than before."""
        wanted = sorted(set(contexts))
        for at in range(0, len(wanted), _ASKED_AT_ONCE):
            part = wanted[at : at + _ASKED_AT_ONCE]
            text = _OF_CONTEXTS.format(", ".join("?" * len(part)))
            self._touched.update(day for (day,) in self._db.execute(text, [*part, self._first, *part]))

    def settle(self) -> None:
        """Give the days of all that, and of the new events, a state that no day ever had; what only grew is noted."""
        state = int.from_bytes(os.urandom(8), signed=True)
        before: dict[int, int] = dict(self._db.execute("SELECT day, state FROM days").fetchall())
        grown = {day for (day,) in self._db.execute(_NEW, (self._first,))} | self._used | self._prompted
        changed = sorted(grown | self._touched)
        self._db.executemany(
            "DELETE FROM grown WHERE day = ?", [(day,) for day in sorted(self._touched & before.keys())]
        )
        only = [day for day in changed if day not in self._touched and day in before]
        self._db.executemany(_GROWN, [(day, before[day], self._first, day not in self._used) for day in only])
        if only:
            self._db.execute(_FORGET, (_GROWN_MOST,))
        self._db.executemany(_INSERT, [(day, state) for day in changed])
