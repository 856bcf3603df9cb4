"""The pairing: what is written is read, by nobody else, and a machine keeps its key."""

import os
from pathlib import Path

import pytest

from tallystick.errors import Unavailable
from tallystick.intake.push.pairing import Pairing, read, write

PAIRED = Pairing("https://tally.example.org", "tally_i_secret", "laptop", "ann")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = str(tmp_path / "data" / "push.json")
    assert read(path) is None
    made = write(path, PAIRED)
    assert made[:4] == PAIRED[:4]
    assert len(made.key) == 32
    assert read(path) == made


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write(str(tmp_path / "data" / "push.json"), PAIRED)
    finally:
        os.umask(before)
    assert (tmp_path / "data" / "push.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert [each.name for each in (tmp_path / "data").iterdir()] == ["push.json"]


def test_a_machine_keeps_its_key(tmp_path: Path) -> None:
    path = str(tmp_path / "push.json")
    first = write(path, PAIRED)
    second = write(path, PAIRED._replace(url="https://other.example.org"))
    assert second.key == first.key
    assert write(path, PAIRED._replace(key=b"k" * 32)).key == b"k" * 32
    assert write(str(tmp_path / "other.json"), PAIRED).key != first.key


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"url":"x"}', b'{"url":1,"token":"t","machine":"m","user":"u","key":"' + b"00" * 32 + b'"}',
     b'{"url":"x","token":"t","machine":"m","user":"u","key":"00"}', b"\xff"],
)  # fmt: skip
def test_a_damaged_one_is_told_of(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "push.json"
    path.write_bytes(content)
    with pytest.raises(Unavailable, match="tally join"):
        read(str(path))
    # It does not keep a machine from being paired anew.
    write(str(path), PAIRED)
    assert read(str(path)) is not None


def test_one_that_cannot_be_read_or_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "push.json").mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        read(str(tmp_path / "push.json"))
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        write(str(tmp_path / "file" / "push.json"), PAIRED)
