"""The theme that a person chose is kept, and a file that is damaged is none."""

import os
from pathlib import Path

import pytest

from tallystick.cli.remembered import path, read, write


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    file = path(str(tmp_path / "data"))
    assert read(file) == ""
    for theme in ("light", "terminal"):
        write(file, theme)
        assert read(file) == theme
    assert os.listdir(tmp_path / "data") == ["live.json"]
    assert os.stat(file).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "{}", '{"theme": 7}'])
def test_what_is_damaged_is_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "live.json").write_text(content)
    assert read(path(str(tmp_path))) == ""


def test_where_it_cannot_be_kept_nothing_happens(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    write(path(str(tmp_path / "data")), "light")
    assert os.listdir(tmp_path) == ["data"]
    os.mkdir(path(str(tmp_path)))
    write(path(str(tmp_path)), "light")
    assert sorted(os.listdir(tmp_path)) == ["data", "live.json"]
