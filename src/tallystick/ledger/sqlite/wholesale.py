"""Wholesale: what an addition to an empty ledger does once at its end, instead of with each of its rows."""

import sqlite3
from typing import Final

_INDEXES: Final = """SELECT name, sql FROM sqlite_schema
WHERE type = 'index' AND tbl_name IN ('events', 'calls') AND sql IS NOT NULL"""
_TRIGGERS: Final = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'outbox%'"


class Wholesale:
    """What is put off until then."""

    def __init__(self, db: sqlite3.Connection, *, nothing_told: bool) -> None:
        """Begin, within a transaction, with a ledger that has no events; `nothing_told` when it has nothing else either."""
        self._db = db
        self._indexes = self._put_off("INDEX", _INDEXES)
        self._triggers = self._put_off("TRIGGER", _TRIGGERS) if nothing_told else []

    def _put_off(self, what: str, which: str) -> list[str]:
        found = self._db.execute(which).fetchall()
        for name, _ in found:
            self._db.execute(f"DROP {what} {name}")
        return [text for _, text in found]

    def index(self) -> None:
        """Make the indexes: in order, they cost a third."""
        for text in self._indexes:
            self._db.execute(text)

    def tell(self) -> None:
        """Put all that came into the outbox, where one is kept: with each row, that cost an import a twentieth."""
        if not self._triggers:
            return
        from tallystick.ledger.sqlite.outbox import fill

        fill(self._db)
        for text in self._triggers:
            self._db.execute(text)
