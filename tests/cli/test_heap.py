"""The heap of a process that goes on: what several threads needed for a moment is given back."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys, threading
from tallystick.cli.heap import lean

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20

def work(full, measured, let_go, go):
    # The allocator learns from the first round that pieces of this size come and go.
    left = []
    for _ in range(2):
        pieces = [bytes([1]) * 200_000 for _ in range(150)]
        left.append(bytes([1]) * 1_000)
    full.wait()
    measured.wait()
    del pieces
    let_go.wait()
    go.wait()

if sys.argv[1] == "lean":
    lean()
full, measured, let_go, go = (threading.Barrier(9) for _ in range(4))
threads = [threading.Thread(target=work, args=(full, measured, let_go, go)) for _ in range(8)]
for thread in threads:
    thread.start()
full.wait()
most = held()
measured.wait()
let_go.wait()
after = held()
go.wait()
print(most, after)
"""


def told(how: str) -> tuple[int, int]:
    """Return how many MiB a process holds at most, and after its threads have let go of nearly all."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    most, after = map(int, done.stdout.split())
    return most, after


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the allocator is another one")
def test_what_threads_let_go_of_goes_back() -> None:
    _, kept = told("as it is")
    most, after = told("lean")
    assert most > 200
    assert after < 60 < kept
