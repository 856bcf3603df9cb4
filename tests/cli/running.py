"""Real processes of this program in a home of their own: what they say, and how they end."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from tests.cli.stage import Stage

PROGRAM = (sys.executable, "-P", "-m", "tallystick")


def around(stage: Stage, **more: str) -> dict[str, str]:
    """Return the environment of a process that runs in a stage's home."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "COVERAGE_PROCESS_START", "LANG"}}
    return {**kept, "HOME": str(stage.home), "TALLY_DATA_DIR": str(stage.home / "data"), "TZ": "UTC", **more}


def until(holds: Callable[[], object], seconds: float = 10) -> bool:
    """Tell whether something came to hold in time."""
    end = monotonic() + seconds
    while not (held := bool(holds())) and monotonic() < end:
        sleep(0.02)
    return held


class Told:
    """A process whose lines are heard as they come."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Begin to hear."""
        self.process, self.lines = process, queue.Queue[str]()
        self.all: list[str] = []
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line.rstrip("\n"))

    def next(self, fits: Callable[[str], bool], seconds: float = 10) -> str:
        """Return the next line that fits; fail when it does not come in time."""
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            self.all.append(line)
            if fits(line):
                return line
        raise AssertionError(f"it did not come in {seconds} s: {self.all}")

    def event(self, kind: str, seconds: float = 10) -> Mapping[str, Any]:
        """Return the next event of a kind."""
        found: dict[str, Any] = json.loads(self.next(lambda line: f'"event": "{kind}"' in line, seconds))
        return found


@contextmanager
def started(stage: Stage, *arguments: str, **more: str) -> Iterator[Told]:
    """Start a command with an input that stays open, and make sure that it is gone in the end."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        env=around(stage, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Told(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def children(pid: int) -> list[int]:
    """Return the processes that one has started and that run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(pid) and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def runs(pid: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
