"""How fast a ledger is copied into another file, and with how much memory: `python bench/copying.py LEDGER.db [--seconds N] [--cuts N]`.

The ledger is only read; the copy lies in a folder of its own, which goes afterwards. With --seconds the copy is cut off by then
(kill -9), and what it did until then is told; with --cuts it is cut off so many times before it may end.
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tallystick.ledger.copying.copying import copy
from tallystick.ledger.copying.notes import Notes
from tallystick.ledger.sqlite.engine import SqliteLedger


def child(source: str, folder: str) -> None:
    """Copy, and tell how far it has come."""
    began = time.monotonic()
    last = began

    def tell(progress: object) -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            say(f"{progress}")

    def say(what: str) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime
        print(
            f"{time.monotonic() - began:7.1f} s, CPU {cpu:7.1f} s, {used.ru_maxrss / 1024:6.0f} MiB: {what}", flush=True
        )

    here, there = SqliteLedger(source), SqliteLedger(f"{folder}/copy.db", write=True)
    with contextlib.closing(here), contextlib.closing(there):
        outcome = copy(here, there, Notes(f"{folder}/notes"), tell)
    say(f"{outcome.days} days, {outcome.events} handed over, differences: {outcome.differences[:5]}")


def main() -> None:
    """Copy, maybe with interruptions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger")
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--cuts", type=int, default=0)
    parser.add_argument("--child", default="")
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.ledger, chosen.child)
        return
    with TemporaryDirectory() as folder:
        for number in range(chosen.cuts + 1):
            program = (sys.executable, os.path.abspath(__file__), chosen.ledger, "--child", folder)
            running = subprocess.Popen(program)
            limited = chosen.seconds if number < chosen.cuts or not chosen.cuts else 0
            try:
                running.wait(limited or None)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
                print(f"Cut off after {limited:g} s.", flush=True)
        copied = sum(file.stat().st_size for file in Path(folder).glob("copy.db*"))
        print(f"The copy has {copied / 2**20:,.0f} MiB.")


if __name__ == "__main__":
    main()
