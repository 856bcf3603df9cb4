"""The sums by quarter-hour: how an event enters them and how it leaves them again."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.sqlite.days import Days
from tallystick.usage.size import EDGES, size_class

SLOT_MS: Final = 900_000
_PROMPT: Final = "(input + cache_read + cache_write_5m + cache_write_1h) / requests"


def _size(edges: Sequence[int], first: int = 0) -> str:
    """Return what tells the class of a prompt's size: how many edges it exceeds; of several calls, the average prompt decides.

    Halving asks for four edges at most and not for all: a first import spends much of its time here.
    """
    if not edges:
        return str(first)
    middle = len(edges) // 2
    above, below = _size(edges[middle + 1 :], first + middle + 1), _size(edges[:middle], first)
    return f"CASE WHEN {_PROMPT} > {edges[middle]} THEN {above} ELSE {below} END"


_SIZE: Final = _size(EDGES)
_MEASURES: Final = (
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "searches",
    "timed",
    "work_ms",
    "timed_output",
)
_KEPT: Final = f"slot, variant, size, seen, context, {', '.join(_MEASURES)}, first_ms, last_ms"
_ADD: Final = (
    "ON CONFLICT DO UPDATE SET "
    + ", ".join(f"{name} = {name} + excluded.{name}" for name in _MEASURES)
    + ", first_ms = min(first_ms, excluded.first_ms), last_ms = max(last_ms, excluded.last_ms)"
)
_SLOT: Final = f"(time - (time % {SLOT_MS} + {SLOT_MS}) % {SLOT_MS}) / {SLOT_MS}"
"""Whole numbers divide towards zero in SQLite; a slot begins below its moment, before 1970 too."""
SELECT: Final = f"""SELECT {_SLOT} AS slot, variant, {_SIZE} AS size, seen, context, sum(requests), sum(input), sum(cache_read),
sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(searches), sum(work_ms > 0), sum(work_ms),
sum(CASE WHEN work_ms > 0 THEN output ELSE 0 END), min(time), max(time) FROM events"""
"""The sums as the events have them."""
_INSERT: Final = f"INSERT INTO usage ({_KEPT}) VALUES ({', '.join('?' * 18)}) {_ADD}"
_PLACE: Final = "slot=? AND variant=? AND size=? AND seen=? AND context=?"
_REACH: Final = f"""UPDATE usage SET (first_ms, last_ms) = (SELECT min(time), max(time) FROM events WHERE time >= ? AND time < ?
AND variant=? AND {_SIZE} = ? AND seen=? AND context=?) WHERE {_PLACE}"""


class Sums:
    """The sums, as one transaction changes them."""

    def __init__(self, db: sqlite3.Connection, days: Days) -> None:
        """Begin; the days of what changes are taken note of."""
        self._db, self._days = db, days
        self._lessened: set[tuple[int, ...]] = set()
        """Places from which an event was taken away: it may have been their first or last."""

    def add_new(self, first: int) -> None:
        """Add the events that are numbered from `first` on."""
        self._db.execute(f"INSERT INTO usage ({_KEPT}) {SELECT} WHERE id >= ? GROUP BY 1, 2, 3, 4, 5 {_ADD}", (first,))

    def change(self, event: Row, sign: int, requests: int = 1) -> None:
        """Add (`sign` 1) or take away (-1) one event, given as its row in `events`, that stands for so many calls."""
        time, context, variant, *counts = event[3:12]
        self._days.touch((time,))
        size = size_class(sum(counts[:4]) // requests)
        place = (time // SLOT_MS, variant, size, event[21], context)
        timed = (1, event[15], counts[4]) if event[15] > 0 else (0, event[15], 0)
        measures = (requests, *counts, event[16], *timed)
        self._db.execute(_INSERT, (*place, *(sign * measure for measure in measures), time, time))
        if sign < 0:
            self._db.execute(f"DELETE FROM usage WHERE {_PLACE} AND requests=0", place)
            self._lessened.add(place)

    def settle(self) -> None:
        """Look up the first and last moments anew of what was lessened, once the events are as they stay."""
        for place in self._lessened:
            slot = place[0]
            self._db.execute(_REACH, (slot * SLOT_MS, (slot + 1) * SLOT_MS, *place[1:], *place))
        self._lessened.clear()
