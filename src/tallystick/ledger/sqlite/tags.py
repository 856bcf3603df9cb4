"""Tags: what persons noted with sessions, and the days that change with it."""

import sqlite3
from collections.abc import Iterable
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.sqlite.days import Days
from tallystick.usage.event import RUN

_KEEP: Final = "INSERT OR IGNORE INTO tags (tool, session, name, value) VALUES (?, ?, ?, ?) RETURNING 1"
_OF_SESSION: Final = "SELECT id FROM contexts WHERE session = ? AND tool = ?"
_OF_EVENTS: Final = """SELECT DISTINCT c.id FROM contexts w CROSS JOIN sightings g CROSS JOIN events e CROSS JOIN contexts o CROSS JOIN contexts c
WHERE w.session = ? AND w.tool = ? AND g.context = w.id AND e.id = g.event AND o.id = e.context AND o.session <> ''
AND c.session = o.session AND c.tool = o.tool"""
"""The contexts of the sessions to whose events a run's calls turned out to belong."""
_RUNS: Final = f"""SELECT c.id FROM tags t JOIN contexts c ON c.session = t.session AND c.tool = t.tool
WHERE substr(t.session, 1, {len(RUN)}) = '{RUN}'"""
_SESSION: Final = """SELECT c.id FROM contexts o JOIN contexts c ON c.session = o.session AND c.tool = o.tool
WHERE o.id = ? AND o.session <> ''"""


class Tags:
    """The tags of one transaction."""

    def __init__(self, db: sqlite3.Connection, days: Days) -> None:
        """Begin."""
        self._db, self._days = db, days
        self._came: set[Row] = set()

    def take(self, tags: Iterable[Row]) -> None:
        """Take the tags of a batch."""
        self._came.update(map(tuple, tags))

    def settle(self, joined: Iterable[tuple[int, int]]) -> None:
        """Keep what came and mark the days that it changes.

        `joined` has contexts of views, each with one that its event has now or had before.
        """
        for tag in sorted(self._came):
            if self._db.execute(_KEEP, tag).fetchall():
                self._touch(tag[1], tag[0])
        pairs = set(joined)
        if pairs:
            runs = {context for (context,) in self._db.execute(_RUNS)}
            for event in {event for view, event in pairs if view in runs}:
                self._days.touch_contexts(number for (number,) in self._db.execute(_SESSION, (event,)))

    def _touch(self, session: str, tool: str) -> None:
        whose = (session, tool)
        for text in (_OF_SESSION, _OF_EVENTS) if session.startswith(RUN) else (_OF_SESSION,):
            self._days.touch_contexts(number for (number,) in self._db.execute(text, whose))
