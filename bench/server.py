"""The server under load: each report cold and warm, as many requests as it takes, and a steady rate while a log grows.

    bench/server.py HOME [--rate 200] [--seconds 30] [--clients 8] [--grow-mib 1]
    bench/server.py HOME --page '/?since=all'

With `--page` it is that page that is measured: its first byte, all of it, and all of its charts drawn in Chromium.
HOME holds the logs; it is copied by hard links, so that nothing in it changes. Client and server share the machine.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, sync_playwright

TALLY = Path(sys.executable).with_name("tally")
REPORTS = (
    "daily",
    "weekly",
    "monthly",
    "hours",
    "activity",
    "cache",
    "classes",
    "sessions",
    "projects",
    "branches",
    "models",
    "tools",
    "agents",
    "machines",
    "blocks",
)
PORT = 18_847
_WELL = 200
_FRESH = 4
"""Seconds."""
SITE = f"http://127.0.0.1:{PORT}"
ADDRESS = f"{SITE}/api/v1"
DRAWN = """[...document.querySelectorAll("figure[data-chart]")].every((each) => each.dataset.drawn === each.dataset.mark)
           && document.readyState === "complete" """


class Connection(NamedTuple):
    """One connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def get(self, path: str) -> int:
        """Ask for something, and return its status."""
        self.writer.write(f"GET /api/v1{path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[16:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await self.reader.readexactly(length)
        return int(head[9:12])


async def connected() -> Connection:
    """Return a connection to the server."""
    return Connection(*await asyncio.open_connection("127.0.0.1", PORT))


@contextmanager
def served(home: Path, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve a home for as long as it is needed."""
    environ = {**os.environ, "HOME": str(home), "TALLY_DATA_DIR": str(data), "TZ": "Europe/Berlin"}
    with subprocess.Popen([TALLY, "serve", "--port", str(PORT)], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            begun = time.monotonic()
            while not _settled():
                time.sleep(0.1)
            print(f"first import                     {time.monotonic() - begun:8.1f} s")
            yield process
        finally:
            process.terminate()
            process.wait(20)


def _settled() -> bool:
    """Tell whether there is an answer, and nothing left to read."""
    try:
        with urlopen(f"{ADDRESS}/health", timeout=5) as answer:  # noqa: S310  our own server
            status = json.load(answer)
    except OSError:
        return False
    return bool(status["events"] and status["importing"] is None)


def told(name: str, seconds: Sequence[float]) -> None:
    """Print how long something took: the middle, the slowest of twenty and of a hundred, and the slowest."""
    ordered = sorted(each * 1000 for each in seconds)
    parts = (ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.95, 0.99, 1))
    print(f"{name:<32}" + "".join(f"{part:9.1f}" for part in parts))


async def each_report() -> None:
    """Ask for each report, for the first time and many times again."""
    connection = await connected()
    cold, warm = list[float](), list[float]()
    for name in REPORTS:
        for number in range(50):
            begun = time.perf_counter()
            if await connection.get(f"/reports/{name}") != _WELL:
                raise SystemExit(f"{name} was not answered.")
            (warm if number else cold).append(time.perf_counter() - begun)
    told("every report, cold", cold)
    told("every report, warm", warm)


async def as_many_as_it_takes(clients: int, seconds: float) -> None:
    """Ask for one report on several connections, one question after another."""
    until, times = time.perf_counter() + seconds, list[float]()

    async def ask() -> None:
        connection = await connected()
        while (begun := time.perf_counter()) < until:
            await connection.get("/reports/daily?since=30d")
            times.append(time.perf_counter() - begun)

    await asyncio.gather(*(ask() for _ in range(clients)))
    told(f"{clients} clients, {len(times) / seconds:,.0f} requests/s", times)


async def steadily(rate: int, seconds: float) -> None:
    """Ask for all reports in turns at a steady rate, each when its time has come and not when the server is free."""
    idle: list[tuple[float, Connection]] = []
    times: list[float] = []
    wrong: list[int] = []

    async def ask(number: int, due: float) -> None:
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        # The server closes what was idle for five seconds.
        since, connection = idle.pop() if idle else (0.0, None)
        if connection is None or time.perf_counter() - since > _FRESH:
            connection = await connected()
        status = await connection.get(f"/reports/{REPORTS[number % len(REPORTS)]}?since=30d")
        if status != _WELL:
            wrong.append(status)
        times.append(time.perf_counter() - due)
        idle.append((time.perf_counter(), connection))

    begin = time.perf_counter() + 0.1
    await asyncio.gather(*(ask(number, begin + number / rate) for number in range(int(rate * seconds))))
    told(f"{rate} requests/s, {len(wrong)} wrong", times)


async def growing(path: Path, mib_a_second: float) -> None:
    """Add to a log until nobody waits any more, in lines as Claude Code writes them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, begun, written = 0, time.monotonic(), 0
    with path.open("ab", buffering=0) as file:
        while True:
            due = (time.monotonic() - begun) * mib_a_second * (1 << 20)
            lines = []
            while written < due:
                line = _line(number)
                number, written = number + 1, written + len(line)
                lines.append(line)
            file.write(b"".join(lines))
            await asyncio.sleep(0.1)


def _line(number: int) -> bytes:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    usage = {
        "input_tokens": 3,
        "cache_read_input_tokens": 20_000,
        "cache_creation_input_tokens": 500,
        "output_tokens": 200,
    }
    message = {
        "id": f"msg_{number}",
        "model": "claude-opus-4-8",
        "stop_reason": "end_turn",
        "usage": usage,
        "content": [{"type": "text", "text": "x" * 3_000}],
    }
    line = {
        "type": "assistant",
        "timestamp": moment,
        "sessionId": "grows",
        "requestId": f"req_{number}",
        "cwd": "/home/dev/grows",
        "message": message,
    }
    return json.dumps(line).encode() + b"\n"


async def measured(options: argparse.Namespace, home: Path) -> None:
    """Measure everything, one thing after another."""
    print(f"{'':<32}   p50 ms   p95 ms   p99 ms   max ms")
    await each_report()
    await as_many_as_it_takes(options.clients, options.seconds / 3)
    await steadily(options.rate, options.seconds / 3)
    grows = asyncio.create_task(growing(home / ".claude/projects/-home-dev-grows/grows.jsonl", options.grow_mib))
    await steadily(options.rate, options.seconds)
    grows.cancel()
    print(f"(the last one while a log grew by {options.grow_mib} MiB/s)")


def fetched(path: str) -> tuple[float, float]:
    """Return after how many seconds the first byte of a page came, and the last."""
    begun = time.perf_counter()
    with urlopen(SITE + path, timeout=60) as answer:  # noqa: S310  our own server
        answer.read(1)
        first = time.perf_counter() - begun
        answer.read()
    return first, time.perf_counter() - begun


def shown(window: Browser | BrowserContext, path: str) -> float:
    """Return after how many seconds the page is shown with every chart; a browser makes a window that knows nothing yet."""
    page = window.new_page()
    page.set_viewport_size({"width": 1400, "height": 1000})
    begun = time.perf_counter()
    page.goto(SITE + path, wait_until="commit")
    while not page.evaluate(DRAWN):
        time.sleep(0.01)
    took = time.perf_counter() - begun
    page.close()
    return took


def page_measured(path: str, times: int = 10) -> None:
    """Measure a page as a person waits for it."""
    chromium = os.environ.get("TALLY_CHROMIUM") or shutil.which("chromium")
    print(f"{'':<32}   p50 ms   p95 ms   p99 ms   max ms")
    first, whole = fetched(path)
    told("first byte, nothing worked out", [first])
    told("whole page, nothing worked out", [whole])
    again = [fetched(path) for _ in range(times)]
    told("first byte", [each[0] for each in again])
    told("whole page", [each[1] for each in again])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        told("all charts, for the first time", [shown(browser, path)])
        told("all charts, a new window", [shown(browser, path) for _ in range(times)])
        window = browser.new_context()
        shown(window, path)
        told("all charts, seen before", [shown(window, path) for _ in range(times)])
        browser.close()


def main() -> None:
    """Serve a copy of a home and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--grow-mib", type=float, default=1)
    parser.add_argument("--page", help="measure this page instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.home.parent) as folder:
        home = Path(folder) / "home"
        shutil.copytree(options.home, home, copy_function=os.link)
        with served(home, Path(folder) / "data") as process:
            if options.page:
                page_measured(options.page)
            else:
                asyncio.run(measured(options, home))
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith(("VmHWM", "VmRSS")):
                    print(line)


if __name__ == "__main__":
    main()
