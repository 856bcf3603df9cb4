"""The proxy on the way: added time per request and to the first byte, many streams at once, and memory over a long run.

    bench/wire.py [--requests 400] [--seconds 10] [--long 10000] [--frames 2000]

A server, the proxy and the client are three processes on this machine. Each figure is taken in turns with a direct run, so that
both see the same machine. It ends with 1 where a bar is missed.
"""

import argparse
import asyncio
import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from aiohttp import ClientSession, TCPConnector, WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mitmproxy.certs import CertStore

HOST = "api.openai.com"
MESSAGES = "/v1/chat/completions"
SOCKET = "/v1/responses"
QUESTION = json.dumps(
    {"model": "gpt-5.6", "stream": False, "messages": [{"role": "user", "content": "x" * 60_000}]}
).encode()
ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "gpt-5.6",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "y" * 2_000}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 15_000, "completion_tokens": 500, "total_tokens": 15_500},
    }
).encode()
REQUEST_MS_MOST = 4.0
FIRST_MS_MOST = 5.0
MEMORY_MIB_MOST = 20.0
STREAMS, RATE = 50, 100
FRAME_BYTES = 50_000


# What answers: a process of its own.


async def _answered(request: web.Request) -> web.StreamResponse:
    if request.path == SOCKET:
        return await _socket(request)
    await request.read()
    if "events" not in request.query:
        return web.Response(body=ANSWER, content_type="application/json", headers={"x-request-id": "req_1"})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    began = time.monotonic()
    for number in range(int(request.query["events"])):
        await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
        delta = {
            "sent": time.monotonic(),
            "id": "chatcmpl-1",
            "model": "gpt-5.6",
            "choices": [{"delta": {"content": "word "}}],
        }
        await response.write(b"data: " + json.dumps(delta).encode() + b"\n\n")
    await response.write(b"data: [DONE]\n\n")
    return response


async def _socket(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=0)
    await socket.prepare(request)
    number = 0
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        number += 1
        usage = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}
        await socket.send_str(json.dumps({"type": "response.output_text.delta", "delta": "z" * FRAME_BYTES}))
        done = {"id": f"resp_{number}", "model": "gpt-5.6", "status": "completed", "usage": usage}
        await socket.send_str(json.dumps({"type": "response.completed", "response": done}))
    return socket


async def _origin(pair: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", _answered)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    print(f"listens on {runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


# What asks.


class Way(NamedTuple):
    """One way to the server."""

    name: str
    session: ClientSession
    address: str
    more: dict[str, Any]

    def url(self, path: str) -> str:
        """Return where a path is asked."""
        return f"{self.address}{path}"


class Scene(NamedTuple):
    """All processes, and both ways."""

    direct: Way
    proxy: Way
    pid: int
    """Of the proxy."""
    data: Path


@contextmanager
def started(command: list[str], environ: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Start a process that tells its port; give its number and the port."""
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"(?:listens on |127\.0\.0\.1:)(\d+)", line)
            if not found:
                raise SystemExit(f"it does not listen: {line}")
            yield process.pid, int(found[1])
        finally:
            process.terminate()


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    """Set everything up."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        CertStore.create_store(folder, "mitmproxy", 2048, organization="bench", cn="bench")
        entry = CertStore.from_store(folder, "mitmproxy", 2048).get_cert(HOST, [x509.DNSName(HOST)])
        key = entry.privatekey.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "pair.pem").write_bytes(key + entry.cert.to_pem())
        behind, data = str(folder / "mitmproxy-ca-cert.pem"), folder / "data"
        environ = {"PATH": os.environ["PATH"], "HOME": name, "TALLY_DATA_DIR": str(data)}
        with started([sys.executable, __file__, "--origin", str(folder / "pair.pem")], environ) as (_, port):
            way = ["--connect-to", f"{HOST}=127.0.0.1:{port}", "--upstream-ca", behind]
            command = [sys.executable, "-P", "-m", "tallystick", "proxy", "--port", "0", *way]
            with started(command, environ) as (pid, proxy):
                trusts, direct = ssl.create_default_context(), ssl.create_default_context(cafile=behind)
                trusts.load_verify_locations(str(data / "ca" / "tallystick-ca.pem"))
                async with _session() as one, _session() as other:
                    yield Scene(
                        Way("direct", one, f"https://127.0.0.1:{port}", {"ssl": direct, "server_hostname": HOST}),
                        Way("proxy", other, f"https://{HOST}", {"ssl": trusts, "proxy": f"http://127.0.0.1:{proxy}"}),
                        pid,
                        data,
                    )


def _session() -> ClientSession:
    return ClientSession(connector=TCPConnector(limit=0), headers={"Host": HOST, "Authorization": "Bearer none"})


async def request_seconds(way: Way) -> float:
    """Return how long one request with a body of 60 kB took."""
    began = time.perf_counter()
    async with way.session.post(way.url(MESSAGES), data=QUESTION, **way.more) as response:
        if await response.read() != ANSWER:
            raise SystemExit("an answer came changed")
    return time.perf_counter() - began


async def first_seconds(way: Way) -> float:
    """Return how long the first byte of a stream took."""
    began = time.perf_counter()
    async with way.session.post(way.url(f"{MESSAGES}?events=2"), data=QUESTION, **way.more) as response:
        await response.content.readany()
        first = time.perf_counter() - began
        await response.read()
    return first


async def in_turns(scene: Scene, many: int, measure: Callable[[Way], Awaitable[float]]) -> tuple[float, float]:
    """Return the medians of both ways in milliseconds, one measured after the other."""
    found: dict[str, list[float]] = {"direct": [], "proxy": []}
    for number in range(many + 10):
        for way in (scene.direct, scene.proxy):
            seconds = await measure(way)
            # The first few open connections.
            if number >= 10:  # noqa: PLR2004  as the range above has it
                found[way.name].append(seconds)
    return statistics.median(found["direct"]) * 1e3, statistics.median(found["proxy"]) * 1e3


async def stream(way: Way, seconds: int, delays: list[float]) -> float:
    """Take one stream of events, note how late each one came, and return how long all took."""
    began = time.perf_counter()
    path = f"{MESSAGES}?events={seconds * RATE}"
    async with way.session.post(way.url(path), data=QUESTION, **way.more) as response:
        async for line in response.content:
            if line.startswith(b'data: {"sent": '):
                delays.append(  # noqa: PERF401  the moment matters
                    time.monotonic() - float(line[15 : line.index(b",")])
                )
    return time.perf_counter() - began


async def streams(way: Way, seconds: int) -> tuple[float, list[float]]:
    """Return how long many streams at once took in the mean, and how late their events came."""
    # So many connections are open before: handshakes are not what is measured here.
    await asyncio.gather(*(first_seconds(way) for _ in range(STREAMS)))
    delays: list[float] = []
    took = await asyncio.gather(*(stream(way, seconds, delays) for _ in range(STREAMS)))
    if len(delays) != STREAMS * seconds * RATE:
        raise SystemExit("events were lost")
    return statistics.mean(took), delays


def held_mib(pid: int) -> float:
    """Return what a process really holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def cpu_seconds(pid: int) -> float:
    """Return how long a process has kept a core busy."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def long_run(scene: Scene, many: int) -> tuple[float, float]:
    """Return what the proxy holds after a tenth of many requests, eight at a time, and after all of them."""
    held = []
    for part in (many // 10, many - many // 10):
        for _ in range(part // 8):
            await asyncio.gather(*(request_seconds(scene.proxy) for _ in range(8)))
        held.append(held_mib(scene.pid))
    return held[0], held[1]


async def long_socket(scene: Scene, many: int) -> tuple[float, float]:
    """Return what the proxy holds after a tenth of many responses on one websocket, and after all of them."""
    held = []
    url = scene.proxy.url(SOCKET)
    async with scene.proxy.session.ws_connect(url, max_msg_size=0, **scene.proxy.more) as socket:
        for number in range(many):
            await socket.send_str(
                json.dumps({"type": "response.create", "model": "gpt-5.6", "input": "x" * FRAME_BYTES})
            )
            for _ in range(2):
                await socket.receive_str()
            if number in {many // 10, many - 1}:
                held.append(held_mib(scene.pid))
    return held[0], held[1]


def spooled(data: Path) -> int:
    """Return how many finished calls are in the spool."""
    return sum(file.read_bytes().count(b'"outcome":"done"') for file in (data / "spool").iterdir())


def told(words: str, figure: float, most: float, unit: str) -> bool:
    """Print a figure beside its bar, and tell whether it is kept."""
    kept = figure <= most
    print(f"{words:<58} {figure:8.2f} {unit:<4} (at most {most:g}) {'' if kept else 'MISSED'}", flush=True)
    return kept


async def main(options: argparse.Namespace) -> int:
    """Measure everything."""
    async with scene() as found:
        direct, proxy = await in_turns(found, options.requests, request_seconds)
        print(f"request with 60 kB, median: direct {direct:.2f} ms, proxy {proxy:.2f} ms")
        kept = [told("added to a request", proxy - direct, REQUEST_MS_MOST, "ms")]
        direct, proxy = await in_turns(found, options.requests // 2, first_seconds)
        print(f"first byte of a stream, median: direct {direct:.2f} ms, proxy {proxy:.2f} ms")
        kept.append(told("first byte later by", proxy - direct, FIRST_MS_MOST, "ms"))
        took = {"direct": await streams(found.direct, options.seconds)}
        before = cpu_seconds(found.pid)
        took["proxy"] = await streams(found.proxy, options.seconds)
        events = STREAMS * options.seconds * RATE
        print(f"an event takes {(cpu_seconds(found.pid) - before) / events * 1e6:.0f} µs of the proxy's core")
        for name, (seconds, delays) in took.items():
            late = statistics.quantiles(delays, n=100)
            print(
                f"{STREAMS} streams, {name}: {seconds:.2f} s each; events late by {late[49] * 1e3:.1f} ms, 99 %: {late[98] * 1e3:.0f} ms"
            )
        added = took["proxy"][0] / took["direct"][0] * 100 - 100
        kept.append(told(f"{STREAMS} streams of {RATE} events/s take longer by", added, 1.0, "%"))
        before, after = await long_run(found, options.long)
        print(f"memory over {options.long} requests: {before:.0f} MiB, {after:.0f} MiB")
        kept.append(told("memory added", after - before, MEMORY_MIB_MOST, "MiB"))
        before, after = await long_socket(found, options.frames)
        print(f"memory over {options.frames} responses on one websocket: {before:.0f} MiB, {after:.0f} MiB")
        kept.append(told("memory added", after - before, MEMORY_MIB_MOST, "MiB"))
        await asyncio.sleep(1)
        expected = (
            options.requests
            + 10
            + options.long // 10 // 8 * 8
            + (options.long - options.long // 10) // 8 * 8
            + options.frames
        )
        kept.append(told("calls that were not counted", expected - spooled(found.data), 0, ""))
    return 0 if all(kept) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--long", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=2_000)
    parser.add_argument("--origin", metavar="PEM", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    raise SystemExit(asyncio.run(_origin(chosen.origin) if chosen.origin else main(chosen)) or 0)
