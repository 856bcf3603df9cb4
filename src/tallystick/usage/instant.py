"""Instants: from the ISO texts in logs to milliseconds since 1970, UTC."""

from datetime import UTC, datetime
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_parse = datetime.fromisoformat


def instant(text: str | bytes) -> int:
    """Return milliseconds since 1970 for an ISO date and time; raise ValueError on nonsense.

    Any number of fraction digits, `Z` and offsets are understood; a text without a zone is UTC, as logs mean it.
    """
    moment = _parse(text if isinstance(text, str) else text.decode("ascii"))
    try:
        gap = moment - EPOCH
    except TypeError:
        gap = moment.replace(tzinfo=UTC) - EPOCH
    return gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000
