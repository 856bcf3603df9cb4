"""Periods: days, weeks, months and hours in the zones that are hard, and the words in which people ask."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from subprocess import run
from sys import executable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import Misused
from tallystick.usage.period import DAY_MS, HOUR_MS, SLOT_MS, UNITS, Zone, iso, period, timed

HARD = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "Australia/Lord_Howe",
    "America/Havana",
]
ZONES = pytest.mark.parametrize("name", HARD)
NOW = 1_795_321_182_597  # 2026-11-22T04:19:42.597Z


def moment(text: str) -> int:
    """Return the milliseconds of an ISO text with its offset."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def walk(zone: Zone, unit: str, since: int, until: int) -> list[tuple[str, int, int]]:
    """Return name, first slot and first slot after, of each unit between two slots."""
    found = []
    while since < until:
        name, after = zone.span(unit, since)
        found.append((name, since, after))
        since = after
    return found


@ZONES
def test_hours_add_up_to_days_and_days_to_months(name: str) -> None:
    zone = Zone(name)
    since, until = (zone.midnight(date(year, 1, 1).toordinal() - 719_163) // SLOT_MS for year in (2026, 2027))
    spans = {unit: walk(zone, unit, since, until) for unit in ("hour", "day", "month")}
    assert len(spans["month"]) == 12
    assert len(spans["day"]) == 365
    for smaller, larger in (("hour", "day"), ("day", "month")):
        for begin_name, begin, after in spans[larger]:
            parts = [span for span in spans[smaller] if begin <= span[1] < after]
            assert sum(end - start for _, start, end in parts) == after - begin
            assert all(part.startswith(begin_name) for part, _, _ in parts)
    assert all(one[2] == other[1] for span in spans.values() for one, other in pairwise(span))


@ZONES
@given(slot=st.integers(1_600_000_000_000 // SLOT_MS, 2_000_000_000_000 // SLOT_MS))
def test_each_slot_has_the_name_that_its_clock_shows(name: str, slot: int) -> None:
    # The standard library tells each slot's local time by itself; spans are walked by boundaries.
    local = datetime.fromtimestamp(slot * SLOT_MS // 1000, UTC).astimezone(ZoneInfo(name))
    monday = local.date() - timedelta(days=local.weekday())
    expected = {
        "hour": local.replace(minute=0).isoformat(timespec="minutes"),
        "day": local.date().isoformat(),
        "week": monday.isoformat(),
        "month": local.date().isoformat()[:7],
    }
    zone = Zone(name)
    if name != "Australia/Lord_Howe":  # its half-hour change makes `replace` name an hour that was never on the clock
        assert {unit: zone.span(unit, slot)[0] for unit in UNITS} == expected
    for unit in UNITS:
        label, after = zone.span(unit, slot)
        assert after > slot
        assert zone.span(unit, after - 1)[0] == label
        assert zone.span(unit, after)[0] != label


@pytest.mark.parametrize(
    "name, day, hours",
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Pacific/Chatham", "2026-04-05", 25),
        ("Pacific/Chatham", "2026-09-27", 23),
        ("Asia/Kolkata", "2026-10-25", 24),
        ("UTC", "2026-10-25", 24),
    ],
)
def test_days_of_23_and_25_hours(name: str, day: str, hours: int) -> None:
    zone = Zone(name)
    number = date.fromisoformat(day).toordinal() - 719_163
    since, until = zone.midnight(number), zone.midnight(number + 1)
    assert until - since == hours * HOUR_MS
    spans = walk(zone, "hour", since // SLOT_MS, until // SLOT_MS)
    assert sum(after - begin for _, begin, after in spans) * SLOT_MS == hours * HOUR_MS
    # Chatham changes its clocks at a quarter to three, so that its days of change have two pieces of an hour.
    assert len(spans) == hours + (name == "Pacific/Chatham")


def test_the_hour_that_comes_twice_has_two_names() -> None:
    zone = Zone("Europe/Berlin")
    names = [zone.span("hour", moment(f"2026-10-25T0{hour}:30+00:00") // SLOT_MS)[0] for hour in (0, 1)]
    assert names == ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]


@pytest.mark.parametrize(
    "name, day, begins",
    [
        # Beirut springs forward at midnight: the day begins at 01:00.
        ("Asia/Beirut", "2026-03-29", "2026-03-29T01:00+03:00"),
        # Havana falls back from 01:00 to 00:00: the first of two midnights begins the day.
        ("America/Havana", "2026-11-01", "2026-11-01T00:00-04:00"),
        ("Asia/Kolkata", "2026-11-01", "2026-11-01T00:00+05:30"),
        ("Pacific/Chatham", "2026-11-01", "2026-11-01T00:00+13:45"),
    ],
)
def test_where_a_day_begins(name: str, day: str, begins: str) -> None:
    zone = Zone(name)
    number = date.fromisoformat(day).toordinal() - 719_163
    assert zone.midnight(number) == moment(begins)
    assert zone.day(moment(begins)) == number
    assert zone.day(moment(begins) - 1) == number - 1


@pytest.mark.parametrize(
    "since, until, days",
    [
        ("", "", ("", "")),
        ("2026-11-01", "2026-11-22", ("2026-11-01", "2026-11-22")),
        ("20261101", "", ("2026-11-01", "")),
        ("today", "today", ("2026-11-22", "2026-11-22")),
        ("yesterday", "Yesterday", ("2026-11-21", "2026-11-21")),
        ("1d", "", ("2026-11-22", "")),
        ("7d", "", ("2026-11-16", "")),
        ("2w", "", ("2026-11-09", "")),
        # The fortnight before the last week's seven days.
        ("14d", "7d", ("2026-11-09", "2026-11-15")),
    ],
)
def test_the_words_for_a_period(since: str, until: str, days: tuple[str, str]) -> None:
    assert period(Zone(), NOW, since, until).days == days


def test_both_days_are_included() -> None:
    asked = period(Zone("Europe/Berlin"), NOW, "2026-10-25", "2026-10-25")
    assert (asked.since, asked.until) == (moment("2026-10-25T00:00+02:00"), moment("2026-10-26T00:00+01:00"))
    assert asked.slots == (asked.since // SLOT_MS, asked.until // SLOT_MS)
    assert (asked.slots[1] - asked.slots[0]) * SLOT_MS == DAY_MS + HOUR_MS


def test_today_is_the_day_of_the_zone() -> None:
    # At 04:19 UTC it is still the day before in New York.
    assert period(Zone("America/New_York"), NOW, "today").days[0] == "2026-11-21"


@pytest.mark.parametrize(
    "word",
    ["tomorrow", "7", "d", "0d", "-3d", "7y", "²d", "2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "123456d"],
)
def test_what_is_no_day_is_refused_in_words(word: str) -> None:
    with pytest.raises(Misused, match=r"--since .* is no day: give a date such as 2026-11-01"):
        period(Zone(), NOW, word)
    with pytest.raises(Misused, match=r"--until .* is no day"):
        period(Zone(), NOW, "", word)


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(Misused, match="since 2026-11-02, until 2026-11-01"):
        period(Zone(), NOW, "2026-11-02", "2026-11-01")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd", "Europe", "/etc/localtime", "a\0b"])
def test_an_unknown_zone_is_refused_in_words(name: str) -> None:
    with pytest.raises(Misused, match="There is no time zone"):
        Zone(name)


def test_zones_are_equal_by_name() -> None:
    assert Zone("Asia/Kolkata") == Zone("Asia/Kolkata")
    assert len({Zone("UTC"), Zone("UTC"), Zone("Asia/Kolkata")}) == 2
    assert repr(Zone("UTC")) == "Zone('UTC')"


def test_a_moment_on_the_clock_of_a_zone() -> None:
    assert Zone("Asia/Kolkata").local(NOW).isoformat(timespec="seconds") == "2026-11-22T09:49:42+05:30"
    assert Zone().local(NOW).hour == 4
    assert iso(0) == "1970-01-01"


def test_utc_needs_no_table_of_zones() -> None:
    program = "import sys; from tallystick.usage.period import Zone; Zone('UTC').span('hour', 1); print('zoneinfo' in sys.modules)"
    assert run([executable, "-c", program], capture_output=True, check=True, text=True).stdout == "False\n"


@pytest.mark.parametrize(
    "zone, since, until, begins, ends",
    [
        ("UTC", "2026-11-22T14:00", "2026-11-22T15:00", "2026-11-22T14:00+00:00", "2026-11-22T15:00+00:00"),
        # Half past five hours ahead.
        ("Asia/Kolkata", "2026-11-22t14:00", " 2026-11-22T14:45 ", "2026-11-22T08:30+00:00", "2026-11-22T09:15+00:00"),
        # The day of 25 hours: from the first two o'clock to three is two hours.
        (
            "Europe/Berlin",
            "2026-10-25T02:00+02:00",
            "2026-10-25T03:00",
            "2026-10-25T00:00+00:00",
            "2026-10-25T02:00+00:00",
        ),
        ("Europe/Berlin", "2026-10-25T01:00Z", "2026-10-25T03:00", "2026-10-25T01:00+00:00", "2026-10-25T02:00+00:00"),
        # A plus that an address has turned into a blank; seconds and thousandths.
        (
            "UTC",
            "2026-11-22T14:00 01:00",
            "2026-11-22T14:00:30.125",
            "2026-11-22T13:00+00:00",
            "2026-11-22T14:00:30.125+00:00",
        ),
        # A day beside a moment is included as ever.
        ("UTC", "2026-11-22", "2026-11-22T14:00", "2026-11-22T00:00+00:00", "2026-11-22T14:00+00:00"),
        ("UTC", "2026-11-21T23:59", "today", "2026-11-21T23:59+00:00", "2026-11-23T00:00+00:00"),
    ],
)
def test_a_period_may_begin_and_end_within_a_day(zone: str, since: str, until: str, begins: str, ends: str) -> None:
    asked = period(Zone(zone), NOW, since, until, moments=True)
    assert (asked.since, asked.until) == (moment(begins), moment(ends))


def test_a_period_is_told_by_days_where_it_has_them_and_by_moments_elsewhere() -> None:
    def told(zone: str, since: str, until: str) -> tuple[str, str]:
        return period(Zone(zone), NOW, since, until, moments=True).told

    assert told("Asia/Kolkata", "2026-11-22T14:00", "") == ("2026-11-22T14:00+05:30", "")
    assert told("Asia/Kolkata", "", "2026-11-22T14:00:30") == ("", "2026-11-22T14:00:30.000+05:30")
    assert told("Europe/Berlin", "2026-10-25", "2026-10-25") == ("2026-10-25", "2026-10-25")
    assert told("Europe/Berlin", "2026-10-25T00:00", "2026-10-26T00:00") == ("2026-10-25", "2026-10-25")
    assert told("Europe/Berlin", "2026-10-25T01:00Z", "2026-10-25") == ("2026-10-25T02:00+01:00", "2026-10-25")
    # Beirut's day begins at one o'clock.
    assert told("Asia/Beirut", "2026-03-29T01:00", "2026-03-29T02:00") == ("2026-03-29", "2026-03-29T02:00+03:00")
    assert told("UTC", "", "") == ("", "")


@ZONES
@given(time=st.integers(1_600_000_000_000, 2_000_000_000_000))
def test_what_a_moment_is_told_as_means_that_moment(name: str, time: int) -> None:
    zone = Zone(name)
    assert period(zone, NOW, zone.iso(time), moments=True).since == time
    assert time in zone.moments(zone.local(time).replace(tzinfo=None))


def test_clocks_show_a_time_once_twice_or_never() -> None:
    berlin = Zone("Europe/Berlin")
    assert berlin.moments(datetime(2026, 11, 22, 14, 0)) == [moment("2026-11-22T14:00+01:00")]  # noqa: DTZ001  local
    twice = [moment("2026-10-25T02:30+02:00"), moment("2026-10-25T02:30+01:00")]
    assert berlin.moments(datetime(2026, 10, 25, 2, 30)) == twice  # noqa: DTZ001
    assert berlin.moments(datetime(2026, 3, 29, 2, 30)) == []  # noqa: DTZ001


@pytest.mark.parametrize(
    "zone, since, until, sentence",
    [
        (
            "Europe/Berlin",
            "2026-10-25T02:30",
            "",
            "--since '2026-10-25T02:30' came twice in Europe/Berlin: say 2026-10-25T02:30+02:00 or 2026-10-25T02:30+01:00.",
        ),
        (
            "Europe/Berlin",
            "",
            "2026-03-29T02:30",
            "--until '2026-03-29T02:30' is no moment in Europe/Berlin: clocks skipped it.",
        ),
        (
            "UTC",
            "2026-11-22T25:00",
            "",
            "--since '2026-11-22T25:00' is no moment: give date and time such as 2026-11-01T14:00",
        ),
        ("UTC", "", "9999-12-31T00:00", "--until '9999-12-31T00:00' is no moment"),
        ("UTC", "1969-12-31T23:00", "", "is no moment"),
        ("UTC", "2026-11-22T14:00", "2026-11-22T14:00", "since 2026-11-22T14:00+00:00, until 2026-11-22T14:00+00:00"),
        (
            "UTC",
            "2026-11-22",
            "2026-11-21T14:00",
            "ends before it begins: since 2026-11-22, until 2026-11-21T14:00+00:00.",
        ),
        ("UTC", "2026-11-22T14:00", "never", "--until 'never' is no day"),
    ],
)
def test_what_is_no_moment_is_refused_in_words(zone: str, since: str, until: str, sentence: str) -> None:
    with pytest.raises(Misused) as error:
        period(Zone(zone), NOW, since, until, moments=True)
    assert sentence in str(error.value)


def test_where_whole_days_are_asked_for_a_moment_is_refused() -> None:
    with pytest.raises(Misused, match="'2026-11-22T14:00' is a moment, which only `tally why` and `tally events` take"):
        period(Zone(), NOW, "", "2026-11-22T14:00")
    assert [timed(text) for text in ("today", "2026-11-22", "7d", "", "2026-11-22T14:00", "2026-11-22t14")] == [
        *[False] * 4,
        *[True] * 2,
    ]
