"""Bytes kept until they are whole, never more than a fixed amount of them."""

from typing import Final

MOST: Final = 16 * 2**20
"""The end of an OpenAI stream repeats the whole answer in one line, pictures included, so that lines of megabytes are usual."""
_HEAD: Final = 256 * 2**10
"""Of what is longer, so much is kept from the beginning: ids and model stand there."""
_TAIL: Final = 2 * 2**20
"""And at least so much from the end, where the counts stand."""


class Held:
    """Collects pieces; of more than 16 MiB it keeps the beginning and the end."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        """Return how many bytes are kept."""
        return len(self._bytes)

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        kept = self._bytes
        for start in range(0, len(piece), MOST // 2) if len(piece) > MOST // 2 else (0,):
            kept += piece[start : start + MOST // 2]
            if len(kept) > MOST:
                del kept[_HEAD:-_TAIL]

    def take(self) -> bytes:
        """Return what is kept, and begin anew."""
        found = bytes(self._bytes)
        self._bytes = bytearray()
        return found

    def seen(self, length: int) -> bytes:
        """Return the first bytes without taking them away."""
        return bytes(self._bytes[:length])
