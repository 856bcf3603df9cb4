"""The question: which report over which period, told apart by what, for whom, in which order."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.answers.fitting import fits as fits  # noqa: PLC0414  whoever knows questions asks here
from tallystick.answers.report import KEYS, MEASURES, Report
from tallystick.errors import Misused
from tallystick.usage.period import UNITS, Period

if TYPE_CHECKING:
    from tallystick.usage.hours import Hours

OF_VARIANT: Final = ("provider", "model", "tier")
"""Keys that tell what was called; those of time are `UNITS`, all others tell who called, and where."""

TAG: Final = "tag"
"""The key that tells what a person noted with a session."""

type Filters = Mapping[str, Sequence[str]]
"""Patterns by key: a row counts when for each key one of the patterns fits."""

EVERYTHING: Final[Filters] = MappingProxyType({})


class Question(NamedTuple):
    """One question as it was asked."""

    report: Report
    period: Period
    group_by: tuple[str, ...]
    listed: tuple[str, ...] = ()
    """Those of the keys that come last and only divide a row."""
    where: Filters = EVERYTHING
    order: tuple[str, bool] = ("", False)
    """A column, and whether the greatest comes first."""
    limit: int | None = None
    """How many rows at most; None when nothing was said, 0 for all."""
    prices: bool = True
    now: int = 0
    """The moment of asking: milliseconds since 1970, UTC."""
    hours: "Hours | None" = None
    """The hours of the week that count; None for all. Like a period that begins or ends within a day, only explanations and
    pages of events know of them."""

    @property
    def needs_context(self) -> bool:
        """Tell whether it takes more than time and model to answer."""
        plain = (*UNITS, *OF_VARIANT)
        return any(key not in plain for key in (*self.group_by, *self.where))

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Everything that its answer depends on besides the ledger and the prices, the moment only where that matters to the report."""
        span = self.period
        filters = tuple(sorted((name, tuple(patterns)) for name, patterns in self.where.items()))
        asked_for = (self.group_by, self.listed, filters, self.order, self.limit, self.prices)
        timely = self.now if self.report.timely else 0
        return (self.report.name, span.zone.name, span.since, span.until, *asked_for, timely, self.hours)

    @property
    def when(self) -> dict[str, str | int | None]:
        """Period, zone and hours as details of an answer."""
        first, last = self.period.told
        weekday, hour = self.hours or ("", None)
        told = {"timezone": self.period.zone.name, "since": first or None, "until": last or None}
        return {**told, "weekday": weekday or None, "hour": hour}

    @property
    def main_keys(self) -> int:
        """Return how many of the keys tell rows apart; the others divide a row."""
        return len(self.group_by) - len(self.listed)


class Wish(NamedTuple):
    """What a person wants of a report, in their own words; empty is the report's own way."""

    by: str = ""
    where: Filters = EVERYTHING
    order: str = ""
    limit: int | None = None
    prices: bool = True


def question(report: Report, period: Period, wish: Wish, now: int) -> Question:
    """Turn a wish into a question; raise Misused, in one sentence, for what cannot be asked."""
    keys = _keys(report, wish.by)
    order = _order(report, keys, wish.order)
    listed = () if wish.by or order[0] in report.listed else report.listed
    if wish.limit is not None and wish.limit < 0:
        raise Misused(f"--limit {wish.limit} is no number of rows: give 0 for all, or more.")
    where = {key: tuple(patterns) for key, patterns in wish.where.items() if patterns}
    return Question(report, period, keys, listed, where, order, wish.limit, wish.prices, now)


def patterns(said: Iterable[str]) -> list[str]:
    r"""Return the patterns of a filter from what a person says: each text may hold several, with commas; `\,` is a comma."""
    found: list[str] = []
    for text in said:
        parts = text.split(",")
        while parts:
            part = parts.pop(0)
            while part.endswith("\\") and parts:
                part = f"{part[:-1]},{parts.pop(0)}"
            if part.strip():
                found.append(part.strip())
    return found


def worded(pattern: str) -> str:
    """Return a pattern as a person says it."""
    return pattern.replace(",", "\\,")


def _keys(report: Report, by: str) -> tuple[str, ...]:
    if not by:
        return report.group_by
    asked = [key.strip().lower() for key in by.split(",") if key.strip()]
    wrong = [key for key in asked if key not in KEYS]
    if wrong or not asked:
        raise Misused(f"--by {by!r} is no grouping: choose among {', '.join(KEYS)}, with commas between them.")
    if report.answer is not None and report.group_by[0] not in KEYS:
        raise Misused(f"{report.name} cannot be grouped in another way: ask `tally report --by {by}` instead.")
    # A daily report stays one by day, whatever else it is grouped by.
    return tuple(dict.fromkeys((*report.group_by[:1], *asked)))


def _order(report: Report, keys: tuple[str, ...], words: str) -> tuple[str, bool]:
    columns = (*keys, *MEASURES, *(report.details if keys == report.group_by else ()))
    own, _, own_direction = report.order.partition(":")
    if own not in columns:
        # The report's own order may be by something that this grouping does not have.
        own, own_direction = (keys[0] if keys[0] in UNITS else "cost_usd"), ""
    column, _, direction = words.lower().partition(":")
    if column in {"asc", "desc"} and not direction:
        column, direction = own, column
    elif not words:
        column, direction = own, own_direction
    elif column == "cost":
        column = "cost_usd"
    if column not in columns or direction not in {"", "asc", "desc"}:
        known = ", ".join(columns).replace("cost_usd", "cost")
        raise Misused(
            f"--order {words!r} is none: give asc, desc or a column ({known}), which :asc or :desc may follow."
        )
    # What is counted is asked for from the top, what has a name from the beginning.
    return column, direction == "desc" if direction else column in MEASURES
