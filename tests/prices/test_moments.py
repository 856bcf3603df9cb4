"""When a price holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices.moments import ALWAYS, DAY, EVER, MONDAY_TO_FRIDAY, Span, between, date, holds, midnight, narrow

HOUR = 3_600_000
DATES = st.dates(min_value=datetime(1970, 1, 1, tzinfo=UTC).date())
TIMES = st.integers(0, 12 * DAY)
SPANS = st.tuples(
    st.integers(0, 2 * DAY),
    st.integers(2 * DAY, 12 * DAY) | st.just(EVER),
    st.just(-1) | st.integers(0, DAY - 1),
    st.integers(0, DAY - 1),
    st.integers(0, 127),
).map(lambda span: span if span[2] >= 0 else (span[0], span[1], -1, -1, 127))


@given(DATES)
def test_a_date_begins_where_datetime_says(day: datetime) -> None:
    expected = datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert midnight(day.isoformat()) == expected // timedelta(milliseconds=1)


@given(DATES, st.integers(0, DAY - 1))
def test_a_moment_has_the_date_on_which_it_lies(day: datetime, of_day: int) -> None:
    assert date(midnight(day.isoformat()) + of_day) == day.isoformat()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13-01",
        "2026-00-10",
        "2026-02-29",
        "2100-02-29",
        "2026-04-31",
        "2026-01-00",
        "1969-12-31",
        "10000-01-01",
        "2026-01-01T00:00",
        "a-b-c",
        "2026-1-1-1",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|invalid literal|unpack"):
        midnight(text)


def test_a_span_holds_from_its_beginning_until_just_before_its_end() -> None:
    span = between(1000, 2000)
    assert [holds(span, time) for time in (999, 1000, 1999, 2000)] == [False, True, True, False]


def test_a_daily_window_holds_on_each_day() -> None:
    span = (0, EVER, 1 * HOUR, 4 * HOUR, 127)
    assert [holds(span, DAY + hour * HOUR) for hour in (0, 1, 3, 4)] == [False, True, True, False]


def test_a_daily_window_may_cross_midnight() -> None:
    span = (0, EVER, 22 * HOUR, 2 * HOUR, 127)
    assert [holds(span, DAY + hour * HOUR) for hour in (1, 2, 21, 22)] == [True, False, False, True]


def test_a_daily_window_may_hold_from_monday_to_friday_only() -> None:
    window = (0, EVER, 1 * HOUR, 4 * HOUR, MONDAY_TO_FRIDAY)
    # 2026-11-16 was a Monday.
    week = [midnight(f"2026-11-{day}") + 2 * HOUR for day in range(16, 24)]
    assert [holds(window, time) for time in week] == [True] * 5 + [False] * 2 + [True]


def test_a_daily_window_ends_the_quote_at_its_next_edge() -> None:
    window = (0, EVER, 1 * HOUR, 4 * HOUR, 127)
    day = 10 * DAY
    assert narrow(window, day + 2 * HOUR, (0, EVER)) == (day + 1 * HOUR, day + 4 * HOUR)
    assert narrow(window, day + 5 * HOUR, (0, EVER)) == (day + 4 * HOUR, day + DAY + 1 * HOUR)
    assert narrow(window, day, (0, EVER)) == (day - DAY + 4 * HOUR, day + 1 * HOUR)


def test_what_always_holds_narrows_nothing() -> None:
    assert narrow(ALWAYS, 5, (0, EVER)) == (0, EVER)


@given(SPANS, TIMES, TIMES)
def test_within_what_it_was_narrowed_to_a_span_does_not_change(span: Span, time: int, other: int) -> None:
    since, until = narrow(span, time, (0, EVER))
    assert since <= time < until
    if since <= other < until:
        assert holds(span, other) == holds(span, time)
