"""Figures as people read them on a page."""

from typing import Final

from tallystick.usage.hours import WEEKDAYS, Hours
from tallystick.usage.period import Zone

_CENT: Final = 10**10
"""Pico-dollars (1e-12 USD)."""
_DOLLAR: Final = 10**12
_SCALES: Final = ((10**9, "B"), (10**6, "M"), (10**3, "k"))
_DAYS: Final = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000


def money(pico: int | None) -> str:
    """Return pico-dollars as dollars and cents; less than a cent is not shown as nothing."""
    if pico is None:
        return "no price"
    if 0 < abs(pico) < _CENT:
        return "< $0.01" if pico > 0 else "> −$0.01"
    cents = (abs(pico) + _CENT // 2) // _CENT
    return f"{'−' if pico < 0 else ''}${cents // 100:,}.{cents % 100:02}"


def dollars(pico: int) -> float:
    """Return pico-dollars as dollars, for a chart: to the sixth decimal, which no chart can show."""
    return round(pico / _DOLLAR, 6)


def short(number: float) -> str:
    """Return a count in three figures at least: 1,234 · 12.3 k · 4.56 M · 1.23 B."""
    for scale, letter in _SCALES:
        if abs(number) >= scale and not (letter == "k" and abs(number) < 10 * scale):
            scaled = number / scale
            return f"{scaled:.{2 if abs(scaled) < 10 else 1 if abs(scaled) < 100 else 0}f} {letter}"  # noqa: PLR2004  two digits, one digit
    return f"{number:,.0f}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the right form."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(ms: float | None) -> str:
    """Return a length of time in its two greatest units: 3 h 05 min, 4 min 10 s, 2.5 s."""
    if ms is None:
        return "–"
    if ms < _MINUTE:
        return f"{ms / _SECOND:.1f} s" if ms < 10 * _SECOND else f"{ms / _SECOND:.0f} s"
    if ms < _HOUR:
        return f"{int(ms // _MINUTE)} min {int(ms % _MINUTE // _SECOND):02} s"
    return f"{int(ms // _HOUR):,} h {int(ms % _HOUR // _MINUTE):02} min"


def ago(ms: int) -> str:
    """Return how long ago something was, in its greatest unit."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if ms >= unit:
            return f"{counted(ms // unit, name)} ago"
    return "just now"


def lately(ms: int) -> str:
    """Return how long ago something was in few letters: 20 min ago, 4 h ago, 3 days ago."""
    return ago(ms).replace(" minutes", " min").replace(" minute", " min").replace(" hours", " h").replace(" hour", " h")


def percent(share: float | None, digits: int = 1) -> str:
    """Return a part of 1 in percent, rounded down, so that only all is 100 %; little is not shown as nothing; None is a dash."""
    if share is None:
        return "–"
    scale = 10**digits
    least = int(share * 100 * scale + 1e-9)
    return f"{least / scale:.{digits}f} %" if least or share <= 0 else f"< {1 / scale:.{digits}f} %"


def points(number: float) -> str:
    """Return points of a window: whole ones, and tenths below one."""
    shown = f"{number:.0f}" if number >= 0.95 else f"{max(number, 0.1):.1f}"  # noqa: PLR2004
    return f"{shown} point{'' if shown == '1' else 's'}"


def change(share: float | None) -> str:
    """Return by how much something has changed: +12 %, −3 %, ±0 %, or × 14 for much more; a dash where nothing was before."""
    if share is None:
        return "–"
    if share >= 9:  # noqa: PLR2004  ten times as much
        return f"× {share + 1:,.0f}"
    points = round(share * 100)
    return f"{'+' if points > 0 else '−' if points < 0 else '±'}{abs(points)} %"


def exact(pico: int) -> str:
    """Return pico-dollars as dollars with all their decimals, two at least: $15.00, $0.075."""
    decimals = f"{abs(pico) % _DOLLAR:012}".rstrip("0").ljust(2, "0")
    return f"{'−' if pico < 0 else ''}${abs(pico) // _DOLLAR:,}.{decimals}"


def moment(ms: int, zone: Zone, now: int) -> str:
    """Return a moment as people in a zone say it: day and time, or where it was in another year the date."""
    local = zone.local(ms)
    day = f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{day} {local:%H:%M}" if local.year == zone.local(now).year else f"{day} {local.year}"


def time_of_day(ms: int, zone: Zone) -> str:
    """Return a moment of today to the second."""
    return f"{zone.local(ms):%H:%M:%S}"


def moment_whole(ms: int, zone: Zone) -> str:
    """Return a moment to the second, with its zone."""
    return f"{zone.local(ms):%Y-%m-%d %H:%M:%S}, {zone.name}"


def nothing(*, filtered: bool) -> str:
    """Return what is said, and what can be done, where nothing was used."""
    if filtered:
        return "Nothing in this period fits the filters: take one of them away, or choose a longer period."
    return "Nothing was used in this period: choose a longer one."


def fine(pico: int | None) -> str:
    """Return pico-dollars as dollars with four decimals, for what is small by nature; less than the last is not shown as nothing."""
    if pico is None:
        return "no price"
    if 0 < abs(pico) < _FINE:
        return "< $0.0001" if pico > 0 else "> −$0.0001"
    units = (abs(pico) + _FINE // 2) // _FINE
    return f"{'−' if pico < 0 else ''}${units // 10_000:,}.{units % 10_000:04}"


_FINE: Final = 10**8
"""Pico-dollars."""


def span(first: str, last: str) -> str:
    """Return first and last day in words; a single day is told once."""
    return first if first == last else f"{first} to {last}"


def clipped(name: str, most: int = 80) -> str:
    """Return a name that may be of any length as one that can be shown many times."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def plain(name: str) -> str:
    """Return a name that may stand in a sentence: what steers the direction of writing, or has no look, is replaced."""
    return "".join(each if each.isprintable() else "�" for each in name) or "(no name)"


def clock(moment: str) -> str:
    """Return a moment given as ISO text, `2026-11-22T14:00+01:00`, in words: 2026-11-22 14:00 (+01:00); a day stays as it is."""
    day, _, rest = moment.partition("T")
    return f"{day} {rest[:-6]} ({rest[-6:]})" if rest else day


def hours_said(hours: Hours | None) -> list[tuple[str, str]]:
    """Return what is chosen of the hours of the week, each as the parameter that says it and in words: Mondays, 14:00 to 15:00."""
    if hours is None:
        return []
    found = [("weekday", _DAYS[WEEKDAYS.index(hours.weekday)])] if hours.weekday else []
    return found + ([("hour", hour_said(hours.hour))] if hours.hour is not None else [])


def hour_said(hour: int) -> str:
    """Return an hour of the day in words."""
    return f"{hour:02}:00 to {hour + 1:02}:00"
