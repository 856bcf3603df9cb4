"""A file is the old one or the new one, its owner's alone, and nothing lies beside it."""

import os
from pathlib import Path

import pytest

from tallystick.cli.whole import put


def test_it_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "data" / "state.json"
    put(str(path), "first")
    with path.open() as before:
        put(str(path), "größer")
        assert before.read() == "first"
    assert path.read_text() == "größer"
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path.parent).st_mode & 0o777 == 0o700
    assert os.listdir(tmp_path / "data") == ["state.json"]


def test_where_it_cannot_be_put_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(OSError, match="state"):
        put(str(tmp_path / "state.json"), "x")
    assert os.listdir(tmp_path) == ["state.json"]
