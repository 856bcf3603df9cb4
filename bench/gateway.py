"""The gateway beside a direct way: added time per request and to the first byte, parallel streams, memory.

    bench/gateway.py [--pairs 400] [--requests 10000] [--responses 2000] [--streams 50] [--seconds 10]

The upstream, the gateway behind its real server, and the client are processes of their own on one machine; direct and
through the gateway are measured in turns. It ends with 1 where a bar is missed.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

BODY = 60_000
BARS = {"added_ms": 1.5, "first_byte_ms": 5.0, "stream_s": 0.1, "memory_mib": 20.0, "uncounted": 0.0}
_WARM = 50
_FIRST = 1_000
"""Requests before memory is looked at."""
_LAST = b"0\r\n"
_END = b"[DONE]\n\n\r\n0\r\n\r\n"
_RATE = 100
"""Events of a stream per second."""
_PIECE = 20_000
"""Bytes of a response on the websocket, beside the usage that it tells."""
_USAGE = {"input_tokens": 12_000, "output_tokens": 100, "total_tokens": 12_100}
_ANSWER = json.dumps(
    {"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5", "choices": [{"message": {"content": "x" * 900}}],
     "usage": {"prompt_tokens": 12_000, "completion_tokens": 100, "total_tokens": 12_100}}
).encode()  # fmt: skip


class Spot(NamedTuple):
    """Where a request goes."""

    port: int
    path: str = ""


async def exchanged(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> float:
    """Send a request, read its answer, and return the seconds it took."""
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    await reader.readexactly(length)
    return time.perf_counter() - began


async def first_byte(spot: Spot, request: bytes) -> float:
    """Ask for a stream on a connection of its own and return the seconds to the first byte of its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", spot.port)
    try:
        began = time.perf_counter()
        writer.write(request)
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1)
        taken = time.perf_counter() - began
        await reader.readuntil(_END)
        return taken
    finally:
        writer.close()


def asked(spot: Spot, path: str, body: bytes) -> bytes:
    """Return a request as bytes."""
    head = f"POST {spot.path}{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def prompt(*, stream: bool) -> bytes:
    """Return a request's body of the size that tools send."""
    empty = json.dumps({"model": "gpt-5", "stream": stream, "messages": [{"role": "user", "content": ""}]})
    return empty.replace('""', json.dumps("x" * (BODY - len(empty)))).encode()


async def per_request(direct: Spot, through: Spot, pairs: int) -> tuple[float, float]:
    """Return the medians of a request's milliseconds, direct and through the gateway."""
    lines = [(spot, *await asyncio.open_connection("127.0.0.1", spot.port)) for spot in (direct, through)]
    taken: list[list[float]] = [[], []]
    for turn in range(pairs + _WARM):
        for number, (spot, reader, writer) in enumerate(lines):
            seconds = await exchanged(reader, writer, asked(spot, "/v1/chat/completions", prompt(stream=False)))
            if turn >= _WARM:
                taken[number].append(seconds * 1000)
    for _, _, writer in lines:
        writer.close()
    return statistics.median(taken[0]), statistics.median(taken[1])


async def to_first_byte(direct: Spot, through: Spot, pairs: int) -> tuple[float, float]:
    """Return the medians of the milliseconds to a stream's first byte."""
    taken: list[list[float]] = [[], []]
    for _ in range(pairs):
        for number, spot in enumerate((direct, through)):
            request = asked(spot, "/v1/chat/completions?events=2", prompt(stream=True))
            taken[number].append(await first_byte(spot, request) * 1000)
    return statistics.median(taken[0]), statistics.median(taken[1])


async def streams(spot: Spot, number: int, seconds: int) -> tuple[float, float]:
    """Take streams at once; return how long the slowest took, and the median of milliseconds that an event was on its way."""

    async def one() -> list[float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", spot.port)
        writer.write(asked(spot, f"/v1/chat/completions?events={seconds * _RATE}", prompt(stream=True)))
        late: list[float] = []
        while (line := await reader.readline()) != _LAST:
            if (at := line.find(b'"sent": ')) >= 0:
                late.append((time.monotonic_ns() - int(line[at + 8 : line.index(b"}", at)])) / 1e6)
        writer.close()
        return late

    began = time.perf_counter()
    late = await asyncio.gather(*(one() for _ in range(number)))
    return time.perf_counter() - began, statistics.median(each for one_late in late for each in one_late)


async def many(spot: Spot, number: int) -> None:
    """Send requests, eight at a time."""

    async def some(count: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", spot.port)
        request = asked(spot, "/v1/chat/completions", prompt(stream=False))
        for _ in range(count):
            await exchanged(reader, writer, request)
        writer.close()

    await asyncio.gather(*(some(number // 8) for _ in range(8)))


async def socket_of(spot: Spot, responses: int, pid: int) -> float:
    """Have responses on one websocket; return by how many MiB the process has grown since the first tenth of them."""
    import aiohttp

    early = 0.0
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{spot.port}{spot.path}/v1/responses", max_msg_size=0) as opened,
    ):
        for number in range(responses):
            await opened.send_str(json.dumps({"type": "response.create", "model": "gpt-5", "input": "x" * _PIECE}))
            while "response.completed" not in (await opened.receive_str())[:80]:
                pass
            if number == responses // 10:
                early = resident(pid)
    return resident(pid) - early


def resident(pid: int) -> float:
    """Return a process's resident memory in MiB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / (1 << 20)


def counted(folder: str) -> int:
    """Return how many calls were told."""
    lines = 0
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            lines += sum(b'"nonce"' in line for line in file)
    return lines


def upstream_process(listener: socket.socket) -> None:
    """Answer as a provider does, as fast as this can be done."""
    asyncio.run(_upstream(listener))


async def _upstream(listener: socket.socket) -> None:
    from aiohttp import web

    async def chat(request: web.Request) -> web.StreamResponse:
        await request.read()
        if "events" not in request.query:
            return web.Response(body=_ANSWER, content_type="application/json", headers={"x-request-id": "req_1"})
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        began = time.monotonic()
        for number in range(int(request.query["events"])):
            await asyncio.sleep(max(0.0, began + number / _RATE - time.monotonic()))
            text = json.dumps({"id": "c", "model": "gpt-5", "choices": [{"delta": {"content": "token"}}], "sent": 0})
            await answer.write(f"data: {text[:-2]}{time.monotonic_ns()}}}\n\n".encode())
        await answer.write(b"data: [DONE]\n\n")
        return answer

    async def responses(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse(max_msg_size=0)
        await opened.prepare(request)
        async for _ in opened:
            for _ in range(10):
                await opened.send_str(json.dumps({"type": "response.output_text.delta", "delta": "x" * 100}))
            response = {
                "id": "resp_1",
                "model": "gpt-5",
                "status": "completed",
                "usage": _USAGE,
                "output": [{"type": "message", "content": [{"type": "output_text", "text": "x" * _PIECE}]}],
            }
            await opened.send_str(json.dumps({"type": "response.completed", "response": response}))
        return opened

    app = web.Application(client_max_size=1 << 26)
    app.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/responses", responses)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listener).start()
    await asyncio.Event().wait()


def gateway_process(listener: socket.socket, upstream: int, folder: str) -> None:
    """Serve the gateway alone, in the way that `tally serve` does."""
    import uvicorn

    from tallystick.intake.gateway.gateway import Gateway
    from tallystick.intake.gateway.upstreams import upstreams
    from tallystick.intake.wire.spool import Spool
    from tallystick.providers.shelf import Shelf

    leads = upstreams({"openai": f"http://127.0.0.1:{upstream}"}, {}, "the benchmark")
    app = Gateway(leads, Shelf(), Spool(folder, time.time), time.time)
    options: dict[str, Any] = {"ws_max_size": 64 << 20, "ws_ping_interval": None, "lifespan": "off"}
    config = uvicorn.Config(app, http="h11", access_log=False, log_config=None, date_header=False, **options)
    uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def started(role: str, *more: str) -> Iterator[tuple[int, int]]:
    """Run a part as a process of its own; yield its port and its id."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    number = listener.fileno()
    command = [sys.executable, __file__, "--as", role, "--socket", str(number), *more]
    with listener, subprocess.Popen(command, pass_fds=(number,)) as process:
        try:
            yield listener.getsockname()[1], process.pid
        finally:
            process.kill()


async def measured(options: argparse.Namespace, direct: Spot, through: Spot, pid: int) -> dict[str, float]:
    """Return what was found, by the names of the bars."""
    found: dict[str, float] = {}
    before, after = await per_request(direct, through, options.pairs)
    print(f"request of {BODY // 1000} kB   direct {before:6.2f} ms   gateway {after:6.2f} ms")
    found["added_ms"] = after - before
    before, after = await to_first_byte(direct, through, options.pairs)
    print(f"first byte         direct {before:6.2f} ms   gateway {after:6.2f} ms")
    found["first_byte_ms"] = after - before
    told = [await streams(spot, options.streams, options.seconds) for spot in (direct, through)]
    for name, (took, late) in zip(("direct", "gateway"), told, strict=True):
        print(f"{options.streams} streams {name:>12} {took:6.2f} s, an event is {late:.2f} ms on its way")
    found["stream_s"] = told[1][0] - told[0][0]
    await many(through, _FIRST)
    early = resident(pid)
    began = time.perf_counter()
    await many(through, options.requests)
    took = time.perf_counter() - began
    grown = resident(pid) - early
    print(f"{options.requests} requests in {took:.1f} s: {early:.1f} MiB {grown:+.1f}")
    on_socket = await socket_of(through, options.responses, pid)
    print(f"{options.responses} responses on one websocket: {on_socket:+.1f} MiB")
    found["memory_mib"] = max(grown, on_socket)
    return found


def main(arguments: Sequence[str]) -> int:
    """Measure, and tell which bars are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    counts = {"pairs": 400, "requests": 10_000, "responses": 2_000, "streams": 50, "seconds": 10}
    for name, usual in counts.items():
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--as", dest="role", help=argparse.SUPPRESS)
    parser.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    parser.add_argument("more", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.role:
        listener = socket.socket(fileno=options.socket)
        if options.role == "upstream":
            upstream_process(listener)
        else:
            gateway_process(listener, int(options.more[0]), options.more[1])
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        started("upstream") as (upstream, _),
        started("gateway", str(upstream), folder) as (port, pid),
    ):
        time.sleep(2)
        found = asyncio.run(measured(options, Spot(upstream), Spot(port, "/gateway/openai"), pid))
        sent = 2 * options.pairs + _WARM + options.streams + _FIRST + options.requests // 8 * 8 + options.responses
        time.sleep(1)
        found["uncounted"] = abs(sent - counted(folder))
        print(f"{sent} calls sent, {counted(folder)} counted")
    for name, bar in BARS.items():
        print(f"{name:14} {found[name]:7.2f}   bar {bar:5.1f}   {'met' if found[name] <= bar else 'MISSED'}")
    return int(any(found[name] > bar for name, bar in BARS.items()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
