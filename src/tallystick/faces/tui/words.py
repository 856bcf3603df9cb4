"""Figures, names and moments in as few columns of a terminal as they can be read in."""

from collections.abc import Sequence
from typing import Final
from unicodedata import combining, east_asian_width

from tallystick.usage.period import Zone

_UNITS: Final = ("", "k", "M", "B", "T", "P", "E")
_LEVELS: Final = "▁▂▃▄▅▆▇█"
_CENT: Final = 10**10
_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 3_600_000
_DATE_DIGITS: Final = 8


def number(count: int) -> str:
    """Return a count in at most five characters: 999, 12.3k, 4.89M."""
    if abs(count) < 1000:  # noqa: PLR2004  below a thousand there is nothing to shorten
        return f"{count}"
    for power, unit in enumerate(_UNITS):
        # 999 950 is 1.00M and not 1000k: what matters is how it reads once it is rounded.
        scaled = count / 1000**power
        text = f"{scaled:.2f}" if abs(scaled) < 9.995 else f"{scaled:.1f}" if abs(scaled) < 99.95 else f"{scaled:.0f}"  # noqa: PLR2004
        if abs(float(text)) < 1000 and power:  # noqa: PLR2004
            return text + unit
    return f"{count:.0e}"


def money(pico: int | None) -> str:
    """Return pico-dollars in dollars and cents; less than a cent, but not nothing, says so, and what has no price too."""
    if pico is None:
        return "no price"
    if 0 < pico < _CENT // 2:
        return "<$0.01"
    cents = (pico + _CENT // 2) // _CENT
    return f"${cents // 100:,}.{cents % 100:02}"


def percent(share: float) -> str:
    """Return a share of one in whole percent, rounded down: 100 % is said only of all."""
    return f"{int(share * 100 + 1e-9)} %"


def duration(ms: int) -> str:
    """Return a length of time in its two largest units: 45s, 12m, 3h 05m, 2d 04h."""
    if ms < _MINUTE_MS:
        return f"{max(ms, 0) // _SECOND_MS}s"
    minutes = (ms + _MINUTE_MS // 2) // _MINUTE_MS
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m"


def ago(ms: int) -> str:
    """Return how long something has been over, coarse enough not to change all the time: now, 5m, 3h, 2d."""
    if ms < _MINUTE_MS:
        return "now"
    if ms < _HOUR_MS:
        return f"{ms // _MINUTE_MS}m"
    hours = ms // _HOUR_MS
    return f"{hours}h" if hours < 48 else f"{hours // 24}d"  # noqa: PLR2004  two days


def clock(ms: int, zone: Zone, now: int, *, seconds: bool = False) -> str:
    """Return a moment on the clock of a zone; on another day than today with the weekday, or the date where that is far."""
    local = zone.local(ms)
    apart = zone.day(ms) - zone.day(now)
    if not apart:
        return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if abs(apart) < 7 else f"{local:%m-%d %H:%M}"  # noqa: PLR2004  a week


def bar(share: float, width: int) -> str:
    """Return a bar that fills its width as far as a share of one says, to half a character; a little shows, too."""
    halves = 0 if share <= 0 else max(1, round(min(share, 1.0) * width * 2))
    return "━" * (halves // 2) + "╸" * (halves % 2)


def spark(values: Sequence[int]) -> str:
    """Return a line with a column for each value; nothing is a dot."""
    highest = max(values, default=0)
    return "".join(_LEVELS[min(7, value * 8 // (highest + 1))] if value > 0 else "·" for value in values)


def model(name: str) -> str:
    """Return a model's name without what says little in a list: the vendor in front and the date behind."""
    head, _, tail = name.rpartition("-")
    dated = head and len(tail) == _DATE_DIGITS and tail.isdigit()
    return clean(head if dated else name).removeprefix("claude-") or "(no name)"


def place(path: str) -> str:
    """Return the last part of a path."""
    return clean(path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path)


def clean(text: str) -> str:
    """Return a text that is safe to show: characters that steer a terminal are replaced."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "�" for each in text)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def shortened(text: str, width: int) -> str:
    """Return a text that takes at most so many columns, an ellipsis standing for the end that is left off."""
    if cells(text) <= width:
        return text
    kept, room = "", width - 1
    for each in text:
        room -= _cells(each)
        if room < 0:
            break
        kept += each
    return f"{kept}…" if width > 0 else ""


def counted(count: int, one: str) -> str:
    """Return a count with its noun in the right number."""
    return f"{count:,} {one if count == 1 else f'{one}s'}"
