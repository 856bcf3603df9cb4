"""Packed bodies, cut anywhere, come out as they went in; what is damaged or far too large says so."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]  # it ships none
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.wire.decoding import PORTION, Decoder, Undecodable

PLAIN = b"".join(b'data: {"n":%d}\n\n' % number for number in range(500))


def raw_deflate(plain: bytes) -> bytes:
    """Pack as some servers do for `deflate`, without zlib's header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(plain) + packer.flush()


def zstd(plain: bytes) -> bytes:
    """Pack with zstd."""
    return zstandard.ZstdCompressor().compress(plain)


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-Gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw": ("deflate", raw_deflate),
    "br": ("br", lambda plain: bytes(brotli.compress(plain, quality=5))),
    "zstd": ("zstd", zstd),
    "stacked": ("br, gzip", lambda plain: gzip.compress(brotli.compress(plain, quality=5))),
    "two members": ("gzip", lambda plain: gzip.compress(plain[:99]) + gzip.compress(plain[99:])),
    "two frames": ("zstd", lambda plain: zstd(plain[:99]) + zstd(plain[99:])),
    "padding": ("gzip", lambda plain: gzip.compress(plain) + bytes(8)),
}
AT_ONCE = {"zstd": 64 * 128 << 10}
"""What 256 bytes can stand for, at four to a block of 128 KiB (RFC 8878, 3.1.1.2); all others can be told when to stop."""
EVERY = pytest.mark.parametrize("kind", PACKERS)


def unpacked(encoding: str, *pieces: bytes) -> bytes:
    """Return what pieces stand for."""
    decoder = Decoder(encoding)
    return b"".join(portion for piece in pieces for portion in decoder.feed(piece))


@EVERY
def test_a_body_comes_out_the_same_wherever_it_is_cut(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    packed = pack(PLAIN)
    for cut in range(0, len(packed) + 1, 1 if len(packed) < 2_000 else 7):
        assert unpacked(encoding, packed[:cut], packed[cut:]) == PLAIN
    assert unpacked(encoding, *(packed[place : place + 1] for place in range(len(packed)))) == PLAIN


@given(st.binary(max_size=3_000), st.lists(st.integers(0, 4_000), max_size=5), st.sampled_from(sorted(PACKERS)))
def test_any_body_comes_out_as_it_went_in(plain: bytes, cuts: list[int], kind: str) -> None:
    encoding, pack = PACKERS[kind]
    packed = pack(plain)
    places = [0, *sorted(cuts), len(packed)]
    assert unpacked(encoding, *(packed[a:b] for a, b in zip(places, [*places[1:], len(packed)], strict=True))) == plain


@pytest.mark.parametrize("kind", ["gzip", "zlib", "br", "zstd"])
def test_what_was_flushed_is_there_before_the_end_comes(kind: str) -> None:
    # An event stream is flushed after each event: the first one must not wait for the last.
    packers: dict[str, tuple[Any, Callable[[Any], bytes]]] = {
        "gzip": (lambda: zlib.compressobj(wbits=31), lambda packer: packer.flush(zlib.Z_SYNC_FLUSH)),
        "zlib": (zlib.compressobj, lambda packer: packer.flush(zlib.Z_SYNC_FLUSH)),
        "br": (brotli.Compressor, lambda packer: packer.flush()),
        "zstd": (
            zstandard.ZstdCompressor().compressobj,
            lambda packer: packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK),
        ),
    }
    make, flush = packers[kind]
    packer = make()
    first = (packer.process if kind == "br" else packer.compress)(b"data: 1\n\n") + flush(packer)
    assert unpacked(PACKERS[kind][0], first) == b"data: 1\n\n"


@EVERY
def test_a_large_body_comes_in_portions(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    plain = b"abc" * (1 << 20)
    packed = pack(plain)
    portions = list(Decoder(encoding).feed(packed))
    assert b"".join(portions) == plain
    if len(packed) < len(plain):
        assert max(map(len, portions)) <= AT_ONCE.get(encoding, 2 * PORTION)


@pytest.mark.parametrize("kind", ["gzip", "zlib", "raw", "br", "zstd", "stacked"])
def test_a_few_bytes_that_stand_for_very_many_are_given_up(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    packed = pack(bytes(40 << 20))
    assert len(packed) < 64 << 10
    with pytest.raises(Undecodable, match="very many"):
        unpacked(encoding, packed)


@pytest.mark.parametrize("kind", ["gzip", "zlib", "br", "zstd"])
def test_what_is_damaged_says_so(kind: str) -> None:
    encoding, pack = PACKERS[kind]
    # The head stays, so that it is known for what it is; what follows is no block of any kind.
    with pytest.raises(Undecodable, match="damaged"):
        unpacked(encoding, pack(PLAIN)[:12] + b"\xff" * 9_000)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip"]))
def test_whatever_comes_is_decoded_or_says_that_it_cannot_be(data: bytes, encoding: str) -> None:
    try:
        unpacked(encoding, data[:100], data[100:])
    except Undecodable:
        return


def test_an_unknown_encoding_says_so_with_its_first_bytes() -> None:
    decoder = Decoder("compress")
    with pytest.raises(Undecodable, match="not known"):
        list(decoder.feed(b"x"))
