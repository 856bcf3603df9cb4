"""The answer: rows with their figures and totals, and how much of the truth they cover."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.answers.question import Question
from tallystick.usage.period import SLOT_MS, iso

type Details = Mapping[str, Any]
"""What a row holds besides keys and figures: texts, numbers, `Moment`, `Money`, None, and lists and mappings of those."""


class Moment(int):
    """A moment among details: milliseconds since 1970, UTC."""

    __slots__ = ()

    def iso(self) -> str:
        """Return it as an ISO text with milliseconds, UTC."""
        seconds, part = divmod(self, 1000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{part:03}Z"


class Money(int):
    """An amount among details: pico-dollars (1e-12 USD)."""

    __slots__ = ()


class Figures(NamedTuple):
    """What was consumed, and what it cost."""

    requests: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    web_searches: int = 0
    priced_pico: int = 0
    """Cost of the requests that have a price, in pico-dollars (1e-12 USD)."""
    priced: int = 0
    """How many requests have a price."""
    unpriced_tokens: int = 0

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output

    @property
    def cost_usd(self) -> Money | None:
        """The cost in pico-dollars, whatever the name of its column; None when nothing in here has a price."""
        return None if self.requests and not self.priced else Money(self.priced_pico)


_PRICED: Final = Figures._fields.index("priced")


class Row(NamedTuple):
    """One row of an answer."""

    keys: tuple[str, ...]
    figures: Figures
    details: Details | None = None


class Coverage(NamedTuple):
    """How far an answer can be relied on."""

    skipped: int = 0
    """Pieces of input in the whole ledger that were not understood."""
    witnesses: Mapping[str, int] = MappingProxyType({})
    """How many of the requests each kind of witness saw."""
    unpriced: tuple[tuple[str, int], ...] = ()
    """Models without a known price, and their tokens, most first."""
    derived: int = 0
    """Tokens that are known as the difference of two readings of a counter only, and stand at the later one."""
    coarse: int = 0
    """Tokens that are known as one sum over a longer time only, and stand at its end."""
    heard: tuple[tuple[str, int], ...] = ()
    """Machines that send, and when each was heard of last (`answers/heard.py`); those not heard of for longest first."""


class Answer(NamedTuple):
    """Rows, their totals and their coverage."""

    question: Question
    rows: list[Row]
    totals: Figures
    """Of everything that was asked for, rows beyond the limit included."""
    coverage: Coverage
    days: tuple[str, str] = ("", "")
    """First and last local day: as asked, else as found; empty when nothing was."""
    left_off: int = 0
    """How many rows the limit left off."""
    details: Details | None = None
    """What the report tells of everything together, besides the figures."""

    @property
    def priced_share(self) -> float | None:
        """The part of all tokens that has a price, rounded down so that only 1 means all; None when there are no tokens."""
        total = self.totals.total
        return (total - self.totals.unpriced_tokens) * 10_000 // total / 10_000 if total else None


def added(figures: Iterable[Sequence[int]]) -> Figures:
    """Return the sum of figures."""
    columns = tuple(zip(*figures, strict=True))
    return Figures(*map(sum, columns)) if columns else Figures()


def gathered(rows: Sequence[Row], keys: int) -> list[tuple[Row, list[Row]]]:
    """Gather rows that agree in their first `keys` keys: their sum, and the rows in it."""
    return [
        (Row(head, added(row.figures for row in parts)) if len(parts) > 1 else parts[0]._replace(keys=head), parts)
        for head, parts in _grouped(rows, keys).items()
    ]


def _grouped(rows: Sequence[Row], keys: int) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(row.keys[:keys], []).append(row)
    return groups


def arranged(question: Question, rows: Sequence[Row]) -> tuple[list[Row], int]:
    """Put rows into the order that was asked for, and tell how many of them the limit leaves off."""
    column = question.order[0]
    if column in question.group_by:
        # What they add up to does not matter then.
        groups = _grouped(rows, question.main_keys)
        place = question.group_by.index(column)
        names, members = list(groups), list(groups.values())
        values: list[Any] = [keys[place] for keys in names]
    else:
        heads = gathered(rows, question.main_keys)
        names, members = [head.keys for head, _ in heads], [parts for _, parts in heads]
        values = [_value(head, column) for head, _ in heads]
    shown = chosen(question, names, values)
    most_first = (sorted(members[each], key=lambda row: (-row.figures.total, row.keys)) for each in shown)
    return [row for parts in most_first for row in parts], len(names) - len(shown)


def chosen(question: Question, names: Sequence[tuple[str, ...]], values: Sequence[Any]) -> list[int]:
    """Return which rows are shown, by their places and in their order, given their keys and what they are ordered by.

    Rows of one value are in the order of their keys; those whose value is not known come last.
    """
    greatest_first, most = question.order[1], question.limit
    known = [place for place, value in enumerate(values) if value is not None]
    unknown = [place for place, value in enumerate(values) if value is None] if len(known) < len(values) else []
    if most and most < len(known):
        # Of many thousands, most need not be put into order.
        edge = sorted((values[place] for place in known), reverse=greatest_first)[most - 1]
        known = [place for place in known if (values[place] >= edge if greatest_first else values[place] <= edge)]
        unknown = []
    known.sort(key=names.__getitem__)
    known.sort(key=values.__getitem__, reverse=greatest_first)
    unknown.sort(key=names.__getitem__)
    return (known + unknown)[: most or None]


def measured(figures: Sequence[Sequence[int]], column: str) -> list[int | None]:
    """Return one measure of figures, given as plain numbers."""
    if column == "total":
        return [sum(each[1:6]) for each in figures]
    if column == "cost_usd":
        return [None if each[0] and not each[_PRICED] else each[_PRICED - 1] for each in figures]
    return list(map(itemgetter(Figures._fields.index(column)), figures))


def latest(answer: Answer, most: int) -> Answer:
    """Return an answer with its last rows only: as many as that, each with what divides it."""
    groups = gathered(answer.rows, answer.question.main_keys)
    kept = groups[-most:] if most else groups
    rows = [row for _, parts in kept for row in parts]
    return answer._replace(rows=rows, left_off=answer.left_off + len(groups) - len(kept))


def days(question: Question, slots: tuple[int, int] | None) -> tuple[str, str]:
    """Return first and last local day: as they were asked for, else those of the first and last slot found."""
    first, last = question.period.days
    if slots is None:
        return first, last
    zone = question.period.zone
    return first or iso(zone.day(slots[0] * SLOT_MS)), last or iso(zone.day(slots[1] * SLOT_MS))


def _value(row: Row, column: str) -> Any:  # noqa: ANN401  whatever the column holds; all its values are of one kind
    return row.details[column] if row.details and column in row.details else getattr(row.figures, column)
