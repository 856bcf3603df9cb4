"""Benchmarks: import, questions, memory and size, beside ccusage in turns in one run, told as ratios.

    bench/run.py [--size-mib 500] [--seed 2] [--runs 5] [--big] [--ccusage PATH]

Trees come from `make_corpus.py` in the folder that TALLY_SHARED names (or ../shared). ccusage is looked for on PATH and
under `node_modules`; where it is missing, only our own figures are told. Machines are shared and noisy: compare ratios.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
TALLY = Path(sys.executable).with_name("tally")


class Run(NamedTuple):
    """One run of a command."""

    wall_ms: float
    cpu_ms: float
    rss_mib: float
    """Peak of the largest of its processes."""


def measured(command: Sequence[str], environ: dict[str, str]) -> Run:
    """Run a command and return what it cost, its children's time included."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environ)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status:
        message = process.stderr.read().decode() if process.stderr else ""
        raise SystemExit(f"{' '.join(command)} failed: {message}")
    if process.stderr:
        process.stderr.close()
    return Run(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)


def middle(runs: Sequence[Run]) -> Run:
    """Return the median of each figure; of memory the largest."""
    return Run(
        statistics.median(run.wall_ms for run in runs),
        statistics.median(run.cpu_ms for run in runs),
        max(run.rss_mib for run in runs),
    )


def tell(name: str, ours: Run, theirs: Run | None) -> None:
    """Print a row: our figures, theirs, and the ratios."""
    text = f"{name:<34} {ours.wall_ms:8.0f} ms wall {ours.cpu_ms:8.0f} ms CPU {ours.rss_mib:6.0f} MiB"
    if theirs:
        ratios = f"{ours.wall_ms / theirs.wall_ms:5.2f} x wall {ours.cpu_ms / theirs.cpu_ms:5.2f} x CPU"
        text += f"   ccusage {theirs.wall_ms:6.0f} / {theirs.cpu_ms:.0f} ms   {ratios}"
    print(text)


class Bench:
    """One tree, our ledger of it, and ccusage where there is one."""

    def __init__(self, tree: Path, work: Path, ccusage: str | None, runs: int) -> None:
        """Name the parts; the first run of each is not counted."""
        self.home, self.data, self.runs, self.ccusage = tree / "home", work / "data", runs, ccusage
        self.environ = {
            "HOME": str(self.home),
            "TZ": "UTC",
            "PATH": os.environ["PATH"],
            "TALLY_DATA_DIR": str(self.data),
            "XDG_CACHE_HOME": str(work / "cache"),
        }

    def compare(self, name: str, *arguments: str, before: Callable[[], None] = lambda: None, peer: bool = True) -> None:
        """Run ours and ccusage in turns and print the row."""
        ours: list[Run] = []
        theirs: list[Run] = []
        for turn in range(self.runs + 1):
            before()
            ours.append(measured([str(TALLY), *arguments], self.environ))
            if self.ccusage and peer:
                theirs.append(measured([self.ccusage, "daily", "--json", "--offline"], self.environ))
            if turn == 0:
                ours.clear()
                theirs.clear()
        tell(name, middle(ours), middle(theirs) if theirs else None)

    def forget(self) -> None:
        """Delete the ledger, so that the next import is a first one."""
        shutil.rmtree(self.data, ignore_errors=True)

    def size(self) -> str:
        """Say how large the ledger is beside the logs it was made from."""
        folders = [self.home / ".claude", self.home / ".codex"]
        logs = sum(path.stat().st_size for folder in folders for path in folder.rglob("*.jsonl*"))
        ledger = sum(path.stat().st_size for path in self.data.glob("ledger.db*"))
        return f"ledger {ledger / 2**20:.1f} MiB of {logs / 2**20:.0f} MiB of logs: {100 * ledger / logs:.2f} %"


def corpus(shared: Path, target: Path, *arguments: str) -> None:
    """Make or grow a tree."""
    subprocess.run([sys.executable, shared / "corpus" / "make_corpus.py", *arguments], check=True, cwd=target.parent)


def usual(shared: Path, work: Path, options: argparse.Namespace) -> None:
    """Print the rows of a usual tree of the two tools."""
    tree = work / "tree"
    made = ["--size-mib", str(options.size_mib), "--share", "claude=70,codex=30,opencode=0,gemini=0", "--days", "180"]
    corpus(shared, tree, "--out", str(tree), "--seed", str(options.seed), *made)
    bench = Bench(tree, work, options.ccusage, options.runs)
    print(f"\n{options.size_mib} MiB of Claude Code and Codex, median of {options.runs} runs in turns")
    bench.compare("first import and `daily --json`", "daily", "--json", before=bench.forget)
    print(bench.size())
    bench.compare("`daily --json`, nothing new", "daily", "--json")
    bench.compare("`daily --since today --json`", "daily", "--since", "today", "--json", peer=False)
    bench.compare("`sessions --json`", "sessions", "--json", peer=False)
    seeds = iter(range(1000, 2000))

    def grow() -> None:
        corpus(shared, tree, "--grow", str(tree), "--seed", str(next(seeds)), "--messages", "40")

    bench.compare("`daily --json`, 40 more messages", "daily", "--json", before=grow)
    bench.compare("`tally --version`", "--version", peer=False)


def big(shared: Path, work: Path, options: argparse.Namespace) -> None:
    """Print the rows of a very large tree."""
    tree = work / "big"
    corpus(shared, tree, "--out", str(tree), "--seed", "3", "--size-mib", "3072", "--days", "365")
    bench = Bench(tree, work / "large", options.ccusage, min(options.runs, 3))
    print(f"\n3 GiB in 50 000 files of four tools, median of {bench.runs} runs in turns")
    bench.compare("first import and `daily --json`", "daily", "--json", before=bench.forget)
    print(bench.size())
    bench.compare("`daily --json`, nothing new", "daily", "--json")


def main() -> None:
    """Run the benchmarks and print their rows."""
    parser = argparse.ArgumentParser(description="Benchmarks beside ccusage.")
    parser.add_argument("--size-mib", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--big", action="store_true", help="also 3 GiB in 50 000 files")
    parser.add_argument("--ccusage", default=shutil.which("ccusage"))
    options = parser.parse_args()
    shared = Path(os.environ.get("TALLY_SHARED", HERE.parent.parent / "shared"))
    if not (shared / "corpus").is_dir():
        raise SystemExit("The benchmarks need the corpus maker: set TALLY_SHARED to the folder that holds `corpus/`.")
    with tempfile.TemporaryDirectory(prefix="tally-bench-") as folder:
        usual(shared, Path(folder), options)
        if options.big:
            big(shared, Path(folder), options)


if __name__ == "__main__":
    main()
