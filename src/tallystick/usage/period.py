"""Periods and calendars: a stretch of time in a person's time zone, and the days, weeks, months and hours in it.

Inside, time is UTC; sums are kept by slot, a quarter-hour (`time // SLOT_MS`). Every zone on earth is ahead of UTC or
behind it by whole quarter-hours and changes its clocks on one, so that each local hour and day is a whole number of slots.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from tallystick.errors import Misused

SLOT_MS: Final = 900_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
UNITS: Final = ("hour", "day", "week", "month")
"""Stretches of local time by which usage can be told apart."""
BEGINNING: Final = -(2**62)
"""Before everything, for a period without a beginning; 2**62 is after everything."""
END: Final = 2**62

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ORDINAL: Final = 719_163
"""The day 1970-01-01 as `date.toordinal` counts."""
_LAST_DAY: Final = date.max.toordinal() - _ORDINAL - 366
"""Days after this one cannot be reckoned with: Python's end in the year 9999."""
_DIGITS_MOST: Final = 5


class Zone:
    """A time zone: from moments to local days and back."""

    __slots__ = ("_rules", "name")

    def __init__(self, name: str = "UTC") -> None:
        """Find a zone by its IANA name; raise Misused when there is none."""
        self.name = name
        # Importing zoneinfo costs as much as the whole fold of a year: not where it is not needed.
        self._rules = None if name in {"UTC", "Etc/UTC"} else _rules(name)

    def __eq__(self, other: object) -> bool:
        """Compare by name."""
        return isinstance(other, Zone) and self.name == other.name

    def __hash__(self) -> int:
        """Agree with `__eq__`."""
        return hash(self.name)

    def __repr__(self) -> str:
        """Show the name."""
        return f"Zone({self.name!r})"

    def offset(self, time: int) -> int:
        """Return how far local clocks are ahead of UTC at a moment, in milliseconds."""
        if self._rules is None:
            return 0
        ahead = (_EPOCH + timedelta(milliseconds=time)).astimezone(self._rules).utcoffset()
        return 0 if ahead is None else ahead // timedelta(milliseconds=1)

    def day(self, time: int) -> int:
        """Return the local day of a moment, counted from 1970-01-01."""
        return (time + self.offset(time)) // DAY_MS

    def midnight(self, day: int) -> int:
        """Return the moment at which a local day begins, also where clocks skip its midnight or show it twice."""
        if self._rules is None:
            return day * DAY_MS
        # A skipped midnight is read with the offset before the change, which is the moment of the change itself; of two
        # midnights `fold=0` is the first (PEP 495).
        moment = datetime.combine(date.fromordinal(day + _ORDINAL), datetime.min.time(), self._rules)
        return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)

    def local(self, time: int) -> datetime:
        """Return a moment as local date and time."""
        moment = _EPOCH + timedelta(milliseconds=time)
        return moment if self._rules is None else moment.astimezone(self._rules)

    def span(self, unit: str, slot: int) -> tuple[str, int]:
        """Return the name of the local hour, day, week or month that holds a slot, and the first slot after it.

        A day is `2026-11-01`, a week its Monday (ISO 8601), a month `2026-11`, an hour `2026-11-01T02:00+01:00`, with
        the offset because an hour comes twice when clocks go back.
        """
        time = slot * SLOT_MS
        if unit == "hour":
            return self._hour(time)
        day = self.day(time)
        if unit == "day":
            return iso(day), self._slot(day + 1)
        if unit == "week":
            # 1970-01-01 was a Thursday.
            monday = day - (day + 3) % 7
            return iso(monday), self._slot(monday + 7)
        first = date.fromordinal(day + _ORDINAL)
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return iso(day)[:7], self._slot(following.toordinal() - _ORDINAL)

    def _slot(self, day: int) -> int:
        return -(-self.midnight(day) // SLOT_MS)

    def _hour(self, time: int) -> tuple[str, int]:
        offset = self.offset(time)
        local = time + offset
        ends = local - local % HOUR_MS + HOUR_MS - offset
        # Where clocks change within the hour (Lord Howe's change is half an hour), it ends there.
        while self.offset(ends - SLOT_MS) != offset:
            ends -= SLOT_MS
        day, of_day = divmod(local, DAY_MS)
        sign = "-" if offset < 0 else "+"
        hours, minutes = divmod(abs(offset) // 60_000, 60)
        return f"{iso(day)}T{of_day // HOUR_MS:02}:00{sign}{hours:02}:{minutes:02}", -(-ends // SLOT_MS)


class Period(NamedTuple):
    """A stretch of time, half open, in milliseconds since 1970, UTC, and the zone in which it was asked for."""

    zone: Zone
    since: int = BEGINNING
    until: int = END

    @property
    def slots(self) -> tuple[int, int]:
        """First slot, and the first one after."""
        return self.since // SLOT_MS, -(-self.until // SLOT_MS)

    @property
    def days(self) -> tuple[str, str]:
        """First and last local day, each empty where the period is open."""
        first = "" if self.since == BEGINNING else iso(self.zone.day(self.since))
        last = "" if self.until == END else iso(self.zone.day(self.until - 1))
        return first, last


def period(zone: Zone, now: int, since: str = "", until: str = "") -> Period:
    """Return the period from one day to another, both included, each in a person's words; empty words leave it open.

    A day is an ISO date, `today` or `yesterday`. `7d` and `2w` mean the last 7 days and the last 2 weeks, today
    included: since them, or until they begin.
    """
    today = zone.day(now)
    first = _day(since, today, "--since") if since else None
    last = _day(until, today, "--until") if until else None
    if first is not None and last is not None and first > last:
        raise Misused(f"The period ends before it begins: since {iso(first)}, until {iso(last)}.")
    return Period(
        zone,
        BEGINNING if first is None else zone.midnight(first),
        END if last is None else zone.midnight(last + 1),
    )


def iso(day: int) -> str:
    """Return a day, counted from 1970-01-01, as an ISO date."""
    return date.fromordinal(day + _ORDINAL).isoformat()


def _day(text: str, today: int, option: str) -> int:
    words = {"today": today, "yesterday": today - 1}
    word = text.strip().lower()
    if word in words:
        return words[word]
    number, unit = word[:-1], word[-1:]
    if unit in {"d", "w"} and number.isascii() and number.isdigit() and len(number) <= _DIGITS_MOST and int(number) > 0:
        days = int(number) * (7 if unit == "w" else 1)
        return today - days + (option == "--since")
    try:
        day = date.fromisoformat(word).toordinal() - _ORDINAL
    except ValueError:
        day = -1
    if not 0 <= day <= _LAST_DAY:
        raise Misused(
            f"{option} {text!r} is no day: give a date such as 2026-11-01, today, yesterday, 7d (7 days) or 2w (2 weeks)."
        )
    return day


def _rules(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Misused(f"There is no time zone {name!r}: give an IANA name such as Europe/Berlin or UTC.") from None
