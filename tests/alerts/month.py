"""A simulated month: what a person, their machines and their vendors do, minute by minute, from a seed."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from math import exp
from operator import attrgetter
from random import Random

from tallystick.alerts.situation import Budgeted, Hour, Machined, Situation, Unpriced, Unread, Windowed

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
BEGIN = 1_767_571_200_000
"""2026-01-05, a Monday, 00:00 UTC."""
DAYS = 30
STEP = 10 * MINUTE

type Change = Callable[[Situation], Situation]


def pico(usd: float) -> int:
    """Return dollars in pico-dollars."""
    return round(usd * 1e12)


def spent(seed: int, weeks: int = 14) -> tuple[Hour, ...]:
    """Return the hours of some weeks from eight weeks before the month on: work on weekdays, uneven as work is."""
    random = Random(seed)
    hours = []
    for number in range(weeks * 7 * 24):
        start = BEGIN - 8 * 7 * DAY + number * HOUR
        weekday, hour = number // 24 % 7, number % 24
        at_work = weekday < 5 and 8 <= hour < 18
        if random.random() < (0.8 if at_work else 0.02):
            hours.append(Hour(start, weekday, hour, pico(2 * exp(random.gauss(0, 0.7)))))
    return tuple(hours)


def quiet(seed: int) -> Iterator[Situation]:
    """Yield the situations of a month in which nothing is wrong, though much goes up and down."""
    random = Random(seed)
    hours = spent(seed)
    for now in range(BEGIN, BEGIN + DAYS * DAY, STEP):
        week, reset = (now - BEGIN) // (7 * DAY), (now // (5 * HOUR) + 1) * 5 * HOUR
        part = (now - BEGIN) % (7 * DAY) / (7 * DAY)
        used = (now % (5 * HOUR)) / (5 * HOUR) * 70
        # Forecasts are never still.
        high = 72 + random.uniform(0, 22)
        window = Windowed(
            "anthropic", "five_hour", "", 300, used, reset + random.randint(-2000, 2000), now, forecast=True, high=high
        )
        yield Situation(
            now,
            budgets=(
                Budgeted(
                    "1",
                    (("project", "~/work"),),
                    "usd",
                    "week",
                    pico(50),
                    pico(50 * 0.75 * part),
                    0.8,
                    hard=False,
                    since=BEGIN + week * 7 * DAY,
                    until=BEGIN + (week + 1) * 7 * DAY,
                ),
            ),
            windows=(window,),
            spent=_until(hours, now),
            # Switched off over night and the weekend.
            machines=(Machined("laptop", now - _off(now)),),
            unread=(Unread("claude-code", 2, 20 + random.random()),),
            unpriced=(),
        )


def _off(now: int) -> int:
    """Return for how long a laptop has been switched off that is on from 8 to 18 on weekdays."""
    off = 0
    while not ((now - off - BEGIN) // DAY % 7 < 5 and 8 <= (now - off) % DAY // HOUR < 18):
        off += HOUR
    return off


def _until(hours: tuple[Hour, ...], now: int) -> tuple[Hour, ...]:
    """Return the hours up to a moment, the running one as far as it has come."""
    after = bisect_right(hours, now - HOUR, key=attrgetter("start"))
    running = hours[after : after + 1]
    if not running or running[0].start > now:
        return hours[:after]
    (each,) = running
    return (*hours[:after], each._replace(pico=each.pico * (now - each.start) // HOUR))


def changed(situations: Iterator[Situation], since: int, until: int, change: Change) -> Iterator[Situation]:
    """Yield situations, those between two moments changed."""
    for each in situations:
        yield change(each) if since <= each.now < until else each


def with_model(each: Situation) -> Situation:
    """Return a situation in which a model without a price is used."""
    return each._replace(unpriced=(Unpriced("house-model-1", 50_000),))
