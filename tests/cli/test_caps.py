"""What gates go by: a small file that stops nobody unless it is whole, current and about them."""

import json
import os
from pathlib import Path

import pytest

from tallystick.cli.caps import Cap, State, path, read, write

NOW = 1_795_000_000_000
FOO = Cap("1", {"project": ("foo",)}, NOW + 3_600_000, 0, "Foo is used up.")
OPUS = FOO._replace(id="2", where={"project": ("foo",), "model": ("*opus*",)})
STATE = State(NOW, "box", "dev", 2, (FOO,))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    file = path(str(tmp_path / "data"))
    assert read(file) is None
    state = State(NOW, "box", "größe", 3, (FOO, OPUS))
    write(file, state)
    assert read(file) == state
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path / "data") == ["budgets.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"v": 2, "at": 1, "machine": "", "user": "", "hard": 1, "caps": []}',
        b'{"v": 1, "at": 1}',
        b'{"v": 1, "at": "x", "machine": "", "user": "", "hard": 1, "caps": []}',
        b'{"v": 1, "at": 1, "machine": "", "user": "", "hard": 1, "caps": [7]}',
        b'{"v": 1, "at": 1, "machine": "", "user": "", "hard": 1, "caps": 7}',
        b'{"v": 1, "at": 1, "machine": "", "user": "", "hard": 1, "caps": [{"where": []}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_damaged_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "budgets.json").write_bytes(content)
    assert read(path(str(tmp_path))) is None


def test_a_folder_in_its_place_is_nothing(tmp_path: Path) -> None:
    os.mkdir(path(str(tmp_path)))
    assert read(path(str(tmp_path))) is None
    with pytest.raises(OSError, match="budgets"):
        write(path(str(tmp_path)), STATE)
    assert os.listdir(tmp_path) == ["budgets.json"]


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    write(path(str(tmp_path)), STATE)
    assert json.loads((tmp_path / "budgets.json").read_text())["v"] == 1
