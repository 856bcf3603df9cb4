"""Calls that are held until it is known whether a log has them too, as plain values and back."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from tallystick.usage.event import Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

HELD: Final = "held"
"""Where they are in the state of the spool's reader."""
WAITING: Final = "waiting"
"""Where those are that are worked out in the background: of each the key of the event to come, the time, the place in the
file, and by whom it was asked for where."""
NEVER_ASKED: Final = "usage missing: it was answered in the background, and nobody was seen to ask for the answer"

type Row = tuple[Any, ...]
"""The fields of an event, with its variant, tokens and context as tuples; then the parent of the agent that asked, and the
model that was asked for."""
_FIELDS: Final = len(UsageEvent._fields)


class Released(NamedTuple):
    """A call that was held."""

    event: UsageEvent
    parent: str
    asked: str
    """Empty where it is the model that answered, or is not known."""


def held(event: UsageEvent, parent: str, asked: str) -> Row:
    """Return an event as a state can hold it."""
    other = "" if asked == event.variant.model else asked
    return (*(tuple(each) if isinstance(each, tuple) else each for each in event), parent, other)


def released(rows: Iterable[Row]) -> list[Released]:
    """Return what was held."""
    return [_released(*row) for row in rows]


def _released(*row: Any) -> Released:
    key, request, time, variant, tokens, context, *rest = row[:_FIELDS]
    event = UsageEvent(key, request, time, Variant(*variant), Tokens(*tokens), Context(*context), *rest)
    # What an earlier version held does not tell what was asked for.
    parent, asked = (*row[_FIELDS:], "")[:2]
    return Released(event, parent, asked)
