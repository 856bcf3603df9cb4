"""Websockets through the real server: every message as it came, every end as it was."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.intake.gateway.stage import Line, Raising, Stage, Watched, served, told, upstream
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol
from websockets.utils import accept_key

MOST = 64 << 20


def scene(
    handle: Callable[[ServerConnection], Awaitable[None]],
    play: Callable[[Stage, str], Awaitable[None]],
    shelf: Watched | None = None,
    **options: Any,  # noqa: ANN401  as websockets has them
) -> None:
    """Play against a gateway before an upstream that does as `handle` says; it hands on the address to connect to."""
    failures: list[BaseException] = []

    async def handled(opened: ServerConnection) -> None:
        try:
            await handle(opened)
        except ConnectionClosed:
            pass
        except Exception as failure:  # noqa: BLE001  it is raised where the test sees it
            failures.append(failure)

    async def run() -> None:
        usual = {"max_size": MOST, "ping_interval": None, "compression": None}
        async with serve(handled, "127.0.0.1", 0, **{**usual, **options}) as server:
            port = server.sockets[0].getsockname()[1]
            async with served({"own": f"http://127.0.0.1:{port}/v1"}, shelf) as stage:
                await play(stage, f"ws://127.0.0.1:{stage.port}/gateway/own/responses?a=%zz")

    asyncio.run(run())
    if failures:
        raise failures[0]


def client(address: str, **options: Any) -> connect:  # noqa: ANN401  as websockets has them
    """Return a client that adds nothing of its own."""
    usual = {"max_size": MOST, "ping_interval": None, "compression": None, "proxy": None}
    return connect(address, **{**usual, **options})


async def echo(opened: ServerConnection) -> None:
    """Say again whatever is said."""
    async for message in opened:
        await opened.send(message)


def test_five_hundred_messages_of_both_kinds_come_back_in_order() -> None:
    drawn = random.Random(5)
    messages: list[str | bytes] = [
        drawn.randbytes(drawn.randint(0, 9000)) if number % 2 else f"é{number}" * drawn.randint(0, 2000)
        for number in range(500)
    ]

    async def play(stage: Stage, address: str) -> None:
        async with client(address) as opened:
            sending = asyncio.create_task(_send(opened, messages))
            assert [await opened.recv() for _ in messages] == messages
            await sending
        watch = stage.shelf.watches[0]
        await told(lambda: watch.cut is False)
        raw = [each.encode() if isinstance(each, str) else each for each in messages]
        assert [data for kind, data in watch.messages if kind == "sent"] == raw
        assert [data for kind, data in watch.messages if kind == "took"] == raw
        assert watch.status == 101

    scene(echo, play)


def test_what_was_asked_is_told_before_its_answer() -> None:
    # Long enough to wait on its way while the answer comes already.
    messages = [random.Random(number).randbytes(300_000).hex() for number in range(20)]

    async def handle(opened: ServerConnection) -> None:
        async for message in opened:
            await opened.send(f"{len(message)}")

    async def play(stage: Stage, address: str) -> None:
        async with client(address, compression="deflate") as opened:
            for message in messages:
                await opened.send(message)
                assert await opened.recv() == "600000"
        assert [kind for kind, _ in stage.shelf.watches[0].messages] == ["sent", "took"] * 20

    scene(handle, play, compression="deflate")


async def _send(opened: ClientConnection, messages: list[str | bytes]) -> None:
    for message in messages:
        await opened.send(message)


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_packed_or_not_is_as_the_client_offers(compression: str | None) -> None:
    offered: list[bool] = []

    async def handle(opened: ServerConnection) -> None:
        assert opened.request is not None
        offered.append("permessage-deflate" in opened.request.headers.get("Sec-WebSocket-Extensions", ""))
        await echo(opened)

    async def play(_: Stage, address: str) -> None:
        async with client(address, compression=compression) as opened:
            for message in ("a" * 100_000, b"b" * 3_000_000, ""):
                await opened.send(message)
                assert await opened.recv() == message

    scene(handle, play, compression="deflate")
    assert offered == [compression == "deflate"]


def test_the_handshake_goes_on_and_comes_back() -> None:
    seen: list[Request] = []

    def answer(opened: ServerConnection, request: Request, response: Response) -> None:
        _ = opened
        seen.append(request)
        response.headers["X-Request-Id"] = "req_1"
        response.headers["Set-Cookie"] = "a=1"
        response.headers["Set-Cookie"] = "b=2"

    async def play(_: Stage, address: str) -> None:
        more = {"Authorization": "Bearer key-1", "openai-beta": "responses_websockets=1", "x-tally-token": "ours"}
        protocols = [Subprotocol("first"), Subprotocol("second")]
        async with client(address, additional_headers=more, subprotocols=protocols) as opened:
            assert opened.subprotocol == "second"
            assert opened.response is not None
            assert opened.response.headers["x-request-id"] == "req_1"
            assert opened.response.headers.get_all("set-cookie") == ["a=1", "b=2"]

    scene(echo, play, process_response=answer, subprotocols=[Subprotocol("second")])
    assert seen[0].path == "/v1/responses?a=%zz"
    assert seen[0].headers["authorization"] == "Bearer key-1"
    assert seen[0].headers["openai-beta"] == "responses_websockets=1"
    assert seen[0].headers["sec-websocket-protocol"].replace(" ", "") == "first,second"
    assert seen[0].headers["host"].startswith("127.0.0.1:")
    assert "x-tally-token" not in seen[0].headers
    assert len(seen[0].headers.get_all("user-agent")) == 1


def test_an_upstream_that_wants_none_answers_as_it_likes() -> None:
    def answer(opened: ServerConnection, request: Request) -> Response:
        _ = request
        denied = opened.respond(401, '{"error": {"code": "invalid_api_key"}}\n')
        denied.headers["x-request-id"] = "req_2"
        return denied

    async def play(stage: Stage, address: str) -> None:
        with pytest.raises(InvalidStatus) as denied:
            await client(address)
        response = denied.value.response
        assert response.status_code == 401
        assert response.headers["x-request-id"] == "req_2"
        assert json.loads(response.body) == {"error": {"code": "invalid_api_key"}}
        assert stage.shelf.watches[0].status == 401

    scene(echo, play, process_request=answer)


@pytest.mark.parametrize("code, reason", [(1000, ""), (1001, "bye"), (1011, "é" * 60), (4001, "own"), (None, "")])
def test_the_upstream_closes_as_it_likes(code: int | None, reason: str) -> None:
    async def handle(opened: ServerConnection) -> None:
        await opened.send("last")
        if code is None:
            opened.protocol.send_close()
            opened.transport.write(b"".join(opened.protocol.data_to_send()))
            await opened.wait_closed()
        else:
            await opened.close(code, reason)
            closed.append(opened.protocol.close_rcvd_then_sent)

    async def play(_: Stage, address: str) -> None:
        async with client(address) as opened:
            assert await opened.recv() == "last"
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(opened.recv(), 2)
            assert (opened.close_code, opened.close_reason) == (code or 1005, reason)

    closed: list[bool | None] = []
    scene(handle, play)
    assert closed == ([] if code is None else [False])


@pytest.mark.parametrize("code, reason", [(1000, ""), (1001, "bye"), (4001, "é"), (None, "")])
def test_the_client_closes_as_it_likes(code: int | None, reason: str) -> None:
    async def handle(opened: ServerConnection) -> None:
        assert await opened.recv() == "last"
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(opened.recv(), 2)
        ends.append((opened.close_code, opened.close_reason))
        seen.set()

    async def play(stage: Stage, address: str) -> None:
        opened = await client(address)
        await opened.send("last")
        if code is None:
            opened.protocol.send_close()
            opened.transport.write(b"".join(opened.protocol.data_to_send()))
            await opened.wait_closed()
        else:
            await opened.close(code, reason)
        await asyncio.wait_for(seen.wait(), 1)
        await told(lambda: stage.shelf.watches[0].cut is False)

    ends: list[tuple[int | None, str | None]] = []
    seen = asyncio.Event()
    scene(handle, play)
    assert ends == [(code or 1005, reason)]


def test_the_upstream_may_answer_that_the_client_closed() -> None:
    async def handle(line: Line) -> None:
        head = await line.head()
        key = head.lower().partition(b"sec-websocket-key: ")[2].partition(b"\r\n")[0]
        key = head[head.lower().index(key) :][: len(key)]
        line.say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n")
        line.say(b"Sec-WebSocket-Accept: " + accept_key(key.decode()).encode() + b"\r\n\r\n")
        # A closing frame, masked, with a code: two bytes, four of the mask, and two.
        assert (await line.reader.readexactly(8))[:2] == b"\x88\x82"
        await asyncio.sleep(0.1)
        assert not line.reader.at_eof()
        line.say(b"\x88\x02\x03\xe8")
        assert await line.reader.read(-1) == b""
        seen.set()

    async def run() -> None:
        async with upstream(handle) as port, served({"own": f"http://127.0.0.1:{port}"}) as stage:
            async with client(f"ws://127.0.0.1:{stage.port}/gateway/own/v1/responses"):
                pass
            await asyncio.wait_for(seen.wait(), 2)

    seen = asyncio.Event()
    asyncio.run(run())


async def _talk(opened: ServerConnection) -> None:
    while True:
        await opened.send("x" * 10_000)


def test_the_client_closes_while_the_upstream_talks() -> None:
    async def handle(opened: ServerConnection) -> None:
        with pytest.raises(ConnectionClosed):
            await _talk(opened)
        ends.append((opened.close_code, opened.close_reason))
        seen.set()

    async def play(_: Stage, address: str) -> None:
        opened = await client(address)
        for number in range(20):
            assert await opened.recv() == "x" * 10_000, number
        await opened.close(4001, "enough")
        await asyncio.wait_for(seen.wait(), 2)

    ends: list[tuple[int | None, str | None]] = []
    seen = asyncio.Event()
    scene(handle, play)
    assert ends == [(4001, "enough")]


def test_when_the_client_breaks_off_the_upstream_sees_it_at_once() -> None:
    async def handle(opened: ServerConnection) -> None:
        await opened.recv()
        with pytest.raises(ConnectionClosed):
            await opened.recv()
        # 1006: without a word.
        codes.append(opened.close_code)
        seen.set()

    async def play(_: Stage, address: str) -> None:
        opened = await client(address)
        await opened.send("hello")
        await asyncio.sleep(0.05)
        opened.transport.abort()
        await asyncio.wait_for(seen.wait(), 1)

    codes: list[int | None] = []
    seen = asyncio.Event()
    scene(handle, play)
    assert codes == [1006]


@pytest.mark.parametrize("rude", [True, False], ids=["reset", "hung up"])
def test_where_the_upstream_breaks_off_the_client_is_broken_off_too(*, rude: bool) -> None:
    async def handle(opened: ServerConnection) -> None:
        await opened.send("last")
        if rude:
            await arrived.wait()
            opened.transport.abort()
        else:
            opened.transport.close()

    async def play(_: Stage, address: str) -> None:
        opened = await client(address)
        assert await opened.recv() == "last"
        arrived.set()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(opened.recv(), 2)
        assert opened.close_code == 1006

    arrived = asyncio.Event()
    scene(handle, play)


def test_pings_of_either_side_are_answered() -> None:
    async def handle(opened: ServerConnection) -> None:
        await asyncio.wait_for(await opened.ping(b"up"), 2)
        await opened.send("answered")
        await opened.wait_closed()

    async def play(_: Stage, address: str) -> None:
        async with client(address) as opened:
            await asyncio.wait_for(await opened.ping(b"down"), 2)
            assert await asyncio.wait_for(opened.recv(), 2) == "answered"

    scene(handle, play)


@pytest.mark.slow
def test_a_message_of_sixty_mebibytes_passes_both_ways() -> None:
    message = random.Random(1).randbytes(60 << 20)

    async def play(_: Stage, address: str) -> None:
        async with client(address) as opened:
            await opened.send(message)
            assert await opened.recv() == message

    scene(echo, play)


def test_a_watch_that_fails_changes_nothing() -> None:
    async def play(_: Stage, address: str) -> None:
        async with client(address) as opened:
            for number in range(10):
                await opened.send(f"{number}")
                assert await opened.recv() == f"{number}"

    scene(echo, play, Watched(Raising))


def test_where_websockets_are_not_relayed_plain_requests_are_asked_for() -> None:
    async def run() -> None:
        own = {"url": "http://127.0.0.1:9", "websockets": False}
        async with served({"own": own}) as stage:
            with pytest.raises(InvalidStatus) as denied:
                await client(f"ws://127.0.0.1:{stage.port}/gateway/own/v1/responses")
            response = denied.value.response
            assert response.status_code == 426
            assert response.headers["x-tally-gateway"] == "no-websockets"
            assert "plain requests" in json.loads(response.body)["error"]["message"]
            assert stage.shelf.watches == []

    asyncio.run(run())


@pytest.mark.parametrize("there", [True, False])
def test_an_upstream_that_does_not_answer_is_told(*, there: bool) -> None:
    async def hang_up(line: Line) -> None:
        if there:
            await line.head()

    async def run() -> None:
        async with upstream(hang_up) as port, served({"own": f"http://127.0.0.1:{port if there else 9}"}) as stage:
            with pytest.raises(InvalidStatus) as denied:
                await client(f"ws://127.0.0.1:{stage.port}/gateway/own/v1/responses")
            response = denied.value.response
            assert response.status_code == 502
            assert response.headers["x-tally-gateway"] == ("upstream-closed" if there else "upstream-unreachable")
            assert stage.shelf.watches[0].cut is None

    asyncio.run(run())
