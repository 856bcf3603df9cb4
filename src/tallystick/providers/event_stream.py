"""Amazon's binary event stream: frames with a prelude, headers, a payload and checksums."""

from binascii import Error, a2b_base64, crc32
from typing import Final, NamedTuple

import msgspec

from tallystick.providers.decoded import decoder

_PRELUDE: Final = 12
_CHECKSUM: Final = 4
_LONGEST: Final = 24 * 2**20
"""What Amazon's own decoders take: 16 MiB of payload and 128 KiB of headers fit."""
_FIXED: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Lengths of header values by their kind, as far as they have one."""
_TEXT: Final = 7
_BYTES: Final = 6
FAULT: Final = b'{"type":"error","error":{}}'
"""What stands for a frame that tells of an error."""


class _Chunk(msgspec.Struct):
    """The payload of an answer that is passed on as the model's vendor writes it."""

    bytes: str | None = None


_chunk = decoder(_Chunk)


class Frame(NamedTuple):
    """One message of a stream."""

    headers: dict[str, str]
    payload: bytes


class EventStream:
    """Gives the JSON in the frames of a stream; what is wrapped in `bytes` is unwrapped."""

    __slots__ = ("_bytes", "_lost", "_skip")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._skip = 0
        """Bytes still to come of a frame that is too long to be kept."""
        self._lost = False
        """A prelude was damaged, so that nobody knows where the next one begins."""

    def feed(self, piece: bytes) -> list[bytes]:
        """Take the next bytes of a stream and return the JSON that is whole by now."""
        if self._lost:
            return []
        self._bytes += piece
        found: list[bytes] = []
        place = 0
        while taken := self._frame(place, found):
            place += taken
        del self._bytes[:place]
        return found

    def end(self) -> list[bytes]:
        """Return nothing: a frame that is not whole tells nothing."""
        return []

    def _frame(self, place: int, found: list[bytes]) -> int:
        """Take the frame at a place and return its length; 0 when it is not whole."""
        left = len(self._bytes) - place
        if self._skip:
            passed = min(self._skip, left)
            self._skip -= passed
            return passed
        if left < _PRELUDE:
            return 0
        prelude = self._bytes[place : place + _PRELUDE]
        length, headers = int.from_bytes(prelude[:4]), int.from_bytes(prelude[4:8])
        if crc32(prelude[:8]) != int.from_bytes(prelude[8:]) or length < _PRELUDE + headers + _CHECKSUM:
            self._lost = True
            self._bytes.clear()
            return 0
        if length > _LONGEST:
            self._skip = length
            return self._frame(place, found)
        if left < length:
            return 0
        self._take(bytes(self._bytes[place : place + length]), headers, found)
        return length

    @staticmethod
    def _take(message: bytes, headers: int, found: list[bytes]) -> None:
        if crc32(message[:-_CHECKSUM]) != int.from_bytes(message[-_CHECKSUM:]):
            return
        body = _PRELUDE + headers
        frame = Frame(headers_of(message[_PRELUDE:body]), message[body:-_CHECKSUM])
        if frame.headers.get(":message-type") in ("exception", "error"):
            found.append(FAULT)
        elif frame.payload:
            found.append(_unwrapped(frame.payload))


def headers_of(data: bytes) -> dict[str, str]:
    """Return those headers whose values are texts, up to the first one that is damaged."""
    found: dict[str, str] = {}
    place = 0
    while place < len(data):
        named = place + 1 + data[place]
        name = data[place + 1 : named].decode("utf-8", "replace")
        if named >= len(data):
            break
        kind, place = data[named], named + 1
        if kind in _FIXED:
            place += _FIXED[kind]
        elif kind in (_BYTES, _TEXT):
            ends = place + 2 + int.from_bytes(data[place : place + 2])
            if kind == _TEXT:
                found[name] = data[place + 2 : ends].decode("utf-8", "replace")
            place = ends
        else:
            break
    return found


def _unwrapped(payload: bytes) -> bytes:
    chunk = _chunk(payload)
    if chunk is None or chunk.bytes is None:
        return payload
    try:
        return a2b_base64(chunk.bytes)
    except (Error, ValueError):
        return payload
