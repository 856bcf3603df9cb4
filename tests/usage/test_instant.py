"""Instants: texts as logs have them, against the calendar."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.usage.instant import EPOCH, instant

DAY = 86_400_000


@pytest.mark.parametrize(
    "text,milliseconds",
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02T00:00:00.001Z", DAY + 1),
        # 2000 was a leap year: 30 years with 7 leap days before it, 31 + 29 days in it.
        ("2000-03-01T00:00:00Z", (30 * 365 + 7 + 60) * DAY),
        ("2000-03-01T12:34:56.789Z", (30 * 365 + 7 + 60) * DAY + 45_296_789),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T05:30:00.5+05:30", 500),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01T00:00:00", 0),
        ("1970-01-01T00:00:01.1Z", 1_100),
        ("1970-01-01T00:00:01.123456789Z", 1_123),
        ("1970-01-01T00:00:01.9999Z", 1_999),
        ("1969-12-31T23:59:59.999Z", -1),
    ],
)
def test_a_text_is_the_moment_that_the_calendar_says(text: str, milliseconds: int) -> None:
    assert instant(text) == milliseconds
    assert instant(text.encode()) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:61Z",
        "1793534400000",
        "\uff12026-01-01",
    ],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"isoformat|must be in|out of range|day"):
        instant(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="ascii"):
        instant(b"2026-01-01T00:00:00\xff")


@given(st.integers(0, 4_000_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_every_moment_comes_back_from_any_zone(milliseconds: int, minutes: int) -> None:
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    there = moment + timedelta(minutes=minutes)
    sign = "-" if minutes < 0 else "+"
    text = f"{there.replace(tzinfo=None).isoformat(timespec='milliseconds')}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    assert instant(text) == milliseconds


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        assert isinstance(instant(text), int)
    except ValueError:
        return
