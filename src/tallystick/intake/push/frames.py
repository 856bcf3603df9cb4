"""Frames: how pushes and their answers travel between the server and the process beside it that takes them in."""

from collections.abc import Callable
from json import dumps, loads
from struct import Struct
from typing import Final

from tallystick.intake.push.kind import Sender
from tallystick.intake.push.taking import Answer, Offer

type Read = Callable[[int], bytes]
"""Reads exactly so many bytes, fewer only at the end."""

_SIZES: Final = Struct("<QII")
"""The number of a frame, the bytes of its head and those of its body."""
HEAD_BYTES: Final = _SIZES.size


def offered(number: int, offer: Offer) -> bytes:
    """Return an offer as bytes."""
    head = dumps([offer.kind, *offer.sender, offer.gzip]).encode()
    return b"".join((_SIZES.pack(number, len(head), len(offer.body)), head, offer.body))


def answered(number: int, answer: Answer) -> bytes:
    """Return an answer as bytes."""
    head = dumps([answer.status, answer.again]).encode()
    return b"".join((_SIZES.pack(number, len(head), len(answer.body)), head, answer.body))


def sizes(start: bytes) -> tuple[int, int, int]:
    """Return what the first `HEAD_BYTES` of a frame tell: its number, the bytes of its head and those of its body."""
    number, head, body = _SIZES.unpack(start)
    return number, head, body


def offer(read: Read) -> tuple[int, Offer] | None:
    """Read the next offer; None at the end."""
    start = read(HEAD_BYTES)
    if len(start) < HEAD_BYTES:
        return None
    number, head_bytes, body_bytes = sizes(start)
    head, body = read(head_bytes), read(body_bytes)
    if len(body) < body_bytes:
        return None
    kind, *sender, gzip = loads(head)
    return number, Offer(kind, Sender(*sender), body, gzip)


def answer(head: bytes, body: bytes) -> Answer:
    """Return the answer that a frame holds."""
    status, again = loads(head)
    return Answer(status, body, again)
