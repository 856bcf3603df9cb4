"""The panel on how full short usage windows got: a row of days for each, which a line over weeks could not show."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from tallystick.answers.answers import Answers
from tallystick.answers.limits import Told
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.limits import FULL, titles, used_said
from tallystick.faces.web.panels.panel import MINUTE_MS, Cell, Column, Panel, Params, Point, Table, View
from tallystick.faces.web.panels.windows import source
from tallystick.faces.web.state import State
from tallystick.usage.period import DAY_MS, iso

_DAYS_LEAST: Final = 3
"""Of fewer days, lines tell more."""
_DRAWN_MOST: Final = 16
"""Windows; of more, those that were told of last."""
_ROWS_MOST: Final = 31
_NOTE: Final = (
    "Whatever the filters: the most that was told of a window on each day, whichever of the day's windows it was. "
    "{full}A day without a field is one of which nothing was told."
)


class Peak(NamedTuple):
    """The most that was told of a window on a day."""

    window: str
    day: int
    """Counted from 1970-01-01, on the clocks of the zone."""
    used: float
    time: int
    """When that was told first."""
    name: str
    """The vendor's own name for it."""


def peaks(answers: Answers, state: State) -> View:
    """Return how full each window of at most a day got on each day of the period."""
    return shown(answers.limits_history(state.period.since, state.period.until).samples, state)


def shown(told: Iterable[Told], state: State) -> View:
    """Return the highest figure of each window and day as rows of coloured days, and as a table; absent where there is none."""
    short = [each for each in told if 0 < each.minutes * MINUTE_MS <= DAY_MS]
    found = highest(short, state)
    days = {peak.day for peak in found}
    nothing = View(Table((), ()), absent=True)
    if not days:
        return nothing
    # A period may be open at either end, where no clock reaches.
    first = state.zone.day(max(state.period.since, min(each.time for each in short)))
    last = max(*days, state.zone.day(min(state.period.until - 1, state.place.now)))
    if last - first + 1 < _DAYS_LEAST:
        return nothing
    latest = {peak.window: peak.time for peak in sorted(found, key=lambda peak: peak.time)}
    drawn = sorted(sorted(latest, key=lambda name: -latest[name])[:_DRAWN_MOST])
    more = (
        "" if len(latest) == len(drawn) else f" Drawn are {len(drawn)} of {len(latest):,} windows, those told of last."
    )
    full = any(peak.used >= FULL for peak in found)
    note = _NOTE.format(full="Red is used up. " if full else "") + more
    return View(_table(found, state), [*_points(found, drawn)], note=note, params=_params(first, last))


def highest(told: Sequence[Told], state: State) -> list[Peak]:
    """Return the most that was told of each window on each day of the zone."""
    keys: dict[tuple[str, str, str], Told] = {(each.provider, each.name, each.account): each for each in told}
    names = dict(zip(keys, titles(list(keys.values())), strict=True))
    found: dict[tuple[str, int], Peak] = {}
    for each in sorted(told, key=lambda each: each.time):
        window, day = names[each.provider, each.name, each.account], state.zone.day(each.time)
        before = found.get((window, day))
        if before is None or each.used_percent > before.used:
            found[window, day] = Peak(window, day, each.used_percent, each.time, each.name)
    return list(found.values())


def _points(found: Sequence[Peak], drawn: Sequence[str]) -> Iterator[Point]:
    for peak in sorted(found, key=lambda peak: (peak.window, peak.day)):
        if peak.window in drawn:
            begin = peak.day * DAY_MS
            yield {
                "window": peak.window,
                "at": begin,
                "until": begin + DAY_MS,
                "used": min(peak.used, FULL),
                "full": peak.used >= FULL,
                "sign": used_said(peak.used).removesuffix(" %"),
                "shown": used_said(peak.used),
                "day": f"{date.fromisoformat(iso(peak.day)):%a %Y-%m-%d}",
            }


def _params(first: int, last: int) -> Params:
    return {**axis.days(iso(first), iso(last)), "days": last - first + 1}


def _table(found: Sequence[Peak], state: State) -> Table:
    columns = [
        Column("Day", number=False),
        Column("Window", number=False),
        Column("Highest", about="The most that was told of it on that day", unit="%"),
        Column("First told", minor=True, about="When that was told first"),
    ]
    rows = [
        [
            Cell(iso(peak.day), link=_link(peak.day, state)),
            Cell(peak.window, title=peak.name),
            Cell(
                used_said(peak.used),
                peak.used,
                share=min(peak.used / FULL, 1.0),
                tone="bad" if peak.used >= FULL else "",
            ),
            Cell(f"{state.zone.local(peak.time):%H:%M}", state.zone.iso(peak.time)),
        ]
        for peak in sorted(found, key=lambda peak: (-peak.day, peak.window))
    ]
    more = "" if len(rows) <= _ROWS_MOST else f"The newest {_ROWS_MOST} of {len(rows):,}; the CSV has all."
    return Table(columns, rows, more=more, most=_ROWS_MOST)


def _link(day: int, state: State) -> str:
    return state.address("/", since=iso(day), until=iso(day))


PEAKS: Final = Panel(
    "peaks",
    "Fullest of each day",
    peaks,
    source,
    "How full each usage window of at most a day got, day by day.",
    "full",
    step_ms=MINUTE_MS,
)
