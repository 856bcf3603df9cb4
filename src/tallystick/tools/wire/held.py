"""Calls that are held until it is known whether a log has them too, as plain values and back."""

from collections.abc import Iterable
from typing import Any, Final

from tallystick.tools.wire.line import Told
from tallystick.usage.event import Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

HELD: Final = "held"
"""Where they are in the state of the spool's reader."""

type Row = tuple[Any, ...]
"""The fields of an event, with its variant, tokens and context as tuples; then the parent of the agent that asked."""


def held(event: UsageEvent, call: Told) -> Row:
    """Return an event as a state can hold it."""
    return (*(tuple(each) if isinstance(each, tuple) else each for each in event), call.parent)


def released(rows: Iterable[Row]) -> list[tuple[UsageEvent, str]]:
    """Return what was held: each event, and the parent of its agent."""
    return [
        (UsageEvent(key, request, time, Variant(*variant), Tokens(*tokens), Context(*context), *rest), parent)
        for key, request, time, variant, tokens, context, *rest, parent in rows
    ]
