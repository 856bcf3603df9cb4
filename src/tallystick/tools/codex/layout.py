"""How a rollout's lines begin, and what can be told from that without decoding them.

Codex writes a line's keys in one order: timestamp, ordinal (since 0.145), type, payload with its own type
first. Quotes inside a JSON text are escaped, so that no text can look like a key; and a key of something
nested cannot stand in these places.
"""

from typing import Final

from tallystick.tools.fields import EARLIEST, LATEST
from tallystick.usage.instant import instant

type Data = bytes | bytearray

HEAD: Final = b'{"timestamp":"'
TYPE_AT: Final = len('{"timestamp":"2026-08-21T09:50:38.128Z"')
"""Where the type follows when there is no ordinal."""
SECOND_AT: Final = len('{"timestamp":"2026-08-21T09:50:')
ORDINAL: Final = b',"ordinal":'
_DIGITS_MOST: Final = 20
TYPE: Final = b',"type":"'

EVENT: Final = TYPE + b'event_msg","payload":{"type":"'
ITEM: Final = TYPE + b'response_item","payload":{"type":"'
RECORD: Final = TYPE + b'token_usage_record","payload":{'
META: Final = TYPE + b'session_meta","payload":{'
CONTEXT: Final = TYPE + b'turn_context","payload":{'
MATTERS: Final = tuple(
    TYPE + name
    for name in (b'event_msg"', b'response_item"', b'token_usage_record"', b'session_meta"', b'turn_context"')
)
"""Types of which something may be told, whatever follows."""

LETTER: Final = len(TYPE)
"""From where a type begins to stand to its first letter."""
EVENT_LETTER: Final = len(EVENT) + 1
"""To the second letter of an event's type, which tells more than the first."""
ITEM_LETTER: Final = len(ITEM)

LOOKED_AT: Final = 130
"""Bytes from a line's beginning on that may be looked at before its end is."""


def type_at(data: Data, position: int) -> int:
    """Return where the type of the line at `position` stands; -1 when the line begins in another way."""
    at = position + TYPE_AT
    if data.startswith(ORDINAL, at):
        digits = at + len(ORDINAL)
        at = data.find(b",", digits, digits + _DIGITS_MOST)
        if at < 0 or not data[digits:at].isdigit():
            return -1
    return at if data.startswith(TYPE, at) else -1


def ordinal_of(data: Data, position: int, at: int) -> int:
    """Return the ordinal of the line at `position` whose type stands at `at`; -1 when it has none."""
    digits = data[position + TYPE_AT + len(ORDINAL) : at]
    return int(digits) if digits else -1


def time_or_none(data: Data, position: int) -> int:
    """Return the time of the line at `position`, in milliseconds since 1970; 0 when it makes no sense."""
    head = data[position : position + TYPE_AT]
    if not head.startswith(HEAD) or not head.endswith(b'"'):
        return 0
    try:
        time = instant(head[len(HEAD) : -1].decode("ascii"))
    except ValueError:
        return 0
    return time if EARLIEST <= time < LATEST else 0
