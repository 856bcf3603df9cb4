"""JSON lines, for tools whose logs are of a usual size: each line that may matter is decoded whole.

A tool's reader is a subclass that says which words make a line matter and takes those lines as values.
"""

import json
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

from tallystick.tools.tool import Found, State

_BRACE: Final = ord("{")
NO_OBJECT: Final = "not a JSON object"


class JsonLines(ABC):
    """Reads one source of JSON lines in as many pieces as it comes."""

    needles: ClassVar[tuple[bytes, ...]] = ()
    """A line that holds none of them is passed over undecoded, if only it looks like an object; empty means all matter."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.found = Found()

    @abstractmethod
    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line, which begins at `offset` in its source; whatever its values are, nothing is raised."""

    @abstractmethod
    def state(self) -> State:
        """Return what another reader needs to go on after the lines taken so far."""

    def feed(self, data: bytes | bytearray, start: int, end: int, offset: int) -> None:
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""
        position = start
        while position < end:
            stop = data.find(b"\n", position, end)
            if stop < 0:
                stop = end
            if self._matters(data, position, stop):
                place = offset + position - start
                line = decoded(data[position:stop])
                if isinstance(line, dict):
                    self.take(line, place)
                elif data[position:stop].strip():
                    self.found.skip(place, NO_OBJECT)
            position = stop + 1

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        found, self.found = self.found, Found()
        return found, self.state()

    def _matters(self, data: bytes | bytearray, position: int, stop: int) -> bool:
        if not self.needles or stop == position or data[position] != _BRACE or data[stop - 1] not in b"}\r":
            return True
        return any(data.find(needle, position, stop) >= 0 for needle in self.needles)


def decoded(raw: bytes | bytearray) -> Any:
    """Return what a line holds; None when it is no JSON, nested too deeply, or no UTF-8."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
