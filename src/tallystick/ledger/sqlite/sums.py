"""The sums by quarter-hour: how an event enters them and how it leaves them again."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from tallystick.ledger.ledger import Row
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


_MEASURES: Final = (
    "requests",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "searches",
)
_KEPT: Final = f"slot, variant, size, seen, context, {', '.join(_MEASURES)}"
_ADD: Final = "ON CONFLICT DO UPDATE SET " + ", ".join(f"{name} = {name} + excluded.{name}" for name in _MEASURES)
_SLOT: Final = f"(time - (time % {SLOT_MS} + {SLOT_MS}) % {SLOT_MS}) / {SLOT_MS}"
"""Whole numbers divide towards zero in SQLite; a slot begins below its moment, before 1970 too."""
SELECT: Final = f"""SELECT {_SLOT} AS slot, variant, {_size(EDGES)} AS size, seen, context, sum(requests), sum(input), sum(cache_read),
sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(searches) FROM events"""
"""The sums as the events have them."""


def add_new(db: sqlite3.Connection, first: int) -> None:
    """Add the events that are numbered from `first` on."""
    db.execute(f"INSERT INTO usage ({_KEPT}) {SELECT} WHERE id >= ? GROUP BY 1, 2, 3, 4, 5 {_ADD}", (first,))


def change(db: sqlite3.Connection, event: Row, sign: int, requests: int = 1) -> None:
    """Add (`sign` 1) or take away (-1) one event, given as its row in `events`, that stands for so many calls."""
    time, context, variant, *counts = event[3:12]
    size = size_class(sum(counts[:4]) // requests)
    place = (time // SLOT_MS, variant, size, event[21], context)
    db.execute(
        f"INSERT INTO usage ({_KEPT}) VALUES ({', '.join('?' * 13)}) {_ADD}",
        (*place, sign * requests, *(sign * count for count in counts), sign * event[16]),
    )
    if sign < 0:
        db.execute(
            "DELETE FROM usage WHERE slot=? AND variant=? AND size=? AND seen=? AND context=? AND requests=0", place
        )
