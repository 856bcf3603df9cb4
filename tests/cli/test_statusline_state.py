"""Keeping ready what the status line is made of: renewed once, and by a server whenever something changes."""

import json
import os
import time
from pathlib import Path

import pytest
from tests.cli.running import started, until
from tests.cli.stage import Stage
from tests.cli.test_statusline import line, log, state, told

from tallystick.cli.statusline_kept import KEEPER, STATE, Freshness
from tallystick.cli.statusline_state import write

USD = 10**12


def test_a_renewal_reads_the_logs_and_writes_what_is_in_them(stage: Stage) -> None:
    log(stage, 3)
    before = time.time_ns() // 1_000_000
    assert stage.tally("statusline", "refresh").code == 0
    found = state(stage)
    assert found["day"]["cost"] == 18 * USD // 1000
    assert found["sessions"]["s"]["total"] == 4_500
    assert before <= found["begun"] <= time.time_ns() // 1_000_000
    assert (stage.home / "data" / STATE).stat().st_mode & 0o777 == 0o600


def test_while_another_one_reads_the_logs_it_does_not_pass_for_new(stage: Stage) -> None:
    from fcntl import LOCK_EX, flock

    log(stage, 1)
    stage.tally("statusline", "refresh")
    begun = state(stage)["begun"]
    log(stage, 1)
    with (stage.home / "data" / "ledger.db.lock").open() as held:
        flock(held, LOCK_EX)
        assert stage.tally("statusline", "refresh").code == 0
    assert state(stage)["begun"] == begun
    assert state(stage)["sessions"]["s"]["total"] == 1_500


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "data" / STATE
    write(str(path), {"begun": 1}, 0.25)
    assert json.loads(path.read_text()) == {"begun": 1, "took": 250}
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        write(str(path), {"begun": 2}, 0.25)
    assert os.listdir(path.parent) == [STATE]


def kept(stage: Stage) -> bool:
    """Tell whether a server keeps it ready."""
    return Freshness(str(stage.home / "data"), {}, 0).kept


def test_a_server_keeps_it_ready_once_there_is_a_status_line(stage: Stage) -> None:
    pytest.importorskip("uvicorn")
    log(stage, 1)
    with started(stage, "serve", "--port", "0") as server:
        server.next(lambda text: "Tallystick serves at" in text)
        time.sleep(0.5)
        assert not (stage.home / "data" / STATE).exists()
        assert not (stage.home / "data" / KEEPER).exists()
        assert stage.tally("statusline", "refresh").code == 0
        begun = state(stage)["begun"]
        log(stage, 2)
        # Three calls are $0.018.
        assert until(lambda: state(stage)["day"]["cost"] == 18 * USD // 1000, 20)
        assert until(lambda: kept(stage))
        assert state(stage)["begun"] > begun
        assert "$0.02" in line(stage, said=told())
        # A line starts nothing beside it.
        assert not (stage.home / "data" / "statusline.lock").exists()
    assert until(lambda: not kept(stage))
