"""When a usage window runs out: from what was said of it, the recent pace, and the hours at which this person works.

What is expected to be used by a moment is a pace times the weight of the hours that go by. The pace is that of this window,
held to that of earlier ones while little of it is known; the pace of the last while counts for the time that comes next, and
ever less for what is farther off. How far earlier stretches lay from what was expected of them tells how likely more or less is,
and so how likely it is at each moment that the window has run out.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import exp
from typing import Final, NamedTuple

from tallystick.answers.odds import amount, reached
from tallystick.answers.pattern import Pattern
from tallystick.usage.event import MOST_USED
from tallystick.usage.period import DAY_MS, HOUR_MS

POSSIBLE: Final = 0.2
"""The likelihood from which on it may well be that a window runs out, although it is expected not to."""
_MINUTE_MS: Final = 60_000
_FULL: Final = 100.0
_STALE_MS: Final = 15 * _MINUTE_MS
"""For so long a session that is not the newest one may repeat what it was told last."""
_LATE_MS: Final = 10 * _MINUTE_MS
"""Silence tells that nothing is used, but not of the last minutes: figures come with answers, and some of them late."""
_STEPS: Final = 160
"""Into so many pieces at least is a window cut that is looked ahead upon."""
_LONGEST: Final = 366 * 24 * 60
"""Minutes of the longest window of which anything is said: no vendor has one of more than a month, and each hour of it is looked at."""
_LEAST: Final = 40
"""A part of a window, one of so many, after which a pace is believed where no earlier window is known."""

# How much is looked back upon.
_WINDOWS_BACK: Final = 6
_DAYS_BACK: Final = 14

# Found with the simulated people of bench/forecast.py whose seeds are below 1000; its figures are those of others.
_FORGET_MS: Final = DAY_MS // 2
"""What was used so long ago counts for a third in the usual pace."""
_LONG: Final = 0.5
"""Part of a window for which the pace of all that is known stands in."""
_BEFORE: Final = 1.5
"""For no more than so many, earlier ones count besides."""
_FADING_MS: Final = 10 * _MINUTE_MS
"""What was used so long ago counts for a third in the recent pace."""
_HELD: Final = 0.8
"""Part of that time for which the usual pace stands in where little was seen."""
_LASTING_MS: Final = 65 * _MINUTE_MS
"""So far ahead the recent pace counts for a third, and the usual one for the rest."""
_MOOD: Final = 0.5
"""Deviation of the pace from the usual one, as a part of it, however well that is known."""
_SPREAD: Final = 50.0
"""Variance by mean of what is used in a piece of a window, in points, where too few pieces tell."""
_HEARSAY: Final = 40.0
"""Points, after which pieces tell as much by themselves as that does."""
_BAND: Final = 0.1
"""The share of cases to both sides of a band: eight of ten lie within."""
_DEVIATIONS: Final = 1.2816
"""Beyond so many to one side lies that share of a normal distribution."""
_PIECES: Final = 6
"""Of an earlier window, by which the spread is told."""
_COUNTS_MOST: Final = 3.0
"""Times as much as what was seen of it: more would be made of too little."""
_TINY: Final = 1e-6
"""Weight of a time in which nobody ever works."""
_FEW: Final = 10
"""Pieces, fewer than which do not tell it."""


class Sample(NamedTuple):
    """What was said of a window at a moment."""

    time: int
    """Milliseconds since 1970, UTC."""
    used: float
    """Per cent."""


_NOTHING: Final = Sample(0, -1.0)


class Forecast(NamedTuple):
    """When a window runs out, and what of it is used at its reset if nobody is stopped; moments are milliseconds since 1970, UTC."""

    runs_out: int | None
    """In half of the cases in which it runs out, it has by then. None where what is expected does not come to 100 before the reset."""
    early: int | None
    """In a tenth of all cases it has run out by then; None where that is not before the reset."""
    late: int | None
    """In nine of ten."""
    at_reset: float
    """Per cent that are expected; at least 100 where `runs_out` is told."""
    low: float
    high: float
    """Between these it lies in eight of ten cases."""
    chance: float | None = None
    """How likely it is that the window runs out before its reset, from 0 to 1; None where a server does not tell it."""


class _Run(NamedTuple):
    """One run of a window, as far as it was seen."""

    begin: int
    end: int
    rises: list[Sample]
    """When it had risen, and by how many points."""
    until: int = 0
    """When it would have ended, had nobody been stopped; 0 when nobody was."""


def forecast(samples: Sequence[Sample], minutes: int, resets_at: int, now: int, pattern: Pattern) -> Forecast | None:
    """Return the forecast of a window of so many minutes, given what was said of it and of those before; None when that is too little.

    The samples are those of one account, in any order; what cannot be is left out.
    """
    length = minutes * _MINUTE_MS
    begin = resets_at - length
    if not 0 < minutes <= _LONGEST or not begin <= now < resets_at:
        return None
    since = min(begin - _WINDOWS_BACK * length, now - _DAYS_BACK * DAY_MS)
    levels = _levels(_believed(samples, since, now), begin)
    place = bisect_left(levels, begin, key=lambda sample: sample.time)
    present, before = levels[place:], _runs(levels[:place], length, begin)
    if not present:
        return None
    used = present[-1].used
    if used >= _FULL:
        return _over(present)
    run = _Run(begin, max(present[-1].time, now - _LATE_MS), _rises(present))
    habit = _habit(before, pattern)
    if not habit.points and (sum(rise.used for rise in run.rises) < 1 or run.end - begin < length / _LEAST):
        return None
    return _ahead(_Stand(run, used, now, resets_at), _paced(run, resets_at, habit, pattern), pattern)


def _believed(samples: Iterable[Sample], since: int, now: int) -> list[Sample]:
    """Return what can be true, in order of time; of the same said many times in a row, the first and the last."""
    told = sorted(each for each in samples if since <= each[0] <= now and 0 <= each[1] <= MOST_USED)
    beside = zip([_NOTHING, *told], told, [*told[1:], _NOTHING], strict=False)
    return [
        Sample(time, min(used, _FULL))
        for (_, before), (time, used), (_, after) in beside
        if used != before or used != after
    ]


def _levels(told: Sequence[Sample], begin: int) -> list[Sample]:
    """Return samples without those that only repeat what was said before: a percentage that is lower for a short while."""
    found: list[Sample] = []
    for place, sample in enumerate(told):
        if found and sample.used < found[-1].used and not found[-1].time < begin <= sample.time:
            last = found[-1]
            # Lower: a reset, unless the higher one was said a moment ago or is said again soon.
            if sample.time - last.time < _STALE_MS or _again(told, place, last.used):
                continue
        found.append(sample)
    return found


def _again(told: Sequence[Sample], place: int, level: float) -> bool:
    until = told[place].time + _STALE_MS
    while place < len(told) and told[place].time < until:
        if told[place].used >= level:
            return True
        place += 1
    return False


def _over(present: Sequence[Sample]) -> Forecast:
    place = len(present) - 1
    while place and present[place - 1].used >= _FULL:
        place -= 1
    time = present[place].time
    return Forecast(time, time, time, _FULL, _FULL, _FULL, 1.0)


def _rises(levels: Sequence[Sample]) -> list[Sample]:
    """Return the rises to each of these levels, the first one from nothing."""
    found: list[Sample] = []
    level = 0.0
    for time, used in levels:
        if used > level:
            found.append(Sample(time, used - level))
        level = used
    return found


def _runs(levels: Sequence[Sample], length: int, begin: int) -> list[_Run]:
    """Part earlier samples into runs: a new one begins where the percentage falls, or when the one before is over."""
    runs: list[list[Sample]] = []
    for sample in levels:
        if not runs or sample.used < runs[-1][-1].used or sample.time >= runs[-1][0].time + length:
            runs.append([])
        # Whoever has used everything is stopped: that nothing rises then tells nothing.
        if not runs[-1] or runs[-1][-1].used < _FULL:
            runs[-1].append(sample)
    found = []
    for place, run in enumerate(runs):
        after = runs[place + 1][0].time if place + 1 < len(runs) else begin
        whole = min(run[0].time + length, after)
        end, until = (run[-1].time, whole) if run[-1].used >= _FULL else (whole, 0)
        # What was used when it was first seen may be of long before.
        first = run[0]
        rises = _rises([Sample(time, used - first.used) for time, used in run[1:]])
        found.append(_Run(first.time, end, rises, until))
    return found


class _Piece(NamedTuple):
    """A piece of an earlier run."""

    middle: int
    weight: float
    points: float
    counts: float
    """For how many pieces as long it stands."""


class _Habit(NamedTuple):
    """What earlier runs tell."""

    pieces: list[_Piece]
    weight: float
    """Of their time, in hours of average weight."""
    points: float
    spread: float
    """By how many points a piece scatters for each point that is expected of it (variance by mean)."""


def _habit(runs: Iterable[_Run], pattern: Pattern) -> _Habit:
    pieces = [piece for run in runs for piece in _pieces(run, pattern)]
    weight = sum(piece.weight * piece.counts for piece in pieces)
    points = sum(piece.points * piece.counts for piece in pieces)
    if len(pieces) < _FEW or not weight or not points:
        return _Habit(pieces, weight, points, _SPREAD)
    off = sum((piece.points - piece.weight * points / weight) ** 2 for piece in pieces)
    seen = sum(piece.points for piece in pieces)
    return _Habit(pieces, weight, points, (off + _SPREAD * _HEARSAY) / (seen + _HEARSAY))


def _pieces(run: _Run, pattern: Pattern) -> Iterator[_Piece]:
    step = (run.end - run.begin) // _PIECES
    # Whoever works much is stopped early: such a window would count for little beside those that last.
    seen = pattern.weight(run.begin, run.end)
    counts = min(pattern.weight(run.begin, run.until) / seen, _COUNTS_MOST) if run.until and seen else 1.0
    times = [rise.time for rise in run.rises]
    for number in range(_PIECES if step else 0):
        begin = run.begin + number * step
        end = begin + step if number < _PIECES - 1 else run.end
        some = run.rises[bisect_right(times, begin) : bisect_right(times, end)]
        yield _Piece((begin + end) // 2, pattern.weight(begin, end), sum(rise.used for rise in some), counts)


class _Pace(NamedTuple):
    """How fast a window is used."""

    usual: float
    """Points by weight."""
    recent: float
    """Points by hour: who works at an odd hour works on for a while, whatever that hour usually weighs."""
    spread: float

    def variance(self, points: float) -> float:
        """Return the variance of what is used where so many points are expected."""
        return self.spread * points + (_MOOD * points) ** 2


def _paced(run: _Run, resets_at: int, habit: _Habit, pattern: Pattern) -> _Pace:
    """Return the usual pace, which leans on the last days, and that of the last minutes, which leans on the usual one."""
    whole, gone = pattern.weight(run.begin, resets_at), pattern.weight(run.begin, run.end)
    fresh = [(piece, _faded(run.end - piece.middle, _FORGET_MS)) for piece in habit.pieces]
    before = sum(piece.weight * piece.counts * share for piece, share in fresh)
    part = min(1.0, _BEFORE * whole / before) if before else 0.0
    lately = _lately(run, pattern, _FORGET_MS)
    ever = (habit.points + sum(rise.used for rise in run.rises)) / max(habit.weight + gone, _TINY)
    points = (
        lately.points + _LONG * whole * ever + part * sum(piece.points * piece.counts * share for piece, share in fresh)
    )
    known = _LONG * whole + part * before
    usual = points / max(known + lately.weight, _TINY)
    lately = _lately(run, pattern, _FADING_MS)
    held = _HELD * _FADING_MS / HOUR_MS
    here = lately.weight / lately.hours if lately.hours else 1.0
    recent = (lately.points + held * usual * here) / (lately.hours + held)
    return _Pace(usual, recent, habit.spread)


class _Lately(NamedTuple):
    """A run, each moment of it counting for less the longer it is ago."""

    hours: float
    weight: float
    points: float


def _lately(run: _Run, pattern: Pattern, fading: int) -> _Lately:
    # What is a dozen times as long ago counts for a hundred-thousandth.
    since = max(run.begin, run.end - 12 * fading)
    hours = weight = 0.0
    for begin, end, each in pattern.spans(since, run.end, min(HOUR_MS, fading // 4)):
        part = (end - begin) / HOUR_MS * _faded(run.end - (begin + end) // 2, fading)
        hours, weight = hours + part, weight + part * each
    return _Lately(hours, weight, sum(rise.used * _faded(run.end - rise.time, fading) for rise in run.rises))


def _faded(ago: int, fading: int) -> float:
    return exp(-ago / fading)


class _Stand(NamedTuple):
    """Where a window stands."""

    run: _Run
    used: float
    now: int
    resets_at: int


def _ahead(stand: _Stand, pace: _Pace, pattern: Pattern) -> Forecast:
    """Walk from what is known to the reset, and note how likely it is at each step that the end was reached."""
    run, used, now, resets_at = stand
    step = max((resets_at - run.begin) // _STEPS, _MINUTE_MS)
    points, walked = 0.0, [(now, 0.0)]
    for begin, end, weight in pattern.spans(run.end, resets_at, step):
        lasting = exp(-((begin + end) // 2 - run.end) / _LASTING_MS)
        points += (end - begin) / HOUR_MS * (pace.usual * weight * (1 - lasting) + pace.recent * lasting)
        if end > now:
            likely = reached(_FULL - used, points, pace.variance(points))
            walked.append((end, max(likely, walked[-1][1])))
    chance = walked[-1][1]
    low, high = (used + amount(each, points, pace.variance(points)) for each in (-_DEVIATIONS, _DEVIATIONS))
    at_reset = used + points
    runs_out = _when(walked, chance / 2) if at_reset >= _FULL else None
    early, late = _when(walked, _BAND), _when(walked, 1 - _BAND)
    return Forecast(runs_out, early, late, at_reset, min(low, at_reset), max(high, at_reset), chance)


def _when(walked: Sequence[tuple[int, float]], likely: float) -> int | None:
    """Return the moment by which something is as likely as that; None where it never is."""
    for (begin, before), (end, after) in pairwise(walked):
        if before < likely <= after:
            return begin + round((end - begin) * (likely - before) / (after - before))
    return None
