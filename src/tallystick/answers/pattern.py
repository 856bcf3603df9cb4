"""The pattern of a person's week: how much of their work falls to each hour of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, HOUR_MS, SLOT_MS, Zone

WEEKS_BACK: Final = 6
"""Habits older than that may be gone."""
_UTC: Final = Zone()
_WEEK: Final = 7
_HOURS: Final = 24
_CELLS: Final = _WEEK * _HOURS
_EVEN: Final = (1.0,) * _CELLS
_CAP: Final = 4.0
"""Times the median hour: one night of a hundred agents is no habit."""
_ALIKE_WEEKS: Final = 4.0
"""After so many weeks, an hour of the week counts as much by itself as what its day and its hour of any day tell."""
_EVEN_WEEKS: Final = 0.3
"""After so many weeks, what is known counts as much as a week that is even."""
_ANY_HOUR: Final = 0.15
"""Part of the work that may fall to any hour: none is impossible, and habits are not kept to the hour."""
_SEEN_LEAST: Final = 0.5
"""Weeks for which an hour of the week counts as seen at least."""

type Spans = Sequence[tuple[int, int]]
"""Times from one moment to another, milliseconds since 1970, UTC."""


class Pattern(NamedTuple):
    """How much of a person's work falls to each hour of the week, by the clocks of a zone."""

    zone: Zone = _UTC
    weights: tuple[float, ...] = _EVEN
    """From Monday's first hour on; 1 on the average."""

    @classmethod
    def of(cls, sums: Iterable[tuple[int, float]], zone: Zone, now: int, stopped: Spans = ()) -> "Pattern":
        """Return the pattern of the last weeks before a moment, given amounts by quarter-hour, in any unit.

        Times in which a person was stopped because a window was used up tell nothing of what they would have done.
        """
        since = now - WEEKS_BACK * _WEEK * DAY_MS
        hours: dict[int, float] = {}
        for slot, amount in sums:
            time = slot * SLOT_MS
            if since <= time < now and amount > 0:
                hour = (time + zone.offset(time)) // HOUR_MS
                hours[hour] = hours.get(hour, 0.0) + amount
        if not hours:
            return cls(zone)
        most = _CAP * sorted(hours.values())[len(hours) // 2]
        cells = [0.0] * _CELLS
        for hour, amount in hours.items():
            cells[_cell(hour)] += min(amount, most)
        begin = min(hours) * HOUR_MS
        weeks = max((now + zone.offset(now) - begin) / (_WEEK * DAY_MS), 1 / _WEEK)
        unseen = _unseen(stopped, hours, zone, (begin - zone.offset(begin), now))
        seen = [max(weeks - each, min(weeks, _SEEN_LEAST)) for each in unseen]
        return cls(zone, _smoothed([cell * weeks / each for cell, each in zip(cells, seen, strict=True)], weeks))

    def spans(self, since: int, until: int, step: int = HOUR_MS) -> Iterator[tuple[int, int, float]]:
        """Yield pieces of a time, each within one hour of the clocks and no longer than a step: (begin, end, weight)."""
        begin = since
        while begin < until:
            # Clocks seldom change: where both ends of a day are as far from UTC, all of it is.
            night = min(until, begin + DAY_MS)
            ahead = self.zone.offset(begin)
            if self.zone.offset(night) != ahead:
                night = min(until, begin - begin % SLOT_MS + SLOT_MS)
            while begin < night:
                local = begin + ahead
                end = min(night, begin + HOUR_MS - local % HOUR_MS, begin + step)
                yield begin, end, self.weights[_cell(local // HOUR_MS)]
                begin = end

    def weight(self, since: int, until: int) -> float:
        """Return the weight of a time, in hours of average weight."""
        return sum((end - begin) * weight for begin, end, weight in self.spans(since, until)) / HOUR_MS


def pattern_of(ledger: Ledger, zone: Zone, now: int, stopped: Spans = ()) -> Pattern:
    """Return the pattern of what a ledger knows of the last weeks, and of when its person was stopped."""
    first, after = (now - WEEKS_BACK * _WEEK * DAY_MS) // SLOT_MS, now // SLOT_MS + 1
    rows = ledger.ask("usage_by_variant", since=first, until=after)
    return Pattern.of(((row[0], effort(row[5:10])) for row in rows), zone, now, stopped)


class Habits:
    """Keeps the pattern of a ledger for an hour: an hour more or less of six weeks changes nothing."""

    def __init__(self, ledger: Ledger, zone: Zone = _UTC) -> None:
        """Begin with none."""
        self._ledger, self._zone = ledger, zone
        self._kept: tuple[int, Pattern] | None = None

    def at(self, now: int, stopped: Spans = ()) -> Pattern:
        """Return the pattern, given when its person was stopped."""
        hour = now // HOUR_MS
        if self._kept is None or self._kept[0] != hour:
            self._kept = hour, pattern_of(self._ledger, self._zone, now, stopped)
        return self._kept[1]


def effort(tokens: Sequence[int]) -> float:
    """Return input, cache reads, both kinds of cache writes and output as one figure, in tokens of input.

    Vendors say by no formula what counts how much in their windows; these are the ratios of their price lists.
    """
    told, read, short, long, output = tokens
    return told + 0.1 * read + 1.25 * short + 2 * long + 5 * output


def _cell(hour: int) -> int:
    # 1970-01-01 was a Thursday.
    return (hour + 3 * _HOURS) % _CELLS


def _unseen(stopped: Spans, hours: Mapping[int, float], zone: Zone, known: tuple[int, int]) -> list[float]:
    """Return for how many weeks each hour of the week went unseen: somebody was stopped, and nothing else was used in it."""
    found = [0.0] * _CELLS
    clocks = Pattern(zone)
    # Windows overlap: what one of them hides, another one cannot hide again.
    done = known[0]
    for since, until in sorted(stopped):
        for begin, end, _ in clocks.spans(max(since, done), min(until, known[1])):
            hour = (begin + zone.offset(begin)) // HOUR_MS
            if hour not in hours:
                found[_cell(hour)] += (end - begin) / HOUR_MS
        done = max(done, min(until, known[1]))
    return found


def _smoothed(cells: Sequence[float], weeks: float) -> tuple[float, ...]:
    """Return weights that lean on the hour of any day, and on the day as a whole, where few weeks are known."""
    mean = sum(cells) / _CELLS
    days = [sum(cells[day * _HOURS : (day + 1) * _HOURS]) / _HOURS / mean for day in range(_WEEK)]
    levels = [(level * weeks + 1) / (weeks + 1) for level in days]
    hours = [sum(cells[hour::_HOURS]) / _WEEK / mean for hour in range(_HOURS)]
    found = []
    for cell, amount in enumerate(cells):
        day, hour = divmod(cell, _HOURS)
        beside = (cells[cell - 1] + 2 * amount + cells[(cell + 1) % _CELLS]) / 4 / mean
        around = (hours[hour - 1] + 2 * hours[hour] + hours[(hour + 1) % _HOURS]) / 4
        told = (weeks * beside + _ALIKE_WEEKS * levels[day] * around) / (weeks + _ALIKE_WEEKS)
        found.append((weeks * told + _EVEN_WEEKS) / (weeks + _EVEN_WEEKS))
    whole = sum(found) / _CELLS
    return tuple((1 - _ANY_HOUR) * weight / whole + _ANY_HOUR for weight in found)
