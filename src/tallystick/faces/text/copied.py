"""Copies and comparisons of ledgers as text: how far they have come, and what differs on which day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from tallystick.faces.text.progress import fitting, time_left

_DAY_S: Final = 86_400
_COUNTED: Final = (
    "input",
    "cache read",
    "cache write 5m",
    "cache write 1h",
    "output",
    "reasoning",
    "searches",
    "vendors' cost in billionths",
    "requests",
)
"""What the sums of events hold, in their order."""
_TIME, _FIRST_COUNT, _LAST_COUNT = 2, 5, 10


class Progress(Protocol):
    """How far a copy or a comparison has come."""

    @property
    def days(self) -> int:
        """Return the days that are done."""

    @property
    def days_all(self) -> int:
        """Return the days to be looked at."""

    @property
    def events(self) -> int:
        """Return the events that were looked at."""

    @property
    def events_all(self) -> int:
        """Return about how many there are."""


class Sum(Protocol):
    """What some rows come to."""

    @property
    def number(self) -> int:
        """Return how many they are."""

    @property
    def counts(self) -> Sequence[int]:
        """Return the sums of what can be counted in them, nothing where there are none."""


def line(word: str, done: Progress, seconds: float, width: int) -> str:
    """Return what is shown of a copy or a comparison after so many seconds."""
    every = max(done.events_all, done.events)
    parts = [f"{word}: {done.events:,} of {every:,} events", f"day {done.days + 1:,} of {done.days_all:,}"]
    if left := time_left(done.events, every, seconds):
        parts.insert(1, left)
    return fitting(parts, width)


def days(number: int) -> str:
    """Return so many days in words."""
    return f"{number:,} {'day' if number == 1 else 'days'}"


def differences(found: Iterable[Any], here: str = "here", there: str = "there") -> list[str]:
    """Return a sentence for each difference (`ledger.copying.comparing.Difference`), with what it comes to on both sides."""
    return [_sentence(each.day, each.what, each.laid, (here, there)) for each in found]


def _sentence(day: int | None, what: str, laid: Any, names: tuple[str, str]) -> str:  # noqa: ANN401  as the ledgers lay it
    parts = [_both(what, laid.here.number, laid.there.number, names)] if laid.here.number != laid.there.number else []
    parts += _counted(laid.here, laid.there, names)
    parts += [
        f"{number:,} only {name}" for number, name in zip((laid.lacking, laid.beyond), names, strict=True) if number
    ]
    example = _example(laid.only_here, laid.only_there, names)
    place = "" if day is None else f"{_date(day)}: "
    told = ", ".join(parts) or "the same sums, and yet not the same"
    text = f"{place}{what}: {told}" if not told.startswith(what) else f"{place}{told}"
    return f"{text}; {example}." if example else f"{text}."


def _both(what: str, here: int, there: int, names: tuple[str, str]) -> str:
    return f"{what} {here:,} {names[0]}, {there:,} {names[1]}"


def _counted(here: Sum, there: Sum, names: tuple[str, str]) -> list[str]:
    ours, theirs = here.counts or (0,) * len(there.counts), there.counts or (0,) * len(here.counts)
    every = zip(_COUNTED, ours, theirs, strict=False)
    return [_both(name, one, other, names) for name, one, other in every if one != other]


def _example(ours: Sequence[Sequence[Any]], theirs: Sequence[Sequence[Any]], names: tuple[str, str]) -> str:
    """Return one event that is not the same, by what distinguishes it."""
    for one in ours:
        for other in theirs:
            if one[:2] == other[:2]:
                return f"the event of {_moment(one[_TIME])} has {_other(one, other, names)}"
    for rows, name in zip((ours, theirs), names, strict=True):
        for row in rows:
            return f"only {name}: the event of {_moment(row[_TIME])}"
    return ""


def _other(one: Sequence[Any], other: Sequence[Any], names: tuple[str, str]) -> str:
    counts = zip(_COUNTED, one[_FIRST_COUNT : _LAST_COUNT + 1], other[_FIRST_COUNT : _LAST_COUNT + 1], strict=False)
    told = [_both(name, mine, yours, names) for name, mine, yours in counts if mine != yours]
    return ", ".join(told) or "the same tokens, but is told otherwise"


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY_S, UTC).date().isoformat()


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).isoformat(" ", "milliseconds").replace("+00:00", "Z")
