"""Serving an answer: worked out once at the desk, packed once, and not sent to whom has it already."""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from hashlib import blake2b
from math import inf
from typing import Final, NamedTuple
from zlib import compressobj

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk

JSON: Final = "application/json"
_PACKED_FROM: Final = 1_400
"""Bytes: what fits into one packet is not packed."""
_LEVEL: Final = 5
_GZIP: Final = 31
"""The width of the window, and the form of gzip."""


class Body(NamedTuple):
    """What is sent, and the same packed; empty where that is not worth it."""

    plain: bytes
    packed: bytes


def body(text: str) -> Body:
    """Return a text as it is sent."""
    plain = text.encode("utf-8", "backslashreplace")
    if len(plain) < _PACKED_FROM:
        return Body(plain, b"")
    packer = compressobj(_LEVEL, wbits=_GZIP)
    return Body(plain, packer.compress(plain) + packer.flush())


class Timely(NamedTuple):
    """That an answer changes as time goes by."""

    now: int
    """Milliseconds since 1970, UTC."""
    holds_ms: int
    """For how long it holds."""


async def served(
    request: Request,
    desk: Desk,
    key: tuple[Hashable, ...],
    work: Callable[[Answers], str],
    media: str = JSON,
    timely: Timely | None = None,
) -> Response:
    """Answer a request with the text of some work; whoever has it already is told so without any work.

    The key tells everything that the text depends on besides the ledger, the prices and, where it is timely, the moment.
    """
    importing = desk.status.importing
    if importing is not None and media == JSON:
        return await _importing(desk, key, work, importing)
    version = desk.version
    named = (key, timely.now // timely.holds_ms) if timely else key
    tag = f'W/"{version}-{blake2b(repr(named).encode("utf-8", "backslashreplace"), digest_size=9).hexdigest()}"'
    if held(request.headers, tag):
        return Response(None, 304, _headers(tag))
    future = coming(desk, key, work, timely)
    made = future.result() if future.done() else await asyncio.wrap_future(future)
    return packed(request, made, media, _headers(tag))


def coming(
    desk: Desk,
    key: tuple[Hashable, ...],
    work: Callable[[Answers], str],
    timely: Timely | None = None,
    *,
    ahead: bool = True,
) -> Future[Body]:
    """Return what is to be sent, as the desk gives it."""
    holds = timely.holds_ms / 1000 if timely else inf
    return desk.get(("body", *key), lambda answers: body(work(answers)), ahead=ahead, holds=holds)


async def _importing(
    desk: Desk, key: tuple[Hashable, ...], work: Callable[[Answers], str], importing: float
) -> Response:
    """Answer while logs are read in: with what there is, and how far that is, which is another one in a moment."""
    future = desk.get(("body", *key), lambda answers: body(work(answers)))
    made = future.result() if future.done() else await asyncio.wrap_future(future)
    text = b'{"importing": %.4f, ' % importing + made.plain.removeprefix(b"{")
    return Response(text, 200, {"Cache-Control": "no-store"}, JSON)


def packed(request: Request, made: Body, media: str, headers: dict[str, str]) -> Response:
    """Return a response, packed where whoever asks can unpack."""
    if made.packed and _accepts_gzip(request.headers.get("accept-encoding", "")):
        return Response(made.packed, 200, {**headers, "Content-Encoding": "gzip"}, media)
    return Response(made.plain, 200, headers, media)


def held(headers: Headers, tag: str) -> bool:
    """Tell whether who asks has what a tag names."""
    said = headers.get("if-none-match", "")
    return said.strip() == "*" or tag[2:] in {each.strip().removeprefix("W/") for each in said.split(",")}


def _headers(tag: str) -> dict[str, str]:
    # It may be kept, by one person's browser, and has to be asked about each time, which costs nothing.
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}


def _accepts_gzip(said: str) -> bool:
    for each in said.lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
