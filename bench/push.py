"""A server that takes in what many machines send: batches, single events, and reports meanwhile; or a ledger of many millions.

    bench/push.py [--machines 20] [--seconds 20] [--clients 8]
    bench/push.py --fill 10000000 --data FOLDER
    bench/push.py --data FOLDER --reports

Bodies are made before the clock runs. Client and server share the machine, so that figures are what one box does for both.
"""

import argparse
import asyncio
import gzip
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.ledger.ledger import Arrival, Batch, Row, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import Context, Variant

TALLY = Path(sys.executable).with_name("tally")
PORT = 18_849
REPORTS: tuple[str, ...] = (
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
)
REPORTS += ("models", "tools", "agents", "machines", "blocks")
MODELS = ("claude-opus-4-8", "claude-sonnet-4-6", "claude-haiku-4-5", "gpt-5.5")
NOW = time.time_ns() // 1_000_000
DAY = 86_400_000
_PER_SESSION = 150
_PER_BATCH = 2_000
_SHOWS_S = 0.1
_REST_S = 2.5


class Maker:
    """Makes the events of machines: sessions of some 150 calls in a dozen projects, spread over a year."""

    def __init__(self, seed: int, days: int = 365) -> None:
        """Begin; the same seed gives the same events."""
        self._random, self._days = random.Random(seed), days
        self._live: dict[str, tuple[Context, int, int]] = {}
        """The session that each machine is in: its context, model and calls."""

    def batch(self, machine: str, events: int) -> Batch:
        """Return a batch of one machine, in as many sessions as it takes."""
        chance = self._random
        contexts: list[Context] = []
        rows: list[Row] = []
        at = model = 0
        for number in range(events):
            if number % _PER_SESSION == 0:
                project = f"/home/dev/project-{chance.randrange(12)}"
                contexts.append(
                    Context("claude-code", f"{chance.getrandbits(96):024x}", project, "main", "", "2.1", machine, "dev")
                )
                at, model = NOW - chance.randrange(self._days * DAY), chance.randrange(4)
            at = min(at + chance.randrange(2_000, 40_000), NOW)
            counts = (
                chance.randrange(40),
                chance.randrange(180_000),
                chance.randrange(4_000),
                0,
                chance.randrange(2_000),
                0,
            )
            key = chance.getrandbits(64) - (1 << 63)
            # Most of a session is one model's work; a small one looks things up for it.
            what = len(contexts) - 1, 2 if chance.randrange(10) == 0 else model
            rows.append((key, 0, at, *what, *counts, 3, False, False, 4_000, 0, 0, None, number))
        source = Source(f"/home/dev/{chance.getrandbits(64):x}.jsonl", "claude-code", mtime=at * 1_000_000, last=at)
        variants = [Variant("anthropic" if model.startswith("claude") else "openai", model) for model in MODELS]
        return Batch(source, True, contexts, variants, rows, [], [], [], [], [])  # noqa: FBT003  as a batch has it

    def call(self, machine: str) -> Batch:
        """Return a batch of the call that a machine made a moment ago, in the session that it is in."""
        made = self.batch(machine, 1)
        context, model, calls = self._live.get(machine, (made.contexts[0], made.events[0][4], 0))
        self._live[machine] = (context, model, calls + 1) if calls < _PER_SESSION else (made.contexts[0], model, 0)
        key, request, _, _, _, *rest = made.events[0]
        return made._replace(contexts=[context], events=[(key, request, NOW, 0, model, *rest)])

    def body(self, machine: str, events: int) -> bytes:
        """Return such a batch as it is sent."""
        batch = self.batch(machine, events) if events > 1 else self.call(machine)
        return gzip.compress(encoded(envelope([batch], Client("tally", "bench"), NOW)), 1)


class Connection(NamedTuple):
    """One connection that is kept open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, head: str, body: bytes = b"") -> int:
        """Send a request; return the status of its answer."""
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        told = await self.reader.readexactly(length)
        status = int(answer[9:12])
        if status >= 400:  # noqa: PLR2004
            raise SystemExit(f"{head.splitlines()[0]} was answered with {status}: {told.decode()}")
        return status

    async def push(self, token: str, body: bytes) -> int:
        """Send a body."""
        head = f"POST /api/v1/push HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Encoding: gzip\r\n"
        return await self.ask(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n", body)

    async def get(self, path: str) -> int:
        """Ask for something."""
        return await self.ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n")


async def connected() -> Connection:
    """Return a connection to the server."""
    return Connection(*await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 24))


@contextmanager
def served(data: Path, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve an empty home for as long as it is needed."""
    environ = {**os.environ, "HOME": str(home), "TALLY_DATA_DIR": str(data), "TZ": "Europe/Berlin"}
    with subprocess.Popen([TALLY, "serve", "--port", str(PORT)], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            _wait()
            yield process
        finally:
            process.terminate()
            process.wait()


def _wait() -> None:
    for _ in range(600):
        try:
            with urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not begin")


def tokens(data: Path, home: Path, machines: Sequence[str]) -> dict[str, str]:
    """Return a token for each machine."""
    environ = {**os.environ, "HOME": str(home), "TALLY_DATA_DIR": str(data)}
    made = {}
    for machine in machines:
        command = [str(TALLY), "server", "tokens", "create", "--scope", "ingest", "--machine", machine]
        done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        made[machine] = next(word for word in done.stdout.split() if word.startswith("tally_"))
    return made


def memory(process: "subprocess.Popen[bytes]") -> int:
    """Return how many MiB a process and its children hold."""
    found = subprocess.run(
        ["ps", "-o", "rss=", "--pid", str(process.pid), "--ppid", str(process.pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return sum(map(int, found.stdout.split())) // 1024


def quantiles(times: Sequence[float]) -> str:
    """Return the figures that matter of how long things took."""
    if not times:
        return "none"
    ordered = sorted(times)
    p50, p95, p99 = (ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 for share in (0.5, 0.95, 0.99))
    return f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, most {ordered[-1] * 1000:.0f} ms"


async def pushing(
    bodies: Sequence[tuple[str, bytes]], clients: int, seconds: float, rate: float = 0
) -> tuple[int, float, list[float]]:
    """Send bodies from several clients at once, so many in a second or as fast as it goes, until they or the time run out.

    Returns how many, the seconds, and how long each took.
    """
    waiting, times = iter(bodies), list[float]()
    began = time.perf_counter()
    sent = 0

    async def client() -> None:
        connection = await connected()
        nonlocal sent
        for token, body in waiting:
            sent += 1
            if rate:
                await asyncio.sleep(max(began + sent / rate - time.perf_counter(), 0))
            at = time.perf_counter()
            status = await connection.push(token, body)
            times.append(time.perf_counter() - at)
            if status != 200:  # noqa: PLR2004
                raise SystemExit(f"a push was answered with {status}")
            if time.perf_counter() - began > seconds:
                return

    await asyncio.gather(*(client() for _ in range(clients)))
    return len(times), time.perf_counter() - began, times


async def asking(stop: asyncio.Event, times: list[float], names: list[str]) -> None:
    """Ask for one report after another, a fifth of a second apart, until told to stop; each once before it counts."""
    connection, chance = await connected(), random.Random(3)
    before = list(REPORTS)
    while not stop.is_set():
        name = before.pop() if before else chance.choice(REPORTS)
        at = time.perf_counter()
        status = await connection.get(f"/api/v1/reports/{name}?since=30d")
        if not before:
            times.append(time.perf_counter() - at)
            names.append(name)
        if status != 200:  # noqa: PLR2004
            raise SystemExit(f"a report was answered with {status}")
        await asyncio.sleep(0.2)


async def load(made: dict[str, str], seconds: float, clients: int, process: "subprocess.Popen[bytes]") -> None:
    """Send batches, then single events, as fast as it goes and at a steady rate; reports are asked for meanwhile."""
    # What machines send is mostly of today.
    maker, chance = Maker(1, days=1), random.Random(2)
    machines = list(made)
    for what, size, rate in (
        ("batches of 2000", _PER_BATCH, 0),
        ("batches of 2000, steadily", _PER_BATCH, 8),
        ("single events", 1, 0),
        ("single events, steadily", 1, 300),
    ):
        number = int(seconds * ((rate or 30) if size > 1 else (rate or 1_500)))
        chosen = [chance.choice(machines) for _ in range(number)]
        bodies = [(made[machine], maker.body(machine, size)) for machine in chosen]
        stop, times, names = asyncio.Event(), list[float](), list[str]()
        asked = asyncio.ensure_future(asking(stop, times, names))
        pushes, took, each = await pushing(bodies, clients if size > 1 else clients * 8, seconds, rate)
        stop.set()
        await asked
        rates = f"{pushes * size / took:,.0f} events/s, {pushes / took:,.0f} pushes/s in {took:.1f} s"
        print(f"{what}: {rates}; each {quantiles(each)}")
        print(
            f"  reports meanwhile: {len(times)} asked, {quantiles(times)}; memory {memory(process)} MiB, all processes"
        )
        slowest = sorted(zip(times, names, strict=True), reverse=True)[:5]
        print("  slowest:", ", ".join(f"{name} {took * 1000:.0f} ms" for took, name in slowest))


def rested(process: "subprocess.Popen[bytes]") -> float:
    """Wait until a server that was just started has nothing to do; return the seconds of a processor that it took until then."""
    before = -1.0
    while True:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if used - before < 0.1:  # noqa: PLR2004
            return used
        before = used
        time.sleep(4)


async def reports(token: str) -> None:
    """Ask for every report of all time, and for the page: first, again, and after a push that changes today and the days before it."""
    # A ledger that was measured before knows the events of then: those of now are others.
    maker = Maker(NOW, days=3)
    for path in (*(f"/api/v1/reports/{name}" for name in REPORTS), "/"):
        connection = await connected()
        first = await _asked(connection, path)
        again = sorted([await _asked(connection, path) for _ in range(5)])[2]
        after = []
        for _ in range(3):
            # The server lets go of a connection that nothing comes by for a while.
            if await (await connected()).push(token, maker.body("bench", _PER_BATCH)) != 200:  # noqa: PLR2004
                raise SystemExit("a push was refused")
            # The new version shows within a moment; what was asked for lately has been worked out by then.
            at = time.perf_counter()
            await asyncio.sleep(_SHOWS_S)
            after.append(await _asked(await connected(), path))
            await asyncio.sleep(max(at + _SHOWS_S + _REST_S - time.perf_counter(), 0))
        print(
            f"{path:<40} first {first:7.0f} ms, then {again:5.0f} ms, after pushes {sorted(after)[1]:6.0f} ms",
            flush=True,
        )


async def _asked(connection: Connection, path: str) -> float:
    at = time.perf_counter()
    status = await connection.get(path) if path != "/" else _page()
    if status != 200:  # noqa: PLR2004
        raise SystemExit(f"{path} was answered with {status}")
    return (time.perf_counter() - at) * 1000


def _page() -> int:
    with urlopen(f"http://127.0.0.1:{PORT}/", timeout=60) as answer:
        answer.read()
        return int(answer.status)


def fill(data: Path, events: int, machines: Sequence[str]) -> None:
    """Put so many events into a ledger, as the process that takes pushes in would."""
    data.mkdir(parents=True, exist_ok=True)
    ledger, maker = SqliteLedger(str(data / "ledger.db"), write=True), Maker(4)
    # A year's worth at once would otherwise write most pages of its indexes over and over.
    ledger.connection.execute("PRAGMA cache_size = -600000")
    began, done = time.perf_counter(), 0
    while done < events:
        batches = []
        for machine in [*machines] * 25:
            batch = maker.batch(machine, _PER_BATCH)
            batches.append(batch._replace(source=batch.source._replace(path=f"push:{machine}:{batch.source.path}")))
        ledger.add(batches, [Arrival(machine, machine, "dev", NOW) for machine in machines])
        done += _PER_BATCH * len(batches)
        print(f"{done:,} events, {done / (time.perf_counter() - began):,.0f}/s", flush=True)
    ledger.close()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--machines", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--fill", type=int, default=0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--reports", action="store_true")
    chosen = parser.parse_args()
    machines = [f"machine-{number:02}" for number in range(chosen.machines)]
    with tempfile.TemporaryDirectory() as folder:
        home, data = Path(folder) / "home", chosen.data or Path(folder) / "data"
        home.mkdir()
        if chosen.fill:
            fill(data, chosen.fill, machines)
            return
        # A folder may have been measured before: its machines have their tokens.
        made = tokens(data, home, [f"bench-{NOW}"] if chosen.reports else machines)
        with served(data, home) as process:
            if chosen.reports:
                print(f"until nothing was left to do: {rested(process):.1f} s of a processor; {memory(process)} MiB")
                asyncio.run(reports(*made.values()))
                print(f"memory {memory(process)} MiB, all processes")
            else:
                asyncio.run(load(made, chosen.seconds, chosen.clients, process))


if __name__ == "__main__":
    main()
