"""The store of all sessions, `session-store.db`: a row for each call, without the id of its answer.

A call that a journal or a telemetry file tells of too cannot be known by an id here, so that the rows of a session and
model are added up in their order into one running total: what the events leave of it is what only the store knows.
Rows are never changed, and their numbers never used again (schema versions 6 and 8).
"""

from collections.abc import Generator, Iterable
from typing import Any, Final, NamedTuple

from tallystick.tools.copilot_cli.counts import Misshapen, cost_of, moment, number, tokens_of
from tallystick.tools.copilot_cli.names import GITHUB, TOOL
from tallystick.tools.tool import Found, Query, Record, Schema, State, Unknown
from tallystick.usage.event import Context, Reading, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS, Tokens

_CALLS: Final = "assistant_usage_events"
_RANK: Final = 1
_COUNTS: Final = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
_COLUMNS: Final = (
    "id", "session_id", "model", "copilot_usage_model", "agent_id", "created_at", *_COUNTS, "total_nano_aiu",
)  # fmt: skip
_ABOUT: Final = ("cwd", "branch", "created_at")

type _Sum = list[Any]
"""What a session and model came to: the six kinds of tokens, calls, nano AI units, time."""


class _Row(NamedTuple):
    number: int
    session: str
    model: str
    agent: str
    time: int
    """0 where the store does not say."""
    project: str
    branch: str
    since: int
    tokens: Tokens
    nano_aiu: int


class Store:
    """Reads the rows that came since last time."""

    def __init__(self, state: State) -> None:
        """Begin, or go on from the state of an earlier reader."""
        self.found = Found()
        self._mark: list[Any] = state.get("mark", [0, None, None])
        """Number, session and time of the last row that was read, as they stand in it."""
        self._sums: dict[str, dict[str, _Sum]] = state.get("sums", {})
        self._now: int = state.get("now", 0)
        """Time of the newest row so far, for those that have none."""

    def read(self, schema: Schema) -> Generator[Query, Iterable[Record]]:
        """Yield questions and be sent the rows; raise `Unknown` for a database of another kind."""
        columns = schema.get(_CALLS)
        if columns is None:
            if "sessions" in schema:
                # Before 1.0.69 the store knew sessions and what was said in them, but no counts.
                return
            raise Unknown(f"no table `{_CALLS}`")
        if missing := {"id", "session_id"} - columns:
            raise Unknown(f"no column `{min(missing)}` in `{_CALLS}`")
        yield from self._check(columns)
        rows = yield _question(columns, schema.get("sessions", frozenset()), self._mark[0])
        for record in rows:
            self._take(record)

    def finish(self) -> tuple[Found, State]:
        """Return what was found, and the sums on which later rows build."""
        found, self.found = self.found, Found()
        return found, {"mark": self._mark, "sums": self._sums, "now": self._now}

    def _check(self, columns: frozenset[str]) -> Generator[Query, Iterable[Record]]:
        """Begin anew where the last row that was read is not there any more: then it is another store."""
        place = self._mark[0]
        if not place:
            return
        at = "created_at" if "created_at" in columns else "NULL"
        # Only names from this file go into the text.
        question = f"SELECT session_id, {at} FROM {_CALLS} WHERE id = :place"  # noqa: S608
        there = [[_plain(value) for value in row] for row in (yield Query(question, {"place": place}))]
        if there != [self._mark[1:]]:
            self._mark, self._sums, self._now = [0, None, None], {}, 0

    def _take(self, record: Record) -> None:
        place = record[0]
        if not isinstance(place, int):
            self.found.skip(0, "id is not a number")
            return
        self._mark = [place, _plain(record[1]), _plain(record[5])]
        try:
            row = _row(record)
        except Misshapen as fault:
            self.found.skip(place, str(fault))
            return
        if row.tokens == NO_TOKENS and not row.nano_aiu:
            return
        if not (row.time or self._now):
            self.found.skip(place, "a call without a time")
            return
        self._add(row)

    def _add(self, row: _Row) -> None:
        """Add a row to what its session and model came to, and tell that."""
        sums = self._sums.setdefault(row.session, {}).setdefault(row.model, [0] * 9)
        *kinds, requests, nano_aiu, before = sums
        # A total goes on with its rows' numbers; several rows of one second, or a clock that was set back, must not undo that.
        time = max(row.time or self._now, before + 1)
        tokens = Tokens(*(one + other for one, other in zip(kinds, row.tokens, strict=True)))
        sums[:] = [*tokens, requests + 1, nano_aiu + row.nano_aiu, time]
        self._now = max(self._now, row.time)
        reading = Reading(
            key(TOOL, "store", row.session, row.model),
            _RANK,
            time,
            row.since,
            Variant(GITHUB, row.model),
            Context(TOOL, row.session, row.project, row.branch, row.agent),
            requests + 1,
            tokens,
            cost_of(nano_aiu + row.nano_aiu),
            row.number,
        )
        self.found.readings.append(reading)


def _question(columns: frozenset[str], about: frozenset[str], place: int) -> Query:
    """Return the question for the rows after a place; a column that an older store lacks is empty."""
    own = [f"e.{name}" if name in columns else "NULL" for name in _COLUMNS]
    known = "id" in about
    theirs = [f"s.{name}" if known and name in about else "NULL" for name in _ABOUT]
    join = " LEFT JOIN sessions s ON s.id = e.session_id" if known else ""
    # Only names from this file go into the text.
    text = f"SELECT {', '.join(own + theirs)} FROM {_CALLS} e{join} WHERE e.id > :place ORDER BY e.id"  # noqa: S608
    return Query(text, {"place": place})


def _row(record: Record) -> _Row:
    """Return what a row says; raise `Misshapen` when its counts or its session are damaged."""
    place, session, model, billed, agent, at, *counts, nano_aiu, cwd, branch, since = record
    if not isinstance(session, str) or not session:
        raise Misshapen("session_id is not a text")
    prompt, read, written, output, reasoning = (
        0 if value is None else number(value, name) for name, value in zip(_COUNTS, counts, strict=True)
    )
    began = moment(since)
    return _Row(
        place,
        session,
        _text(model) or _text(billed),
        _text(agent),
        moment(at) or began,
        _text(cwd),
        _text(branch),
        began,
        tokens_of(prompt, read, written, output, reasoning),
        0 if nano_aiu is None else number(nano_aiu, "total_nano_aiu"),
    )


def _text(value: object) -> str:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _plain(value: object) -> object:
    """Return a value as JSON brings it back."""
    return value if isinstance(value, int | float | str) else None
