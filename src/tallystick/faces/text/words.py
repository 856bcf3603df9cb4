"""Figures and names as people read them."""

from collections.abc import Sequence
from typing import Final
from unicodedata import east_asian_width

from tallystick.usage.period import Zone

_UNITS: Final = ("", "k", "M", "B", "T", "P", "E")
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_LEVELS: Final = " ▁▂▃▄▅▆▇█"
_CENT: Final = 10**10
_MINUTE_MS: Final = 60_000
_DATE_DIGITS: Final = 8


def number(count: int, *, compact: bool) -> str:
    """Return a count with thousands separators, or in at most five characters with a unit: 999, 12.3k, 4.89M."""
    if not compact or abs(count) < 1000:  # noqa: PLR2004  below a thousand there is nothing to shorten
        return f"{count:,}"
    for power, unit in enumerate(_UNITS):
        # 999 950 is 1.00M and not 1000k: what matters is how it reads once it is rounded.
        scaled = count / 1000**power
        text = f"{scaled:.2f}" if abs(scaled) < 9.995 else f"{scaled:.1f}" if abs(scaled) < 99.95 else f"{scaled:.0f}"  # noqa: PLR2004
        if abs(float(text)) < 1000 and power:  # noqa: PLR2004
            return text + unit
    return f"{count:.1e}"


def money(pico: int) -> str:
    """Return pico-dollars in dollars and cents; less than a cent, but not nothing, says so."""
    if 0 < pico < _CENT // 2:
        return "<$0.01"
    cents = (pico + _CENT // 2) // _CENT
    return f"${cents // 100:,}.{cents % 100:02}"


def exact(pico: int, decimals: int = 2) -> str:
    """Return pico-dollars in full, with so many decimals or more where they are needed."""
    whole, part = divmod(pico, 10**12)
    digits = f"{part:012}".rstrip("0")
    return f"${whole:,}.{digits:0<{decimals}}"


def duration(ms: int) -> str:
    """Return a length of time in its two largest units: 45s, 12m, 3h 05m, 2d 04h."""
    if ms < _MINUTE_MS:
        return f"{ms // 1000}s" if ms else "0"
    minutes = (ms + _MINUTE_MS // 2) // _MINUTE_MS
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    return f"{hours}h {minutes:02}m" if hours else f"{minutes}m"


def moment(ms: int, zone: Zone, *, year: bool = False) -> str:
    """Return a moment on the clock of a zone, to the minute."""
    return f"{zone.local(ms):{'%Y-%m-%d %H:%M' if year else '%m-%d %H:%M'}}"


def days(first: str, last: str) -> str:
    """Return a span of days, given as ISO dates, in words; empty ones are open."""
    if first and last:
        return first if first == last else f"{first} to {last}"
    return f"since {first}" if first else f"until {last}" if last else "nothing yet"


def bar(part: int, whole: int, width: int) -> str:
    """Return a bar that fills its width as far as the part fills the whole, to an eighth of a character."""
    eighths = 0 if whole <= 0 or part <= 0 else max(1, round(part * width * 8 / whole))
    full, rest = divmod(min(eighths, width * 8), 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def columns(values: Sequence[int], height: int, width: int) -> list[str]:
    """Return a chart of so many lines in which each value is a column of a width; nothing is a dot, little is a line."""
    highest = max(values, default=0)
    eighths = [max(1, round(value * height * 8 / highest)) if value > 0 else 0 for value in values]
    lines = []
    for level in range(height - 1, -1, -1):
        marks = (_LEVELS[min(8, max(0, each - level * 8))] for each in eighths)
        marks = ("·" if not level and not each else mark for mark, each in zip(marks, eighths, strict=True))
        lines.append("".join(mark * max(1, width - 1) + " " * (width > 1) for mark in marks).rstrip())
    return lines


def undated(name: str) -> str:
    """Return a model's name without the date that may end it."""
    head, _, tail = name.rpartition("-")
    return head if head and len(tail) == _DATE_DIGITS and tail.isdigit() else name


def model(name: str) -> str:
    """Return a model's name without what says little in a list: the vendor in front and the date behind."""
    return undated(name).removeprefix("claude-") or "(no name)"


def tail(path: str) -> str:
    """Return the last part of a path."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def listed(names: Sequence[str], width: int) -> str:
    """Return as many names as fit, with commas between them, and how many more there are."""
    for shown in range(len(names), 0, -1):
        more = f" +{len(names) - shown}" if shown < len(names) else ""
        text = ", ".join(names[:shown]) + more
        if cells(text) <= width or shown == 1:
            return text
    return ""


def clean(text: str) -> str:
    """Return a text that is safe to show: characters that steer a terminal are replaced."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "�" for each in text)


def cells(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def shortened(text: str, width: int, *, keep_end: bool = False) -> str:
    """Return a text that takes at most so many columns, an ellipsis standing for the end or the beginning that is left off."""
    if cells(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for each in reversed(text) if keep_end else text:
        room -= cells(each)
        if room < 0:
            break
        kept.append(each)
    shown = "".join(reversed(kept) if keep_end else kept)
    return ("…" + shown if keep_end else shown + "…") if width > 0 else ""


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun in the right number."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
