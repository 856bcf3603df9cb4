"""`python -m tallystick` does what `tally` does."""

import subprocess
import sys
from pathlib import Path


def test_it_answers_and_returns_the_code(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tallystick", *arguments]
        return subprocess.run(
            command, env={"HOME": str(tmp_path), "PATH": ""}, capture_output=True, check=False, text=True
        )

    assert run("--version").stdout.startswith("tally 0.")
    assert run("daily", "--since", "never").returncode == 2
