"""How long the model worked on each answer, from the times of the lines around it.

The rules of active time stand in `tallystick.usage.activity`. A request is a person's message, the
beginning of a turn or a tool's result; older versions write a tool's result before the usage of the
answer that asked for the tool.
"""

from typing import Any, Final

from tallystick.usage.activity import AWAY_MS

_MOST: Final = 64
"""Lines of one answer that are remembered one by one."""


class Pace:
    """Follows one thread's lines; all times are milliseconds since 1970, 0 is none."""

    __slots__ = ("_away", "_mark", "_next", "begun", "lines")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self.begun, self._next, self._mark, self._away = state[:4] if state else (0, 0, 0, 0)
        """When the model was given its request, and the next one; up to when its silences were added up, and their sum."""
        self.lines: list[int] = list(state[4]) if state else []
        """Times of the lines of the present answer."""

    def state(self) -> list[Any] | None:
        """Return what another one needs to go on, as JSON holds it."""
        said = [self.begun, self._next, self._mark, self._away, self.lines]
        return said if any(said) else None

    def is_near(self, time: int) -> bool:
        """Tell whether no silence up to this time can count as away, so that the lines between do not matter."""
        before = self._next or self._mark or self.begun
        return 0 < before and time - before <= AWAY_MS

    def request(self, time: int) -> None:
        """Take the time at which the model was given something to answer."""
        if self.lines:
            self._next = time
        else:
            self.begun = time

    def answer(self, time: int) -> None:
        """Take the time of a line of an answer."""
        if self._next:
            # The answer before this one was never told of by a usage line: cut off.
            self.begun, self._next, self._mark, self._away = self._next, 0, 0, 0
            self.lines.clear()
        elif len(self.lines) >= _MOST:
            self._add_up()
        self.lines.append(time)

    def _add_up(self) -> None:
        before = self._mark or self.begun or self.lines[0]
        for time in self.lines:
            if time - before > AWAY_MS:
                self._away += time - before
            before = time
        self._mark = before
        self.begun = self.begun or self.lines[0]
        self.lines[:] = [before]

    def usage(self, time: int) -> int:
        """Take the time of the usage line that ends an answer, and return the answer's work in milliseconds."""
        lines = self.lines
        if not lines:
            if not self.begun:
                self.begun = time
                return 0
            # Nothing of the answer was written down (a compaction): its usage line is its last one.
            lines.append(time)
        last = lines[-1]
        if not self.begun or self._mark or last - self.begun > AWAY_MS:
            self._add_up()
        work = last - self.begun - self._away
        self.begun = self._next or time
        self._next = self._mark = self._away = 0
        lines.clear()
        return work if work > 0 else 0
