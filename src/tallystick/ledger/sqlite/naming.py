"""Names of machines and users: given another, put together, or taken out of the ledger with all that only they told."""

import os
import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from tallystick.errors import NotFound
from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import Event, Sighting, settle
from tallystick.ledger.sqlite import places
from tallystick.ledger.sqlite.contested import INSERT, KEEP, SIGHTING
from tallystick.ledger.sqlite.days import Days
from tallystick.ledger.sqlite.originals import Known, Prompts, portions
from tallystick.ledger.sqlite.renamed import MACHINE, USER, forget, keep
from tallystick.ledger.sqlite.sums import Sums
from tallystick.ledger.sqlite.totals import Totals, beside

_GOING: Final = "(context IN (SELECT id FROM leaving_contexts) OR source IN (SELECT id FROM leaving_sources))"
"""Whatever a row shares its source with: it goes by its own context; of a machine that was paired, all that it sent goes."""
_HOLDING: Final = (
    "(SELECT source, context FROM events WHERE views < 2)",
    "sightings",
    "prompts",
    "readings",
    "withdrawn",
)
"""Of an event with several views the source is that of the one that counts, the context that of the original."""
_TOUCHED: Final = " UNION ".join(f"SELECT source FROM {rows} WHERE {_GOING}" for rows in _HOLDING)
_HELD: Final = " UNION ".join(f"SELECT source FROM {rows}" for rows in _HOLDING)
_ITS_SOURCES: Final = "SELECT id FROM sources WHERE substr(path, 1, length(:start)) = :start"


class Removed(NamedTuple):
    """What was taken out."""

    events: int
    """Those that nobody else told of."""
    sources: int


def rename(db: sqlite3.Connection, what: str, old: str, new: str) -> int:
    """Give a machine or a user (`MACHINE`, `USER`) another name; return of how many contexts. One that has it already is put together with it."""
    with _transaction(db):
        found = db.execute(f"UPDATE contexts SET {what} = ? WHERE {what} = ?", (new, old)).rowcount
        column = "name" if what == MACHINE else "account"
        found += db.execute(f"UPDATE machines SET {column} = ? WHERE {column} = ?", (new, old)).rowcount
        if not found:
            raise _unknown(what, old)
        keep(db, what, old, new)
        _names_changed(db)
    return found


def remove(db: sqlite3.Connection, what: str, name: str) -> Removed:
    """Take a machine or a user out of the ledger: what others told, too, stays as they told it."""
    column = "name" if what == MACHINE else "account"
    with _transaction(db):
        machines = [machine for (machine,) in db.execute(f"SELECT machine FROM machines WHERE {column} = ?", (name,))]
        contexts = [context for (context,) in db.execute(f"SELECT id FROM contexts WHERE {what} = ?", (name,))]
        if not contexts and not machines:
            raise _unknown(what, name)
        sources: set[int] = set()
        for machine in machines if what == MACHINE else ():
            sources.update(source for (source,) in db.execute(_ITS_SOURCES, {"start": f"push:{machine}:"}))
        removed = _Removing(db, contexts, sources).run()
        db.execute(f"DELETE FROM machines WHERE {column} = ?", (name,))
        forget(db, what, name)
        _names_changed(db)
    return removed


def _unknown(what: str, name: str) -> NotFound:
    return NotFound(f"No {'machine' if what == MACHINE else 'user'} in the ledger is called {name!r}.")


def _names_changed(db: sqlite3.Connection) -> None:
    """Have whoever keeps names, or answers in which they stand, look again."""
    places.anew(db)
    db.execute("UPDATE naming SET state = state + 1")
    db.execute("UPDATE days SET state = ?", (int.from_bytes(os.urandom(8), signed=True),))
    db.execute("DELETE FROM grown")


class _transaction:  # noqa: N801  reads as what it is
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._db.execute("COMMIT")
        else:
            self._db.rollback()


class _Removing:
    """Takes out of a ledger what was told in some contexts, and everything that some sources told."""

    def __init__(self, db: sqlite3.Connection, contexts: Iterable[int], sources: Iterable[int]) -> None:
        self._db = db
        self._gone_contexts, self._gone_sources = frozenset(contexts), frozenset(sources)
        (self._next,) = db.execute("SELECT coalesce(max(id), 0) + 1 FROM events").fetchone()
        self._days = Days(db, self._next)
        self._sums = Sums(db, self._days)
        self._standing = Known(db)
        self._contexts: set[int] = set()

    def run(self) -> Removed:
        """Take it out; return how much is gone."""
        for table, going in (("leaving_contexts", self._gone_contexts), ("leaving_sources", self._gone_sources)):
            self._db.execute(f"CREATE TEMP TABLE {table} (id INTEGER PRIMARY KEY)")
            self._db.executemany(f"INSERT INTO {table} VALUES (?)", [(each,) for each in going])
        touched = {source for (source,) in self._db.execute(_TOUCHED)} | self._gone_sources
        gone = self._readings()
        keys = self._keys()
        for part in portions(keys):
            gone += self._settle(part)
        came, _ = Totals(self._db, self._sums).settle(self._contexts, self._next)
        gone -= came
        self._prompts()
        self._db.execute(f"DELETE FROM withdrawn WHERE {_GOING}")
        self._calls(keys)
        sources = self._sources(touched)
        self._names()
        self._sums.settle()
        self._days.settle()
        for table in ("leaving_contexts", "leaving_sources"):
            self._db.execute(f"DROP TABLE {table}")
        return Removed(gone, sources)

    def _keys(self) -> list[int]:
        found: set[int] = set()
        for table in ("sightings", "events"):
            views = " AND views > 0" if table == "events" else ""
            text = f"SELECT DISTINCT key FROM {table} WHERE {_GOING}{views}"
            found.update(key for (key,) in self._db.execute(text))
        return sorted(found)

    def _readings(self) -> int:
        """Take out the readings; the events that stood for them are worked out anew with all others of their sessions."""
        going = [context for (context,) in self._db.execute(f"SELECT DISTINCT context FROM readings WHERE {_GOING}")]
        # What another name of a session stands for may have hung on these.
        self._contexts.update(going, beside(self._db, going))
        self._db.execute(f"DELETE FROM readings WHERE {_GOING}")
        text = f"SELECT id, {SIGHTING}, seen, views, lead, requests FROM events WHERE views = 0 AND {_GOING}"
        events = self._db.execute(text).fetchall()
        for row in events:
            self._sums.change(row, -1, row[24])
            self._contexts.add(row[4])
        self._db.executemany("DELETE FROM events WHERE id = ?", [row[:1] for row in events])
        return len(events)

    def _sources(self, touched: Iterable[int]) -> int:
        """Forget the sources of which nothing is left; return how many."""
        held = {source for (source,) in self._db.execute(_HELD)}
        empty = sorted(set(touched) - held)
        for part in portions(empty):
            self._db.execute(f"DELETE FROM skipped WHERE source IN ({_marks(part)})", part)
            self._db.execute(f"DELETE FROM sources WHERE id IN ({_marks(part)})", part)
        return len(empty)

    def _settle(self, keys: list[int]) -> int:
        """Settle keys anew from what others told of them; return how many fewer events that are."""
        rows: dict[int, list[Row]] = {}
        marks = _marks(keys)
        text = f"SELECT id, {SIGHTING}, seen, views, lead FROM events WHERE views > 0 AND key IN ({marks})"
        for row in self._db.execute(text, keys).fetchall():
            rows.setdefault(row[1], []).append(row)
            self._sums.change(row, -1)
            self._contexts.add(row[4])
        views = [
            Sighting(*row) for row in self._db.execute(f"SELECT {SIGHTING} FROM sightings WHERE key IN ({marks})", keys)
        ]
        views += (Sighting(*row[1:21]) for held in rows.values() for row in held if row[22] == 1)
        self._db.execute(f"DELETE FROM sightings WHERE key IN ({marks})", keys)
        self._db.execute(f"DELETE FROM events WHERE views > 0 AND key IN ({marks})", keys)
        left: dict[int, list[Sighting]] = {}
        for view in views:
            if view.source not in self._gone_sources and view.context not in self._gone_contexts:
                left.setdefault(view.key, []).append(view)
        came = [each for held in left.values() for each in enumerate(settle(held, self._standing))]
        for number, event in came:
            self._put(event, lead=int(number == 0))
        return sum(map(len, rows.values())) - len(came)

    def _put(self, event: Event, *, lead: int) -> None:
        row = (self._next, *event.counted, event.seen, len(event.sightings), lead)
        self._next += 1
        self._db.execute(INSERT, row)
        self._sums.change(row, 1)
        self._contexts.add(row[4])
        if len(event.sightings) > 1:
            self._db.executemany(KEEP, [(row[0], *view) for view in event.sightings])

    def _prompts(self) -> None:
        rows = self._db.execute(f"DELETE FROM prompts WHERE {_GOING} RETURNING key, time").fetchall()
        self._days.touch([time for _, time in rows])
        Prompts(self._db, self._days, self._standing).sort_out_keys({key for key, _ in rows})

    def _calls(self, keys: list[int]) -> None:
        """Take out the uses of tools whose events are gone."""
        for part in portions(keys):
            marks = _marks(part)
            self._db.execute(
                f"DELETE FROM calls WHERE event IN ({marks}) AND event NOT IN (SELECT key FROM events WHERE key IN ({marks}))",
                [*part, *part],
            )

    def _names(self) -> None:
        """Forget contexts, and titles and tags of sessions, that nothing refers to any more."""
        used = " UNION ".join(
            f"SELECT context FROM {table}" for table in ("events", "sightings", "prompts", "readings", "withdrawn")
        )
        self._db.execute(f"DELETE FROM contexts WHERE id NOT IN ({used})")
        self._db.execute("DELETE FROM titles WHERE session NOT IN (SELECT session FROM contexts)")
        self._db.execute("DELETE FROM tags WHERE (tool, session) NOT IN (SELECT tool, session FROM contexts)")


def _marks(items: list[int]) -> str:
    return ", ".join("?" * len(items))


__all__ = ["MACHINE", "USER", "Removed", "remove", "rename"]
