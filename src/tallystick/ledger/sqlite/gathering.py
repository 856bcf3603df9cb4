"""Gathering: the rows that the outbox names, as batches of the sources that they are from."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tallystick.ledger.ledger import Batch, Row, Source
from tallystick.usage.event import Context, Variant

EVENTS: Final = 1
READINGS: Final = 2
PROMPTS: Final = 3
CALLS: Final = 4
LIMITS: Final = 5
TITLES: Final = 6
SOURCES: Final = 7
TAGS: Final = 8
WITHDRAWN: Final = 9
FOREIGN: Final = "push:"
"""With this begin the sources that others have pushed here: they are told by those whose they are."""
_SIGHTING: Final = (
    "key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, replay,"
    " copied, work_ms, searches, fetches, cost_nano, place"
)
_READING: Final = (
    "meter, rank, time, since, context, variant, requests, input, cache_read, cache_write_5m, cache_write_1h, output,"
    " reasoning, cost_nano, place"
)
_EVENTS: Final = f"""SELECT id, source, {_SIGHTING} FROM events WHERE views = 1 AND id IN ({{0}})
UNION ALL SELECT event, source, {_SIGHTING} FROM sightings WHERE event IN ({{0}})"""
_PROMPTS: Final = "SELECT key, source, key, time, context, place FROM prompts WHERE key IN ({0})"
# Of an event that others know, too, a call goes with a source of ours: they tell theirs, and maybe not this one.
_CALLS: Final = f"""SELECT key, (SELECT o.id FROM events e LEFT JOIN sightings s ON s.event = e.id
JOIN sources o ON o.id = coalesce(s.source, e.source) WHERE e.key = c.event
ORDER BY substr(o.path, 1, {len(FOREIGN)}) = '{FOREIGN}', e.id, o.id <> e.source, o.id LIMIT 1),
key, event, name, started, ended, failed FROM calls c WHERE key IN ({{0}})"""
_TITLES: Final = "SELECT session, NULL, session, title, time FROM titles WHERE session IN ({0})"
_SOURCES: Final = "SELECT id, id FROM sources WHERE id IN ({0})"
_WITHDRAWN: Final = """SELECT key, source, key, 0, time, context, variant, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, NULL, place
FROM withdrawn WHERE key IN ({0})"""
_OF_READING: Final = f"SELECT source, {_READING} FROM readings WHERE context = ? AND meter = ? AND time = ?"
_OF_LIMIT: Final = """SELECT provider, name, minutes, used_percent, resets_at, time, plan, account FROM limits
WHERE (time, provider, name, account) = (?, ?, ?, ?)"""
_OF_TAG: Final = "SELECT tool, session, name, value FROM tags WHERE (tool, session, name, value) = (?, ?, ?, ?)"
_SESSIONS: Final = "SELECT id, session FROM contexts WHERE session IN ({0})"
_ONE_OF_OURS: Final = f"SELECT id FROM sources WHERE substr(path, 1, {len(FOREIGN)}) <> '{FOREIGN}' ORDER BY id LIMIT 1"
_BY_ID: Final = {
    PROMPTS: (_PROMPTS, "prompts"),
    CALLS: (_CALLS, "calls"),
    TITLES: (_TITLES, "titles"),
    SOURCES: (_SOURCES, ""),
    WITHDRAWN: (_WITHDRAWN, "events"),
}
_AT_ONCE: Final = 500
_REFERS: Final = {"events": (3, 4), "prompts": (2, None), "readings": (4, 5)}
"""Where a row names its context and its variant."""
_TABLES: Final = ("events", "prompts", "calls", "limits", "titles", "skipped", "readings", "tags")
_CONTEXTS: Final = """SELECT c.id, coalesce(p.project, c.project), c.tool, c.session, c.project, c.branch, c.agent, c.version, c.machine, c.account
FROM contexts c LEFT JOIN places p ON p.context = c.id WHERE c.id IN ({0})"""
"""With the project that is shown: where a session was decides what may be told of it."""
_VARIANTS: Final = "SELECT id, provider, model, tier, speed, geo FROM variants WHERE id IN ({0})"

type Mark = tuple[int, Any, int, int]
"""Kind and id of a row; its stamp, or its number among what is new; 1 where it is new and 0 where it has changed."""
type Gathered = tuple[list[Batch], list[Mark], list[dict[str, list[int]]]]


def gathered(db: sqlite3.Connection, marks: list[Mark]) -> Gathered:
    """Return the batches of what marks name, the marks, and for each batch and table the marks of its rows."""
    gathering = _Gathering(db)
    places: dict[int, dict[Any, int]] = {}
    for place, (kind, number, *_) in enumerate(marks):
        places.setdefault(kind, {})[number] = place
    for kind, numbers in places.items():
        gathering.take(kind, numbers)
    batches, origins = gathering.batches()
    return batches, marks, origins


class _Gathering:
    """Rows by their sources."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: dict[int, dict[str, list[Row]]] = {}
        self._origins: dict[int, dict[str, list[int]]] = {}
        self._fresh: dict[int, int] = {}
        """Sources that are told of themselves, with what they skipped."""
        self._sessions: dict[int, list[int]] = {}
        """Contexts of the sessions that a source's titles and tags name."""
        found = db.execute(_ONE_OF_OURS).fetchone()
        self._ours: int | None = found[0] if found else None
        self._foreign: dict[int, bool] = {}

    def take(self, kind: int, places: dict[Any, int]) -> None:
        """Take the rows of one kind; `places` has the place of each id's mark."""
        for part in _portions(list(places)):
            for number, source, table, row in self._found(kind, part):
                # What has no source of its own goes with any.
                whose = self._ours if source is None else source
                if whose is None or self._is_foreign(whose):
                    continue
                if not table:
                    self._fresh[whose] = places[number]
                    self._rows.setdefault(whose, {})
                    continue
                self._rows.setdefault(whose, {}).setdefault(table, []).append(row)
                self._origins.setdefault(whose, {}).setdefault(table, []).append(places[number])

    def _found(self, kind: int, numbers: list[Any]) -> Iterator[tuple[Any, int | None, str, Row]]:
        """Yield the rows of ids: id, source, table, row."""
        marks = ", ".join("?" * len(numbers))
        if kind == EVENTS:
            for number, source, *row in self._db.execute(_EVENTS.format(marks), numbers * 2):
                yield number, source, "events", tuple(row)
        elif kind == READINGS:
            for number in numbers:
                for source, *row in self._db.execute(_OF_READING, [int(part) for part in number.split(" ")]):
                    yield number, source, "readings", tuple(row)
        elif kind == LIMITS:
            yield from ((number, None, "limits", row) for number in numbers for row in self._limit(number))
        elif kind == TAGS:
            yield from ((number, None, "tags", row) for number in numbers for row in self._tag(number))
        else:
            text, table = _BY_ID[kind]
            for number, source, *row in self._db.execute(text.format(marks), numbers):
                yield number, source, table, tuple(row)

    def _limit(self, number: str) -> list[Row]:
        time, *sizes, text = number.split(" ", 3)
        return self._db.execute(_OF_LIMIT, (int(time), *_cut(text, sizes))).fetchall()

    def _tag(self, number: str) -> list[Row]:
        *sizes, text = number.split(" ", 3)
        return self._db.execute(_OF_TAG, _cut(text, sizes)).fetchall()

    def _is_foreign(self, source: int) -> bool:
        found = self._foreign.get(source)
        if found is None:
            (path,) = self._db.execute("SELECT path FROM sources WHERE id = ?", (source,)).fetchone()
            found = self._foreign[source] = path.startswith(FOREIGN)
        return found

    def batches(self) -> tuple[list[Batch], list[dict[str, list[int]]]]:
        """Return the batches and the origins of their rows."""
        for source, place in self._fresh.items():
            self._origins.setdefault(source, {})["sources"] = [place]
            self._tell_skipped(source, place)
        self._name_sessions()
        order = sorted(self._rows)
        return [self._batch(source) for source in order], [self._origins.get(source, {}) for source in order]

    def _tell_skipped(self, source: int, place: int) -> None:
        rows = [
            (offset, reason if offset >= 0 else str(number))
            for offset, reason, number in self._db.execute(
                "SELECT place, reason, number FROM skipped WHERE source = ? ORDER BY place, reason", (source,)
            )
        ]
        if rows:
            self._rows[source]["skipped"] = rows
            self._origins.setdefault(source, {})["skipped"] = [place] * len(rows)

    def _name_sessions(self) -> None:
        """Find the contexts of sessions whose titles or tags are told: where a session was decides whether those may be."""
        for source, tables in self._rows.items():
            named = [row[0] for row in tables.get("titles", ())] + [row[1] for row in tables.get("tags", ())]
            for part in _portions(named):
                found = self._db.execute(_SESSIONS.format(", ".join("?" * len(part))), part)
                self._sessions.setdefault(source, []).extend(number for number, _ in found)

    def _batch(self, source: int) -> Batch:
        path, tool, witness, mtime, last = self._db.execute(
            "SELECT path, tool, witness, mtime, last FROM sources WHERE id = ?", (source,)
        ).fetchone()
        tables = self._rows[source]
        contexts: dict[int, int] = {}
        variants: dict[int, int] = {}
        for name, (where, what) in _REFERS.items():
            if name in tables:
                tables[name] = [_numbered(row, where, what, contexts, variants) for row in tables[name]]
        for number in self._sessions.get(source, ()):
            contexts.setdefault(number, len(contexts))
        named = list(self._named(_CONTEXTS, contexts))
        told = Batch(
            Source(path, tool, witness, mtime=mtime, last=last),
            source in self._fresh,
            [Context(*row) for _, *row in named],
            [Variant(*row) for row in self._named(_VARIANTS, variants)],
            *(tables.get(name, []) for name in _TABLES),
        )
        return told._replace(shown=[project for project, *_ in named])

    def _named(self, question: str, numbers: dict[int, int]) -> Iterator[Row]:
        """Yield what numbers stand for, in their order."""
        found: dict[int, Row] = {}
        for part in _portions(list(numbers)):
            marks = ", ".join("?" * len(part))
            for number, *row in self._db.execute(question.format(marks), part):
                found[number] = tuple(row)
        return (found[number] for number in numbers)


def _numbered(row: Row, where: int, what: int | None, contexts: dict[int, int], variants: dict[int, int]) -> Row:
    """Return a row that refers to its context and its variant by their places in the batch."""
    named = list(row)
    named[where] = contexts.setdefault(row[where], len(contexts))
    if what is not None:
        named[what] = variants.setdefault(row[what], len(variants))
    return tuple(named)


def _cut(text: str, sizes: list[str]) -> list[str]:
    """Return the parts of a text, of which all but the last one tell how long they are."""
    parts = []
    for size in map(int, sizes):
        parts.append(text[:size])
        text = text[size:]
    return [*parts, text]


def _portions(items: Sequence[Any]) -> Iterator[list[Any]]:
    return (list(items[at : at + _AT_ONCE]) for at in range(0, len(items), _AT_ONCE))
