"""Requests held against budgets on their way: refused in the provider's words, and let through whatever fails here."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import aiohttp.web
import pytest
from tests.intake.gateway.stage import Line, served, upstream, whole
from tests.intake.gateway.test_gateway import ASKED, Real, answering

from tallystick.intake.gateway.capping import Stops, told_of
from tallystick.intake.gateway.gateway import Outside
from tallystick.intake.wire.runs import NO_RUN, Run
from tallystick.providers.provider import Asked

WHY = "The budget of $5.00 a day is used up."
CLAUDE = b"User-Agent: claude-cli/2.1.330 (external, cli)\r\nX-Claude-Code-Session-Id: s1\r\nX-Stainless-Lang: js\r\n"


def request(body: bytes = ASKED, path: bytes = b"anthropic/v1/messages", headers: bytes = CLAUDE) -> bytes:
    """Return a request to the gateway."""
    return b"POST /gateway/%s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (path, headers, len(body)) + body


def asked(*requests: bytes, stops: Stops | None, run: Run = NO_RUN, provider: str = "anthropic") -> list[bytes]:
    """Return what is answered to requests before a real gateway with an upstream that answers all."""
    answers: list[bytes] = []

    async def play() -> None:
        async with upstream(answering) as port:
            said = {provider: {"url": f"http://127.0.0.1:{port}", "provider": provider}}
            outside = Outside(stops=stops, run=lambda _: run)
            async with served(said, Real(), outside) as stage:
                answers.extend([await whole(stage, each) for each in requests])

    asyncio.run(play())
    return answers


def refused(answer: bytes) -> tuple[int, Mapping[str, str], Any]:
    """Return status, headers and body of an answer."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, json.loads(body)


def test_a_request_is_refused_as_the_provider_tells_of_a_limit() -> None:
    (answer,) = asked(request(), stops=lambda _: WHY)
    status, headers, body = refused(answer)
    assert (status, headers["x-tally-gateway"], headers["x-should-retry"]) == (429, "budget-used-up", "false")
    assert body == {"type": "error", "error": {"type": "rate_limit_error", "message": WHY}}


@pytest.mark.parametrize(
    "provider, path, wanted",
    [
        ("anthropic", b"anthropic/v1/messages", {"type": "invalid_request_error", "message": WHY}),
        (
            "openai",
            b"openai/v1/responses",
            {"message": WHY, "type": "invalid_request_error", "param": None, "code": "budget-used-up"},
        ),
        (
            "google",
            b"google/v1beta/models/gemini-2.5-pro:generateContent",
            {"code": 400, "message": WHY, "status": "INVALID_ARGUMENT"},
        ),
    ],
)
def test_who_would_try_again_and_again_is_told_that_it_is_no_use(
    provider: str, path: bytes, wanted: Mapping[str, Any]
) -> None:
    (answer,) = asked(request(path=path, headers=b""), stops=lambda _: WHY, provider=provider)
    status, headers, body = refused(answer)
    assert (status, headers["x-tally-gateway"]) == (400, "budget-used-up")
    assert body["error"] == wanted


def test_who_asks_is_told_as_far_as_it_is_known() -> None:
    heard: list[Mapping[str, str]] = []

    def stops(known: Mapping[str, str]) -> str | None:
        heard.append(known)
        return ""

    run = Run("/srv/shop", {"ticket": "X-1", "who": "me"})
    answers = asked(request(path=b"~t1/anthropic/v1/messages"), request(headers=b""), stops=stops, run=run)
    assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)
    assert heard == [
        {"tool": "claude-code", "session": "s1", "project": "/srv/shop", "tag": "ticket=X-1\nwho=me"},
        {},
    ]


def test_the_body_is_looked_at_only_where_the_model_decides_and_then_goes_on_whole() -> None:
    def stops(known: Mapping[str, str]) -> str | None:
        return (WHY if "opus" in known["model"] else "") if "model" in known else None

    filler = json.dumps(
        {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "x" * 700_000}]}
    ).encode()
    packed = gzip.compress(ASKED)
    first, second, third = asked(
        request(),
        request(filler),
        request(packed, headers=CLAUDE + b"Content-Encoding: gzip\r\n"),
        stops=stops,
    )
    assert (refused(first)[0], refused(third)[0]) == (429, 429)
    assert second.startswith(b"HTTP/1.1 200 OK")


def test_a_body_goes_on_as_it_was_after_it_was_looked_at() -> None:
    got: list[bytes] = []

    async def keeping(line: Line) -> None:
        await line.head()
        got.append(await line.reader.readexactly(len(body)))
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    body = json.dumps({"messages": ["y" * 300_000], "model": "claude-haiku-4-5"}).encode()

    async def play() -> None:
        async with upstream(keeping) as port:
            said = {"anthropic": f"http://127.0.0.1:{port}"}
            outside = Outside(stops=lambda known: "" if "model" in known else None)
            async with served(said, Real(), outside) as stage:
                await whole(stage, request(body))

    asyncio.run(play())
    assert got == [body]


def test_a_long_request_that_is_refused_hears_so() -> None:
    # A server that answers and hangs up while the client still sends has its answer lost.
    (answer,) = asked(request(b'{"model":"m","x":"' + b"z" * (6 << 20) + b'"}'), stops=lambda _: WHY)
    assert refused(answer)[0] == 429


@pytest.mark.parametrize("body", [b"", b"{", b'{"model": 7}', b"\x00\xff", b'{"messages": []}'])
def test_a_body_that_tells_no_model_goes_on(body: bytes) -> None:
    (answer,) = asked(request(body), stops=lambda known: WHY if "model" in known else None)
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_a_body_that_cannot_be_unpacked_goes_on() -> None:
    bad = request(b"no gzip", headers=CLAUDE + b"Content-Encoding: gzip\r\n")
    unknown = request(ASKED, headers=CLAUDE + b"Content-Encoding: own\r\n")
    answers = asked(bad, unknown, stops=lambda known: WHY if "model" in known else None)
    assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)


def test_whatever_fails_here_the_request_goes_on() -> None:
    def failing(_: Mapping[str, str]) -> str | None:
        raise RuntimeError("made up")

    def failing_late(known: Mapping[str, str]) -> str | None:
        if "model" in known:
            raise RuntimeError("made up")
        return None

    for stops in (failing, failing_late, None):
        (answer,) = asked(request(), stops=stops)
        assert answer.startswith(b"HTTP/1.1 200 OK")


def test_what_is_no_call_of_a_model_is_not_refused() -> None:
    (answer,) = asked(request(path=b"anthropic/v1/files"), stops=lambda _: WHY)
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_a_websocket_is_answered_that_plain_requests_are_to_be_used() -> None:
    verdicts: list[str | None] = [WHY, None]

    async def play() -> None:
        outside = Outside(stops=lambda _: verdicts.pop(0))
        said = {"openai": "http://127.0.0.1:9"}
        async with served(said, Real(), outside) as stage, aiohttp.ClientSession() as session:
            for _ in range(2):
                with pytest.raises(aiohttp.WSServerHandshakeError) as told:
                    await session.ws_connect(f"http://127.0.0.1:{stage.port}/gateway/openai/v1/responses")
                assert told.value.status == 426

    asyncio.run(play())
    assert verdicts == []


def test_a_websocket_ends_before_the_message_that_comes_beyond_the_budget() -> None:
    async def echo(web: aiohttp.web.Request) -> aiohttp.web.WebSocketResponse:
        socket = aiohttp.web.WebSocketResponse()
        await socket.prepare(web)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    async def play() -> None:
        state = {"why": ""}
        app = aiohttp.web.Application()
        app.router.add_get("/v1/responses", echo)
        runner = aiohttp.web.AppRunner(app)
        await runner.setup()
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        outside = Outside(stops=lambda _: state["why"])
        try:
            async with served({"openai": f"http://127.0.0.1:{port}"}, Real(), outside) as stage, aiohttp.ClientSession() as session:  # fmt: skip
                socket = await session.ws_connect(f"http://127.0.0.1:{stage.port}/gateway/openai/v1/responses")
                await socket.send_str("{}")
                assert (await socket.receive_str(timeout=5)) == "{}"
                state["why"] = WHY
                await socket.send_str("{}")
                assert (await socket.receive(timeout=5)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE}
        finally:
            await runner.cleanup()

    asyncio.run(play())


def test_the_model_may_stand_in_the_address() -> None:
    def model(path: str) -> str | None:
        return told_of(Asked("POST", "h", path, {}), NO_RUN).get("model")

    assert model("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse") == "gemini-2.5-pro"
    assert model("/model/anthropic.claude-opus-4-8-v1%3A0/invoke") == "anthropic.claude-opus-4-8-v1:0"
    assert model("/v1/messages") is None
