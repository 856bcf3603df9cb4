"""The outbox: which rows of the ledger a server has still to be told of, kept by triggers in the same transaction.

It holds ids only, so that a machine that is offline for weeks keeps little. What is new stands in the order in which it came, since
to write at the end costs an import the least; what changes, maybe often, stands once, with a stamp that is another one after each
change: what has changed while it was on its way stays in the outbox. The tables are made when a machine is paired: a ledger
that sends nowhere pays nothing.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from types import MappingProxyType
from typing import Final, NamedTuple

from tallystick.errors import Unavailable
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite.gathering import (
    CALLS,
    EVENTS,
    LIMITS,
    PROMPTS,
    READINGS,
    SOURCES,
    TAGS,
    TITLES,
    WITHDRAWN,
    Mark,
    gathered,
)
from tallystick.ledger.sqlite.opening import open_to_read, open_to_write, unusable

NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        EVENTS: "event",
        READINGS: "reading",
        PROMPTS: "prompt",
        CALLS: "call",
        LIMITS: "limit",
        TITLES: "title",
        SOURCES: "source",
        TAGS: "tag",
        WITHDRAWN: "withdrawal",
    }
)

_READING: Final = "{0}context || ' ' || {0}meter || ' ' || {0}time"
_LIMIT: Final = (
    "{0}time || ' ' || length({0}provider) || ' ' || length({0}name) || ' ' || {0}provider || {0}name || {0}account"
)
_TAG: Final = "length({0}tool) || ' ' || length({0}session) || ' ' || length({0}name) || ' ' || {0}tool || {0}session || {0}name || {0}value"
_WATCHED: Final = (
    # An event that is derived (views 0) is worked out anew from its readings wherever they are known.
    (EVENTS, "events", "INSERT", "NEW.views = 1", "NEW.id"),
    (EVENTS, "events", "UPDATE", "NEW.views = 1", "NEW.id"),
    (EVENTS, "sightings", "INSERT", "", "NEW.event"),
    (READINGS, "readings", "INSERT", "", _READING.format("NEW.")),
    (PROMPTS, "prompts", "INSERT", "", "NEW.key"),
    (CALLS, "calls", "INSERT", "", "NEW.key"),
    (CALLS, "calls", "UPDATE", "", "NEW.key"),
    (LIMITS, "limits", "INSERT", "", _LIMIT.format("NEW.")),
    (LIMITS, "limits", "UPDATE", "", _LIMIT.format("NEW.")),
    (TITLES, "titles", "INSERT", "", "NEW.session"),
    (TITLES, "titles", "UPDATE", "", "NEW.session"),
    (TAGS, "tags", "INSERT", "", _TAG.format("NEW.")),
    (WITHDRAWN, "withdrawn", "INSERT", "", "NEW.key"),
    (SOURCES, "sources", "INSERT", "", "NEW.id"),
    # When it was written decides which of several copies is the original.
    (SOURCES, "sources", "UPDATE", "(NEW.tool, NEW.witness, NEW.mtime, NEW.last) <> (OLD.tool, OLD.witness, OLD.mtime, OLD.last)", "NEW.id"),
    (SOURCES, "skipped", "INSERT", "", "NEW.source"),
    (SOURCES, "skipped", "UPDATE", "", "NEW.source"),
    (SOURCES, "skipped", "DELETE", "", "OLD.source"),
)  # fmt: skip
"""Kind, table, what is done to it, when that matters, and the id."""
# Not `OR REPLACE`: the way in which a statement deals with conflicts holds for its triggers too.
_CHANGED: Final = """CREATE TRIGGER {name} AFTER {done} ON {table} {when}BEGIN
INSERT INTO outbox (kind, id, stamp) VALUES ({kind}, {id}, random()) ON CONFLICT (kind, id) DO UPDATE SET stamp = excluded.stamp;
END"""
_NEW: Final = """CREATE TRIGGER {name} AFTER {done} ON {table} {when}BEGIN
INSERT INTO outbox_new (kind, id) VALUES ({kind}, {id});
END"""
_ONCE: Final = frozenset(("events", "readings", "prompts", "calls", "limits", "tags", "withdrawn"))
"""Tables whose rows come once: of what is new in them nothing stands twice."""
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS outbox (kind INTEGER NOT NULL, id ANY NOT NULL, stamp INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox_new (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id ANY NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS outbox_refused (kind INTEGER NOT NULL, id ANY NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS outbox_about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)
_ALL: Final = (
    (EVENTS, "id", "events WHERE views > 0"),
    (READINGS, _READING.format(""), "readings"),
    (PROMPTS, "key", "prompts"),
    (CALLS, "key", "calls"),
    (LIMITS, _LIMIT.format(""), "limits"),
    (TITLES, "session", "titles"),
    (TAGS, _TAG.format(""), "tags"),
    (WITHDRAWN, "key", "withdrawn"),
    (SOURCES, "id", "sources"),
)
_REFUSE: Final = """INSERT INTO outbox_refused (kind, id, reason, time) VALUES (?,?,?,?)
ON CONFLICT (kind, id) DO UPDATE SET reason = excluded.reason, time = excluded.time"""
_WAITING: Final = "SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM outbox_new)"
_NEXT_NEW: Final = "SELECT kind, id, number, 1 FROM outbox_new ORDER BY number LIMIT ?"
_NEXT_CHANGED: Final = "SELECT kind, id, stamp, 0 FROM outbox ORDER BY kind, id LIMIT ?"
_TRIES: Final = 30
"""Times that a commit is tried while another process writes, ten seconds each: an import of gigabytes is done by then."""


class Portion(NamedTuple):
    """What is sent at once."""

    batches: list[Batch]
    marks: list[Mark]
    """What it takes out of the outbox, also what has nothing to be sent any more."""
    origins: list[dict[str, list[int]]]
    """For each batch and table the places among `marks` that its rows are from, row by row."""


class Refusal(NamedTuple):
    """A row that a server can never store."""

    kind: str
    id: str
    reason: str
    time: int
    """When it was refused: milliseconds since 1970, UTC."""


class Outbox:
    """The outbox of one ledger."""

    def __init__(self, path: str) -> None:
        """Open the ledger, which is made when there is none."""
        self._path = path
        self._db = open_to_write(path)

    def make(self, server: str) -> None:
        """Begin to keep what a server has to be told of: everything that is there, unless the outbox is kept for it already."""
        self._committed(lambda: self._make(server))

    def _make(self, server: str) -> None:
        for text in _TABLES:
            self._db.execute(text)
        kept = dict(
            self._db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'outbox%'")
        )
        wanted = dict(_triggers())
        about = self._db.execute("SELECT value FROM outbox_about WHERE name = 'server'").fetchone()
        others = {name for name, _ in kept.items() ^ wanted.items()}
        if not others and about == (server,):
            return
        for name in kept:
            self._db.execute(f"DROP TRIGGER {name}")
        for text in wanted.values():
            self._db.execute(text)
        # Of a server that knows the rest, only what was watched in another way until now may have been missed.
        fill(self._db, _kinds(others) if about == (server,) else frozenset(NAMES))
        self._db.execute("INSERT OR REPLACE INTO outbox_about VALUES ('server', ?)", (server,))

    def everything(self) -> None:
        """Have everything sent that is there, as if the server knew none of it."""
        self._committed(lambda: fill(self._db))

    def is_for(self, server: str) -> bool:
        """Tell whether this is kept, and for a server."""
        with _telling(self._path):
            if not self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'outbox_about'").fetchone():
                return False
            about = self._db.execute("SELECT value FROM outbox_about WHERE name = 'server'").fetchone()
            return bool(about == (server,))

    def drop(self) -> None:
        """Keep nothing for anybody any more."""
        self._committed(self._drop)

    def _drop(self) -> None:
        for name, _ in _triggers():
            self._db.execute(f"DROP TRIGGER IF EXISTS {name}")
        for table in ("outbox", "outbox_new", "outbox_refused", "outbox_about"):
            self._db.execute(f"DROP TABLE IF EXISTS {table}")

    def waiting(self) -> int:
        """Return how many rows are still to be sent."""
        with _telling(self._path):
            (number,) = self._db.execute(_WAITING).fetchone()
            return int(number)

    def take(self, limit: int) -> Portion:
        """Return what is to be sent next: rows for up to so many ids; without marks, there is nothing."""
        with _telling(self._path):
            self._db.execute("BEGIN")
            try:
                marks = self._db.execute(_NEXT_NEW, (limit,)).fetchall()
                marks += self._db.execute(_NEXT_CHANGED, (limit - len(marks),))
                return Portion(*gathered(self._db, marks))
            finally:
                self._db.rollback()

    def done(self, portion: Portion, refused: Mapping[int, str] = MappingProxyType({}), now: int = 0) -> None:
        """Take out what was acknowledged and has not changed since; what was refused is set aside.

        `refused` has the reasons by place among the portion's marks, `now` is in milliseconds since 1970.
        """
        self._committed(lambda: self._done(portion.marks, refused, now))

    def _done(self, marks: Sequence[Mark], refused: Mapping[int, str], now: int) -> None:
        new, changed = ([mark[:3] for mark in marks if mark[3] == each] for each in (1, 0))
        self._db.executemany("DELETE FROM outbox_new WHERE kind = ? AND id = ? AND number = ?", new)
        self._db.executemany("DELETE FROM outbox WHERE kind = ? AND id = ? AND stamp = ?", changed)
        if self._db.execute("SELECT EXISTS (SELECT 1 FROM outbox_refused)").fetchone() == (1,):
            self._db.executemany("DELETE FROM outbox_refused WHERE kind = ? AND id = ?", (mark[:2] for mark in marks))
        self._db.executemany(_REFUSE, ((*marks[place][:2], reason, now) for place, reason in refused.items()))

    def refused(self) -> list[Refusal]:
        """Return what was set aside, the latest first."""
        with _telling(self._path):
            return refusals(self._db)

    def again(self) -> int:
        """Have everything that was set aside sent once more; return how much that is."""
        return self._committed(self._again)

    def _again(self) -> int:
        moved = self._db.execute(
            "INSERT INTO outbox SELECT kind, id, random() FROM outbox_refused WHERE true"
            " ON CONFLICT (kind, id) DO UPDATE SET stamp = excluded.stamp"
        ).rowcount
        self._db.execute("DELETE FROM outbox_refused")
        return moved

    def _committed[T](self, doing: Callable[[], T]) -> T:
        """Do something in one transaction, however long another process writes."""
        left = _TRIES
        while True:
            left -= 1
            try:
                self._db.execute("BEGIN IMMEDIATE")
                try:
                    found = doing()
                    self._db.execute("COMMIT")
                except BaseException:
                    self._db.rollback()
                    raise
            except sqlite3.DatabaseError as error:
                if not left or "locked" not in str(error):
                    raise Unavailable(unusable(self._path, error)) from None
            else:
                return found

    def close(self) -> None:
        """Let go of the ledger."""
        self._db.close()


def fill(db: sqlite3.Connection, kinds: frozenset[int] = frozenset(NAMES)) -> None:
    """Put everything of some kinds that is there into the outbox, within a transaction, as if the server knew none of it."""
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM outbox_new").fetchone()
    for kind, number, table in _ALL:
        if kind in kinds:
            db.execute(f"INSERT INTO outbox_new (kind, id) SELECT {kind}, {number} FROM {table}")
    of_kinds = f"kind IN ({', '.join(map(str, sorted(kinds)))})"
    # Last: under the number of what is on its way stands nothing else, and its receipt takes nothing new out.
    db.execute(f"DELETE FROM outbox_new WHERE number <= ? AND {of_kinds}", (last,))
    for table in ("outbox", "outbox_refused"):
        db.execute(f"DELETE FROM {table} WHERE {of_kinds}")


def standing(path: str) -> tuple[int, list[Refusal]] | None:
    """Return how much waits and what was set aside, without changing anything; None where no outbox is kept."""
    with _telling(path), closing(open_to_read(path)) as db:
        if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'outbox'").fetchone():
            return None
        (number,) = db.execute(_WAITING).fetchone()
        return int(number), refusals(db)


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """Tell in a sentence what SQLite finds wrong with a ledger."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise Unavailable(unusable(path, error)) from None


def refusals(db: sqlite3.Connection) -> list[Refusal]:
    """Return what was set aside, the latest first."""
    rows = db.execute("SELECT kind, id, reason, time FROM outbox_refused ORDER BY time DESC, kind, id")
    return [Refusal(NAMES[kind], str(number), reason, time) for kind, number, reason, time in rows]


def _kinds(triggers: Iterable[str]) -> frozenset[int]:
    """Return the kinds that triggers of some names watch; all of them where one is not known."""
    known = {_name(table, done): kind for kind, table, done, *_ in _WATCHED}
    return frozenset(NAMES) if set(triggers) - known.keys() else frozenset(known[name] for name in triggers)


def _name(table: str, done: str) -> str:
    return f"outbox_{table}_{done.lower()}"


def _triggers() -> Iterable[tuple[str, str]]:
    for kind, table, done, when, number in _WATCHED:
        name = _name(table, done)
        condition = f"WHEN {when} " if when else ""
        text = _NEW if done == "INSERT" and table in _ONCE else _CHANGED
        yield name, text.format(name=name, done=done, table=table, when=condition, kind=kind, id=number)


__all__ = ["Mark", "Outbox", "Portion", "Refusal", "standing"]
