"""The status line: how long it takes beside `python -c pass`, in turns in one run, its memory, and a hundred of them at once.

    bench/statusline.py [HOME] [--data DIR] [--size-mib 200] [--runs 41] [--many 100]

HOME holds the logs; without one, so many MiB are made by `make_corpus.py` in the folder that TALLY_SHARED names (or ../shared).
They are read into a ledger first, unless `--data` names a folder with one, of which a copy is used; neither is changed. Forty
sessions of today come to them from a home beside. Fails where a bar is not kept. Machines are shared and noisy: compare ratios.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

PYTHON = sys.executable
TALLY = Path(PYTHON).with_name("tally")
BARS = {"wall ms": 45.0, "times python -c pass": 3.0, "MiB": 30.0, "seconds for all": 10.0, "renewals": 1.0}
SESSIONS = 40
STATE, LOCK = "statusline.json", "statusline.lock"
COUNTING = """
import os, sys
if "refresh" in sys.orig_argv:
    with open(os.environ["TALLY_DATA_DIR"] + "/renewals", "a") as file:
        print(os.getpid(), file=file)
"""


class Run(NamedTuple):
    """One run of a command."""

    wall_ms: float
    cpu_ms: float
    mib: float
    """The most memory that it had."""


class World(NamedTuple):
    """Where it runs, and what the tool tells."""

    data: Path
    environ: dict[str, str]
    told: Path


def measured(command: Sequence[str], world: World, out: int = subprocess.DEVNULL) -> Run:
    """Run a command and return what it cost."""
    with world.told.open("rb") as said:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdin=said, stdout=out, stderr=subprocess.DEVNULL, env=world.environ)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
    process.returncode = status
    if status:
        raise SystemExit(f"{' '.join(command)} failed.")
    return Run(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)


def quiet(world: World) -> bool:
    """Tell whether nobody renews anything."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        with (world.data / LOCK).open() as lock:
            flock(lock, LOCK_EX | LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def wait(world: World) -> None:
    """Wait until nobody renews anything."""
    while not quiet(world):
        time.sleep(0.05)


def aged(world: World) -> None:
    """Make what is kept ready so old that it is to be renewed."""
    wait(world)
    path = world.data / STATE
    state = json.loads(path.read_text())
    state["begun"] = time.time_ns() // 1_000_000 - 61_000
    path.write_text(json.dumps(state))
    os.utime(path, ns=(state["begun"] * 1_000_000,) * 2)
    (world.data / LOCK).write_text("")


def busy(home: Path) -> str:
    """Write the logs of forty sessions of just now; return the name of one."""
    place = home / ".claude" / "projects" / "p"
    place.mkdir(parents=True)
    now = datetime.now(UTC)
    for each in range(SESSIONS):
        lines = []
        for call in range(20):
            usage = {"input_tokens": 1_000, "output_tokens": 500, "cache_read_input_tokens": 90_000}
            message = {
                "id": f"msg_{each}_{call}",
                "model": "claude-opus-4-8",
                "stop_reason": "end_turn",
                "usage": usage,
            }
            moment = f"{now - timedelta(seconds=20 * (20 - call) + each):%Y-%m-%dT%H:%M:%S}.000Z"
            common = {"sessionId": f"now-{each}", "requestId": f"req_{each}_{call}", "cwd": "/home/dev/till"}
            lines.append(json.dumps({"type": "assistant", "timestamp": moment, **common, "message": message}) + "\n")
        (place / f"now-{each}.jsonl").write_text("".join(lines))
    return "now-7"


def corpus(size_mib: int, target: Path) -> Path:
    """Make a tree of logs and return the home in it."""
    shared = Path(os.environ.get("TALLY_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    maker = shared / "corpus" / "make_corpus.py"
    if not maker.is_file():
        raise SystemExit("Name a HOME with logs, or set TALLY_SHARED to the folder that holds `corpus/`.")
    made = ["--out", str(target), "--seed", "2", "--size-mib", str(size_mib), "--days", "180"]
    subprocess.run([PYTHON, maker, *made], check=True, cwd=target.parent, stdout=subprocess.DEVNULL)
    return target / "home"


@contextmanager
def prepared(home: Path | None, data: Path | None, size_mib: int) -> Iterator[World]:
    """Bring the logs into a ledger, and have a session told of that is in them."""
    with tempfile.TemporaryDirectory(prefix="tally-bench-") as folder:
        made = Path(folder) / "data"
        home = home or corpus(size_mib, Path(folder) / "tree")
        if data:
            shutil.copytree(data, made)
        environ = {"HOME": str(home), "TZ": "UTC", "PATH": os.environ["PATH"], "TALLY_DATA_DIR": str(made)}
        environ["TALLY_HOMES"] = str(Path(folder) / "beside")
        said = {
            "session_id": busy(Path(folder) / "beside"),
            "model": {"id": "house-model-1", "display_name": "House 1"},
            "cwd": str(Path.cwd()),
            "context_window": {"used_percentage": 42},
            "rate_limits": {"five_hour": {"used_percentage": 34, "resets_at": int(time.time()) + 7_200}},
        }
        told = Path(folder) / "told.json"
        told.write_text(json.dumps(said))
        subprocess.run([TALLY, "statusline", "refresh"], env=environ, check=True)
        yield World(made, environ, told)


def many(world: World, number: int) -> tuple[float, int]:
    """Start so many at once; return the seconds until all are done, and how many renewals they have started."""
    place = world.data / "counting"
    place.mkdir()
    (place / "sitecustomize.py").write_text(COUNTING)
    aged(world)
    environ = {**world.environ, "PYTHONPATH": str(place)}
    begin = time.perf_counter()
    started = []
    for _ in range(number):
        with world.told.open("rb") as said:
            started.append(subprocess.Popen([TALLY, "statusline"], stdin=said, stdout=subprocess.DEVNULL, env=environ))
    if any(process.wait(120) for process in started):
        raise SystemExit("One of many has failed.")
    took = time.perf_counter() - begin
    wait(world)
    return took, (world.data / "renewals").read_text().count("\n")


def told(name: str, figure: float, bar: str) -> bool:
    """Print a row; tell whether its bar is kept."""
    kept = figure <= BARS[bar]
    print(f"{name:<44} {figure:8.1f} {bar:<22} {'<=' if kept else 'ABOVE'} {BARS[bar]:g}")
    return kept


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The status line beside `python -c pass`.")
    parser.add_argument("home", type=Path, nargs="?")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--size-mib", type=int, default=200)
    parser.add_argument("--runs", type=int, default=41)
    parser.add_argument("--many", type=int, default=100)
    options = parser.parse_args()
    with prepared(options.home, options.data, options.size_mib) as world:
        ledger = sum(path.stat().st_size for path in world.data.glob("ledger.db*")) / 2**20
        renewal = measured([str(TALLY), "statusline", "refresh"], world)
        kept = json.loads((world.data / STATE).read_text())
        nothing: list[Run] = []
        line: list[Run] = []
        renewing: list[Run] = []
        for _ in range(options.runs):
            nothing.append(measured([PYTHON, "-c", "pass"], world))
            line.append(measured([str(TALLY), "statusline"], world))
            if len(renewing) < options.runs // 4:
                aged(world)
                renewing.append(measured([str(TALLY), "statusline"], world))
                wait(world)
        seconds, renewals = many(world, options.many)
    base, wall, other = (statistics.median(run.wall_ms for run in runs) for runs in (nothing, line, renewing))
    if len(kept["sessions"]) != SESSIONS:
        raise SystemExit("Not all sessions are kept ready.")
    cpu = [statistics.median(run.cpu_ms for run in runs) for runs in (nothing, line, renewing)]
    print(f"ledger {ledger:.0f} MiB; a renewal takes {renewal.wall_ms:.0f} ms; `python -c pass` {base:.1f} ms")
    print(f"CPU: `python -c pass` {cpu[0]:.1f} ms, the line {cpu[1]:.1f} ms, where it starts a renewal {cpu[2]:.1f} ms")
    rows = [
        told("median", wall, "wall ms"),
        told("median", wall / base, "times python -c pass"),
        told("median where it starts a renewal", other, "wall ms"),
        told("median where it starts a renewal", other / base, "times python -c pass"),
        told("most memory", max(run.mib for run in (*line, *renewing)), "MiB"),
        told(f"{options.many} at once", seconds, "seconds for all"),
        told(f"{options.many} at once", renewals, "renewals"),
    ]
    sys.exit(not all(rows))


if __name__ == "__main__":
    main()
