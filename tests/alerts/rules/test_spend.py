"""Spend: held against this person's own hours, silent until there are enough, and moved by no single one."""

from math import exp, log
from random import Random

import pytest
from tests.alerts.month import BEGIN, DAY, HOUR, pico, spent

from tallystick.alerts.finding import Finding
from tallystick.alerts.rules.spend import SPEND, threshold, usual
from tallystick.alerts.situation import Hour, Situation


def look(now: int, hours: tuple[Hour, ...], **limits: float) -> Finding:
    """Return what is found at a moment."""
    found = SPEND.look(Situation(now, spent=hours), {**SPEND.limits, **limits})
    assert found is not None
    (finding,) = found
    return finding


def at(start: int, usd: float) -> Hour:
    """Return an hour in which so much was spent."""
    return Hour(start, (start - BEGIN) // DAY % 7, (start - BEGIN) // HOUR % 24, pico(usd))


def even(weeks: int, usd: float = 2) -> tuple[Hour, ...]:
    """Return hours of work before the month: weekdays from 9 to 17, each at the same cost."""
    starts = range(BEGIN - weeks * 7 * DAY, BEGIN, HOUR)
    return tuple(each for each in (at(start, usd) for start in starts) if each.weekday < 5 and 9 <= each.hour < 17)


def test_median_and_spread_are_those_of_the_logarithms() -> None:
    found = usual([pico(1), pico(2), pico(4), pico(8), pico(10**6)])
    assert found.middle == pytest.approx(log(4e12))
    # Away from the middle: 4, 2, 0, 2 and very much; the median of that is a factor of 2.
    assert found.spread == pytest.approx(1.4826 * log(2))
    assert usual([5, 5, 5]).spread == 0.3


def test_the_threshold_of_even_work_is_that_of_the_least_spread() -> None:
    # Five deviations of 0.3 above 2 dollars, but no more than twice what any hour cost.
    assert threshold(even(4), 0, 10, {**SPEND.limits, "least_usd": 0}) == pytest.approx(pico(4), rel=1e-9)
    record = (*even(4), at(BEGIN - 3 * DAY, 100))
    assert threshold(record, 0, 10, {**SPEND.limits, "least_usd": 0}) == pytest.approx(pico(2 * exp(1.5)), rel=1e-9)
    assert threshold(even(4), 0, 10, SPEND.limits) == pico(5)


def test_it_is_silent_until_there_is_enough() -> None:
    now = BEGIN + 10 * HOUR
    dear = at(now, 500)
    assert look(now, (dear,)).state == "near"
    assert look(now, (*even(2), dear)).state == "near"
    few = tuple(each for each in even(8) if each.hour == 9)[:39]
    assert look(now, (*few, dear)).state == "near"
    assert look(now, (*even(4), dear)).state == "case"


def test_a_time_of_the_week_that_is_always_dear_is_not_odd() -> None:
    batch = tuple(at(BEGIN - week * 7 * DAY + hour * HOUR, 60) for week in range(1, 9) for hour in (20, 21))
    now = BEGIN + 20 * HOUR
    assert look(now, (*even(8), *batch, at(now, 55))).state == "fine"
    # On a Wednesday it is.
    other = now + 2 * DAY
    assert look(other, (*even(8), *batch, at(other, 55))).state == "case"


def test_what_is_odd_now_does_not_become_usual_within_a_day() -> None:
    now = BEGIN + 16 * HOUR
    today = tuple(at(BEGIN + hour * HOUR, 90) for hour in range(1, 17))
    assert look(now, (*even(4), *today)).state == "case"


def test_an_hour_after_it_all_is_fine() -> None:
    now = BEGIN + 16 * HOUR
    assert look(now, (*even(4), at(now - 2 * HOUR, 90))).state == "fine"
    assert look(now, (*even(4), at(now - HOUR, 90))).state == "case"
    assert SPEND.look(Situation(now), SPEND.limits) is None


def test_it_says_what_was_usual() -> None:
    now = BEGIN + 10 * HOUR
    found = look(now, (*even(4), at(now, 45.5)))
    assert found.title == "Unusual spend: $45.50 in an hour"
    assert found.text.startswith("$45.50 in the hour from 10:00. Usual are $2.00 in an hour")
    assert found.facts["spent_usd"] == 45.5


@pytest.mark.parametrize("sigma", [0.4, 1.0])
def test_uneven_work_alone_is_seldom_odd(sigma: float) -> None:
    random, told = Random(7), 0
    for seed in range(12):
        hours = tuple(each._replace(pico=pico(2 * exp(random.gauss(0, sigma)))) for each in spent(seed))
        for each in hours:
            if BEGIN <= each.start < BEGIN + 30 * DAY:
                past = tuple(one for one in hours if one.start <= each.start)
                told += look(each.start, past).state == "case"
    # Twelve months; what is told is at the edge of what can happen by chance.
    assert told <= 2


def test_a_hundred_dollars_in_two_hours_is_told_whoever_it_is() -> None:
    for seed in range(12):
        now = BEGIN + 10 * DAY + 14 * HOUR
        past = tuple(each for each in spent(seed) if each.start < now - HOUR)
        assert look(now, (*past, at(now - HOUR, 50), at(now, 100))).state == "case"
