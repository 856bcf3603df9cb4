"""Numbers: contexts and variants are kept once, and everything else refers to them by their numbers."""

import sqlite3
from collections.abc import Callable, Iterable
from sys import intern
from typing import Final

from tallystick.usage.event import Context, Variant

_CONTEXT: Final = "tool, session, project, branch, agent, version, machine, account"
_VARIANT: Final = "provider, model, tier, speed, geo"


class Numbers[K: tuple[str, ...]]:
    """The numbers of one table as a writer knows them, whoever else writes."""

    def __init__(self, db: sqlite3.Connection, make: Callable[[Iterable[str]], K], table: str, columns: str) -> None:
        """Begin with nothing known; `make` makes a value of its columns."""
        self._db, self._make = db, make
        self._newer = f"SELECT id, {columns} FROM {table} WHERE id > ? ORDER BY id"
        self._insert = f"INSERT INTO {table} (id, {columns}) VALUES (?, {', '.join('?' * (columns.count(',') + 1))})"
        self._known: dict[K, int] = {}
        self._last = 0

    @property
    def last(self) -> int:
        """The highest number that is known."""
        return self._last

    def of(self, value: K) -> int:
        """Return the number of a value, which gets one if it has none."""
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = self._last = self._last + 1
            self._db.execute(self._insert, (found, *value))
        return found

    def learn(self) -> None:
        """Learn what others have numbered since."""
        for number, *row in self._db.execute(self._newer, (self._last,)):
            # Two that were given the same names have two numbers, either of which will do. Most names come many times.
            self._known[self._make(map(intern, row))] = self._last = number

    def forget(self) -> None:
        """Forget all, after something was undone or renamed."""
        self._known.clear()
        self._last = 0


def contexts(db: sqlite3.Connection) -> Numbers[Context]:
    """Return the numbers of contexts."""
    return Numbers(db, Context._make, "contexts", _CONTEXT)


def variants(db: sqlite3.Connection) -> Numbers[Variant]:
    """Return the numbers of variants."""
    return Numbers(db, Variant._make, "variants", _VARIANT)
