"""The gateway as a whole: where addresses lead, what is counted and for whom, and that it costs nothing until it is used."""

import asyncio
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.intake.gateway.stage import Kept, Line, Stage, Watched, served, told, upstream

from tallystick.errors import Misused
from tallystick.intake.gateway.gateway import Gateway, Outside
from tallystick.intake.wire.runs import NO_RUN, Run
from tallystick.providers.shelf import Shelf

EVENTS: tuple[dict[str, Any], ...] = (
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "model": "claude-opus-4-8",
            "usage": {
                "input_tokens": 3,
                "cache_read_input_tokens": 500,
                "cache_creation_input_tokens": 70,
                "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 50},
                "output_tokens": 1,
                "service_tier": "standard",
            },
        },
    },
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 11}},
    {"type": "message_stop"},
)
STREAM = b"".join(b"event: %s\ndata: %s\n\n" % (each["type"].encode(), json.dumps(each).encode()) for each in EVENTS)
ASKED = json.dumps({"model": "claude-opus-4-8", "stream": True, "messages": []}).encode()


class Real(Watched):
    """The shelf that people have."""

    watch = Shelf.watch  # type: ignore[assignment]  # it returns what a watch promises


async def answering(line: Line) -> None:
    """Answer as Anthropic does, packed."""
    packed = gzip.compress(STREAM)
    while True:
        head = await line.head()
        length = next(int(each[15:]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length:"))
        await line.reader.readexactly(length)
        line.say(
            b"HTTP/1.1 200 OK\r\nrequest-id: req_1\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
        )
        line.say(b"Content-Length: %d\r\n\r\n" % len(packed) + packed)


async def ask(stage: Stage, path: str, more: bytes = b"") -> bytes:
    """Send a request and return the body that is answered."""
    line = await stage.connect()
    line.say(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode())
    line.say(more + b"Content-Length: %d\r\n\r\n" % len(ASKED) + ASKED)
    try:
        return (await line.rest()).partition(b"\r\n\r\n")[2]
    finally:
        line.close()


def test_a_call_is_counted_as_the_provider_tells_it() -> None:
    async def run() -> list[Any]:
        async with upstream(answering) as port, served({"anthropic": f"http://127.0.0.1:{port}"}, Real()) as stage:
            more = b"user-agent: claude-cli/2.1.330 (external, cli)\r\nx-claude-code-session-id: s-1\r\n"
            assert await ask(stage, "/gateway/anthropic/v1/messages?beta=true", more) == gzip.compress(STREAM)
            assert await ask(stage, "/gateway/anthropic/v1/messages/count_tokens", more) == gzip.compress(STREAM)
            await told(lambda: bool(stage.spool.lines))
            return stage.spool.lines

    (line,) = asyncio.run(run())
    # input, cache_read, cache_write_5m, cache_write_1h, output, reasoning
    assert line["tokens"] == [3, 500, 20, 50, 11, 0]
    wanted = {
        "via": "gateway",
        "host": "127.0.0.1",
        "provider": "anthropic",
        "model": "claude-opus-4-8",
        "id": "msg_1",
        "request": "req_1",
        "status": 200,
        "outcome": "done",
        "tool": "claude-code",
        "session": "s-1",
        "project": "",
        "tags": {},
    }
    assert {name: line[name] for name in wanted} == wanted


def test_a_call_belongs_to_the_run_that_its_address_names() -> None:
    runs = {"t1": Run("/home/dev/p", {"ticket": "X"})}
    asked: list[str] = []

    def find(token: str) -> Run:
        asked.append(token)
        return runs.get(token, NO_RUN)

    async def run() -> list[Any]:
        async with upstream(answering) as port:
            said = {"own": f"http://127.0.0.1:{port}"}
            async with served(said, outside=Outside(run=find)) as stage:
                for path in ("/gateway/~t1/own/v1", "/gateway/~t2/own/v1", "/gateway/own/v1"):
                    assert await ask(stage, path)
                await told(lambda: len(stage.spool.lines) == 3)
                return stage.spool.lines

    lines = asyncio.run(run())
    assert [(each["project"], each["tags"]) for each in lines] == [("/home/dev/p", {"ticket": "X"}), ("", {}), ("", {})]
    assert asked == ["t1", "t2"]


def test_a_run_that_cannot_be_looked_up_changes_nothing() -> None:
    def find(_: str) -> Run:
        raise OSError("made up")

    async def run() -> None:
        async with (
            upstream(answering) as port,
            served({"own": f"http://127.0.0.1:{port}"}, outside=Outside(run=find)) as stage,
        ):
            assert await ask(stage, "/gateway/~t1/own/v1") == gzip.compress(STREAM)

    asyncio.run(run())


@pytest.mark.parametrize(
    "name, given, provider",
    [
        # A host that nobody knows speaks as the name says.
        ("anthropic", "http://127.0.0.1:{}", "anthropic"),
        ("own", "http://127.0.0.1:{}", "own"),
        ("own", {"url": "http://127.0.0.1:{}", "provider": "openai"}, "openai"),
    ],
)
def test_whose_shapes_an_upstream_speaks(name: str, given: Any, provider: str) -> None:  # noqa: ANN401  what TOML holds
    async def run() -> list[str]:
        async with upstream(answering) as port:
            text = json.loads(json.dumps(given).replace("{}", f"{port}"))
            async with served({name: text}) as stage:
                await ask(stage, f"/gateway/{name}/v1/messages")
                return stage.shelf.providers

    assert asyncio.run(run()) == [provider]


def test_a_known_host_tells_more_than_a_name() -> None:
    asked: list[str] = []

    class Asking(Shelf):
        def known(self, host: str) -> bool:
            asked.append(host)
            return True

        def watch(self, asked: Any, provider: str = "") -> None:  # noqa: ANN401  it is not looked at
            _ = asked
            assert provider == ""

    async def run() -> None:
        async with upstream(answering) as port, served({"own": f"http://127.0.0.1:{port}"}, Asking()) as stage:  # type: ignore[arg-type]
            assert await ask(stage, "/gateway/own/v1") == gzip.compress(STREAM)

    asyncio.run(run())
    assert asked == ["127.0.0.1"]


def test_an_address_that_leads_nowhere_is_told() -> None:
    async def run() -> bytes:
        async with served({}) as stage:
            return await ask(stage, "/gateway/gogle/v1")

    assert json.loads(asyncio.run(run())) == {
        "error": "No upstream is called 'gogle': there are anthropic, openai, google."
    }


def test_where_the_server_takes_no_websockets_plain_requests_are_asked_for() -> None:
    async def run() -> None:
        async with served({"own": "http://127.0.0.1:9"}, ws="none") as stage:
            line = await stage.connect()
            line.say(b"GET /gateway/own/v1/responses HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n")
            line.say(b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n")
            assert (await line.head()).startswith(b"HTTP/1.1 426 ")
            line.close()

    asyncio.run(run())


def test_its_addresses_are_its_own() -> None:
    paths = ("/gateway/", "/gateway/openai", "/gateway", "/gateways/", "/", "/api/gateway/")
    assert [Gateway.owns(path) for path in paths] == [True, True, False, False, False, False]


def test_what_cannot_be_trusted_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="holds no certificates"):
        Gateway({}, Shelf(), Kept(), lambda: 0.0, Outside(str(tmp_path / "none.pem")))


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    program = "import sys, tallystick.intake.gateway.gateway; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert not {"aiohttp", "uvicorn", "fastapi", "starlette"} & set(run.stdout.split())
