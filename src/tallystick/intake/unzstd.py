"""Compressed archives: Codex packs threads that rest for a week as `.jsonl.zst`.

Where the package that unpacks them may not be installed, Python does from 3.14 on.
"""

from collections.abc import Callable
from importlib import import_module
from io import FileIO
from typing import Any, Final, NamedTuple

_PORTION: Final = 1 << 10
"""Packed bytes that are unpacked at once: a few of them can stand for very many."""


class _Way(NamedTuple):
    begin: Callable[[], Any]
    """Begins a frame; what it returns has `decompress`, `eof` and `unused_data`."""
    damage: type[Exception]


def can_unpack() -> bool:
    """Tell whether archives can be read by this Python."""
    return _way() is not None


def _way() -> _Way | None:
    try:
        import zstandard
    except ImportError:
        try:
            of_python = import_module("compression.zstd")
        except ImportError:
            return None
        return _Way(of_python.ZstdDecompressor, of_python.ZstdError)
    return _Way(zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError)


class Unpacked:
    """The decompressed bytes of a file, forwards; one that is damaged or breaks off is an OSError, as with any file."""

    def __init__(self, path: str) -> None:
        """Open the file."""
        way = _way()
        if way is None:
            raise OSError(0, "packed with zstd, which Python reads from 3.14 on")
        self._way = way
        self._packed = FileIO(path)
        self._frame = way.begin()
        self._unpacked = b""
        self._begun = False

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer as far as there is something; return how far."""
        filled = 0
        while filled < len(buffer) and self._more():
            count = min(len(buffer) - filled, len(self._unpacked))
            buffer[filled : filled + count] = self._unpacked[:count]
            self._unpacked = self._unpacked[count:]
            filled += count
        return filled

    def _more(self) -> bool:
        """See to it that there is something unpacked; tell False at the end."""
        while not self._unpacked:
            portion = (self._frame.unused_data if self._frame.eof else b"") or self._packed.read(_PORTION)
            if not portion:
                if self._begun and not self._frame.eof:
                    raise OSError(0, "damaged archive: it breaks off")
                return False
            self._unpack(portion)
        return True

    def _unpack(self, portion: bytes) -> None:
        if self._frame.eof:
            self._frame = self._way.begin()
        self._begun = True
        try:
            self._unpacked = self._frame.decompress(portion)
        except self._way.damage as error:
            raise OSError(0, f"damaged archive: {error}") from None

    def close(self) -> None:
        """Let go of the file."""
        self._packed.close()
