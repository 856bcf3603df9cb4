"""Usage windows of a Claude plan, as the headers of every answer tell them."""

import re
from collections.abc import Mapping
from typing import Final

from tallystick.providers.provider import Limit
from tallystick.usage.event import MOST_USED
from tallystick.usage.instant import instant

PROVIDER: Final = "anthropic"
_HEADER: Final = re.compile(r"anthropic-ratelimit-unified-(.+)-(utilization|reset|status|surpassed-threshold)")
_LENGTHS: Final = {"5h": ("five_hour", 300), "7d": ("seven_day", 10_080)}
"""The windows' names in the transcripts and in minutes, by how the headers call them; `7d_sonnet` is a week too."""
_MOST: Final = 32
_EARLIEST: Final = 1_577_836_800
_LATEST: Final = 4_102_444_800


def limits_in_headers(headers: Mapping[str, str]) -> list[Limit]:
    """Return the windows that the headers tell of; new ones are found by the pattern of their names."""
    windows: dict[str, dict[str, str]] = {}
    for name, said in headers.items():
        if (found := _HEADER.fullmatch(name)) and len(windows) < _MOST:
            windows.setdefault(found[1], {})[found[2]] = said
    return [limit for name, said in windows.items() for limit in _limit(name, said)]


def _limit(name: str, said: Mapping[str, str]) -> list[Limit]:
    share = _share(said["utilization"]) if "utilization" in said else None
    if share is None and "utilization" not in said and said.get("status") == "rejected":
        share = 1.0
    # Beyond is damage, and not made to fit.
    if share is None or not 0 <= share * 100 <= MOST_USED:
        return []
    begins, _, rest = name.partition("_")
    window, minutes = _LENGTHS.get(begins, (begins, 0))
    return [
        Limit(PROVIDER, f"{window}_{rest}" if rest else window, minutes, share * 100, _moment(said.get("reset", "")))
    ]


def _share(told: str) -> float | None:
    try:
        return float(told)
    except ValueError:
        return None


def _moment(told: str) -> int:
    """Return when a window begins anew: seconds since 1970 as a rule, once seen as a date."""
    try:
        seconds = float(told) if told.replace(".", "", 1).isdecimal() else instant(told) / 1000
    except (ValueError, OverflowError):
        return 0
    return round(seconds * 1000) if _EARLIEST <= seconds < _LATEST else 0
