"""Streams of one JSON object per line, and answers that are one JSON text."""

from collections.abc import Callable

from tallystick.providers.held import Held


class Lines:
    """Gives the lines that matter."""

    __slots__ = ("_held", "_wants")

    def __init__(self, wants: Callable[[bytes], bool]) -> None:
        """Take a quick test that is true for all lines that matter."""
        self._wants = wants
        self._held = Held()

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes of a stream and return the lines that are whole by now."""
        found: list[bytes] = []
        start = 0
        while (stop := piece.find(b"\n", start)) >= 0:
            self._held.add(piece[start:stop])
            self._take(found)
            start = stop + 1
        if start < len(piece):
            self._held.add(piece[start:])
        return found

    def end(self) -> list[bytes]:
        """Return a last line that nothing followed."""
        found: list[bytes] = []
        self._take(found)
        return found

    def _take(self, found: list[bytes]) -> None:
        line = self._held.take()
        if line.strip() and self._wants(line):
            found.append(line)


class Document:
    """Gives the whole text when it has ended."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = Held()

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes; nothing is whole before the end."""
        self._held.add(piece)
        return []

    def end(self) -> list[bytes]:
        """Return the text."""
        found = self._held.take()
        return [found] if found.strip() else []
