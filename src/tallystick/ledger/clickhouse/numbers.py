"""Numbers that every node works out alike: of contexts, variants, sources and events, without a counter that they would share."""

from collections.abc import Iterable
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.usage.identity import key

MOST: Final = 2**63 - 1
MOST_OF_EVENTS: Final = 2**53 - 1
"""An event is named in answers: no larger number is the same in every language that reads them."""
SPREAD: Final = -7046029254386353131
"""An odd number of 64 bits with its ones well spread: requests that differ little give numbers that differ much."""
_WHOLE: Final = 2**64
_HALF: Final = 2**63


def of_text(*parts: str) -> int:
    """Return the number of what is known by texts: a context, a variant, the path of a source."""
    return key(*parts) & MOST


def of_event(key: int, request: int) -> int:
    """Return the number of a settled event: one for each key and leading request."""
    return (key ^ _signed(request * SPREAD)) & MOST_OF_EVENTS


def of_derived(row: Iterable[object]) -> int:
    """Return the number of an event that stands for what a reading adds: one for all that it holds."""
    return key("derived", *map(str, row)) & MOST_OF_EVENTS


EVENT: Final = f"bitAnd(bitXor(key, request * toInt64({SPREAD})), toInt64({MOST_OF_EVENTS}))"
"""The number of an event with one sighting, within the engine."""


def worth_of(call: Row) -> int:
    """Return the worth of a view of a tool's use (…, ended, failed), the higher of which holds: one with an end, of two ends the first."""
    *_, ended, failed = call
    return 2 * (2**62 - min(max(ended, 1), 2**61)) + (not failed) if ended else 0


def _signed(number: int) -> int:
    return (number + _HALF) % _WHOLE - _HALF
