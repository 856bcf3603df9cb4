"""The record of sending: what is kept is found again, and a file of no use is as good as none."""

from pathlib import Path

import pytest

from tallystick.intake.push.record import Record, read, write

KEPT = Record(5, "The server answers with 500.", 7, -3, 1)


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    path = str(tmp_path / "record.json")
    assert read(path) == Record()
    write(path, KEPT)
    assert read(path) == KEPT
    assert [each.name for each in tmp_path.iterdir()] == ["record.json"]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"7", b'{"success":1}', b'{"success":"x","fault":"","failed":0,"skew_ms":0}', b"\xff", b"[" * 99_999, b'{"success":1,"fault":"","failed":0,"skew_ms":0,"code":"4"}']
)  # fmt: skip
def test_a_file_of_no_use_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)
    assert read(str(path)) == Record()


def test_one_of_before_tells_no_code(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('{"success":5,"fault":"It is away.","failed":7,"skew_ms":0}')
    assert read(str(path)).code == 1
    path.write_text('{"success":5,"fault":"","failed":0,"skew_ms":0}')
    assert read(str(path)).code == 0


def test_where_it_cannot_be_kept_nothing_happens(tmp_path: Path) -> None:
    write(str(tmp_path / "nowhere" / "record.json"), KEPT)
    assert list(tmp_path.iterdir()) == []
