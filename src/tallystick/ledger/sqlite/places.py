"""Places: the project and branch with which a context is shown that has none of its own, kept in step with all contexts.

It takes those of its session: of the same tool, machine and user, the project that comes first by name, so that a folder goes
before those within it and no order of arrival matters.
"""

import sqlite3
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.sqlite.days import Days
from tallystick.usage.event import HIDDEN

_SAME: Final = "c.session = o.session AND c.tool = o.tool AND c.machine = o.machine AND c.account = o.account"
_FOUND: Final = f"""SELECT o.id, o.tool, o.session, o.machine, o.account, o.branch,
(SELECT min(c.project) FROM contexts c WHERE {_SAME} AND c.project <> '' AND c.project <> :hidden) AS found
FROM (SELECT DISTINCT session FROM contexts WHERE id >= :first AND session <> '') n
CROSS JOIN contexts o ON o.session = n.session AND o.project = ''"""
_WANTED: Final = f"""SELECT o.id, o.found, CASE WHEN o.branch <> '' THEN o.branch ELSE coalesce((
SELECT min(c.branch) FROM contexts c WHERE {_SAME} AND c.project = o.found AND c.branch <> ''), '') END
FROM ({_FOUND}) o WHERE o.found IS NOT NULL
UNION ALL SELECT id, '', branch FROM contexts WHERE id >= :first AND project = :hidden"""
_CHANGED: Final = f"SELECT * FROM ({_WANTED}) EXCEPT SELECT context, project, branch FROM places"
_KEEP: Final = """INSERT INTO places (context, project, branch) VALUES (?, ?, ?)
ON CONFLICT (context) DO UPDATE SET project = excluded.project, branch = excluded.branch"""


def settle(db: sqlite3.Connection, days: Days, first: int) -> None:
    """Bring places up to date after contexts came that are numbered from `first` on; the days of what is shown otherwise change."""
    changed = _changed(db, first)
    db.executemany(_KEEP, changed)
    days.touch_contexts(context for context, *_ in changed if context < first)


def anew(db: sqlite3.Connection) -> None:
    """Find all places anew, after names were changed or contexts went."""
    db.execute("DELETE FROM places")
    db.executemany(_KEEP, _changed(db, 0))


def _changed(db: sqlite3.Connection, first: int) -> list[Row]:
    return db.execute(_CHANGED, {"first": first, "hidden": HIDDEN}).fetchall()
