"""Server-sent events, read as their bytes come, wherever they are cut."""

from collections.abc import Callable
from typing import Final

from tallystick.providers.held import MOST, Held

_WHOLE: Final = (b"\n\n", b"\r\n\r\n")
"""How a piece ends that ends with an event."""
_MARK: Final = b"\xef\xbb\xbf"
_PER_LINE: Final = 1024
"""Bytes that a line counts beyond its own, so that an event of endless short lines ends too."""


class Events:
    """Gives the data of those events that matter.

    Lines end with LF, CR LF or CR; several `data:` lines of one event belong together; names of events, ids and comments
    are passed over (the data of every provider says itself what it is).
    """

    __slots__ = ("_begun", "_data", "_held", "_size", "_wants")

    def __init__(self, wants: Callable[[bytes], bool]) -> None:
        """Take a quick test that is true for all data that matters, and for a piece that has such data in it."""
        self._wants = wants
        self._held = Held()
        self._data: list[bytes] = []
        self._size = 0
        self._begun = False

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes of a stream and return the data that is whole by now."""
        if not self._data and not len(self._held) and piece.endswith(_WHOLE) and not self._wants(piece):
            self._begun = True
            return []
        found: list[bytes] = []
        start = 0
        while (stop := piece.find(b"\n", start)) >= 0:
            line = piece[start:stop]
            if len(self._held):
                self._held.add(line)
                line = self._held.take()
            self._line(line, found)
            start = stop + 1
        if start < len(piece):
            self._held.add(piece[start:] if start else piece)
        return found

    def end(self) -> list[bytes]:
        """Return the data of a last event that nothing followed."""
        found: list[bytes] = []
        self._line(self._held.take(), found)
        self._line(b"", found)
        return found

    def _line(self, line: bytes, found: list[bytes]) -> None:
        """Take a line without the LF at its end."""
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_MARK)
        line = line.removesuffix(b"\r")
        if b"\r" in line:
            for part in line.split(b"\r"):
                self._one(part, found)
        else:
            self._one(line, found)

    def _one(self, line: bytes, found: list[bytes]) -> None:
        if line.startswith(b"data:"):
            self._keep(line[6:] if line.startswith(b"data: ") else line[5:])
        elif not line and self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            self._data.clear()
            self._size = 0
            if self._wants(data):
                found.append(data)

    def _keep(self, data: bytes) -> None:
        self._size += len(data) + _PER_LINE
        if self._size > 2 * MOST:
            # No event of a provider is so long; what comes last may still tell the counts.
            self._data.clear()
            self._size = len(data) + _PER_LINE
        self._data.append(data)
