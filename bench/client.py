"""What `client.pyz` costs a machine: its first run over a tree of logs, and the runs of every five minutes that find nothing new.

    bench/client.py HOME [--python python3.9 --python python3.13] [--runs 15]

HOME is read as it lies there. A server of a folder of its own takes in what the client sends. Told are the processor time
and the memory of the first run, and the processor time of the runs without news, which is to stay below 100 ms on 500 MiB.
"""

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TALLY = (sys.executable, "-P", "-m", "tallystick")
PORT = 18_851
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@contextmanager
def served(folder: Path) -> Iterator[dict[str, str]]:
    """Serve from a folder for a while; yield the environment of whoever belongs to it."""
    around = {"HOME": str(folder), "TALLY_DATA_DIR": str(folder / "data"), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        [*TALLY, "serve", "--port", str(PORT)], env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield around
        finally:
            process.terminate()


def code(around: dict[str, str], machine: str) -> str:
    """Return a code with which a machine may join."""
    told = subprocess.run(
        [*TALLY, "server", "invite", "--machine", machine], env=around, capture_output=True, text=True, check=True
    )
    (found,) = CODE.findall(told.stdout + told.stderr)[:1]
    return str(found)


def spent(command: list[str], around: dict[str, str]) -> float:
    """Run a command; return the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=around, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(python: str, options: argparse.Namespace, folder: Path, around: dict[str, str]) -> None:
    """Tell what one Python takes."""
    state = folder / f"state of {Path(python).name}"
    home = {"HOME": str(options.home), "PATH": os.environ["PATH"], "TZ": "UTC"}
    client = [python, "-I", "-S", str(folder / "client.pyz"), "--state", str(state)]
    joined = ["--server", f"http://127.0.0.1:{PORT}", "--join", code(around, Path(python).name), "--machine", "bench"]
    first = spent([*client, *joined], home)
    # Of whatever ran so far the largest: the client's, since nothing else here reads logs.
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    without = sorted(spent([*client, "--once"], home) for _ in range(options.runs))
    print(
        f"{Path(python).name:12} first run {first:6.2f} s, {most:4.0f} MiB at most; without news"
        f" {without[0] * 1000:4.0f} ms at least, {statistics.median(without) * 1000:4.0f} ms in the middle of {len(without)}"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--python", action="append")
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, served(Path(made)) as around:
        time.sleep(2)
        subprocess.run([*TALLY, "push", "--build-client", f"{made}/client.pyz"], env=around, check=True)
        for python in options.python or [sys.executable]:
            measured(python, options, Path(made), around)


if __name__ == "__main__":
    main()
