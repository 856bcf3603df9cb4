"""Made-up usage windows of a demonstration: weeks of them, one that will run out before its reset, and others that will not."""

from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple

from tallystick.usage.event import LimitSample

_SEED: Final = 1826
"""The year in which the Exchequer cut its last tally sticks."""
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_WEEKS_BACK: Final = 3
_DAYS_BACK: Final = 13
_TOLD: Final = (100, 80, 60, 40, 20, 3)
"""Minutes ago at which the vendor told of those that run."""
_STEP_MS: Final = 25 * _MINUTE_MS
_MORNINGS: Final = (8 * _HOUR_MS, 13 * _HOUR_MS + 20 * _MINUTE_MS)
"""When windows of five hours begin on a day."""
_AT_WORK: Final = range(8, 19, 2)
"""Hours of a day at which something is told of a week."""


class _Window(NamedTuple):
    """One that runs: what is over of it, and what was used of it when work began lately and now, in percent."""

    provider: str
    name: str
    plan: str
    minutes: int
    over: int
    first: float
    last: float


_RUNNING: Final = (
    _Window("openai", "codex:300", "plus", 300, 100, 8.0, 46.0),
    _Window("openai", "codex:10080", "plus", 10_080, 4 * 1_440, 31.5, 38.0),
    _Window("anthropic", "five_hour", "max", 300, 190, 45.0, 86.0),
    _Window("anthropic", "seven_day", "max", 10_080, 5 * 1_440, 52.0, 57.0),
)


def samples(today_ms: int) -> Iterator[LimitSample]:
    """Yield what was told of windows in the weeks that end at a moment (milliseconds since 1970, UTC)."""
    for number, window in enumerate(_RUNNING):
        chance = Random(_SEED + number)  # noqa: S311 - a demonstration, no secret
        yield from _before(window, today_ms, chance)
        resets_at = today_ms + (window.minutes - window.over) * _MINUTE_MS
        for ago in _TOLD:
            part = (_TOLD[0] - ago) / (_TOLD[0] - _TOLD[-1])
            used = window.first + (window.last - window.first) * part
            yield _told(window, used, resets_at, today_ms - ago * _MINUTE_MS)


def _before(window: _Window, today_ms: int, chance: Random) -> Iterator[LimitSample]:
    """Yield what was told until work began lately."""
    length = window.minutes * _MINUTE_MS
    begin = today_ms - window.over * _MINUTE_MS
    until = today_ms - _TOLD[0] * _MINUTE_MS
    if length > _DAY_MS:
        for back in range(_WEEKS_BACK, 0, -1):
            times = list(_hours(begin - back * length, begin - (back - 1) * length))
            yield from _filling(window, times, begin - (back - 1) * length, (0.0, chance.uniform(48, 88)), chance)
        yield from _filling(window, list(_hours(begin, until)), begin + length, (0.0, window.first), chance)
        return
    midnight = today_ms // _DAY_MS * _DAY_MS
    for back in range(_DAYS_BACK, 0, -1):
        for hour in _MORNINGS:
            first = midnight - back * _DAY_MS + hour
            worked = first + chance.randrange(3, 11) * _STEP_MS
            if _is_workday(first) and first + length <= begin:
                times = list(range(first + _STEP_MS, worked, _STEP_MS))
                yield from _filling(window, times, first + length, (0.0, chance.uniform(18, 82)), chance)


def _hours(begin: int, end: int) -> Iterator[int]:
    """Yield the hours at work of a time."""
    midnight = begin // _DAY_MS * _DAY_MS
    while midnight < end:
        for hour in _AT_WORK if _is_workday(midnight) else ():
            if begin < (time := midnight + hour * _HOUR_MS) < end:
                yield time
        midnight += _DAY_MS


def _is_workday(time: int) -> bool:
    # 1970-01-01 was a Thursday.
    return (time // _DAY_MS + 3) % 7 < 5  # noqa: PLR2004  Saturday


def _filling(
    window: _Window, times: list[int], resets_at: int, reach: tuple[float, float], chance: Random
) -> Iterator[LimitSample]:
    """Yield how a window fills up from one percentage to another, unevenly."""
    steps = [chance.expovariate(1) for _ in times]
    used, whole = reach[0], sum(steps)
    for time, step in zip(times, steps, strict=True):
        used += (reach[1] - reach[0]) * step / whole
        yield _told(window, used, resets_at, time)


def _told(window: _Window, used: float, resets_at: int, time: int) -> LimitSample:
    return LimitSample(window.provider, window.name, window.minutes, round(used, 1), resets_at, time, window.plan)
