"""`tally ledger`: copies that can be used, checks that find damage, and files that get smaller."""

import json
import shutil
import sqlite3
from pathlib import Path

from tests.cli.stage import Stage


def totals(stage: Stage) -> object:
    """Return what the ledger holds, without looking at the logs."""
    return json.loads(stage.tally("models", "--json", "--no-refresh").out)["totals"]


def test_the_path_is_one_line(stage: Stage) -> None:
    assert stage.tally("ledger", "path") == (0, f"{stage.home}/data/ledger.db\n", "")


def test_a_copy_is_whole_and_can_take_the_place_of_the_ledger(stage: Stage) -> None:
    stage.answers(3)
    stage.tally("daily")
    before = totals(stage)
    said = stage.tally("ledger", "backup")
    copy = Path(said.out.strip())
    assert said.code == 0
    assert copy.parent == stage.home / "data"
    assert copy.name.startswith("ledger.db.backup-20")
    for file in (stage.home / "data").glob("ledger.db*"):
        if file != copy:
            file.unlink()
    shutil.copy(copy, stage.home / "data" / "ledger.db")
    assert totals(stage) == before


def test_a_copy_goes_where_it_is_wished(stage: Stage, tmp_path: Path) -> None:
    stage.answers(1)
    stage.tally("daily")
    assert stage.tally("ledger", "backup", str(tmp_path / "copy.db")).out == f"{tmp_path}/copy.db\n"
    (tmp_path / "folder").mkdir()
    assert stage.tally("ledger", "backup", str(tmp_path / "folder")).out == f"{tmp_path}/folder/ledger.db\n"
    assert (tmp_path / "folder" / "ledger.db").read_bytes()[:6] == b"SQLite"


def test_a_copy_that_cannot_be_written_is_told(stage: Stage) -> None:
    stage.answers(1)
    stage.tally("daily")
    said = stage.tally("ledger", "backup", str(stage.home / "nowhere" / "copy.db"))
    assert said.code == 3
    assert "cannot be written" in said.err


def test_without_a_ledger_there_is_nothing_to_care_for(stage: Stage) -> None:
    for what in ("backup", "verify", "vacuum"):
        said = stage.tally("ledger", what)
        assert (said.code, said.out) == (1, "")
        assert "There is no ledger at" in said.err


def test_a_sound_ledger_is_told(stage: Stage) -> None:
    stage.answers(3)
    stage.tally("daily")
    said = stage.tally("ledger", "verify")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("The ledger is sound")


def test_a_sum_that_is_wrong_is_found_and_what_to_do_is_told(stage: Stage) -> None:
    stage.answers(3)
    stage.tally("daily")
    database = sqlite3.connect(stage.home / "data" / "ledger.db")
    database.execute("UPDATE usage SET output = output + 1")
    database.commit()
    database.close()
    said = stage.tally("ledger", "verify")
    assert said.code == 1
    assert "are not those of its events" in said.out
    assert "Move it away" in said.err
    doctor = stage.tally("doctor", "--full")
    assert doctor.code == 1
    assert "are not those of its events" in doctor.out


def test_room_is_given_back(stage: Stage) -> None:
    stage.answers(20)
    stage.tally("daily")
    database = sqlite3.connect(stage.home / "data" / "ledger.db")
    database.execute("CREATE TABLE heap (content BLOB)")
    database.execute("INSERT INTO heap VALUES (zeroblob(4000000))")
    database.execute("DROP TABLE heap")
    database.commit()
    database.close()
    before = totals(stage)
    said = stage.tally("ledger", "vacuum")
    assert said.code == 0
    assert int(said.out.split(" bytes")[0].replace(",", "")) > 3_000_000
    assert totals(stage) == before
    assert stage.tally("ledger", "verify").code == 0
