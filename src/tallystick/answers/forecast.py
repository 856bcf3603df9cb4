"""When a usage window runs out: from what was said of it, the recent pace, and the hours at which this person works.

What is used by a moment is taken as a pace times the weight of the hours that have gone by. The pace is that of this window,
held to that of earlier ones while little of it is known; the pace of the last while counts for the time that comes next, and
ever less for what is farther off. How far earlier stretches lay from what was expected of them makes the band.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from math import exp, sqrt
from typing import Final, NamedTuple

from tallystick.answers.pattern import Pattern
from tallystick.usage.event import MOST_USED
from tallystick.usage.period import DAY_MS, HOUR_MS

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
_LONG: Final = 0.4
"""Part of a window for which the pace of all that is known stands in."""
_BEFORE: Final = 0.3
"""For no more than this part of one, earlier windows count besides."""
_FADING_MS: Final = 12 * _MINUTE_MS
"""What was used so long ago counts for a third in the recent pace."""
_HELD: Final = 0.6
"""Part of that time for which the usual pace stands in where little was seen."""
_LASTING_MS: Final = 75 * _MINUTE_MS
"""So far ahead the recent pace counts for a third, and the usual one for the rest."""
_DOUBT: Final = 0.4
"""Deviation of the pace, as a part of it, when a whole window is known."""
_SPREAD: Final = 8.0
"""Variance by mean of what is used in a piece of a window, in points, where too few pieces tell."""
_DEVIATIONS: Final = 1.4
"""Between so many to both sides lie eight of ten."""
_PIECES: Final = 6
"""Of an earlier window, by which the spread is told."""
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
    """None: not before the reset."""
    early: int | None
    late: int | None
    at_reset: float
    """Per cent; above 100 where it runs out."""
    low: float
    high: float


class _Run(NamedTuple):
    """One run of a window, as far as it was seen."""

    begin: int
    end: int
    rises: list[Sample]
    """When it had risen, and by how many points."""


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
    return Forecast(time, time, time, _FULL, _FULL, _FULL)


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
        end = run[-1].time if run[-1].used >= _FULL else min(run[0].time + length, after)
        # What was used when it was first seen may be of long before.
        first = run[0]
        rises = _rises([Sample(time, used - first.used) for time, used in run[1:]])
        found.append(_Run(first.time, end, rises))
    return found


class _Piece(NamedTuple):
    """A piece of an earlier run."""

    middle: int
    weight: float
    points: float


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
    weight, points = sum(piece.weight for piece in pieces), sum(piece.points for piece in pieces)
    if len(pieces) < _FEW or not weight or not points:
        return _Habit(pieces, weight, points, _SPREAD)
    off = sum((piece.points - piece.weight * points / weight) ** 2 for piece in pieces)
    return _Habit(pieces, weight, points, (off + _SPREAD * _FULL) / (points + _FULL))


def _pieces(run: _Run, pattern: Pattern) -> Iterator[_Piece]:
    step = (run.end - run.begin) // _PIECES
    times = [rise.time for rise in run.rises]
    for number in range(_PIECES if step else 0):
        begin = run.begin + number * step
        end = begin + step if number < _PIECES - 1 else run.end
        some = run.rises[bisect_right(times, begin) : bisect_right(times, end)]
        yield _Piece((begin + end) // 2, pattern.weight(begin, end), sum(rise.used for rise in some))


class _Pace(NamedTuple):
    """Points by weight."""

    usual: float
    recent: float
    spread: float
    doubt: float
    """Deviation of the pace, as a part of it."""


def _paced(run: _Run, resets_at: int, habit: _Habit, pattern: Pattern) -> _Pace:
    """Return the usual pace, which leans on the last days, and that of the last minutes, which leans on the usual one."""
    whole, gone = pattern.weight(run.begin, resets_at), pattern.weight(run.begin, run.end)
    fresh = [(piece, _faded(run.end - piece.middle, _FORGET_MS)) for piece in habit.pieces]
    before = sum(piece.weight * share for piece, share in fresh)
    part = min(1.0, _BEFORE * whole / before) if before else 0.0
    weight, points = _lately(run, pattern, _FORGET_MS)
    ever = (habit.points + sum(rise.used for rise in run.rises)) / (habit.weight + gone)
    points += _LONG * whole * ever + part * sum(piece.points * share for piece, share in fresh)
    known = _LONG * whole + part * before
    usual = points / (known + weight)
    weight, points = _lately(run, pattern, _FADING_MS)
    held = _HELD * _FADING_MS / HOUR_MS
    recent = (points + held * usual) / (weight + held)
    return _Pace(usual, recent, habit.spread, _DOUBT * sqrt(whole / (known + gone)))


def _lately(run: _Run, pattern: Pattern, fading: int) -> tuple[float, float]:
    """Return weight and points of a run, each moment counting for less the longer it is ago."""
    # What is a dozen times as long ago counts for a hundred-thousandth.
    since = max(run.begin, run.end - 12 * fading)
    spans = pattern.spans(since, run.end, min(HOUR_MS, fading // 4))
    weight = sum((end - begin) * each * _faded(run.end - (begin + end) // 2, fading) for begin, end, each in spans)
    return weight / HOUR_MS, sum(rise.used * _faded(run.end - rise.time, fading) for rise in run.rises)


def _faded(ago: int, fading: int) -> float:
    return exp(-ago / fading)


class _Stand(NamedTuple):
    """Where a window stands."""

    run: _Run
    used: float
    now: int
    resets_at: int


def _ahead(stand: _Stand, pace: _Pace, pattern: Pattern) -> Forecast:
    """Walk from what is known to the reset, and note where each of three paths reaches the end."""
    run, used, now, resets_at = stand
    step = max((resets_at - run.begin) // _STEPS, _MINUTE_MS)
    paths = [used, used, used]
    crossed: list[int | None] = [None, None, None]
    points = 0.0
    for begin, end, weight in pattern.spans(run.end, resets_at, step):
        lasting = exp(-((begin + end) // 2 - run.end) / _LASTING_MS)
        points += (end - begin) / HOUR_MS * weight * (pace.usual + (pace.recent - pace.usual) * lasting)
        off = _DEVIATIONS * sqrt(pace.spread * points + (pace.doubt * points) ** 2)
        for place, level in enumerate((used + points + off, used + points, used + max(0.0, points - off))):
            if crossed[place] is None and level >= _FULL:
                part = (_FULL - paths[place]) / (level - paths[place])
                crossed[place] = max(now, begin + round((end - begin) * part))
            paths[place] = max(paths[place], level)
    early, middle, late = crossed
    return Forecast(middle, early, late, paths[1], paths[2], paths[0])
