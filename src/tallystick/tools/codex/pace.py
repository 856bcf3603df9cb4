"""How long the model worked on each answer, from the times of the lines around it.

The rules of active time stand in `tallystick.usage.activity`. A request is a person's message, the
beginning of a turn or a tool's result; older versions write a tool's result before the usage of the
answer that asked for the tool.
"""

from typing import Any, Final

from tallystick.usage.activity import AWAY_MS, worked

_MOST: Final = 64
"""Lines of one answer that are remembered one by one."""


class Pace:
    """Follows one thread's lines; all times are milliseconds since 1970, 0 is none."""

    __slots__ = ("begun", "done", "lines", "next")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        said: list[Any] = state or [0, 0, 0, []]
        self.begun: int = said[0]
        """When the model was given its present request, or the last line of its answer that is added up."""
        self.done: int = said[1]
        """Work up to then."""
        self.next: int = said[2]
        """When it was given another request, before the usage of its answer was told."""
        self.lines: list[int] = list(said[3])
        """Times of the other lines of the present answer."""

    def state(self) -> list[Any] | None:
        """Return what another one needs to go on, as JSON holds it."""
        said = [self.begun, self.done, self.next, self.lines]
        return said if any(said) else None

    def request(self, time: int) -> None:
        """Take the time at which the model was given something to answer."""
        if self.lines:
            self.next = time
        else:
            self.begun = time

    def answer(self, time: int) -> None:
        """Take the time of a line of an answer."""
        if self.next:
            # The answer before this one was never told of by a usage line: cut off.
            self.begun, self.done, self.next = self.next, 0, 0
            self.lines.clear()
        elif len(self.lines) >= _MOST:
            self.done += worked(self.begun, self.lines)
            self.begun = max(self.begun, *self.lines)
            self.lines.clear()
        self.lines.append(time)

    def usage(self, time: int) -> int:
        """Take the time of the usage line that ends an answer, and return the answer's work in milliseconds."""
        lines = self.lines
        if not lines and self.begun:
            # Nothing of the answer was written down (a compaction): its usage line is its last one.
            lines.append(time)
        work = self.done
        if lines:
            span = lines[-1] - self.begun
            work += span if 0 <= span <= AWAY_MS else worked(self.begun, lines)
            lines.clear()
        self.begun, self.done, self.next = self.next or time, 0, 0
        return work
