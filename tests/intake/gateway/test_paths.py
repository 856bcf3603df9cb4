"""Paths as bytes on the wire: what stays below an upstream's own path arrives as it was sent, and nothing else arrives at all."""

import asyncio
import json
from typing import Any

import pytest
from tests.intake.gateway.stage import Line, served, upstream


def lines_for(*targets: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the first lines that reach an upstream with the path `/team-a`, and the whole answers."""
    seen: list[bytes] = []

    async def keep(line: Line) -> None:
        seen.append((await line.head()).partition(b"\r\n")[0])
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    async def run() -> list[bytes]:
        answers = []
        async with upstream(keep) as port:
            said: dict[str, Any] = {"own": {"url": f"http://127.0.0.1:{port}/team-a", "provider": "anthropic"}}
            async with served(said) as stage:
                for target in targets:
                    line = await stage.connect()
                    line.say(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    answers.append(await line.rest())
                    line.close()
        return answers

    answers = asyncio.run(run())
    return seen, answers


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/./x",
        b"/v1/../x",
        b"//v1//x",
        b"//evil.example/x",
        b"/v1\\x",
        b"/v1%5Cx",
        b"/v1/a%2Fb%20c?d=../..&e=%2e%2e",
        b"/~t/x",
        b"/...",
        b"",
    ],
)
def test_what_stays_below_arrives_to_the_byte(path: bytes) -> None:
    seen, (answer,) = lines_for(b"/gateway/own" + path)
    assert seen == [b"GET /team-a" + path + b" HTTP/1.1"]
    assert answer.endswith(b"\r\n\r\nok")


def test_what_may_lead_out_reaches_nobody() -> None:
    paths = (b"/../team-b/x", b"/%2e%2e/x", b"/v1/.%2E/../x", b"/..\\x", b"/%2e%2e%5cx", b"/..%2fx", b"/%252e%252e/x")
    seen, answers = lines_for(*(b"/gateway/own" + path for path in paths), b"/gateway/~t1/own/../own/x")
    assert seen == []
    for answer in answers:
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"x-tally-gateway: path-leads-out" in head
        assert json.loads(body)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "target", [b"/gateway/../own/x", b"/gateway//own/x", b"/gateway/own%2f../x", b"/gateway/own\\..\\x"]
)
def test_a_name_with_more_in_it_leads_nowhere(target: bytes) -> None:
    seen, (answer,) = lines_for(target)
    assert (seen, answer.split()[1]) == ([], b"404")


def test_where_there_is_nothing_to_lead_out_of_every_path_passes() -> None:
    seen: list[bytes] = []

    async def keep(line: Line) -> None:
        seen.append((await line.head()).partition(b"\r\n")[0])
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    async def run() -> None:
        async with upstream(keep) as port, served({"own": f"http://127.0.0.1:{port}/"}) as stage:
            line = await stage.connect()
            line.say(b"GET /gateway/own/v1/../x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (await line.rest()).endswith(b"ok")
            line.close()

    asyncio.run(run())
    assert seen == [b"GET /v1/../x HTTP/1.1"]
