"""Fields of foreign JSON and names in paths: a value where there is one of the right kind, nothing otherwise."""

from typing import Any, Final

from tallystick.usage.event import LimitSample
from tallystick.usage.instant import instant

NO_TIME: Final = "no readable timestamp"
EARLIEST: Final = 1_577_836_800_000
"""2020-01-01, before any such tool: a time before that, or after 2100, is damage."""
LATEST: Final = 4_102_444_800_000
MILLISECONDS_FROM: Final = 100_000_000_000
"""A smaller number is one of seconds: in milliseconds it would lie before 1974, in seconds it is the year 5138."""
_LONGEST: Final = 200
_REPEATED_MS: Final = 5 * 60_000


def moment(text: Any) -> int:
    """Return an ISO text's time in milliseconds since 1970; 0 when it is none that a log can have."""
    try:
        time = instant(text) if isinstance(text, str) else 0
    except (ValueError, OverflowError):
        return 0
    return time if EARLIEST <= time < LATEST else 0


def stamp(number: Any) -> int:
    """Return a time in milliseconds since 1970 that is told in milliseconds or seconds; 0 when it is none that a log can have."""
    if not isinstance(number, int | float) or isinstance(number, bool) or not EARLIEST // 1000 <= number < LATEST:
        return 0
    time = int(number) if number >= MILLISECONDS_FROM else round(number * 1000)
    return time if EARLIEST <= time < LATEST else 0


def text_of(value: Any) -> str:
    """Return a text, empty for anything else; halves of characters, which no file can hold, become question marks."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def title_of(value: Any) -> str:
    """Return a session's title on one line, shortened to 200 characters."""
    return " ".join(text_of(value)[: 4 * _LONGEST].split())[:_LONGEST].rstrip()


def is_uuid(text: str) -> bool:
    """Tell whether an id is one that no two things share."""
    return len(text) == 36 and [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]  # noqa: PLR2004 - a UUID


def is_news(sample: LimitSample, last: dict[str, list[float]]) -> bool:
    """Tell whether a vendor said something new of a window, or the same after five minutes; note it in that case.

    `last` holds by window what was noted: per cent, reset and moment. Whoever answers many calls repeats itself with each.
    """
    name = f"{sample.provider} {sample.window} {sample.account}"
    said = [sample.used_percent, sample.resets_at, sample.time]
    before = last.get(name)
    if before is not None and before[:2] == said[:2] and 0 <= sample.time - before[2] < _REPEATED_MS:
        return False
    last[name] = said
    return True
