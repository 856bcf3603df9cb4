"""A ledger on ClickHouse's engine beside one in a file: rows taken in per second, and how long reports take.

`python bench/cluster.py --events 1000000` starts the engine (chdb, `make engine`) on loopback in a folder of its own. Batches have 2000
events, of which 15 % come a second time with more output; as many as wait are taken in together, as a server does. With `--singles 10` it
also measures for ten seconds each how many additions of one event a second one thread, many threads and two nodes of many threads make.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import count, islice
from pathlib import Path
from statistics import median

from tests.answers.sample import book_of
from tests.ledger.clickhouse.engine_server import serving

from tallystick.access.leases import Leases, Turn
from tallystick.access.store import Store, path
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish, question
from tallystick.answers.reports import REPORTS
from tallystick.cli.control import Settling, Shared
from tallystick.ledger.clickhouse.engine import ClickhouseLedger
from tallystick.ledger.ledger import Batch, Ledger, Row, Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import Context, Variant
from tallystick.usage.period import DAY_MS, Zone, period

NOW = 1_795_300_000_000
DAYS = 180
IN_BATCH = 2_000
LATE = 0.15
MODELS = [Variant("anthropic", f"model-{number}") for number in range(40)]
REPORTED = ("daily", "models", "projects", "hours")


def batches(events: int, seed: int = 5) -> Iterator[Batch]:
    """Yield so many made-up events of two thousand people, day after day, some of them twice."""
    chance = random.Random(seed)
    rounds = max(events // IN_BATCH, 1)
    before: list[Row] = []
    for number in range(rounds):
        begin = NOW - (DAYS - number * DAYS // rounds) * DAY_MS
        person = chance.randrange(2_000)
        where = [
            Context("claude-code", f"s{number}-{n}", f"/p/{person % 500}", "main", "", "2", "box", f"u{person}")
            for n in range(4)
        ]
        rows = [_event(chance, begin, place) for place in range(IN_BATCH)]
        later = [(*row[:9], row[9] + 1, *row[10:]) for row in chance.sample(before, int(len(before) * LATE))]
        source = Source(f"push:m{person}:a", "claude-code", "push", mtime=begin * 1_000_000, last=begin)
        yield Batch(source, False, where, MODELS, rows + later, [], [], [], [], [])  # noqa: FBT003
        before = rows


def _event(chance: random.Random, begin: int, place: int) -> Row:
    of = (chance.randrange(4), chance.randrange(40))
    counts = (
        chance.randrange(1_000),
        chance.randrange(100_000),
        chance.randrange(5_000),
        0,
        chance.randrange(2_000),
        0,
    )
    key, when = chance.getrandbits(64) - 2**63, begin + chance.randrange(DAY_MS)
    return (key, 0, when, *of, *counts, 3, False, False, 5_000, 0, 0, None, place)


def take_in(ledger: Ledger, events: int, together: int) -> float:
    """Return how many rows a second a ledger takes in, the making of them left aside."""
    spent, rows = 0.0, 0
    every = batches(events)
    while waiting := list(islice(every, together)):
        rows += sum(len(batch.events) for batch in waiting)
        began = time.perf_counter()
        ledger.add(waiting)
        spent += time.perf_counter() - began
    return rows / spent


def singles(nodes: list[ClickhouseLedger], threads: int, seconds: float) -> tuple[float, float]:
    """Return how many additions of one event each a second so many threads of each node make, and the median of their lengths in milliseconds."""
    end, lengths, numbers = time.perf_counter() + seconds, list[float](), count()

    def add(ledger: ClickhouseLedger) -> None:
        chance = random.Random(next(numbers))
        source = Source("push:single:a", "claude-code", "push")
        where = [Context("claude-code", "single", "/p", "main", "", "2", "box", "u")]
        while (began := time.perf_counter()) < end:
            rows = [_event(chance, NOW - DAY_MS, 0)]
            rows = [(*row[:3], 0, *row[4:]) for row in rows]
            ledger.add([Batch(source, False, where, MODELS, rows, [], [], [], [], [])])  # noqa: FBT003
            lengths.append(time.perf_counter() - began)

    with ThreadPoolExecutor(threads * len(nodes)) as pool:
        for done in [pool.submit(add, node) for node in nodes for _ in range(threads)]:
            done.result()
    return len(lengths) / seconds, median(lengths) * 1_000


def measure_singles(url: str, folder: str, seconds: float) -> None:
    """Print how single additions fare."""
    with ExitStack() as held:
        made = []
        for name in ("one", "other"):
            store = Store(path(folder))
            turn = Settling(Shared(Turn(Leases(store), "settle", name, 10_000), store))
            made.append(held.enter_context(closing(ClickhouseLedger(url, time.time_ns, turn=turn))))
        for nodes, threads in ((1, 1), (1, 32), (2, 32)):
            speed, length = singles(made[:nodes], threads, seconds)
            print(f"{nodes} nodes of {threads:2} threads: {speed:7,.0f} single additions/s, median {length:,.0f} ms")


def reports(ledger: Ledger) -> dict[str, tuple[float, object]]:
    """Return the best of three times of each report over ninety days, in milliseconds, and its totals."""
    answers, book = Answers(ledger, book_of), period(Zone("Europe/Berlin"), NOW, "90d")
    found: dict[str, tuple[float, object]] = {}
    for report in REPORTS:
        if report.name in REPORTED:
            asked = question(report, book, Wish(prices=False), NOW)
            times, answer = [], None
            for _ in range(3):
                began = time.perf_counter()
                answer = answers.ask(asked)
                times.append(time.perf_counter() - began)
            found[report.name] = min(times) * 1_000, repr(answer)
    return found


def measured(name: str, make: Callable[[], Ledger], options: argparse.Namespace) -> dict[str, tuple[float, object]]:
    """Print how an engine fares, and return its reports."""
    with closing(make()) as ledger:
        speed = take_in(ledger, options.events, options.together)
        print(f"{name:12} {speed:10,.0f} rows/s")
        found = reports(ledger)
        if options.merge and isinstance(ledger, ClickhouseLedger):
            for table in ("events", "usage"):
                ledger.server.do(f"OPTIMIZE TABLE {table} FINAL")
            found = reports(ledger)
    for report, (spent, _) in found.items():
        print(f"{name:12} {spent:10,.0f} ms {report}")
    return found


def main() -> None:
    """Measure both engines, and hold their answers against one another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--together", type=int, default=25, help="batches that are taken in at once")
    parser.add_argument("--merge", action="store_true", help="ask after all parts were put together")
    parser.add_argument("--singles", type=float, default=0, help="seconds for which single additions are measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving(os.path.join(folder, "engine")) as port:
        url = f"clickhouse://127.0.0.1:{port}/bench"
        if options.singles:
            measure_singles(f"{url}_singles", folder, options.singles)
        there = measured("clickhouse", lambda: ClickhouseLedger(url, time.time_ns), options)
        file = Path(folder) / "ledger.db"
        here = measured("sqlite", lambda: SqliteLedger(str(file), write=True), options)
    differing = [name for name in here if here[name][1] != there[name][1]]
    print("the answers are the same" if not differing else f"answers differ: {', '.join(differing)}")


if __name__ == "__main__":
    main()
