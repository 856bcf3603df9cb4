"""Tools that the model used: from its asking to the result, and to the request in which it asked."""

from typing import Any, Final

from tallystick.usage.event import ToolCall
from tallystick.usage.identity import key

_MOST: Final = 256
"""Calls without a result that are remembered; the oldest go first."""

type _Asked = list[Any]
"""name, started, ended (0 while unknown), failed."""
type _Open = tuple[int, int, str, int]
"""key, key of its event, name, started."""


class Calls:
    """The calls of one thread that still lack their event or their result."""

    __slots__ = ("asked", "open", "searches")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin, or go on from `state()`."""
        self.asked: dict[str, _Asked] = {}
        """Those asked since the last usage line."""
        self.open: dict[str, _Open] = {}
        """Those whose event is known, not their result."""
        self.searches = 0
        """Web searches since the last usage line."""
        if state:
            self.asked = {call: list(said) for call, said in state[0].items()}
            self.open = {call: tuple(said) for call, said in state[1].items()}
            self.searches = state[2]

    def state(self) -> list[Any] | None:
        """Return what another one needs to go on, as JSON holds it."""
        said = [self.asked, self.open, self.searches]
        return said if any(said) else None

    def ask(self, call: str, name: str, time: int, found: list[ToolCall]) -> None:
        """Take a tool's use."""
        asked = self.asked
        if call in asked or len(asked) >= _MOST:
            self.turn(found)
        asked[call] = [name, time, 0, False]

    def search(self, call: str, time: int, found: list[ToolCall], *, billed: bool) -> None:
        """Take a search that the vendor ran within the answer."""
        call = call or f"web_search:{time}:{len(self.asked)}"
        self.ask(call, "web_search", time, found)
        self.asked[call][2] = time
        self.searches += billed

    def early(self, call: str, time: int, *, failed: bool) -> None:
        """Take a result that stands before the usage line of the answer that asked for it."""
        said = self.asked.get(call)
        if said and not said[2]:
            said[2:] = [time, failed]

    def usage(self, event: int, found: list[ToolCall]) -> int:
        """Take the event in which all calls since the last one were asked, and return its web searches."""
        known, place = self.open, 0
        for call, (name, started, ended, failed) in self.asked.items():
            # The calls of one request differ from its key, and from one another, in the last bits.
            if ended:
                found.append(ToolCall(event ^ place, event, name, started, max(ended, started), failed))
            else:
                if call in known:
                    found.append(ToolCall(*known.pop(call)))
                known[call] = (event ^ place, event, name, started)
            place += 1  # noqa: SIM113 - enumerate makes a tuple for each
        self.asked.clear()
        if len(known) > _MOST:
            found += [ToolCall(*known.pop(call)) for call in list(known)[:-_MOST]]
        searches, self.searches = self.searches, 0
        return searches

    def running(self) -> list[ToolCall]:
        """Return the calls that are known to belong to an event and have no result so far."""
        return [ToolCall(*said) for said in self.open.values()]

    def turn(self, found: list[ToolCall]) -> None:
        """Take the beginning of a turn: what is still open then gets no result any more, or no event."""
        found += self.running()
        for call, (name, started, ended, failed) in self.asked.items():
            identity = key("codex", call, str(started))
            found.append(ToolCall(identity, 0, name, started, ended and max(ended, started), failed))
        self.open.clear()
        self.asked.clear()
        self.searches = 0
