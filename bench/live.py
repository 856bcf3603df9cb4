"""The live view in a real terminal: its first picture, what it costs while nothing happens, and one event a millisecond.

    bench/live.py [--ledger FILE] [--runs 5] [--idle 30] [--storm 60]

It runs under tmux before a ledger of made-up work, or before a copy of a given one. A key is pressed once a second while
events come, and what is counted on the screen is held against what was committed when. It ends with 1 where a bar is missed.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tallystick.intake.demo import batches
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

BARS = {"first_ms": 500.0, "idle_percent": 2.0, "lag_s": 2.0, "key_ms": 150.0}
TALLY = (sys.executable, "-P", "-m", "tallystick")
_STEP_S = 0.1
_VARIANT = Variant("anthropic", "claude-opus-4-1-20250805")
_SESSIONS = 8
_TICKS = os.sysconf("SC_CLK_TCK")
_CALLS = re.compile(r"Today .*?([\d,]+) calls?")


class Measured(NamedTuple):
    """What was measured."""

    first_ms: float
    idle_percent: float
    lag_s: float
    """The greatest age of what was counted on the screen."""
    key_ms: float
    """The greatest time from a key to its page."""
    storm_percent: float
    """Of a core, while events came."""
    memory_mib: float
    events: int


class Terminal:
    """A terminal of its own, in which the view runs."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._tmux = ("tmux", "-S", str(home / "tmux.sock"), "-f", os.devnull)
        self._environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TALLY_DATA_DIR": str(home / "data"),
            "TZ": "UTC",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            # As an installation has it: whatever is imported has been compiled.
            "PYTHONPYCACHEPREFIX": str(home / "compiled"),
        }

    def run(self, *arguments: str) -> str:
        """Tell tmux something, and return what it says."""
        done = subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True, env=self._environ)
        return done.stdout

    def seen(self) -> str:
        """Return what is to be seen."""
        return self.run("capture-pane", "-p")

    def until(self, text: str, seconds: float = 30) -> float:
        """Wait until a text is seen; return the moment."""
        end = time.perf_counter() + seconds
        while text not in self.seen():
            if time.perf_counter() > end:
                raise SystemExit(f"{text!r} did not come:\n{self.seen()}")
            time.sleep(0.015)
        return time.perf_counter()

    @property
    def view(self) -> int:
        """The process of the view."""
        return int(self.run("display-message", "-p", "#{pane_pid}"))

    @contextmanager
    def live(self) -> Iterator[float]:
        """Run the view, and give the milliseconds to its first picture."""
        # A server that runs already makes a window at once.
        self.run("new-session", "-d", "-x", "120", "-y", "40", "sleep", "600")
        try:
            begun = time.perf_counter()
            self.run("respawn-pane", "-k", *TALLY, "live")
            yield (self.until("Today") - begun) * 1000
        finally:
            self.run("kill-server")
            time.sleep(0.3)


def cost(pid: int) -> tuple[float, float]:
    """Return the seconds of CPU and the MiB of memory of a process and those that it has started."""
    ticks = memory = 0.0
    for each in (pid, *_children(pid)):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        memory += int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    return ticks / _TICKS, memory


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(pid):
            found.append(int(stat.parent.name))
    return found


def write(path: str, seconds: float) -> None:
    """Commit an event a millisecond, a tenth of a second at a time, and say how many there are after each."""
    ledger, number = SqliteLedger(path, write=True), 0
    begun = time.perf_counter()
    contexts = [Context("claude-code", f"storm-{each}", f"/home/dev/p{each}") for each in range(_SESSIONS)]
    while (passed := time.perf_counter() - begun) < seconds:
        found, now = Found(), time.time_ns() // 1_000_000
        while number < passed * 1000:
            number += 1
            tokens = Tokens(10, 5_000, 0, 100, 300)
            found.events.append(
                UsageEvent(1 << 40 | number, 0, now, _VARIANT, tokens, contexts[number % _SESSIONS], offset=number)
            )
        source = Source("storm", "claude-code", size=number, mtime=now)
        ledger.add([pack(found, source, fresh=False, machine="storm", user="dev")])
        print(number, flush=True)
        time.sleep(max(begun + passed + _STEP_S - time.perf_counter(), 0))
    ledger.close()


def storm(terminal: Terminal, path: Path, seconds: float) -> tuple[float, float, float, float, int]:
    """Return lag, time from key to page, share of a core, memory and events of a while in which an event comes each millisecond."""
    before = _shown(terminal.seen())
    writer = subprocess.Popen(
        [sys.executable, __file__, "--write", str(path), "--storm", str(seconds)], stdout=subprocess.PIPE, text=True
    )
    commits: list[tuple[float, int]] = [(time.perf_counter(), 0)]
    used, begun = cost(terminal.view)[0], time.perf_counter()
    lags, keys, next_key = [0.0], [0.0], begun + 1
    for line in writer.stdout or ():
        commits.append((time.perf_counter(), int(line)))
        now, shown = time.perf_counter(), _shown(terminal.seen())
        if shown is not None:
            # Since when there has been more than is shown.
            since = next((moment for moment, number in commits if number > shown - (before or 0)), now)
            lags.append(now - since)
        if now > next_key:
            next_key = now + 1
            terminal.run("send-keys", "?")
            keys.append((terminal.until("Looking around") - now) * 1000)
            terminal.run("send-keys", "Escape")
            terminal.until("Today")
    share = (cost(terminal.view)[0] - used) / (time.perf_counter() - begun) * 100
    writer.wait()
    return max(lags), max(keys), share, cost(terminal.view)[1], commits[-1][1]


def _shown(seen: str) -> int | None:
    found = _CALLS.search(seen)
    return int(found[1].replace(",", "")) if found else 0 if "Today  nothing" in seen else None


def measure(options: argparse.Namespace, home: Path) -> Measured:
    """Measure everything before one ledger."""
    path = home / "data" / "ledger.db"
    path.parent.mkdir()
    if options.ledger:
        shutil.copyfile(options.ledger, path)
    else:
        ledger = SqliteLedger(str(path), write=True)
        ledger.add(batches(time.time_ns() // 1_000_000))
        ledger.close()
    terminal, first = Terminal(home), []
    for _ in range(options.runs + 1):
        with terminal.live() as took:
            first.append(took)
            time.sleep(1)
    with terminal.live():
        # What is read at the beginning is no idling.
        time.sleep(5)
        before = cost(terminal.view)[0]
        time.sleep(options.idle)
        idle = (cost(terminal.view)[0] - before) / options.idle * 100
        found = storm(terminal, path, options.storm)
    # The first run compiles.
    return Measured(statistics.median(first[1:]), idle, *found)


def main() -> int:
    """Measure, print, and tell whether all bars were met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledger", help="a ledger that is copied")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--idle", type=float, default=30)
    parser.add_argument("--storm", type=float, default=60)
    parser.add_argument("--write", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(options.write, options.storm)
        return 0
    if not shutil.which("tmux"):
        raise SystemExit("tmux is not installed.")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options, Path(folder))
    missed = 0
    for name, value in found._asdict().items():
        bar = BARS.get(name)
        missed += bar is not None and value > bar
        print(
            f"{name:<14} {value:10.1f}" + ("" if bar is None else f"   bar {bar:g}{'  MISSED' if value > bar else ''}")
        )
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
