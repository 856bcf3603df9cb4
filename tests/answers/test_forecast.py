"""Forecasts of usage windows: figures worked out by hand, and what holds for any samples."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.answers.sample import at

from tallystick.answers.forecast import Forecast, Sample, forecast
from tallystick.answers.pattern import Pattern
from tallystick.usage.period import DAY_MS, HOUR_MS, Zone

MINUTE = 60_000
EVEN = Pattern()
MONDAY = at("2026-11-16")
OFFICE = Pattern(Zone(), tuple(4.2 if cell < 120 and 9 <= cell % 24 < 17 else 0.0 for cell in range(168)))
"""Monday to Friday from nine to five: 40 hours of 168, each of 168 / 40 = 4.2."""


def steady(begin: int, minutes: int, each: float) -> list[Sample]:
    """Return samples of every minute, each so many points more."""
    return [Sample(begin + minute * MINUTE, minute * each) for minute in range(1, minutes + 1)]


def near(found: int | None, expected: int, within: int) -> bool:
    """Tell whether a moment is where it should be, to some minutes."""
    return found is not None and abs(found - expected) <= within * MINUTE


def test_an_even_pace_goes_on_in_a_straight_line() -> None:
    # Half a point a minute: 50 after 100 minutes, and 100 after 200 of 300.
    found = forecast(steady(MONDAY, 100, 0.5), 300, MONDAY + 300 * MINUTE, MONDAY + 100 * MINUTE, EVEN)
    assert found is not None
    assert abs(found.at_reset - 150) < 3
    # It may yet last until the reset; where it does not, it runs out a bit earlier than by the line.
    assert found.runs_out is not None
    assert 0 < MONDAY + 200 * MINUTE - found.runs_out < 10 * MINUTE
    assert found.chance is not None
    assert 0.5 < found.chance < 0.9


def test_a_pace_that_is_slow_enough_does_not_run_out() -> None:
    # A quarter of a point a minute: 75 at the reset.
    found = forecast(steady(MONDAY, 100, 0.25), 300, MONDAY + 300 * MINUTE, MONDAY + 100 * MINUTE, EVEN)
    assert found is not None
    assert (found.runs_out, found.late) == (None, None)
    assert abs(found.at_reset - 75) < 2


def test_hours_in_which_nobody_works_are_passed_over() -> None:
    # Three points in each of 20 hours at the office: 60 on Wednesday at one. In 20 more until Friday 60 are expected. The 40 that
    # are left would take until Friday at 10:20, and less where it runs out at all. A straight line would say Thursday at 05:40.
    hours = [9 * 60 + day * 1440 + minute for day in range(3) for minute in range(480)]
    told = [Sample(MONDAY + hour * MINUTE, (place + 1) / 20) for place, hour in enumerate(hours[:1200])]
    now = at("2026-11-18T13:00")
    found = forecast(told, 10_080, MONDAY + 7 * DAY_MS, now, OFFICE)
    assert found is not None
    assert abs(found.at_reset - 120) < 1
    assert found.runs_out is not None
    assert at("2026-11-19T09:00") < found.runs_out < at("2026-11-19T17:00")
    nights = [moment for moment in (found.early, found.late) if moment is not None and not at_office(moment)]
    assert nights == []


def at_office(moment: int) -> bool:
    """Tell whether somebody is there at a moment."""
    return OFFICE.weight(moment - MINUTE, moment + MINUTE) > 0


def test_clocks_of_a_zone_say_which_hours_those_are() -> None:
    # The same in New York, where the office opens five hours later: a quarter past one there is 18:15 in UTC.
    office = Pattern(Zone("America/New_York"), OFFICE.weights)
    begin = at("2026-11-16T05:00")
    hours = [9 * 60 + day * 1440 + minute for day in range(3) for minute in range(480)]
    told = [Sample(begin + hour * MINUTE, (place + 1) / 20) for place, hour in enumerate(hours[:1200])]
    found = forecast(told, 10_080, begin + 7 * DAY_MS, at("2026-11-18T18:00"), office)
    utc = forecast(
        [each._replace(time=each.time - 5 * HOUR_MS) for each in told],
        10_080,
        MONDAY + 7 * DAY_MS,
        at("2026-11-18T13:00"),
        OFFICE,
    )
    assert found is not None
    assert utc is not None
    assert utc.runs_out is not None
    assert (found.runs_out, found.at_reset) == (utc.runs_out + 5 * HOUR_MS, utc.at_reset)


def test_who_rests_now_is_expected_to_take_longer_than_who_works_now() -> None:
    reset, now = MONDAY + 300 * MINUTE, MONDAY + 120 * MINUTE
    rested = forecast(steady(MONDAY, 60, 1.0), 300, reset, now, EVEN)
    working = forecast(
        [Sample(each.time + 60 * MINUTE, each.used) for each in steady(MONDAY, 60, 1.0)], 300, reset, now, EVEN
    )
    assert rested is not None
    assert working is not None
    assert rested.at_reset < working.at_reset
    assert rested.chance is not None
    assert working.chance is not None
    assert rested.chance < working.chance
    # 60 in two hours; one point a minute would be used up at 160, half a point at 200.
    assert near(working.runs_out, MONDAY + 180 * MINUTE, 20)


def test_early_in_a_window_the_pace_of_earlier_ones_counts() -> None:
    # Yesterday's window rose by a fifth of a point a minute: 60 in all. Today there are 12 points in the first 15 minutes.
    before = steady(MONDAY, 299, 0.2)
    begin = MONDAY + 300 * MINUTE
    told = steady(begin, 15, 0.8)
    alone = forecast(told, 300, begin + 300 * MINUTE, begin + 15 * MINUTE, EVEN)
    known = forecast(before + told, 300, begin + 300 * MINUTE, begin + 15 * MINUTE, EVEN)
    assert alone is not None
    assert known is not None
    # 240 where nothing else is known; between that and the 72 that yesterday's pace would come to.
    assert abs(alone.at_reset - 240) < 6
    assert 72 < known.at_reset < alone.at_reset


def test_what_is_used_up_ran_out_when_that_was_first_said() -> None:
    told = [*steady(MONDAY, 99, 1.0), Sample(MONDAY + 100 * MINUTE, 100.4), Sample(MONDAY + 130 * MINUTE, 100)]
    then = MONDAY + 100 * MINUTE
    assert forecast(told, 300, MONDAY + 300 * MINUTE, MONDAY + 140 * MINUTE, EVEN) == Forecast(
        then, then, then, 100, 100, 100, 1
    )


def test_nothing_is_said_where_too_little_is_known() -> None:
    reset = MONDAY + 300 * MINUTE
    assert forecast([], 300, reset, MONDAY + HOUR_MS, EVEN) is None
    # Half a point, and nothing before; a length that is not said; a reset that is past; a window that has not begun.
    assert forecast([Sample(MONDAY + MINUTE, 0.5)], 300, reset, MONDAY + 2 * MINUTE, EVEN) is None
    assert forecast(steady(MONDAY, 60, 0.5), 0, reset, MONDAY + HOUR_MS, EVEN) is None
    # A length of centuries is a mistake, and to look at each hour of it would take minutes.
    assert forecast(steady(MONDAY, 60, 0.5), (1 << 31) - 1, reset, MONDAY + HOUR_MS, EVEN) is None
    assert forecast(steady(MONDAY, 60, 0.5), 300, reset, reset, EVEN) is None
    assert forecast(steady(MONDAY, 60, 0.5), 300, reset, MONDAY - 1, EVEN) is None
    # Only what was said before the window began.
    assert forecast(steady(MONDAY - HOUR_MS, 59, 0.5), 300, reset, MONDAY + HOUR_MS, EVEN) is None


def test_figures_that_cannot_be_and_those_from_ahead_change_nothing() -> None:
    reset, now = MONDAY + 300 * MINUTE, MONDAY + 100 * MINUTE
    told = steady(MONDAY, 100, 0.5)
    odd = [
        Sample(now - MINUTE, float("nan")),
        Sample(now - MINUTE, 1_795_000_000.0),
        Sample(now - MINUTE, -3.0),
        Sample(now + HOUR_MS, 99.0),
    ]
    assert forecast(told + odd, 300, reset, now, EVEN) == forecast(told, 300, reset, now, EVEN)
    assert forecast(told[::-1], 300, reset, now, EVEN) == forecast(told, 300, reset, now, EVEN)


def test_a_session_that_repeats_old_figures_changes_nothing() -> None:
    reset, now = MONDAY + 300 * MINUTE, MONDAY + 100 * MINUTE
    told = steady(MONDAY, 100, 0.5)
    stale = [Sample(MONDAY + minute * MINUTE + 1, (minute - 4) * 0.5) for minute in range(20, 101, 7)]
    assert forecast(sorted(told + stale), 300, reset, now, EVEN) == forecast(told, 300, reset, now, EVEN)


def test_a_window_that_the_vendor_sets_back_goes_on_from_there() -> None:
    # 60 after an hour; then everybody is given a fresh start, and says so for long.
    told = [*steady(MONDAY, 60, 1.0), Sample(MONDAY + 80 * MINUTE, 0.0), Sample(MONDAY + 100 * MINUTE, 0.0)]
    found = forecast(told, 300, MONDAY + 300 * MINUTE, MONDAY + 100 * MINUTE, EVEN)
    assert found is not None
    assert found.low < 60
    assert found.runs_out is None or found.runs_out > MONDAY + 160 * MINUTE


def test_gaps_and_clocks_that_jump_leave_a_forecast() -> None:
    reset, now = MONDAY + 300 * MINUTE, MONDAY + 200 * MINUTE
    told = [Sample(MONDAY + MINUTE, 2.0), Sample(MONDAY + 190 * MINUTE, 80.0)]
    assert forecast(told, 300, reset, now, EVEN) is not None
    jumped = [Sample(MONDAY - 90 * DAY_MS, 55.0), *told, Sample(MONDAY + 400 * DAY_MS, 3.0)]
    assert forecast(jumped, 300, reset, now, EVEN) == forecast(told, 300, reset, now, EVEN)


def test_windows_in_which_somebody_was_stopped_count_as_long_as_the_others() -> None:
    # In every other window all is used up after 100 minutes, a point a minute; in the others it is a fifth of a point, for all of
    # 300 minutes. Had nobody been stopped, 300 and 60 points in 600 minutes: 180 in a window. By what was seen alone it would be
    # 160 in 400 minutes: 120.
    told = []
    for number in range(6):
        begin = MONDAY - (6 - number) * 300 * MINUTE
        told += steady(begin, 299, 0.2) if number % 2 else steady(begin, 100, 1.0)
    found = forecast([*told, *steady(MONDAY, 3, 0.6)], 300, MONDAY + 300 * MINUTE, MONDAY + 3 * MINUTE, EVEN)
    assert found is not None
    assert 150 < found.at_reset < 210


SAMPLES = st.lists(
    st.builds(
        Sample,
        st.integers(MONDAY - 20 * DAY_MS, MONDAY + DAY_MS),
        st.floats(-5, 120) | st.sampled_from((0.0, 1.0, 100.0, 101.0, float("nan"), float("inf"), 1.8e9)),
    ),
    max_size=40,
)
PATTERNS = st.sampled_from((EVEN, OFFICE, Pattern(Zone("Asia/Kolkata"), OFFICE.weights)))


def ordered(found: Forecast) -> None:
    """Check what holds for any forecast."""
    moments = [float("inf") if each is None else each for each in (found.early, found.runs_out, found.late)]
    assert moments == sorted(moments)
    assert found.low <= found.at_reset <= found.high
    assert (found.runs_out is None) == (found.at_reset < 100)
    assert found.chance is not None
    assert 0 <= found.chance <= 1
    # Nine of ten: those in which it has run out by the late end.
    assert (found.late is not None) == (found.chance >= 0.9)
    assert (found.early is not None) >= (found.chance >= 0.1)


@settings(max_examples=150, deadline=None)
@given(SAMPLES, st.sampled_from((300, 10_080, 60, 43_200)), st.integers(0, 60 * 24), PATTERNS)
def test_whatever_is_told_a_forecast_is_in_order(told: list[Sample], minutes: int, left: int, pattern: Pattern) -> None:
    now = MONDAY + HOUR_MS
    reset = now + left * MINUTE
    found = forecast(told, minutes, reset, now, pattern)
    if found is not None:
        ordered(found)
        begin = reset - minutes * MINUTE
        within = [min(each.used, 100.0) for each in sorted(told) if begin <= each.time <= now and 0 <= each.used <= 101]
        assert min(within) <= found.low
        if found.runs_out is not None and found.at_reset > 100:
            assert now <= found.runs_out <= reset


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(0, 3), min_size=3, max_size=60), st.lists(st.floats(0, 100), min_size=2, max_size=5), PATTERNS
)
def test_who_has_used_more_runs_out_no_later(rises: list[float], last: list[float], pattern: Pattern) -> None:
    told, used = [], 0.0
    for minute, rise in enumerate(rises):
        used = min(used + rise, 99.0)
        told.append(Sample(MONDAY + 9 * HOUR_MS + minute * MINUTE, used))
    now = told[-1].time + MINUTE
    reset = MONDAY + 13 * HOUR_MS
    levels = sorted(max(used, each) for each in last)
    found = [forecast([*told, Sample(now, level)], 300, reset, now, pattern) for level in levels]
    for less, more in pairwise(each for each in found if each is not None):
        assert more.at_reset >= less.at_reset - 1e-9 or more.at_reset == 100
        assert (more.runs_out or reset) <= (less.runs_out or reset)
    for level, each in zip(levels, found, strict=True):
        assert each is None or each.at_reset >= min(level, 100)
