"""Withdrawals: keys whose events are told under others, so that nothing counts that is told under them, before or after."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from tallystick.ledger.ledger import Batch, Row
from tallystick.ledger.sqlite.originals import portions

WIRE: Final = "wire"
_KEEP: Final = "INSERT OR IGNORE INTO withdrawn (key, time, context, variant, place, source) VALUES (?, ?, ?, ?, ?, ?)"


class Withdrawn:
    """The withdrawals that one transaction knows of."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Begin with those that are kept."""
        self._db = db
        (self._any,) = db.execute("SELECT EXISTS (SELECT 1 FROM withdrawn)").fetchone()
        self.came: list[int] = []
        """Keys that were withdrawn now."""

    def standing(self, batch: Batch, contexts: Sequence[int], variants: Sequence[int], source: int) -> list[Row]:
        """Take note of what a batch withdraws, and return those of its events that count."""
        events = batch.events
        if batch.source.witness == WIRE:
            for row in (row for row in events if withdraws(row)):
                key, _, time, context, variant, *_, place = row
                self._db.execute(_KEEP, (key, time, contexts[context], variants[variant], place, source))
                self.came.append(key)
                self._any = 1
        if not self._any or not events:
            return events
        gone = self._among({row[0] for row in events})
        return [row for row in events if row[0] not in gone] if gone else events

    def _among(self, keys: set[int]) -> set[int]:
        found: set[int] = set()
        for part in portions(sorted(keys)):
            marks = ", ".join("?" * len(part))
            found.update(key for (key,) in self._db.execute(f"SELECT key FROM withdrawn WHERE key IN ({marks})", part))
        return found


def withdraws(row: Row) -> bool:
    """Tell whether an event of the wire, as a batch has it, withdraws its key: it has no tokens at all."""
    return not any(row[5:10])
