"""Programs get what they are told, and are ended in time with all that they started."""

import os
import sys
import time
from pathlib import Path

from tests.cli.running import until

from tallystick.cli.program import run

PATH = {"PATH": os.environ["PATH"]}


def test_a_program_gets_its_input_and_its_environment(tmp_path: Path) -> None:
    code = f"import os, sys; open({str(tmp_path / 'x')!r}, 'w').write(sys.stdin.read() + os.environ['A']); print('loud' * 100000)"
    assert run([sys.executable, "-c", code], b"in", {**PATH, "A": "b"}, 10) == (0, "")
    assert (tmp_path / "x").read_text() == "inb"


def test_its_exit_code_is_told_also_when_it_reads_nothing() -> None:
    assert run([sys.executable, "-c", "raise SystemExit(7)"], b"x" * 10**7, PATH, 10) == (7, "")


def test_one_that_is_not_there_is_told() -> None:
    assert run(["/nowhere/prog"], b"", PATH, 10).trouble == "prog cannot be run (no such file or directory)"


def test_one_that_goes_on_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {mark}; wait"
    begun = time.monotonic()
    ended = run(["sh", "-c", script], b"x" * 10**7, PATH, 0.7)
    assert ended.trouble == "it went on for more than 0.7 s and was ended"
    assert time.monotonic() - begun < 3
    pid = int(mark.read_text())
    assert until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2], 3)  # fmt: skip
