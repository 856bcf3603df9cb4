"""When a price holds: from a date, until a date, or between two times of every day; all in milliseconds UTC."""

from time import gmtime
from typing import Final

DAY: Final = 86_400_000
EVER: Final = 2**62
"""The end of what has no end."""

type Span = tuple[int, int, int, int, int]
"""Since and until (exclusive); a daily window in milliseconds after midnight, (-1, -1) for the whole day; its days of the week as bits."""

ALL_DAYS: Final = 0b1111111
MONDAY_TO_FRIDAY: Final = 0b0011111
ALWAYS: Final[Span] = (0, EVER, -1, -1, ALL_DAYS)

_EPOCH: Final = 1970
_THURSDAY: Final = 3
"""The day of the week on which time began, Monday being 0."""
_YEARS_MOST: Final = 9999
_LEAPS_BEFORE: Final = 1969 // 4 - 1969 // 100 + 1969 // 400


def between(since: int, until: int = EVER) -> Span:
    """Return the span of whole days from one moment until another."""
    return (since, until, -1, -1, ALL_DAYS)


def holds(span: Span, time: int) -> bool:
    """Say whether a moment lies in a span; a daily window may cross midnight."""
    since, until, opens, closes, days = span
    if not since <= time < until or not days >> (time // DAY + _THURSDAY) % 7 & 1:
        return False
    if opens < 0:
        return True
    of_day = time % DAY
    if closes < opens:
        return of_day >= opens or of_day < closes
    return opens <= of_day < closes


def narrow(span: Span, time: int, around: tuple[int, int]) -> tuple[int, int]:
    """Shrink [since, until) around a moment to where the span neither begins nor ends."""
    since, until = around
    edges = [span[0], span[1]]
    if span[2] >= 0:
        midnight = time - time % DAY
        # A window that crosses midnight may begin or end there, with the day of the week.
        clocks = span[2:4] if span[2] <= span[3] else (0, *span[2:4])
        edges += [day + clock for day in (midnight - DAY, midnight, midnight + DAY) for clock in clocks]
    for edge in edges:
        if edge <= time:
            since = max(since, edge)
        else:
            until = min(until, edge)
    return since, until


def midnight(iso: str) -> int:
    """Return the moment at which a date (2026-03-13) begins in UTC; ValueError where it is no date from 1970 on.

    Worked out here because importing datetime costs more than everything else that a warm answer does with prices.
    """
    year, month, day = (int(part) for part in iso.split("-"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (_EPOCH <= year <= _YEARS_MOST and 1 <= month <= len(lengths) and 1 <= day <= lengths[month - 1]):
        raise ValueError(f"not a date: {iso}")
    of_year = sum(lengths[: month - 1]) + day - 1
    before = year - 1
    return ((year - _EPOCH) * 365 + before // 4 - before // 100 + before // 400 - _LEAPS_BEFORE + of_year) * DAY


def date(time: int) -> str:
    """Return the UTC date of a moment, as 2026-03-13."""
    year, month, day = gmtime(time // 1000)[:3]
    return f"{year:04}-{month:02}-{day:02}"
