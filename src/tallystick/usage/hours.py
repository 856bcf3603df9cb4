"""Hours of the week: the quarter-hours of a zone that are of one weekday, of one hour of the day, or of both."""

from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from tallystick.errors import Misused
from tallystick.usage.period import Zone

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS: Final = 24


class Hours(NamedTuple):
    """A weekday, an hour of the day, or that hour on that weekday."""

    weekday: str = ""
    """One of `WEEKDAYS`; empty for any."""
    hour: int | None = None
    """0 to 23, on local clocks; None for any. One that clocks show twice in a day is both of them."""

    @property
    def said(self) -> list[tuple[str, str]]:
        """As a command line says them: option and value."""
        pairs = [("weekday", self.weekday), ("hour", "" if self.hour is None else str(self.hour))]
        return [pair for pair in pairs if pair[1]]

    def within(self, zone: Zone) -> Callable[[int], bool]:
        """Return what tells of a quarter-hour whether it is one of these; quickest where they are told in order of time."""
        first = after = 0
        fits = False

        def has(slot: int) -> bool:
            nonlocal first, after, fits
            if not first <= slot < after:
                name, after = zone.span("hour", slot)
                first, fits = slot, self._is(name)
            return fits

        return has

    def _is(self, name: str) -> bool:
        weekday = WEEKDAYS[date.fromisoformat(name[:10]).weekday()]
        return self.weekday in {"", weekday} and self.hour in {None, int(name[11:13])}


def hours(weekday: str = "", hour: int | None = None) -> Hours | None:
    """Return the hours that a person says; None for all of them; raise Misused, in one sentence, for what is none."""
    day = weekday.strip().lower()
    if day and day not in WEEKDAYS:
        raise Misused(f"--weekday {weekday[:40]!r} is none: choose among {', '.join(WEEKDAYS)}.")
    if hour is not None and not 0 <= hour < HOURS:
        raise Misused(f"--hour {hour} is none: give 0 to {HOURS - 1}.")
    return Hours(day, hour) if day or hour is not None else None
