"""What Claude Code itself writes into a transcript: that an answer broke off, and that a limit was reached."""

from typing import Any, Final

from tallystick.tools.claude_code.plain import text_of
from tallystick.usage.event import LimitSample

PROVIDER: Final = "anthropic"
_INTERRUPTED: Final = "[Request interrupted by user"
_REACHED: Final = "limit reached|"
_MINUTES: Final = (("five_hour", 300), ("seven_day", 10_080))
"""Lengths of windows, by how their names begin."""
_SOONEST: Final = 1_577_836_800
"""2020-01-01 in seconds: an earlier reset is damage."""
_LATEST: Final = 4_102_444_800
"""2100-01-01."""


def tells_cut(line: dict[str, Any]) -> bool:
    """Tell whether a user's line says that the answer before it was not finished.

    It is the notice of an interruption, or (2.1.330) the request to go on that the tool makes for itself after
    a stream was cut.
    """
    if line.get("interruptedMessageId") or line.get("turnCompanion") is True:
        return True
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, list) and content and isinstance(content[0], dict):
        content = content[0].get("text")
    return isinstance(content, str) and content.startswith(_INTERRUPTED)


def limits_of(line: dict[str, Any], time: int) -> list[LimitSample]:
    """Return what an error in the model's place says of usage windows that are used up."""
    if line.get("isApiErrorMessage") is not True:
        return []
    found = _told_by_fields(line.get("quotaLimits"), time)
    return found or _told_by_words(line, time)


def _told_by_fields(said: Any, time: int) -> list[LimitSample]:
    limits = said if isinstance(said, list) else [said]
    found = []
    for limit in limits:
        if not isinstance(limit, dict) or limit.get("status") != "rejected":
            continue
        window = text_of(limit.get("rateLimitType"))
        resets = _seconds(limit.get("resetsAt"))
        if window and resets:
            minutes = next((minutes for name, minutes in _MINUTES if window.startswith(name)), 0)
            found.append(LimitSample(PROVIDER, window, minutes, 100.0, resets * 1000, time))
    return found


def _told_by_words(line: dict[str, Any], time: int) -> list[LimitSample]:
    """Return the limit in a text such as `Claude AI usage limit reached|1757000000`, as versions up to 2.0 wrote."""
    message = line.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    for part in content if isinstance(content, list) else []:
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str) and _REACHED in text:
            digits = text.partition(_REACHED)[2].split("|")[0].strip()
            resets = _seconds(int(digits)) if digits.isascii() and digits.isdecimal() and len(digits) < 12 else 0  # noqa: PLR2004 - seconds have ten digits
            if resets:
                return [LimitSample(PROVIDER, "five_hour", 300, 100.0, resets * 1000, time)]
    return []


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _SOONEST <= value < _LATEST:
        return 0
    return int(value)
