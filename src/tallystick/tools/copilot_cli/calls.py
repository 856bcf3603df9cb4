"""Tools that the model used: from its asking over the start to the result."""

from typing import Any, Final

from tallystick.usage.event import ToolCall
from tallystick.usage.identity import key

_MOST: Final = 256
"""Calls that are remembered while something of them is missing; the oldest go first."""


class Calls:
    """The calls of one journal that have not ended, by their ids."""

    __slots__ = ("_asked", "_running")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self._asked: dict[str, int] = {}
        """The event in which the model asked for it."""
        self._running: dict[str, list[Any]] = {}
        """Event, name, start."""
        if state:
            self._asked, self._running = state

    def state(self) -> list[Any]:
        """Return what another one needs to go on, as JSON holds it."""
        return [self._asked, self._running]

    def ask(self, call: str, event: int) -> None:
        """Take a request of the model, made in an event."""
        self._asked[call] = event
        _keep_newest(self._asked)

    def start(self, call: str, name: str, time: int) -> ToolCall:
        """Take the start of a call and return it; what a person started belongs to no event."""
        self._running[call] = [self._asked.pop(call, 0), name, time]
        _keep_newest(self._running)
        return self._call(call, 0, failed=False)

    def end(self, call: str, time: int, *, failed: bool) -> ToolCall | None:
        """Take a result and return its call; None when no start is known."""
        if call not in self._running:
            return None
        ended = self._call(call, time, failed=failed)
        del self._running[call]
        return ended

    def _call(self, call: str, ended: int, *, failed: bool) -> ToolCall:
        event, name, started = self._running[call]
        # A journal that was copied into another session repeats the ids of its calls.
        return ToolCall(key("copilot-cli", "tool", call), event, name, started, ended and max(ended, started), failed)


def _keep_newest(calls: dict[str, Any]) -> None:
    while len(calls) > _MOST:
        del calls[next(iter(calls))]
