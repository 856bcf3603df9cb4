"""Heads go out with the bytes that came in, also with those that are no UTF-8."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.http_writer import _serialize_headers
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from tests.intake.gateway.stage import Line, upstream

from tallystick.intake.gateway import verbatim
from tallystick.intake.gateway.verbatim import Verbatim, _as_it_was, _Head, as_text

VALUES = st.binary().map(lambda value: bytes(each for each in value if each >= 0x20 and each != 0x7F))
"""What a header may hold (RFC 9110, 5.5)."""


@given(VALUES)
def test_every_value_comes_out_as_it_came_in(value: bytes) -> None:
    head = _serialize_headers("GET / HTTP/1.1", CIMultiDict({"X-A": as_text(value)}))
    assert _as_it_was(head) == b"GET / HTTP/1.1\r\nX-A: " + value + b"\r\n\r\n"


def test_text_stays_as_it_is() -> None:
    assert as_text("café 漢".encode()) == "café 漢"
    assert as_text(b"bytes-0123456789abcdef-0d0a-") == "bytes-0123456789abcdef-0d0a-"
    assert _as_it_was(b"X-A: bytes-0123456789abcdef-0d0a-\r\n") == b"X-A: bytes-0123456789abcdef-0d0a-\r\n"


class Transport:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def writelines(self, pieces: Any) -> None:  # noqa: ANN401  as asyncio has it
        self.pieces += pieces

    def is_closing(self) -> bool:
        return False


class Protocol:
    """Who has a transport."""

    def __init__(self) -> None:
        self.transport: Any = Transport()


def test_only_the_head_is_looked_at() -> None:
    protocol = Protocol()
    plain = protocol.transport
    marked = as_text(b"caf\xe9").encode()
    _Head(protocol)
    assert protocol.transport is not plain
    assert protocol.transport.is_closing() is False
    protocol.transport.writelines([b"X: " + marked, b"body"])
    assert protocol.transport is plain
    _Head(protocol)
    protocol.transport.write(b"X: " + marked)
    protocol.transport.write(b"body")
    assert plain.pieces == [b"X: caf\xe9", b"body", b"X: caf\xe9", b"body"]


def test_a_body_that_nobody_asks_for_is_sent_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbatim, "_PATIENCE_S", 0.05)
    heads: list[bytes] = []

    async def handle(line: Line) -> None:
        heads.append(await line.head())
        assert await line.reader.readexactly(5) == b"hello"
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def run() -> None:
        async with upstream(handle) as port, ClientSession(request_class=Verbatim) as session:
            headers = [("Expect", "100-continue"), ("X-A", as_text(b"caf\xe9"))]
            url = f"http://127.0.0.1:{port}/"
            async with asyncio.timeout(5), session.post(url, headers=headers, data=b"hello") as answer:
                assert await answer.read() == b"ok"

    asyncio.run(run())
    assert b"\r\nX-A: caf\xe9\r\n" in heads[0]
