"""The windows of a vendor's plan: what the tool has just told, what is kept of before, and how one is called shortly."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_SAME_MS = 120_000
"""Two that end within so long of one another are the same window: some sources round its end to minutes."""
_ROUNDED = 1.0
"""Points by which witnesses of one window lie apart: some round, and what is kept is some seconds old."""
_PERCENT_MOST = 101
"""More is no percentage: versions of Claude Code have told a moment in its place (anthropics/claude-code #52326)."""
_OLD_MS = 15 * 60_000
"""What was told so long ago is marked as stale."""
_LATEST_S = 1 << 40
_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080, "min": 1, "m": 1, "h": 60, "d": 1440, "w": 10_080}
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Window:
    """One window that still runs."""

    __slots__ = ("minutes", "name", "old", "resets_at", "runs_out", "used")

    def __init__(self, name: str, minutes: int, used: float, resets_at: int) -> None:
        """Begin with the vendor's name; `resets_at` is in milliseconds since 1970, and 0 where nobody tells."""
        self.name, self.minutes, self.used, self.resets_at = name, minutes, used, resets_at
        self.runs_out = 0
        """When it is used up, as far as one can tell, in the same measure; 0 where it is not before the reset."""
        self.old = False
        """Whether that was told a while ago."""

    @property
    def kind(self) -> tuple[int, str]:
        """What tells it from others, whoever names it: its length, and what it is for besides."""
        minutes, rest = length(self.name)
        return self.minutes or minutes, rest if minutes else self.name

    @property
    def label(self) -> str:
        """How it is called: its length where that is known, and what it is for besides."""
        minutes, rest = self.minutes or length(self.name)[0], length(self.name)[1]
        if not minutes:
            return self.name.replace("_", " ")
        short = next(
            f"{minutes // size}{unit}" for unit, size in (("d", 1440), ("h", 60), ("m", 1)) if not minutes % size
        )
        return f"{short} {rest}".rstrip()


def length(name: str) -> tuple[int, str]:
    """Return how many minutes a name tells (`five_hour`, `7d_opus`), 0 for none, and what else it says."""
    words = name.lower().replace("-", "_").split("_")
    digits = words[0].rstrip("abcdefghijklmnopqrstuvwxyz")
    if digits.isdigit() and digits.isascii():
        number, unit, rest = int(digits), words[0][len(digits) :], words[1:]
    elif words[0] in _NUMBERS:
        number, unit, rest = _NUMBERS.index(words[0]) + 1, "", words[1:]
    else:
        return 0, ""
    if not unit and rest:
        unit, rest = rest[0], rest[1:]
    size = _UNITS.get(unit.rstrip("s") or unit, 0)
    return (number * size, " ".join(rest)) if size else (0, "")


def running(said: "Mapping[str, Any]", kept: "Sequence[Mapping[str, Any]]", provider: str, now: int) -> list[Window]:
    """Return the windows of one account that run now, the shortest first.

    `said` is what the tool tells in this moment, by name; `kept` what all sources told before. One that has come to its end
    is nobody's figure any more, and left out.
    """
    ours = sorted((each for each in kept if each["provider"] == provider), key=lambda each: each["time"])
    found = _said(said, now)
    for window in found:
        _join(window, _known(ours, now))
    found = found or _of_one(ours, now)
    return sorted(found, key=lambda each: (each.minutes or length(each.name)[0] or 1 << 30, each.name))


def _join(window: Window, known: "Sequence[Window]") -> None:
    """Take over what is known of a window, if it is known.

    The tool does not say whose its figure is, and windows begin at full hours, so that those of two accounts often end together:
    only use that is the same tells that they are one. What lies far from it is another account's, or the tool's word is old.
    """
    near = [
        each
        for each in known
        if window.resets_at
        and window.kind == each.kind
        and abs(each.resets_at - window.resets_at) <= _SAME_MS
        and abs(each.used - window.used) <= _ROUNDED
    ]
    if near:
        # Within one window use only grows, so what is higher is rather the same one's.
        nearest = min(near, key=lambda each: (each.used < window.used, abs(each.used - window.used)))
        window.used = max(window.used, nearest.used)
        window.runs_out = nearest.runs_out


def _said(said: "Mapping[str, Any]", now: int) -> list[Window]:
    found = []
    for name, each in said.items():
        told = each if isinstance(each, dict) else {}
        used, ends = _number(told.get("used_percentage")), _number(told.get("resets_at")) or 0
        resets_at = int(ends * 1000) if 0 < ends < _LATEST_S else 0
        if used is not None and 0 <= used <= _PERCENT_MOST and (not resets_at or resets_at > now):
            found.append(Window(name, length(name)[0], min(used, 100.0), resets_at))
    return found


def _known(kept: "Sequence[Mapping[str, Any]]", now: int) -> list[Window]:
    found = []
    for each in kept:
        if each["until"] > now:
            made = Window(each["name"], each["minutes"], each["used"], each["resets_at"])
            made.runs_out, made.old = each["out"] or 0, now - each["time"] > _OLD_MS
            found.append(made)
    return found


def _of_one(kept: "Sequence[Mapping[str, Any]]", now: int) -> list[Window]:
    """Return the windows of that account of which was heard last.

    Not every witness names it: what has no name is that account's, too, unless it has such a window of its own.
    """
    last = kept[-1]["account"] if kept else ""
    whose = last or next((each["account"] for each in reversed(kept) if each["account"]), "")
    named = {each.name: each for each in _known([each for each in kept if each["account"] == whose], now)}
    unnamed = {each.name: each for each in _known([each for each in kept if not each["account"]], now)}
    if named.keys() & unnamed.keys():
        return list((named if last else unnamed).values())
    return [*named.values(), *unnamed.values()]


def _number(value: object) -> "float | None":
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # What is not equal to itself is no number.
    return float(value) if value == value and abs(value) < _LATEST_S else None  # noqa: PLR0124
