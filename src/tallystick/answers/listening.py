"""Listening to a server: what it tells by itself whenever something has changed (server-sent events)."""

from collections.abc import Iterator, Mapping
from json import loads
from typing import Any, Final

from tallystick.answers.reaching import Reach, reached

ADDRESS: Final = "/api/v1/stream"
_SILENCE_S: Final = 50.0
"""It gives a sign of life every fifteen seconds."""
_LINE_MOST: Final = 1 << 16

type Told = tuple[str, Mapping[str, Any]]
"""What is told: `version` or `status`, and its fields as `/api/v1/stream` describes them."""


def listen(reach: Reach) -> Iterator[Told]:
    """Yield what a server tells for as long as it does; raise, with what to do, when it refuses or falls silent."""
    with reached(reach, ADDRESS, {"Accept": "text/event-stream"}, _SILENCE_S) as response:
        kind = ""
        while line := response.readline(_LINE_MOST):
            name, _, text = line.decode().rstrip("\r\n").partition(": ")
            if name == "event":
                kind = text
            elif name == "data" and kind:
                told = _read(text)
                if told is not None:
                    yield kind, told
                kind = ""


def _read(text: str) -> Mapping[str, Any] | None:
    """Return the fields of an event; None for anything else, which a newer server may send."""
    try:
        told = loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
