"""Sweeping the spool: what is removed, and above all what is not."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.tools.wire.spooled import encoded, line

from tallystick.intake.logs import bring_in, look
from tallystick.intake.wire.sweeping import sweep
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.shelf import TOOLS
from tallystick.tools.wire import spool

DAY_S = 86_400
NOW_S = 1_795_400_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    """Return a ledger."""
    made = SqliteLedger(str(tmp_path / "ledger.db"), write=True)
    yield made
    made.close()


def written(folder: Path, name: str, content: bytes, age_s: int) -> Path:
    """Write a file of the spool that was touched so many seconds ago."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))
    return path


def read(folder: Path, ledger: SqliteLedger) -> None:
    """Bring in what is new."""
    news, _ = look([spool(str(folder), TOOLS)], "", {}, ledger)
    bring_in(news, ledger, ("box", "dev"))


def test_a_file_goes_when_it_was_read_and_has_rested_for_a_day(tmp_path: Path, ledger: SqliteLedger) -> None:
    folder = tmp_path / "spool"
    old = written(folder, "1-2.jsonl", encoded(line()), DAY_S + 1)
    young = written(folder, "3-4.jsonl", encoded(line(id="msg_02")), DAY_S - 1)
    read(folder, ledger)
    assert sweep(str(folder), ledger, NOW_S * 10**9) == 1
    assert (old.exists(), young.exists()) == (False, True)
    # What was counted stays.
    assert len(ledger.ask("events", since=0, until=2**62)) == 2


def test_a_file_that_was_not_read_or_has_grown_since_stays(tmp_path: Path, ledger: SqliteLedger) -> None:
    folder = tmp_path / "spool"
    grown = written(folder, "1-2.jsonl", encoded(line()), 3 * DAY_S)
    read(folder, ledger)
    written(folder, "1-2.jsonl", grown.read_bytes() + encoded(line(id="msg_02")), 2 * DAY_S)
    unread = written(folder, "3-4.jsonl", encoded(line(id="msg_03")), 2 * DAY_S)
    assert sweep(str(folder), ledger, NOW_S * 10**9) == 0
    assert grown.exists()
    assert unread.exists()


def test_other_files_and_a_missing_folder_are_left_alone(tmp_path: Path, ledger: SqliteLedger) -> None:
    folder = tmp_path / "spool"
    assert sweep(str(folder), ledger, NOW_S * 10**9) == 0
    other = written(folder, "notes.txt", b"x", 9 * DAY_S)
    assert sweep(str(folder), ledger, NOW_S * 10**9) == 0
    assert other.exists()
