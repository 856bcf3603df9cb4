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
_MINUTE_MS: Final = 60_000
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
        return _since_epoch(datetime.combine(date.fromordinal(day + _ORDINAL), datetime.min.time(), self._rules))

    def local(self, time: int) -> datetime:
        """Return a moment as local date and time."""
        moment = _EPOCH + timedelta(milliseconds=time)
        return moment if self._rules is None else moment.astimezone(self._rules)

    def iso(self, time: int) -> str:
        """Return a moment as local date and time with the offset, `2026-11-22T14:00+01:00`, no finer than it has to be."""
        return self.local(time).isoformat(timespec="milliseconds" if time % _MINUTE_MS else "minutes")

    def moments(self, shown: datetime) -> list[int]:
        """Return when local clocks show a date and time: once, twice where they go back, never where they skip it."""
        if self._rules is None:
            return [_since_epoch(shown.replace(tzinfo=UTC))]
        # `fold` tells the first of two from the second (PEP 495); a time that is skipped comes back as another one.
        times = {_since_epoch(shown.replace(tzinfo=self._rules, fold=fold)) for fold in (0, 1)}
        return sorted(time for time in times if self.local(time).replace(tzinfo=None, fold=0) == shown)

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

    @property
    def told(self) -> tuple[str, str]:
        """The same where the period begins and ends with a day; else the moment, with which it begins or before which it ends."""
        zone, (first, last) = self.zone, self.days
        if first and zone.midnight(zone.day(self.since)) != self.since:
            first = zone.iso(self.since)
        if last and zone.midnight(zone.day(self.until - 1) + 1) != self.until:
            last = zone.iso(self.until)
        return first, last


def period(zone: Zone, now: int, since: str = "", until: str = "", *, moments: bool = False) -> Period:
    """Return the period from one day to another, both included, each in a person's words; empty words leave it open.

    A day is an ISO date, `today` or `yesterday`. `7d` and `2w` mean the last 7 days and the last 2 weeks, today
    included: since them, or until they begin. With `moments` each may also be a date and time on the zone's clocks, or one
    with an offset from UTC: since it, or until just before it.
    """
    today = zone.day(now)
    if exact := [text for text in (since, until) if timed(text)]:
        if not moments:
            raise Misused(
                f"{exact[0]!r} is a moment, which only `tally why` and `tally events` take: give a day such as 2026-11-01."
            )
        return _exactly(zone, today, since, until)
    first = _day(since, today, "--since") if since else None
    last = _day(until, today, "--until") if until else None
    if first is not None and last is not None and first > last:
        raise Misused(f"The period ends before it begins: since {iso(first)}, until {iso(last)}.")
    return Period(
        zone,
        BEGINNING if first is None else zone.midnight(first),
        END if last is None else zone.midnight(last + 1),
    )


def timed(text: str) -> bool:
    """Tell whether a text is meant as a moment, and not as a day."""
    word = text.strip().lower()
    return word[:1].isdigit() and "t" in word


def iso(day: int) -> str:
    """Return a day, counted from 1970-01-01, as an ISO date."""
    return date.fromordinal(day + _ORDINAL).isoformat()


def _exactly(zone: Zone, today: int, since: str, until: str) -> Period:
    def edge(text: str, option: str) -> int:
        if timed(text):
            return _moment(text, zone, option)
        return zone.midnight(_day(text, today, option) + (option == "--until"))

    span = Period(zone, edge(since, "--since") if since else BEGINNING, edge(until, "--until") if until else END)
    if span.since >= span.until:
        first, last = span.told
        raise Misused(f"The period ends before it begins: since {first}, until {last}.")
    return span


def _moment(text: str, zone: Zone, option: str) -> int:
    try:
        # A plus is a blank where an address holds it as it is.
        shown = datetime.fromisoformat(text.strip().upper().replace(" ", "+"))
    except ValueError:
        shown = None
    if shown is None or not 0 <= shown.toordinal() - _ORDINAL <= _LAST_DAY:
        raise Misused(
            f"{option} {text!r} is no moment: give date and time such as 2026-11-01T14:00, or with an offset 2026-11-01T14:00+01:00."
        )
    if shown.tzinfo is not None:
        return _since_epoch(shown)
    times = zone.moments(shown.replace(microsecond=shown.microsecond // 1000 * 1000))
    if not times:
        raise Misused(f"{option} {text!r} is no moment in {zone.name}: clocks skipped it.")
    if len(times) > 1:
        raise Misused(f"{option} {text!r} came twice in {zone.name}: say {' or '.join(map(zone.iso, times))}.")
    return times[0]


def _since_epoch(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)


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
