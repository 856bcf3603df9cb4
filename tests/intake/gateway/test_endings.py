"""Every way in which a plain request can end: whoever leaves or breaks off, the other side sees it, and no end is made up."""

import asyncio
import json
import time
from contextlib import suppress
from typing import Any

import pytest
from tests.intake.gateway.stage import Kept, Line, Stage, Watched, scene, served, told, upstream, whole

from tallystick.intake.gateway.gateway import Gateway
from tallystick.intake.gateway.upstreams import upstreams

BIG = bytes(range(256)) * (1 << 15)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("rude", [True, False], ids=["reset", "hung up"])
def test_when_the_client_leaves_the_upstream_sees_it_at_once(*, rude: bool) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n")
        # Nothing comes any more, so that only the end of the connection can tell.
        await seen.put(await line.reader.read(-1))

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"GET /gateway/own/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await line.reader.readuntil(b"data\r\n")
        line.reset() if rude else line.close()
        assert await asyncio.wait_for(seen.get(), 1) == b""
        await told(lambda: stage.shelf.watches[0].cut is True)
        await told(lambda: [each["outcome"] for each in stage.spool.lines] == ["cut"])

    seen: asyncio.Queue[bytes] = asyncio.Queue()
    scene(handle, play)


@pytest.mark.parametrize("sent", [0, 4], ids=["before its answer", "before its body is whole"])
def test_when_the_client_leaves_early_the_upstream_sees_it_at_once(sent: int) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        await line.reader.readexactly(4)
        reached.set()
        assert await asyncio.wait_for(line.reader.read(-1), 1) == b""
        seen.set()

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\nhalf" % (4 + sent))
        await reached.wait()
        line.close()
        await asyncio.wait_for(seen.wait(), 1)

    reached, seen = asyncio.Event(), asyncio.Event()
    scene(handle, play)


def test_when_the_client_leaves_between_two_halves_the_upstream_sees_it_at_once() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        await line.reader.readexactly(4)
        # It answers already, although there is more to come.
        line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndata\r\n")
        assert await line.reader.read(-1) == b""
        seen.set()

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nhalf")
        await line.reader.readuntil(b"data\r\n")
        line.close()
        await asyncio.wait_for(seen.wait(), 1)
        await told(lambda: stage.shelf.watches[0].cut is True)

    seen = asyncio.Event()
    scene(handle, play)


def test_what_came_before_a_break_comes_to_a_slow_client_too() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(BIG)) + BIG)
        await line.writer.drain()

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"GET /gateway/own/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await line.head()
        # Until nothing more fits on the way.
        stopped: Any = line.writer.transport
        stopped.pause_reading()
        await asyncio.sleep(0.2)
        stopped.resume_reading()
        assert await line.rest() == BIG
        line.close()

    scene(handle, play)


@pytest.mark.parametrize("framing", [b"Content-Length: 1000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("rude", [True, False], ids=["reset", "hung up"])
def test_where_the_upstream_breaks_off_the_client_is_broken_off_too(*, rude: bool, framing: bytes) -> None:
    piece = b"data" if b"Length" in framing else b"4\r\ndata\r\n"

    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + piece)
        if rude:
            await arrived.wait()
            line.reset()

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"GET /gateway/own/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await line.head()
        assert await line.reader.readexactly(len(piece)) == piece
        arrived.set()
        # No end that the upstream has not told: neither a last chunk nor more bytes.
        assert await line.rest() == b""
        line.close()
        await told(lambda: stage.shelf.watches[0].cut is True)

    arrived = asyncio.Event()
    scene(handle, play)


def test_a_body_that_ends_with_its_connection_has_ended() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nall of it")

    async def play(stage: Stage) -> None:
        told_ = await whole(stage, b"GET /gateway/own/ HTTP/1.1\r\n\r\n")
        assert told_.endswith(b"\r\n\r\n9\r\nall of it\r\n0\r\n\r\n")
        await told(lambda: stage.shelf.watches[0].cut is False)

    scene(handle, play)


@pytest.mark.parametrize("left", [True, False], ids=["the client leaves", "sending fails"])
def test_what_was_read_is_told_even_where_it_never_arrives(*, left: bool) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nusage")

    async def run() -> None:
        sending, shelf, spool = asyncio.Event(), Watched(), Kept()

        async def receive() -> dict[str, Any]:
            await sending.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:  # noqa: ANN401  as ASGI has it
            if message["type"] == "http.response.body":
                if not left:
                    raise OSError("made up")
                sending.set()
                await asyncio.Event().wait()

        async with upstream(handle) as port:
            app = Gateway(upstreams({"own": f"http://127.0.0.1:{port}"}, {}, "the test"), shelf, spool, time.time)
            scope = {"type": "http", "method": "GET", "raw_path": b"/gateway/own/", "query_string": b"", "headers": []}
            with suppress(OSError):
                await asyncio.wait_for(app(scope, receive, send), 5)
            await app.close()
        assert (bytes(shelf.watches[0].answer), shelf.watches[0].status) == (b"usage", 200)
        assert [line["outcome"] for line in spool.lines] == ["cut"]

    asyncio.run(run())


def test_an_upstream_that_is_not_there_is_told_and_not_counted() -> None:
    async def run() -> None:
        async with upstream(_nothing) as port:
            pass
        async with served({"own": f"http://127.0.0.1:{port}"}) as stage:
            answered = await whole(stage, b"POST /gateway/own/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
            head, _, body = answered.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
            assert b"x-tally-gateway: upstream-unreachable" in head
            assert json.loads(body)["error"]["message"].startswith("127.0.0.1 cannot be reached: connection refused")
            assert stage.shelf.watches[0].cut is None

    asyncio.run(run())


async def _nothing(_: Line) -> None:
    """Do nothing."""


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-no\r\n\r\n"], ids=["hangs up", "talks nonsense"])
def test_an_upstream_that_does_not_answer_is_told(said: bytes) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(said)

    async def play(stage: Stage) -> None:
        answered = await whole(stage, b"GET /gateway/own/ HTTP/1.1\r\n\r\n")
        assert answered.startswith(b"HTTP/1.1 502 ")
        assert b"x-tally-gateway: upstream-closed" in answered

    scene(handle, play)


def test_connections_are_kept_for_the_next_request() -> None:
    connections = 0

    async def handle(line: Line) -> None:
        nonlocal connections
        connections += 1
        while True:
            await line.head()
            line.say(ANSWER)

    async def play(stage: Stage) -> None:
        for _ in range(5):
            assert (await whole(stage, b"GET /gateway/own/ HTTP/1.1\r\n\r\n")).endswith(b"ok")

    scene(handle, play)
    assert connections == 1
