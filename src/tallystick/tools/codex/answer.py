"""The lines of one answer, collected while they pass and looked at when the answer is told of.

Most of them matter by the time of the last one only, and whether that is so is known at the end.
"""

from typing import Any

from tallystick.tools.codex.account import Account
from tallystick.tools.codex.decoded import Whole
from tallystick.tools.codex.layout import Data, time_or_none
from tallystick.tools.codex.plain import Misshapen
from tallystick.usage.activity import AWAY_MS


class Answer:
    """Places of lines in the data at hand."""

    __slots__ = ("_uses", "lines")

    def __init__(self) -> None:
        """Begin without lines."""
        self.lines: list[int] = []
        self._uses: list[tuple[int, Data]] = []
        """Those in which the model asked for a tool."""

    def use(self, position: int, raw: Data) -> None:
        """Take a line in which the model asked for a tool."""
        self.lines.append(position)
        self._uses.append((position, raw))

    def settle(self, account: Account, data: Data, shift: int, shape: Any) -> None:
        """Hand over all lines; `shift` is what makes a place in the data one in the source."""
        lines, asked, last, time = self.lines, account.calls.asked, -1, 0
        for position, raw in self._uses:
            try:
                call, name, time = _call_of(raw, shape)
            except Misshapen as fault:
                account.found.skip(position + shift, str(fault))
                continue
            last = position
            if call in asked:
                account.calls.turn(account.found.calls)
            asked[call] = [name or "local_shell", time, 0, False]
        if last != lines[-1]:
            time = time_or_none(data, lines[-1])
        pace = account.pace
        if time and not pace.next and 0 <= time - pace.begun <= AWAY_MS:
            # No silence can have counted as away, so that the lines before the last one do not matter.
            pace.lines[:] = (time,)
        else:
            for position in lines:
                # A line that tells only its time tells nothing when that makes no sense.
                if time := time_or_none(data, position):
                    pace.answer(time)
        lines.clear()
        self._uses.clear()


def _call_of(raw: Data, shape: Any) -> tuple[str, str, int]:
    try:
        told: tuple[str, str, int] = shape.call_of(raw)
    except shape.REFUSALS:
        return Whole.call_of(raw)
    return told
