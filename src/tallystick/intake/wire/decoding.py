"""Reading compressed bodies aside while they pass, piece by piece and never more than fits."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]  # it ships none
import zstandard

PORTION: Final = 1 << 18
"""Bytes that are decoded at once, where the decoder can be told so."""
_MOST_AT_ONCE: Final = 1 << 25
"""Bytes that one piece of the wire, of 64 KiB or so, may stand for. Answers are 2 to 30 times as long as they are packed."""
_ZSTD_STEP: Final = 1 << 8
"""Packed bytes given to zstd at once, which cannot be told how much to give: four can stand for a block of 128 KiB."""
_ZSTD_WINDOW: Final = 1 << 26
_GZIP: Final = 31
"""What zlib calls a gzip member (15 bits of window, and 16)."""
_RAW: Final = -15
_GZIP_MAGIC: Final = b"\x1f\x8b"


class Undecodable(Exception):
    """A body that cannot be decoded, with the reason in a few words."""


class _Layer(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next packed bytes and yield what they stand for."""


class Decoder:
    """One body, packed in the ways that its `content-encoding` names."""

    def __init__(self, encoding: str) -> None:
        """Begin a body; an encoding that is not known shows with its first piece."""
        names = [name.strip().lower() for name in encoding.split(",")]
        # The last name is what was done last, hence what is undone first.
        self._layers = [_LAYERS.get(name, _Unknown)() for name in reversed(names) if name not in {"", "identity"}]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next bytes of the wire and yield what they stand for in portions; raise Undecodable where they do not."""
        if not self._layers:
            if data:
                yield data
            return
        size = 0
        for portion in reduce(_through, self._layers, iter((data,))):
            size += len(portion)
            if size > _MOST_AT_ONCE:
                raise Undecodable("a few bytes stand for very many")
            if portion:
                yield portion


def _through(data: Iterable[bytes], layer: _Layer) -> Iterator[bytes]:
    for each in data:
        yield from layer.feed(each)


class _Unknown:
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Say that there is no way."""
        raise Undecodable(f"the encoding is not known ({len(data)} bytes)")


class _Gzip:
    """One gzip member after the other; what follows them, such as padding, is left alone."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._after = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next packed bytes and yield what they stand for."""
        while data:
            if self._member.eof:
                self._after += data
                if len(self._after) < len(_GZIP_MAGIC):
                    return
                data, self._after = self._after, b""
                if not data.startswith(_GZIP_MAGIC):
                    return
                self._member = zlib.decompressobj(_GZIP)
            yield from _inflate(self._member, data)
            data = self._member.unused_data


class _Deflate:
    """`deflate` is zlib's format by the book (RFC 9110, 8.4.1.2), and bare in what some servers send."""

    def __init__(self) -> None:
        self._stream: zlib._Decompress | None = None
        self._head = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next packed bytes and yield what they stand for."""
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:  # noqa: PLR2004  the length of zlib's header
                return
            data = self._head
            # RFC 1950, 2.2: method 8, and a multiple of 31.
            named = data[0] & 15 == 8 and (data[0] << 8 | data[1]) % 31 == 0  # noqa: PLR2004  see above
            self._stream = zlib.decompressobj() if named else zlib.decompressobj(_RAW)
        yield from _inflate(self._stream, data)


def _inflate(stream: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    try:
        while data and not stream.eof:
            yield stream.decompress(data, PORTION)
            data = stream.unconsumed_tail
        # A portion that was filled to the brim may have left something inside.
        while not stream.eof and (rest := stream.decompress(b"", PORTION)):
            yield rest
    except zlib.error:
        raise Undecodable("it is damaged") from None


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next packed bytes and yield what they stand for."""
        try:
            yield self._stream.process(data, output_buffer_limit=PORTION)
            # `can_accept_more_data` is true as well while there is something left inside (brotli 1.2.0).
            while rest := self._stream.process(b"", output_buffer_limit=PORTION):
                yield rest
        except brotli.error:
            raise Undecodable("it is damaged") from None


class _Zstd:
    def __init__(self) -> None:
        self._stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(read_across_frames=True)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take the next packed bytes and yield what they stand for."""
        try:
            for start in range(0, len(data), _ZSTD_STEP):
                yield self._stream.decompress(data[start : start + _ZSTD_STEP])
        except zstandard.ZstdError:
            raise Undecodable("it is damaged") from None


_LAYERS: Final[Mapping[str, Callable[[], _Layer]]] = MappingProxyType(
    {
        "gzip": _Gzip,
        "x-gzip": _Gzip,
        "deflate": _Deflate,
        "br": _Brotli,
        "zstd": _Zstd,
    }
)
