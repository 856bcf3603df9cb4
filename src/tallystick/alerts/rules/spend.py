"""Spend: an hour cost far more than this person's hours of that weekday and time of day do."""

from collections.abc import Sequence
from math import exp, log
from statistics import median
from typing import Final, NamedTuple

from tallystick.alerts.finding import CASE, FINE, NEAR, WARNING, Fact, Finding, money
from tallystick.alerts.rules.rule import DAY_MS, HOUR_MS, MINUTE_MS, Limits, Rule
from tallystick.alerts.situation import Hour, Situation

_WEEK_MS: Final = 7 * DAY_MS
_HOURS_LEAST: Final = 40
"""Hours with spending before anything is said about what is usual."""
_DAYS_LEAST: Final = 20
"""Days that they have to reach back."""
_LOCAL_LEAST: Final = 8
"""Hours around one of a weekday before that time of the week is judged by itself."""
_SIGMA: Final = 1.4826
"""A median absolute deviation of normally distributed values times this is their standard deviation."""
_SPREAD_LEAST: Final = 0.3
"""Nobody spends so evenly that a third more is odd."""
_ALL_HOURS: Final = 2.0
"""Deviations above all hours of a person that it has to be in any case: a quiet time of the week makes a usual hour none."""
_RECORD: Final = 2.0
"""More than so many times what any hour ever cost is odd, however uneven they are."""
_EASE: Final = 0.5


class Usual(NamedTuple):
    """What an hour of a person costs, as logarithms of pico-dollars: amounts differ by factors, not by sums."""

    middle: float
    spread: float


def usual(amounts: Sequence[int]) -> Usual:
    """Return median and spread of some hours; no single hour, however odd, moves them much."""
    logs = [log(max(amount, 1)) for amount in amounts]
    middle = median(logs)
    return Usual(middle, max(_SIGMA * median(abs(each - middle) for each in logs), _SPREAD_LEAST))


def threshold(hours: Sequence[Hour], weekday: int, hour: int, limits: Limits) -> int | None:
    """Return from how many pico-dollars on an hour of a time of the week is odd; None while too little is known."""
    spent = [each for each in hours if each.pico > 0]
    if len(spent) < _HOURS_LEAST or max(each.start for each in spent) - min(each.start for each in spent) < _DAYS_LEAST * DAY_MS:  # fmt: skip
        return None
    every = usual([each.pico for each in spent])
    around = [each.pico for each in spent if _is_around(each, weekday, hour)]
    there = usual(around) if len(around) >= _LOCAL_LEAST else every
    # Of few hours the spread is a guess: it is not taken for less than that of all.
    odd = exp(there.middle + limits["deviations"] * max(there.spread, every.spread))
    odd = min(odd, _RECORD * max(each.pico for each in spent))
    return int(max(odd, exp(every.middle + _ALL_HOURS * every.spread), limits["least_usd"] * 1e12))


def _is_around(each: Hour, weekday: int, hour: int) -> bool:
    """Tell whether an hour is of a time of the week, or one hour beside it."""
    away = (each.weekday - weekday) * 24 + each.hour - hour
    return min(away % 168, -away % 168) <= 1


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return a finding about the running hour and the one before it."""
    if now.spent is None:
        return None
    running = (now.now + now.offset) // HOUR_MS * HOUR_MS - now.offset
    weeks_ms = int(limits["weeks"]) * _WEEK_MS
    # What is odd now shall not count as usual yet.
    past = [each for each in now.spent if now.now - weeks_ms <= each.start < running - DAY_MS]
    lately = {each.start: each for each in now.spent if running - HOUR_MS <= each.start <= running}
    if not lately:
        return [Finding("spend", FINE)]
    found = [_finding(each, past, limits) for each in lately.values()]
    # The one that is worse of the two.
    return [max(found, key=lambda each: (FINE, NEAR, CASE).index(each.state))]


def _finding(each: Hour, past: Sequence[Hour], limits: Limits) -> Finding:
    odd = threshold(past, each.weekday, each.hour, limits)
    if odd is None:
        return Finding("spend", NEAR)
    state = CASE if each.pico >= odd else NEAR if each.pico >= odd * _EASE else FINE
    middle = int(exp(usual([one.pico for one in past if one.pico > 0]).middle))
    text = (
        f"{money(each.pico)} in the hour from {each.hour:02}:00. Usual are {money(middle)} in an hour, "
        f"and at this time of the week up to {money(odd)} would not have been odd."
    )
    facts: dict[str, Fact] = {
        "hour": each.start,
        "spent_usd": each.pico / 1e12,
        "usual_usd": middle / 1e12,
        "odd_from_usd": odd / 1e12,
    }
    return Finding("spend", state, WARNING, f"Unusual spend: {money(each.pico)} in an hour", text, facts)


SPEND: Final = Rule(
    "spend",
    "an hour costs far more than this time of the week usually does",
    look,
    {"deviations": 5, "least_usd": 5, "weeks": 8},
    0,
    120 * MINUTE_MS,
)
