"""Amazon's event stream: framing by the vendor's own test vectors, checksums, and frames too long to keep."""

import json
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st
from tests.providers.sampling import cuts, encoded

from tallystick.providers.event_stream import FAULT, EventStream, headers_of

EMPTY = bytes.fromhex("000000100000000005c248eb7d98c8ff")
"""Vectors of Amazon's SDKs: a message without headers and payload, and one with a payload alone."""
PAYLOAD = bytes.fromhex("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")
ONE = encoded({"headers": {":message-type": "event"}, "payload": {"usage": 1}})
TWO = encoded({"headers": {":message-type": "event"}, "bytes": {"inner": 2}})
WRONG = encoded({"headers": {":message-type": "exception"}, "payload": {}})
READ = [b'{"usage": 1}', b'{"inner": 2}', FAULT]


def read(*pieces: bytes) -> list[bytes]:
    stream = EventStream()
    return [text for piece in pieces for text in stream.feed(piece)] + stream.end()


def test_the_vendors_vectors_are_read() -> None:
    assert read(EMPTY + PAYLOAD) == [b"{'foo':'bar'}"]


def test_frames_are_read_wherever_the_stream_is_cut() -> None:
    whole = ONE + TWO + WRONG
    for pieces in cuts(whole):
        assert read(*pieces) == READ
    assert read(*(whole[place : place + 1] for place in range(len(whole)))) == READ


def test_a_damaged_frame_is_left_out_and_the_next_one_read() -> None:
    assert read(ONE[:-6] + b"X" + ONE[-5:] + TWO) == READ[1:2]


def test_after_a_damaged_prelude_nothing_is_believed() -> None:
    assert read(ONE + b"\x00" * 12 + TWO) == READ[:1]


def test_a_frame_too_long_to_keep_is_passed_over() -> None:
    prelude = (30 * 2**20).to_bytes(4) + bytes(4)
    stream = EventStream()
    assert stream.feed(prelude + crc32(prelude).to_bytes(4)) == []
    for _ in range(30):
        assert stream.feed(bytes(2**20)) == []
        assert len(stream._bytes) <= 2**20


def test_a_long_frame_ends_where_it_says() -> None:
    prelude = (25 * 2**20).to_bytes(4) + bytes(4)
    stream = EventStream()
    stream.feed(prelude + crc32(prelude).to_bytes(4))
    stream.feed(bytes(25 * 2**20 - 12))
    assert stream.feed(ONE) == [b'{"usage": 1}']


def test_headers_of_every_kind_are_passed_over_rightly() -> None:
    kinds = b"".join(
        b"\x01a" + bytes([kind]) + value
        for kind, value in (
            (0, b""),
            (1, b""),
            (2, b"x"),
            (3, b"xx"),
            (4, b"xxxx"),
            (5, bytes(8)),
            (6, b"\x00\x02xx"),
            (8, bytes(8)),
            (9, bytes(16)),
        )
    )
    assert headers_of(kinds + b"\x01b\x07\x00\x03yes") == {"b": "yes"}
    assert headers_of(b"\x01b\x07\x00\x03yes\x01c\x63") == {"b": "yes"}


def test_what_is_no_base64_is_passed_on_as_it_is() -> None:
    payload = {"bytes": "é!"}
    (text,) = read(encoded({"headers": {}, "payload": payload}))
    assert json.loads(text) in (payload, {})


@given(st.binary(max_size=300))
def test_nothing_is_raised_for_any_bytes(data: bytes) -> None:
    read(data)
    headers_of(data)
    prelude = (16 + len(data)).to_bytes(4) + min(len(data), 9).to_bytes(4)
    message = prelude + crc32(prelude).to_bytes(4) + data
    read(message + crc32(message).to_bytes(4))
