"""Running totals: keeps the readings of counters, and the events that they stand for in step with all others."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.ledger.merging import WITNESS_BITS
from tallystick.ledger.readings import Kept, Session, Told, Usage, derive, known
from tallystick.ledger.sqlite.sums import Sums
from tallystick.usage.event import FINISHED, Context, Reading, Variant
from tallystick.usage.tokens import Tokens

_READING: Final = (
    "meter, rank, time, since, context, variant, requests, input, cache_read, cache_write_5m, cache_write_1h, output,"
    " reasoning, cost_nano, place, source"
)
_EVENT: Final = (
    "key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,"
    " grade, replay, copied, work_ms, searches, fetches, cost_nano, place, source, seen, views, lead, requests, dated, since"
)
_KEEP: Final = f"INSERT INTO readings ({_READING}) VALUES ({', '.join('?' * 16)})"
_INSERT: Final = f"INSERT INTO events (id, {_EVENT}) VALUES ({', '.join('?' * 27)})"
_OF: Final = "contexts c CROSS JOIN {} x ON x.context = c.id JOIN variants v ON v.id = x.variant"
_WHOSE: Final = "WHERE c.session = ? AND c.tool = ?"
_TOLD: Final = f"""SELECT v.model, x.time, x.input, x.cache_read, x.cache_write_5m, x.cache_write_1h, x.output, x.reasoning
FROM {_OF.format("events")} {_WHOSE} AND x.views > 0"""
_DERIVED: Final = f"SELECT x.id, {', '.join(f'x.{name}' for name in _EVENT.split(', '))} FROM {_OF.format('events')} {_WHOSE} AND x.views = 0"
_KEPT: Final = f"""SELECT s.path, s.witness, c.tool, c.session, c.project, c.branch, c.agent, c.version, c.machine, c.account,
v.provider, v.model, v.tier, v.speed, v.geo, {", ".join(f"x.{name}" for name in _READING.split(", "))}
FROM {_OF.format("readings")} JOIN sources s ON s.id = x.source {_WHOSE}"""
_SESSIONS: Final = "SELECT DISTINCT tool, session FROM contexts WHERE id IN ({})"
_COUNTED: Final = """SELECT DISTINCT c.tool, c.session FROM contexts t CROSS JOIN contexts c ON c.session = t.session AND c.tool = t.tool
JOIN readings r ON r.context = c.id WHERE t.id IN ({})"""
"""The sessions of contexts, of those that have readings."""
_COUNTED_IN: Final = f"SELECT DISTINCT x.context FROM contexts c CROSS JOIN readings x ON x.context = c.id {_WHOSE}"
_METER_INDEX: Final = "readings_meter"
"""By which the sessions are found that share a meter."""
_METERS: Final = f"SELECT DISTINCT x.meter FROM contexts c CROSS JOIN readings x ON x.context = c.id {_WHOSE}"
_HAVING: Final = (
    "SELECT DISTINCT c.tool, c.session FROM readings x CROSS JOIN contexts c ON c.id = x.context WHERE x.meter = ?"
)
_SHARING: Final = """SELECT DISTINCT c.tool, c.session FROM readings r JOIN contexts c ON c.id = r.context WHERE r.meter IN
(SELECT r.meter FROM readings r JOIN contexts c ON c.id = r.context GROUP BY r.meter HAVING count(DISTINCT c.session) > 1)"""
_ASKED_AT_ONCE: Final = 500


class Totals:
    """The readings of one transaction, and what they and its events change."""

    def __init__(self, db: sqlite3.Connection, sums: Sums) -> None:
        """Begin."""
        self._db, self._sums = db, sums
        self._came: list[Row] = []
        self.next_id = 0

    def take(self, readings: Iterable[Row], contexts: list[int], variants: list[int], source: int) -> None:
        """Take the readings of a batch; its contexts and variants are those of the ledger."""
        for meter, rank, time, since, context, variant, *rest in readings:
            self._came.append((meter, rank, time, since, contexts[context], variants[variant], *rest, source))

    def settle(self, contexts: set[int], next_id: int) -> tuple[int, int]:
        """Work out anew what new readings, or new events in such contexts, touch; return how many events are new and changed."""
        (any_before,) = self._db.execute("SELECT EXISTS (SELECT 1 FROM readings)").fetchone()
        if not any_before and not self._came:
            return 0, 0
        self.next_id = next_id
        touched: dict[Session, None] = {}
        if any_before:
            touched |= dict.fromkeys(self._sessions(_COUNTED, contexts))
        touched |= dict.fromkeys(self._indexed())
        touched |= dict.fromkeys(self._keep())
        new = changed = 0
        while touched:
            sessions = together(self._db, next(iter(touched)))
            for session in sessions:
                touched.pop(session, None)
            more, less = self._work_out(sessions)
            new, changed = new + max(more - less, 0), changed + min(more, less)
        return new, changed

    def _indexed(self) -> list[Session]:
        """Have meters indexed; return the sessions that were told apart though they share one, as long as meters were not."""
        if self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (_METER_INDEX,)).fetchone():
            return []
        self._db.execute(f"CREATE INDEX {_METER_INDEX} ON readings (meter, context)")
        return self._db.execute(_SHARING).fetchall()

    def _keep(self) -> Iterator[Session]:
        """Keep the readings that are not known; yield the sessions that have such ones."""
        new: dict[Row, None] = dict.fromkeys(self._came)
        for session in list(self._sessions(_SESSIONS, {row[4] for row in new})):
            for row in self._db.execute(_KEPT, session[::-1]):
                new.pop(row[15:], None)
        rows: list[Row] = list(new)
        self._db.executemany(_KEEP, rows)
        self._came.clear()
        yield from self._sessions(_SESSIONS, {row[4] for row in rows})

    def _sessions(self, text: str, contexts: Iterable[int]) -> Iterator[Session]:
        numbers = sorted(contexts)
        for at in range(0, len(numbers), _ASKED_AT_ONCE):
            part = numbers[at : at + _ASKED_AT_ONCE]
            yield from self._db.execute(text.format(", ".join("?" * len(part))), part)

    def _work_out(self, sessions: Sequence[Session]) -> tuple[int, int]:
        """Put what the readings of sessions stand for in the place of what they stood for; return how many rows came and went."""
        gone, new = difference(self._db, sessions)
        for row in gone:
            self._sums.change(row, -1, row[24])
        self._db.executemany("DELETE FROM events WHERE id = ?", [row[:1] for row in gone])
        for each in new:
            row = (self.next_id, *each)
            self.next_id += 1
            self._db.execute(_INSERT, row)
            self._sums.change(row, 1, row[24])
        return len(new), len(gone)


def together(db: sqlite3.Connection, session: Session) -> list[Session]:
    """Return a session and all that share a meter with it, also through others: they are one under several names."""
    found, waiting, asked = {session: None}, [session], set[int]()
    while waiting:
        meters = {meter for (meter,) in db.execute(_METERS, waiting.pop()[::-1])} - asked
        asked |= meters
        for meter in meters:
            waiting += (other for other in db.execute(_HAVING, (meter,)).fetchall() if other not in found)
            found |= dict.fromkeys(waiting)
    return list(found)


def beside(db: sqlite3.Connection, contexts: Iterable[int]) -> set[int]:
    """Return the contexts whose readings share a meter with those of some others, also through others."""
    found: set[int] = set()
    done: set[Session] = set()
    for each in contexts:
        for session in db.execute(_SESSIONS.format("?"), (each,)).fetchall():
            if session not in done:
                names = together(db, session)
                done.update(names)
                found.update(row[0] for row in _rows(db, _COUNTED_IN, names))
    return found


def difference(db: sqlite3.Connection, sessions: Sequence[Session]) -> tuple[list[Row], list[Row]]:
    """Return the events that no reading of sessions that belong `together` stands for, with their ids, and those that are lacking, without."""
    there: dict[Row, list[Row]] = {}
    for row in _rows(db, _DERIVED, sessions):
        there.setdefault(row[1:], []).append(row)
    lacking = []
    for row in _due(db, sessions):
        if same := there.get(row):
            same.pop()
        else:
            lacking.append(row)
    return [row for rows in there.values() for row in rows], lacking


def _rows(db: sqlite3.Connection, text: str, sessions: Sequence[Session]) -> Iterator[Row]:
    for session in sessions:
        yield from db.execute(text, session[::-1])


def _due(db: sqlite3.Connection, sessions: Sequence[Session]) -> Iterator[Row]:
    """Yield the events, without ids, that the readings of sessions stand for."""
    told: dict[str, list[Told]] = {}
    for model, time, *tokens in _rows(db, _TOLD, sessions):
        told.setdefault(model, []).append(known(time, tokens))
    numbers: dict[Kept, Row] = {}
    for row in _rows(db, _KEPT, sessions):
        meter, rank, time, since, context, variant, requests, *tokens, cost, place, source = row[15:]
        reading = Reading(
            meter, rank, time, since, Variant(*row[10:15]), Context(*row[2:10]), requests, Tokens(*tokens), cost, place
        )
        numbers[Kept(reading, row[0])] = (context, variant, source, WITNESS_BITS[row[1]])
    models: dict[str, list[Kept]] = {}
    for kept in numbers:
        models.setdefault(kept.reading.variant.model, []).append(kept)
    for model, readings in models.items():
        for usage in derive(told.get(model, ()), readings):
            yield _row(usage, *numbers[usage.kept])


def _row(usage: Usage, context: int, variant: int, source: int, seen: int) -> Row:
    reading = usage.kept.reading
    head = (reading.meter, 0, reading.time, context, variant, *usage.tokens)
    tail = (usage.cost_nano, reading.offset, source, seen, 0, 0, usage.requests, usage.dated, usage.since)
    return (*head, FINISHED, 0, 0, 0, 0, 0, *tail)
