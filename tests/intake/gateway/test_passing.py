"""Plain requests through the real server: every byte, both ways, at the moment it comes, and every way in which it can end."""

import asyncio
import gzip
import hashlib
import random
from typing import Any

import pytest
from tests.intake.gateway.stage import Line, Raising, Stage, Watched, scene, served, told, upstream, whole

from tallystick.intake.gateway import verbatim

BIG = random.Random(7).randbytes(20 << 20)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "REPORT"])
def test_the_head_goes_on_as_it_came(method: str) -> None:
    heads: list[bytes] = []

    async def handle(line: Line) -> None:
        heads.append(await line.head())
        line.say(ANSWER)

    async def play(stage: Stage) -> None:
        request = f"{method} /gateway/own/v1/a%2Fb:x//./..;y|%zz?beta=true&key=a+b%20c&&x= HTTP/1.1\r\nx-b: 1\r\naccept: */*\r\nx-b: 2\r\n\r\n"
        assert (await whole(stage, request.encode())).endswith(b"\r\n\r\nok")

    scene(handle, play)
    line, host, *others = heads[0].decode().split("\r\n")
    assert line == f"{method} /base/v1/a%2Fb:x//./..;y|%zz?beta=true&key=a+b%20c&&x= HTTP/1.1"
    assert host.startswith("Host: 127.0.0.1:")
    length = ["Content-Length: 0"] if method not in {"GET", "OPTIONS"} else []
    assert others == ["x-b: 1", "accept: */*", "x-b: 2", *length, "", ""]


def test_bytes_in_headers_that_are_no_text_go_on_both_ways() -> None:
    drawn = random.Random(3)
    values = [bytes(drawn.choice(range(0x80, 0x100)) for _ in range(drawn.randint(1, 60))) for _ in range(50)]
    values += ["café ü 漢".encode(), b"caf\xe9", b"\xff", b'a\tb "c"; d', b""]
    heads: list[bytes] = []

    async def handle(line: Line) -> None:
        while True:
            heads.append(await line.head())
            await line.reader.readexactly(5)
            value = heads[-1].partition(b"x-v: ")[2].partition(b"\r\n")[0]
            line.say(b"HTTP/1.1 200 OK\r\nX-V: " + value + b"\r\nContent-Length: 2\r\n\r\nok")

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        for value in values:
            line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nx-v: " + value)
            line.say(b"\r\ncontent-length: 5\r\n\r\nhello")
            assert b"\r\nX-V: " + value + b"\r\n" in await line.head()
            assert await line.reader.readexactly(2) == b"ok"
        line.close()

    scene(handle, play)
    assert [head.partition(b"x-v: ")[2].partition(b"\r\n")[0] for head in heads] == values


@pytest.mark.parametrize("chunked", [False, True])
def test_twenty_mebibytes_pass_both_ways(*, chunked: bool) -> None:
    taken: list[bytes] = []

    async def handle(line: Line) -> None:
        head = (await line.head()).lower()
        assert (b"transfer-encoding: chunked" in head) is chunked
        assert (b"content-length: %d" % len(BIG) in head) is not chunked
        body = await _chunks(line) if chunked else await line.reader.readexactly(len(BIG))
        taken.append(hashlib.sha256(body).digest())
        line.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for at in range(0, len(body), 99_999):
            piece = body[at : at + 99_999]
            line.say(b"%x\r\n" % len(piece) + piece + b"\r\n")
            await line.writer.drain()
        line.say(b"0\r\n\r\n")

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(BIG)
        line.say(b"POST /gateway/own/v1/messages HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n")
        line.say(b"%x\r\n" % len(BIG) + BIG + b"\r\n0\r\n\r\n" if chunked else BIG)
        assert b"Transfer-Encoding: chunked" in await line.head()
        assert hashlib.sha256(await _chunks(line)).digest() == hashlib.sha256(BIG).digest()
        line.close()
        watch = stage.shelf.watches[0]
        await told(lambda: watch.cut is False)
        assert (bytes(watch.request), bytes(watch.answer)) == (BIG, BIG)

    scene(handle, play)
    assert taken == [hashlib.sha256(BIG).digest()]


async def _chunks(line: Line) -> bytes:
    """Return a body that comes in pieces."""
    pieces: list[bytes] = []
    while size := int((await line.reader.readuntil(b"\r\n"))[:-2], 16):
        pieces.append(await line.reader.readexactly(size))
        assert await line.reader.readexactly(2) == b"\r\n"
    assert await line.reader.readexactly(2) == b"\r\n"
    return b"".join(pieces)


def test_a_stream_comes_piece_by_piece() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(20):
            line.say(b"9\r\ndata: %02d\n\r\n" % number)
            # The next one is sent when this one has arrived.
            await arrived.get()
        line.say(b"0\r\n\r\n")

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"GET /gateway/own/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await line.head()
        for number in range(20):
            piece = await asyncio.wait_for(line.reader.readuntil(b"\n\r\n"), 2)
            assert piece == b"9\r\ndata: %02d\n\r\n" % number
            await arrived.put(number)
        assert await line.reader.readexactly(5) == b"0\r\n\r\n"
        line.close()

    arrived: asyncio.Queue[int] = asyncio.Queue()
    scene(handle, play)


def test_a_body_comes_piece_by_piece() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        for number in range(5):
            assert await line.reader.readexactly(1) == b"%d" % number
            await arrived.put(number)
        line.say(ANSWER)

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
        for number in range(5):
            line.say(b"%d" % number)
            assert await asyncio.wait_for(arrived.get(), 2) == number
        assert b"200" in await line.head()
        line.close()

    arrived: asyncio.Queue[int] = asyncio.Queue()
    scene(handle, play)


@pytest.mark.parametrize("asks", [True, False], ids=["asked for", "never asked for"])
def test_a_body_that_waits_to_be_asked_for(monkeypatch: pytest.MonkeyPatch, *, asks: bool) -> None:
    # Long enough for one that asks, short for one that never does.
    monkeypatch.setattr(verbatim, "_PATIENCE_S", 5 if asks else 0.05)

    async def handle(line: Line) -> None:
        assert b"expect: 100-continue" in await line.head()
        if asks:
            line.say(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert await line.reader.readexactly(5) == b"hello"
        line.say(ANSWER)

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert await line.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.say(b"hello")
        assert b"200 OK" in await line.head()
        line.close()

    scene(handle, play)


def test_a_body_that_is_not_wanted_is_not_asked_for() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        assert await line.reader.read(-1) == b""

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"POST /gateway/own/ HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert b"401 Unauthorized" in await line.head()
        line.close()

    scene(handle, play)


@pytest.mark.parametrize(
    "answer",
    [
        b'HTTP/1.1 429 Too Many Requests\r\nretry-after: 3\r\nContent-Length: 13\r\n\r\n{"error": {}}',
        b"HTTP/1.1 529 \r\nrequest-id: req_1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example.com/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nX-A: 1\r\nx-a: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nDate: then\r\nContent-Length: 2\r\n\r\nok",
    ],
)
def test_an_answer_comes_back_as_it_was_written(answer: bytes) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(answer)

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        line.say(b"GET /gateway/own/v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await asyncio.wait_for(line.reader.readexactly(len(answer)), 5) == answer
        line.say(b"OPTIONS /gateway/nowhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # And not a byte more.
        assert (await line.head()).startswith(b"HTTP/1.1 404 ")
        line.close()

    scene(handle, play)


def test_a_head_is_asked_for_without_a_body() -> None:
    async def handle(line: Line) -> None:
        while True:
            assert (await line.head()).startswith(b"HEAD /base/ HTTP/1.1\r\n")
            line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nX-A: 1\r\n\r\n")

    async def play(stage: Stage) -> None:
        line = await stage.connect()
        for _ in range(3):
            line.say(b"HEAD /gateway/own/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert await line.head() == b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nX-A: 1\r\n\r\n"
        line.close()

    scene(handle, play)


def test_cookies_belong_to_the_client() -> None:
    heads: list[bytes] = []

    async def handle(line: Line) -> None:
        while True:
            heads.append(await line.head())
            line.say(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 2\r\n\r\nok")

    async def run() -> None:
        # By a name: cookies of bare addresses are kept by nobody.
        async with upstream(handle) as port, served({"own": f"http://localhost:{port}"}) as stage:
            line = await stage.connect()
            for more in (b"", b"Cookie: b=2; c=3\r\n", b""):
                line.say(b"GET /gateway/own/ HTTP/1.1\r\nHost: localhost\r\n" + more + b"\r\n")
                assert b"\r\nSet-Cookie: a=1; Path=/\r\n" in await line.head()
                await line.reader.readexactly(2)
            line.close()

    asyncio.run(run())
    assert [b"cookie: b=2; c=3\r\n" in head for head in heads] == [False, True, False]
    assert b"a=1" not in b"".join(heads)


def test_what_is_packed_passes_packed_and_is_told_unpacked() -> None:
    text = b"".join(b"data: %d\n\n" % number for number in range(1000))
    packed = gzip.compress(text)

    async def handle(line: Line) -> None:
        assert b"accept-encoding: gzip\r\n" in await line.head()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed))
        for at in range(0, len(packed), 50):
            line.say(packed[at : at + 50])
            await line.writer.drain()

    async def play(stage: Stage) -> None:
        told_ = await whole(stage, b"GET /gateway/own/ HTTP/1.1\r\naccept-encoding: gzip\r\n\r\n")
        assert told_.partition(b"\r\n\r\n")[2] == packed
        await told(lambda: stage.shelf.watches[0].cut is False)
        assert bytes(stage.shelf.watches[0].answer) == text

    scene(handle, play)


def test_a_watch_that_fails_changes_nothing() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        assert await line.reader.readexactly(5) == b"hello"
        line.say(ANSWER)

    async def play(stage: Stage) -> None:
        told_ = await whole(stage, b"POST /gateway/own/ HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")
        assert told_.endswith(b"\r\n\r\nok")

    scene(handle, play, Watched(Raising))


def test_a_shelf_that_fails_changes_nothing() -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(ANSWER)

    def fail(_: object) -> Any:  # noqa: ANN401  it returns nothing
        raise RuntimeError("made up")

    async def play(stage: Stage) -> None:
        assert (await whole(stage, b"GET /gateway/own/ HTTP/1.1\r\n\r\n")).endswith(b"\r\n\r\nok")
        assert stage.spool.lines == []

    scene(handle, play, Watched(fail))
