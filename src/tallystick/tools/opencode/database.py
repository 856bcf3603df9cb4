"""Reads a database: everything at first, afterwards only what is new or has changed.

Rows are updated in place while an answer is under way, so that unfinished messages are looked at again. An index leads
from a session to its messages and from a message to its parts; a table of parts may hold gigabytes and is never
searched without one.
"""

from collections.abc import Generator, Iterable, Iterator
from typing import Any, Final

from tallystick.tools.fields import stamp
from tallystick.tools.opencode import ladder
from tallystick.tools.opencode.answer import Seen, Stored, Teller
from tallystick.tools.opencode.counts import in_seconds
from tallystick.tools.opencode.dialect import Dialect
from tallystick.tools.opencode.imports import Imports
from tallystick.tools.opencode.session import COLUMNS, DEEPEST, Sessions, session_of, titles_of
from tallystick.tools.opencode.shape import Message, Part, decoded
from tallystick.tools.opencode.stores import Store, stores_of
from tallystick.tools.tool import Found, Query, Record, Schema, State

_AT_ONCE: Final = 500
"""Messages that are read in one go."""
_MOST_WATCHED: Final = 200
"""Unfinished messages that are looked at again; of those of a crashed tool the oldest go first."""
_DAY: Final = 86_400_000
_MINUTE: Final = 60_000

type Asking = Generator[Query, Iterable[Record]]


class Database:
    """Reads one database."""

    __slots__ = ("_found", "_imports", "_newest", "_schema", "_sessions", "_since", "_state", "_teller", "_watched")

    def __init__(self, dialect: Dialect, state: State) -> None:
        """Begin at the beginning, or with the state that an earlier reader left."""
        self._state = state
        self._found = Found()
        self._sessions = Sessions(dialect)
        self._teller = Teller(dialect, self._sessions, self._found)
        self._imports = Imports()
        self._schema: Schema = {}
        self._since: int | float = state.get("newest", 0)
        self._newest: int | float = self._since
        self._watched: dict[str, dict[str, int]] = {}
        """By table the unfinished messages and the numbers of their rows."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found, and from where to go on."""
        found, self._found = self._found, Found()
        return found, self._state

    def read(self, schema: Schema) -> Asking:
        """Ask for what is new; raise `Unknown` where there are no messages as this reader knows them."""
        self._schema = schema
        stores = stores_of(schema)
        rungs: dict[str, ladder.Rungs] = self._state.get("rungs", {})
        yield from self._imports.learn(schema)
        yield from self._changed_sessions(everything=not rungs)
        left: dict[str, Any] = {}
        for store in stores:
            start = yield from ladder.firm(store.table, rungs.get(store.table, []))
            self._watched[store.table] = {}
            again = list(self._state.get("watched", {}).get(store.table, [])) if start else []
            if start and self._since and store.has_updates:
                again += yield from self._changed(store, start)
            for id_ in dict.fromkeys(again):
                yield from self._tell(store, "id = :id", {"id": id_})
            yield from self._new(store, start)
            left[store.table] = yield from ladder.climbed(store.table)
        watched = {table: sorted(ids, key=ids.__getitem__)[-_MOST_WATCHED:] for table, ids in self._watched.items()}
        self._state = {"rungs": left, "watched": watched, "newest": self._newest}

    def _changed_sessions(self, *, everything: bool) -> Asking:
        """Learn what all sessions are called at first, and later those that changed lately."""
        for table in self._session_tables():
            columns = ", ".join(_columns(self._schema[table], COLUMNS))
            recent = not everything and "time_updated" in self._schema[table]
            where = " WHERE time_updated >= :since" if recent else ""
            rows = yield Query(f"SELECT {columns} FROM {table}{where}", self._recently() if recent else {})  # noqa: S608 - names of ours
            changed = [session_of(row) for row in rows if isinstance(row[0], str)]
            self._sessions.known.update((session.id, session) for session in changed)
            self._found.titles += titles_of(changed)

    def _recently(self) -> dict[str, int | float]:
        # A session's own time lags behind that of its parts, by hours where an answer takes as long.
        return {"since": self._since - (_DAY // 1000 if in_seconds(self._since) else _DAY)}

    def _session_tables(self) -> Iterator[str]:
        return (table for table in ("session", "session_v2") if "id" in self._schema.get(table, ()))

    def _learn(self, session: str) -> Asking:
        """Learn what a session is called, and those that it was started from."""
        for _ in range(DEEPEST):
            if not session:
                return
            if session not in self._sessions.known:
                yield from self._look_up(session)
            session = self._sessions.of(session).parent

    def _look_up(self, session: str) -> Asking:
        for table in self._session_tables():
            columns = ", ".join(_columns(self._schema[table], COLUMNS))
            rows = yield Query(f"SELECT {columns} FROM {table} WHERE id = :id", {"id": session})  # noqa: S608 - names of ours
            self._sessions.known.update((row[0], session_of(row)) for row in rows)

    def _changed(self, store: Store, start: int) -> Generator[Query, Iterable[Record], list[str]]:
        """Return the messages that were read and have changed since, in the sessions that did."""
        slack = _MINUTE // 1000 if in_seconds(self._since) else _MINUTE
        ids: list[str] = []
        for sessions in self._session_tables():
            if "time_updated" in self._schema[sessions]:
                values = {**self._recently(), "changed": self._since - slack, "start": start}
                ids += [row[0] for row in (yield Query(store.changed(sessions), values))]
        return ids

    def _new(self, store: Store, start: int) -> Asking:
        """Tell of all messages after a row."""
        last: int | None = start
        while last is not None:
            where = f"rowid > :after ORDER BY rowid LIMIT {_AT_ONCE}"
            last = yield from self._tell(store, where, {"after": last})

    def _tell(self, store: Store, where: str, values: dict[str, Any]) -> Generator[Query, Iterable[Record], int | None]:
        """Tell of some messages; return the number of the last one, None where there was none."""
        rows = list((yield Query(f"{store.messages} WHERE {where}", values)))
        if not rows:
            return None
        parts: dict[str, list[Stored]] = {}
        wrong: dict[str, frozenset[str]] = {}
        if store.parts:
            last = {"last": rows[-1][0]} if "after" in values else {}
            for message, id_, written, data in (yield Query(store.parts["after" in values], {**values, **last})):
                part, left_out = decoded(Part, data)
                if part is not None:
                    parts.setdefault(message, []).append(Stored(str(id_), written, part))
                if left_out:
                    wrong[message] = wrong.get(message, frozenset()) | left_out
        for row in rows:
            id_, session = row[1], row[2]
            if isinstance(session, str):
                yield from self._learn(session)
            yield from self._imports.of(session)
            self._one(store, row, parts.get(id_, []), wrong.get(id_, frozenset()))
        return int(rows[-1][0])

    def _one(self, store: Store, row: Record, parts: list[Stored], wrong: frozenset[str]) -> None:
        """Tell of one message."""
        number, id_, session, created, updated, kind, agent_id, migrated, data = row
        if isinstance(updated, int | float) and stamp(updated):
            self._newest = max(self._newest, updated)
        message, left_out = decoded(Message, data)
        if message is None or not isinstance(session, str) or not isinstance(id_, str):
            self._found.skip(
                number, "a message that is not a JSON object" if message is None else "a message without ids"
            )
            return
        if id_ in self._imports:
            return
        if store.is_second:
            parts = [Stored(part.id or str(place), 0, part) for place, part in enumerate(message.content or [])]
        elif not kind:
            kind = message.role
        if not isinstance(kind, str) or (kind not in ("user", "assistant") and not store.is_second):
            self._found.skip(number, "a message of neither a person nor a model")
            return
        agent_id = agent_id if isinstance(agent_id, str) else message.agentID or ""
        created = created if isinstance(created, int | float) else None
        seen = Seen(id_, session, kind, message, parts, created, number, agent_id,
                    store.is_second, bool(migrated), left_out | wrong)  # fmt: skip
        if not self._teller.tell(seen):
            self._watched[store.table][id_] = number


def _columns(there: frozenset[str], wanted: Iterable[str]) -> list[str]:
    return [name if name in there else f"NULL AS {name}" for name in wanted]
