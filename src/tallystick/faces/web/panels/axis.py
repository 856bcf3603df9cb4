"""Axes of days: from the first to the last day of a period, with labels in the middle of their days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Final

from tallystick.answers.answer import Answer
from tallystick.faces.web.panels.panel import Params
from tallystick.faces.web.state import EVER, State
from tallystick.usage.period import DAY_MS, Zone, iso

FULL, HALF = 10, 6
"""As many labels as a panel of that size has room for."""
_DAYS: Final = (1, 2, 3, 7, 14)
_MONTHS: Final = (1, 2, 3, 6)
_YEARS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
_YEAR: Final = 12
_HOUR_MS: Final = 3_600_000
_HOURS: Final = (1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720)
"""Between labels, up to a month."""


def reach(found: Answer, state: State) -> tuple[str, str]:
    """Return the first and last day of an axis: those of the period, today where it is open, and of all time those of the data."""
    first, last = found.days
    if state.since == EVER or state.until:
        return first, last
    return first, max(first, last, iso(state.zone.day(state.place.now)))


def params(found: Answer, state: State, most: int = FULL) -> Params:
    """Return what an axis of days has to know, in milliseconds since 1970, as if the days were those of UTC.

    It begins when the first day does and ends when the last one does; labels stand at noon, the last one at the last day
    where labels are of days, and at the first day of a month where they are of months.
    """
    first, last = reach(found, state)
    return days(first, last, most) if first and last else {}


def days(first: str, last: str, most: int = FULL) -> Params:
    """Return what an axis from one day to another has to know, in the same way."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    labelled, pattern = _labelled(begin, end, most)
    middle = [_ms(day) + DAY_MS // 2 for day in labelled]
    return {"first": _ms(begin), "last": _ms(end) + DAY_MS, "ticks": middle, "pattern": pattern}


def _labelled(begin: date, end: date, most: int) -> tuple[list[date], str]:
    """Return the days with labels, and how they are written."""
    length = (end - begin).days + 1
    step = next((step for step in _DAYS if step * most >= length), 0)
    if step:
        return [end - timedelta(days=back) for back in range(0, length, step)][::-1], "%-d %b"
    months = list(takewhile(lambda day: day <= end, _months(begin)))
    steps = (*_MONTHS, *(_YEAR * years for years in _YEARS))
    every = ([day for day in months if (day.year * _YEAR + day.month - 1) % step == 0] for step in steps)
    chosen = next((days for days in every if len(days) <= most), [])
    return chosen, "%b" if begin.year == end.year else "%b %Y"


def _months(begin: date) -> Iterator[date]:
    """Yield the first day of each month from a day on."""
    number = begin.year * _YEAR + begin.month - 1 + (begin.day > 1)
    while number // _YEAR <= date.max.year:
        yield date(number // _YEAR, number % _YEAR + 1, 1)
        number += 1


def _ms(day: date) -> int:
    return (datetime.combine(day, time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def moments(begin: int, end: int, zone: Zone, most: int = HALF) -> Params:
    """Return what an axis of moments has to know: milliseconds since 1970 on the clocks of a zone, as if they were UTC."""
    first, last = begin + zone.offset(begin), end + zone.offset(end)
    step = next((hours * _HOUR_MS for hours in _HOURS if hours * _HOUR_MS * most >= last - first), 0)
    if not step:
        step = -(-(last - first) // most // DAY_MS) * DAY_MS
    # Days are labelled from the first one on, hours where they are round.
    whole = min(step, DAY_MS)
    ticks = range(-(-first // whole) * whole, last + 1, step)
    return {"first": first, "last": last, "ticks": list(ticks), "pattern": "%H:%M" if step < DAY_MS else "%-d %b"}
