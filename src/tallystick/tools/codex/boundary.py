"""Where a file's own part begins: forks and subagents start with a copy of their parent's lines.

The copies carry the times of the copying, so that only names and positions tell them apart. In order of
trust: the ordinal that `session_meta` names; lines that carry the thread's own id; turns whose id (a
UUID of version 7 begins with its millisecond) or start is not older than the thread. Files without
any of these are read as a burst: copies are written at once, an answer takes longer.
"""

from typing import Any, Final

from tallystick.tools.codex.plain import Fields

BURST_MS: Final = 1000
"""Between two copied lines passes less; longer copies than a disk stalls are not known."""


def moment_of(identity: str) -> int:
    """Return the millisecond in which a UUID of version 7 was made; 0 for any other id."""
    if len(identity) != 36 or identity[14] != "7" or identity[8] != "-" or identity[13] != "-":  # noqa: PLR2004 - a UUID
        return 0
    digits = identity[:8] + identity[9:13]
    return int(digits, 16) if digits.isalnum() and digits.isascii() and _is_hex(digits) else 0


def _is_hex(digits: str) -> bool:
    return not digits.strip("0123456789abcdefABCDEF")


class Boundary:
    """Tells whether the lines at hand are copies."""

    __slots__ = ("_announced", "_born", "_by_user", "_dated", "_first", "_last", "_sure", "copying", "refers")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin with lines that are the file's own, or go on from `state()`."""
        self.copying = False
        self.refers = False
        """The parent's lines are referred to, not copied."""
        self._sure = False
        """Something better than a pause told where the own part begins."""
        self._born = 0
        self._first = -1
        """The first own ordinal."""
        self._by_user = False
        self._dated = False
        """Some copied turn could be dated, so that the first own one will be."""
        self._announced = ""
        self._last = 0
        if state:
            self.copying, self.refers, self._sure, self._born, self._first = state[:5]
            self._by_user, self._dated, self._announced, self._last = state[5:]

    def state(self) -> list[Any]:
        """Return what another one needs to go on, as JSON holds it."""
        said = [self.copying, self.refers, self._sure, self._born, self._first]
        return [*said, self._by_user, self._dated, self._announced, self._last]

    def own_meta(self, fields: Fields, thread: str, time: int) -> None:
        """Take the file's own `session_meta`."""
        self._born = moment_of(thread) or time
        self._last = time
        self._by_user = fields.text("thread_source") == "user"
        if fields.has("history_base"):
            self.refers = self._sure = True
            return
        for name in ("subagent_history_start_ordinal", "forked_from_ordinal_exclusive"):
            first = fields.whole(name)
            if first is not None:
                self._first = first
                break
        self.copying = self._first >= 0 or bool(fields.text("forked_from_id"))

    def other_meta(self) -> None:
        """Take another thread's `session_meta`: lines of that thread follow."""
        if not self._sure:
            self.copying = True

    def line(self, ordinal: int, time: int) -> None:
        """Take the place and time of any line while lines are copies; an ordinal below 0 is none."""
        if self._first >= 0:
            if ordinal >= self._first:
                self._own()
        elif not self._dated and self._last and time - self._last > BURST_MS:
            self.copying = False
        self._last = time

    def own_id(self) -> None:
        """Take a line that carries the thread's own id."""
        if self._first < 0:
            self._own()

    def started(self, turn: str, started: float | None) -> None:
        """Take a `task_started`: its turn and when that began, in seconds since 1970."""
        if self._sure:
            return
        self._announced = turn
        made = moment_of(turn)
        if made:
            self._date(made >= self._born)
        elif started is not None:
            self._date(started >= self._born // 1000)

    def turn(self, turn: str) -> None:
        """Take the turn of a `turn_context`: one of the thread's first millisecond is its own if a user forked it."""
        if self._sure:
            return
        made = moment_of(turn)
        if made:
            self._date(made > self._born or (made == self._born and (self._by_user or turn == self._announced)))

    def _date(self, is_own: bool) -> None:  # noqa: FBT001 - a fact, not a switch
        if self._first >= 0 or self._sure:
            return
        if is_own:
            self._own()
        else:
            self._dated = True

    def _own(self) -> None:
        self.copying = False
        self._sure = True
