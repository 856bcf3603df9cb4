"""The file of alerts: made whole, for its owner alone, and refused where it is of no use."""

import os
import sqlite3
from pathlib import Path

import pytest

from tallystick.alerts.file import File, path
from tallystick.errors import Unavailable


def test_it_is_made_by_the_first_change(tmp_path: Path) -> None:
    file = File(path(str(tmp_path / "data")))
    assert file.path.endswith("alerts.db")
    assert file.rows("SELECT 1 FROM mutes") == []
    assert not os.path.exists(file.path)
    with file.changing() as db:
        db.execute("INSERT INTO mutes VALUES ('*', 1, 0)")
    assert file.rows("SELECT what FROM mutes") == [("*",)]
    assert os.stat(file.path).st_mode & 0o777 == 0o600
    assert os.listdir(os.path.dirname(file.path)) == ["alerts.db"]


def test_what_fails_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    file = File(path(str(tmp_path)))
    with pytest.raises(Unavailable, match="UNIQUE"), file.changing() as db:
        db.executemany("INSERT INTO mutes VALUES (?, 1, 0)", [("*",), ("*",)])
    assert file.rows("SELECT what FROM mutes") == []


def test_one_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    damaged, newer = File(str(tmp_path / "damaged")), File(str(tmp_path / "newer"))
    Path(damaged.path).write_bytes(b"no database" * 100)
    with sqlite3.connect(newer.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(Unavailable, match="cannot be used"):
        damaged.rows("SELECT 1")
    with pytest.raises(Unavailable, match="another version"):
        newer.rows("SELECT 1")
    with pytest.raises(Unavailable, match="another version"), newer.changing():
        pass
    with pytest.raises(Unavailable, match="cannot be written"), File("/dev/null/x/alerts.db").changing():
        pass
