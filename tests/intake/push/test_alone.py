"""Being alone: one at a time, and the lock ends with its process."""

import subprocess
import sys
from pathlib import Path

from tallystick.intake.push.alone import alone

HOLD = "import sys\nfrom tallystick.intake.push.alone import alone\nwith alone(sys.argv[1]) as mine:\n print(mine, flush=True)\n sys.stdin.read()"


def test_the_second_one_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "lock")
    with alone(path) as first, alone(path) as second:
        assert (first, second) == (True, False)
    with alone(path) as third:
        assert third


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with alone(path) as mine:
            assert not mine
        other.kill()
        other.wait()
    with alone(path) as mine:
        assert mine
