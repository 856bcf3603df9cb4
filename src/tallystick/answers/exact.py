"""Answers as text that gives the very same values again on another machine: nothing is rounded, nothing left out.

The JSON of reports is made for people and their scripts: a cost there does not tell how many requests have a price. Here
each value stands with all its fields, in an order that the text itself names, so that a reader passes over fields of a newer
version and has its own defaults for those of an older one.
"""

from collections.abc import Callable, Mapping
from functools import cache
from json import dumps, loads
from typing import Any, Final, NamedTuple

from tallystick.answers import asked
from tallystick.answers.answer import Moment, Money
from tallystick.answers.question import Question
from tallystick.errors import Misused
from tallystick.usage.period import BEGINNING, END, Period, Zone

SCHEMA: Final = "tallystick.exact/1"
_NOT_UNDERSTOOD: Final = (
    KeyError,
    TypeError,
    ValueError,
    IndexError,
    AttributeError,
    RecursionError,
    OverflowError,
    Misused,
)


class Carried(NamedTuple):
    """What came over."""

    value: Any
    version: str
    """Of the program that answered."""
    importing: float | None
    """How far the server has come with reading logs in; None when it has read all of them."""


class NotUnderstoodError(Exception):
    """A text that is no answer of this schema."""


@cache
def shapes() -> Mapping[str, type[Any]]:
    """Return every kind of value that answers hold, by name."""
    from tallystick.answers import (
        answer,
        calls,
        compare,
        energy,
        events,
        forecast,
        limits,
        live,
        machines,
        overview,
        points,
        punchcard,
        single,
        timeline,
        why,
        year,
    )
    from tallystick.usage.activity import Activity
    from tallystick.usage.event import Context, Variant
    from tallystick.usage.tokens import Tokens

    kinds: tuple[type[Any], ...] = (
        *(answer.Figures, answer.Row, answer.Coverage, answer.Answer),
        *(calls.Uses, calls.Name, calls.Calls),
        *(compare.Mover, compare.Movers, compare.Comparison),
        *(energy.Range, energy.Estimate, energy.Energy),
        *(events.Page, events.Sighted, events.Event, single.Single),
        *(limits.Window, limits.Limits, limits.Told, limits.History, forecast.Forecast),
        *(points.Points, points.Spent, points.OfSession, live.Live, live.Pace),
        *(machines.Machine, machines.User, machines.Machines),
        *(overview.Overview, year.Year),
        *(punchcard.Cell, punchcard.Hour, punchcard.Punchcard),
        *(timeline.Span, timeline.Timeline, Activity),
        *(why.Term, why.Formula, why.View, why.Seen, why.Why),
        *(Context, Variant, Tokens),
    )
    return {kind.__name__: kind for kind in kinds}


def packed(value: Any, version: str) -> str:  # noqa: ANN401  any answer
    """Return an answer as JSON text."""
    packer = _Packer()
    told = packer.packed(value)
    used = {kind.__name__: kind._fields for kind in packer.used}
    return dumps({"schema": SCHEMA, "version": version, "shapes": used, "answer": told}, separators=(",", ":")) + "\n"


class _Packer:
    """Packs values and notes of which kinds they are."""

    def __init__(self) -> None:
        self.used: dict[type[Any], None] = {}
        self._known = frozenset(shapes().values())

    def packed(self, value: Any) -> Any:  # noqa: ANN401  any value of an answer
        """Return a value as JSON holds it: an object has one key, which tells the kind."""
        kind = type(value)
        if value is None or kind in _PLAIN:
            return value
        if kind is list:
            return [self.packed(each) for each in value]
        if kind in self._known:
            self.used[kind] = None
            return {kind.__name__: [self.packed(each) for each in value]}
        return self._special(kind, value)

    def _special(self, kind: type[Any], value: Any) -> dict[str, Any]:  # noqa: ANN401  any value of an answer
        if kind is tuple:
            return {"tuple": [self.packed(each) for each in value]}
        if kind in _OTHERS:
            name, told = _OTHERS[kind]
            return {name: told(value)}
        if isinstance(value, Mapping):
            return {"map": [[self.packed(name), self.packed(each)] for name, each in value.items()]}
        raise TypeError(f"{kind.__name__} is no kind of value that answers hold")


def _ends(span: Period) -> list[Any]:
    return [
        span.zone.name,
        None if span.since == BEGINNING else span.since,
        None if span.until == END else span.until,
    ]


_PLAIN: Final = frozenset((str, bool, int, float))
_OTHERS: Final[Mapping[type[Any], tuple[str, Callable[[Any], Any]]]] = {
    Money: ("money", int),
    Moment: ("moment", int),
    Question: ("question", asked.said),
    Zone: ("zone", lambda zone: zone.name),
    Period: ("period", _ends),
}


def unpacked(text: str) -> Carried:
    """Return what a text holds; raise NotUnderstoodError for one that is not of this schema, or lacks what it needs."""
    try:
        told = loads(text)
        if told["schema"] != SCHEMA:
            raise NotUnderstoodError(f"it is of the schema {told['schema']}, not {SCHEMA}")
        fields = {name: tuple(map(str, names)) for name, names in told["shapes"].items()}
        value = _Unpacker(fields).unpacked(told["answer"])
        importing = told.get("importing")
        return Carried(value, str(told["version"]), None if importing is None else float(importing))
    except _NOT_UNDERSTOOD as error:
        raise NotUnderstoodError(f"it is no answer of a Tallystick server ({type(error).__name__})") from None


class _Unpacker:
    """Makes values again, given the fields of each kind as whoever packed them had them."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self._fields = fields

    def unpacked(self, told: Any) -> Any:  # noqa: ANN401  any value of an answer
        if isinstance(told, list):
            return [self.unpacked(each) for each in told]
        if not isinstance(told, dict):
            return told
        ((kind, inside),) = told.items()
        if kind in self._fields:
            return self._made(kind, inside)
        return self._special(kind, inside)

    def _made(self, name: str, inside: list[Any]) -> Any:  # noqa: ANN401  any value of an answer
        kind = shapes()[name]
        given = {field: self.unpacked(each) for field, each in zip(self._fields[name], inside, strict=True)}
        return kind(**{field: given[field] for field in kind._fields if field in given})

    def _special(self, kind: str, inside: Any) -> Any:  # noqa: ANN401  any value of an answer
        if kind == "tuple":
            return tuple(self.unpacked(each) for each in inside)
        if kind == "map":
            return {self.unpacked(name): self.unpacked(each) for name, each in inside}
        return _MADE[kind](inside)


def _period(inside: tuple[str, int | None, int | None]) -> Period:
    name, since, until = inside
    return Period(Zone(name), BEGINNING if since is None else since, END if until is None else until)


_MADE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "money": Money,
    "moment": Moment,
    "question": asked.asked,
    "zone": Zone,
    "period": _period,
}
