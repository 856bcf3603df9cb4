"""Hours of the week on the clocks of hard zones, and the words in which people ask for them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import Misused
from tallystick.usage.hours import HOURS, WEEKDAYS, Hours, hours
from tallystick.usage.period import SLOT_MS, Zone

ZONES = pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Chatham"])


def slot(text: str) -> int:
    """Return the quarter-hour of a moment in UTC."""
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000) // SLOT_MS


@ZONES
@given(slot=st.integers(1_600_000_000_000 // SLOT_MS, 2_000_000_000_000 // SLOT_MS))
def test_each_quarter_hour_is_of_the_hour_that_its_clock_shows(name: str, slot: int) -> None:
    # The standard library tells the local time by itself.
    local = datetime.fromtimestamp(slot * SLOT_MS // 1000, UTC).astimezone(ZoneInfo(name))
    weekday, zone = WEEKDAYS[local.weekday()], Zone(name)
    other = WEEKDAYS[(local.weekday() + 1) % 7]
    assert Hours(weekday, local.hour).within(zone)(slot)
    assert Hours(weekday).within(zone)(slot)
    assert Hours(hour=local.hour).within(zone)(slot)
    assert not Hours(other, local.hour).within(zone)(slot)
    assert not Hours(weekday, (local.hour + 1) % HOURS).within(zone)(slot)


def test_a_half_hour_zone_has_its_own_hours() -> None:
    # 10:30 UTC is four in the afternoon in Kolkata: 10:15 is not.
    within = Hours("sun", 16).within(Zone("Asia/Kolkata"))
    times = ("10:15", "10:30", "11:15", "11:30")
    assert [within(slot(f"2026-11-01T{time}")) for time in times] == [False, True, True, False]


def test_an_hour_that_comes_twice_is_both_of_them() -> None:
    within = Hours("sun", 2).within(Zone("Europe/Berlin"))
    times = ("2026-10-24T23:45", "2026-10-25T00:00", "2026-10-25T01:45", "2026-10-25T02:00", "2026-10-25T00:30")
    assert [within(slot(time)) for time in times] == [False, True, True, False, True]


def test_what_a_person_says() -> None:
    assert hours() is None
    assert hours(" Mon ", 0) == Hours("mon", 0)
    assert hours("sun") == Hours("sun")
    assert hours(hour=23) == Hours("", 23)
    assert [Hours("mon", 0).said, Hours("sun").said, Hours(hour=14).said] == [
        [("weekday", "mon"), ("hour", "0")],
        [("weekday", "sun")],
        [("hour", "14")],
    ]


@pytest.mark.parametrize(
    "weekday, hour, sentence",
    [
        ("monday", None, "--weekday 'monday' is none: choose among mon, tue, wed, thu, fri, sat, sun."),
        ("", 24, "--hour 24 is none: give 0 to 23."),
        ("", -1, "--hour -1 is none"),
    ],
)
def test_what_is_none_is_refused_in_words(weekday: str, hour: int | None, sentence: str) -> None:
    with pytest.raises(Misused, match=sentence):
        hours(weekday, hour)
