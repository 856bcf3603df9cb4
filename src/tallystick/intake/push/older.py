"""What Python 3.9 lacks of what our source uses; `lowering` has it taken from here."""

import sys
from datetime import datetime, timedelta, timezone
from typing import Final

_FORM: Final = (
    r"(\d{4})(-?)(\d\d)\2(\d\d)"
    r"(?:[^\d](\d\d)(?:(:?)(\d\d)(?:\6(\d\d)(?:[.,](\d+|(?=[Z+-])))?)?)?"
    r"(?:(Z)|([+-])(\d\d)(?:(:?)(\d\d)(?:\13(\d\d)(?:[.,](\d+))?)?)?)?)?"
)
"""Date, time, fraction, and how far ahead of UTC; either all parts are divided by signs or none.

Newer Pythons take a point without digits where it is told how far ahead of UTC that is."""
_SHORTEST: Final = len("2026-11-22T01:02:03Z")
_MICROSECONDS: Final = 6
_USUAL: Final = (_SHORTEST, _SHORTEST + 4, _SHORTEST + 7)
"""Lengths at which 3.9 understands all but the Z: without a fraction, with three digits, with six."""


def parsed(text: str) -> datetime:
    """Return the moment that an ISO date and time tells, with any number of digits behind the second; raise ValueError."""
    if text[-1:] == "Z" and len(text) in _USUAL:
        try:
            return datetime.fromisoformat(text[:-1] + "+00:00")  # noqa: FURB162  what 3.9 understands
        except ValueError:
            pass
    import re

    match = re.fullmatch(_FORM, text, re.ASCII)
    if match is None:
        raise ValueError(f"no ISO date and time: {text[:40]!r}")
    year, _, month, day, hour, _, minute, second, fraction, utc, sign, *offset = match.groups()
    parts = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    zone = timezone.utc if utc else _zone(sign, offset) if sign else None  # noqa: UP017  its other name is younger
    year_, month_, day_, hour_, minute_, second_ = parts
    return datetime(year_, month_, day_, hour_, minute_, second_, _micro(fraction), zone)


def _micro(fraction: str | None) -> int:
    return int((fraction or "")[:_MICROSECONDS].ljust(_MICROSECONDS, "0"))


def _zone(sign: str, parts: list[str | None]) -> timezone:
    hours, _, minutes, seconds, fraction = parts
    ahead = timedelta(
        hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0), microseconds=_micro(fraction)
    )
    return timezone(-ahead if sign == "-" else ahead)


# Only the older Pythons come here for what they lack; newer ones are faster with their own.
fromisoformat = datetime.fromisoformat if sys.version_info >= (3, 11) else parsed
