"""The commands on a ledger that servers keep: the same answers, and nothing of it where there is none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.engines import ENGINES, clickhouse_url

SAMPLES = Path(__file__).parent.parent / "samples" / "claude-code"
REPORTS = ("daily", "monthly", "sessions", "models", "projects", "blocks", "tools")


def tally(home: Path, *words: str, url: str = "") -> str:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TZ": "UTC",
        "TALLY_DATA_DIR": str(home / f"data{bool(url)}"),
    }
    if url:
        environ["TALLY_LEDGER_URL"] = url
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with logs of a tool."""
    shutil.copytree(SAMPLES / "agents" / "-home-dev-shop", tmp_path / ".claude" / "projects" / "-home-dev-shop")
    return tmp_path


@pytest.mark.skipif("clickhouse" not in ENGINES, reason="chdb is not installed: make engine")
def test_commands_answer_the_same(home: Path) -> None:
    url = clickhouse_url()
    for report in REPORTS:
        told = tally(home, report, "--json", url=url)
        assert json.loads(told)["rows"], report
        assert told == tally(home, report, "--json"), report
    # Nothing stands in the data folder but what is no ledger.
    assert not (home / "dataTrue" / "ledger.db").exists()


def test_nothing_of_it_is_imported_without_an_address(home: Path) -> None:
    script = (
        "import sys\nfrom tallystick.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if 'clickhouse' in name or name == 'urllib3'], file=sys.stderr)"
    )
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "TZ": "UTC", "TALLY_DATA_DIR": str(home / "data")}
    done = subprocess.run(
        [sys.executable, "-c", script, "daily", "--json"],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout)["rows"]
    assert done.stderr.splitlines()[-1] == "[]"
