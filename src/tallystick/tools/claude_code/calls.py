"""Uses of tools: from the block in which the model asks for one to the line that holds its result."""

from typing import Any, Final
from zlib import crc32

from tallystick.usage.event import ToolCall

_MOST_WAITING: Final = 256
"""Uses without a result that are remembered; the oldest ones go first."""

type Waiting = tuple[int, str, int]
"""Of a use that has no result yet: the event in which it was asked for, the tool's name, when."""


class Calls:
    """The uses of tools in one transcript that wait for their results."""

    __slots__ = ("_dropped", "waiting")

    def __init__(self, left: dict[str, Any]) -> None:
        """Go on from the ones that an earlier reader left waiting."""
        self.waiting: dict[str, Waiting] = {use: (event, name, asked) for use, (event, name, asked) in left.items()}
        self._dropped: list[ToolCall] = []

    def ask(self, use: str, waiting: Waiting) -> None:
        """Note that the model asked for a tool."""
        self.waiting[use] = waiting
        if len(self.waiting) > _MOST_WAITING:
            oldest = next(iter(self.waiting))
            event, name, asked = self.waiting.pop(oldest)
            self._dropped.append(call_of(event, oldest, name, asked, 0, failed=False))

    def unanswered(self) -> list[ToolCall]:
        """Return the calls without a result; those that were given up, since there were too many, only once."""
        calls, self._dropped = self._dropped, []
        return calls + [
            call_of(event, use, name, asked, 0, failed=False) for use, (event, name, asked) in self.waiting.items()
        ]


def call_of(event: int, use: str, name: str, asked: int, ended: int, failed: bool) -> ToolCall:  # noqa: FBT001 - named arguments cost time here
    """Return a call; its key holds the id of its use, so that a copied or repeated block is the same call."""
    identity = event ^ crc32(use.encode())
    # A named tuple made directly: twice as fast as through its own `__new__`, and there is one for each use of a tool.
    return tuple.__new__(ToolCall, (identity, event, name, asked, ended, failed))
