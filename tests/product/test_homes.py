"""A house reads every home once, and to find out that there are no others costs nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.sample import EVER

from tallystick.house import House, Where

IMPORTS = "import sys; from tallystick.cli import main; main(['daily', '--json']); print(*sys.modules, file=sys.stderr)"


def log(home: Path, name: str, number: int) -> None:
    """Write a transcript with an answer of two tokens, known by its number."""
    path = home / ".claude" / "projects" / "p" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": f"msg_{number}", "model": "claude-opus-4-8", "stop_reason": "end_turn", "usage": usage}
    line = {"type": "assistant", "timestamp": "2026-11-01T10:00:00.000Z", "sessionId": "s", "requestId": f"r{number}"}
    path.write_text(json.dumps({**line, "message": message}) + "\n")


def house(tmp_path: Path, *homes: str, **environ: str) -> House:
    """Return a house that knows of further homes."""
    return House(Where(str(tmp_path / "data"), str(tmp_path / "own"), environ, "box", "dev", homes))


def test_every_home_is_read_once(tmp_path: Path) -> None:
    log(tmp_path / "own", "one.jsonl", 1)
    log(tmp_path / "alice", "two.jsonl", 2)
    log(tmp_path / "alice" / "inner", "three.jsonl", 3)
    (tmp_path / "link").symlink_to(tmp_path / "alice")
    opened = house(tmp_path, *(str(tmp_path / name) for name in ("alice", "link", "alice/inner", "own", "nowhere")))
    assert opened.others == tuple(str(tmp_path / name) for name in ("alice", "alice/inner", "nowhere"))
    assert opened.refresh().files == 3
    assert sum(row[1] for row in opened.ledger.ask("events_by_tool", **EVER)) == 3
    # What has been read is no news, whichever way leads to it.
    assert opened.refresh().files == 0
    opened.close()


def test_the_tools_variables_are_those_of_ones_own_home(tmp_path: Path) -> None:
    log(tmp_path / "own", "one.jsonl", 1)
    log(tmp_path / "alice", "two.jsonl", 2)
    log(tmp_path / "profile", "three.jsonl", 3)
    opened = house(tmp_path, str(tmp_path / "alice"), CLAUDE_CONFIG_DIR=f"{tmp_path}/profile/.claude")
    opened.refresh()
    # The variable stands for one's own home, whose default is not read then; the other home has its default.
    paths = {row[0] for row in opened.ledger.ask("marks")}
    assert paths == {
        f"{tmp_path}/profile/.claude/projects/p/three.jsonl",
        f"{tmp_path}/alice/.claude/projects/p/two.jsonl",
    }
    opened.close()


def test_in_wsl_without_drives_there_are_no_others(tmp_path: Path) -> None:
    drives = [name for name in os.listdir("/mnt") if len(name) == 1] if os.path.isdir("/mnt") else []
    if drives or any(len(name) == 1 for name in os.listdir("/")):
        pytest.skip("this machine has drives")
    assert house(tmp_path, WSL_DISTRO_NAME="Ubuntu").others == ()


def test_without_further_homes_none_are_looked_for(tmp_path: Path) -> None:
    if "microsoft" in os.uname().release.lower():
        pytest.skip("in WSL they are")
    run = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        env={
            "HOME": str(tmp_path),
            "PATH": "",
            "TALLY_DATA_DIR": str(tmp_path / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        capture_output=True,
        check=True,
        text=True,
    )
    imported = set(run.stderr.splitlines()[-1].split())
    assert "tallystick.intake.logs" in imported
    assert not {"tallystick.intake.homes", "tallystick.tools.unusable", "tallystick.answers.inventory"} & imported
