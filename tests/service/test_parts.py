"""The record of parts: written whole, read back, and believed only while the process lives that wrote it."""

import os
from pathlib import Path

import pytest

from tallystick.service import process
from tallystick.service.parts import PROXY, SERVER, Keeper, Part, forget, tell, told

SERVES = Part(SERVER, 11, 3_847, 1_795_311_238_794, 2, 'It ended (signal 9): «so»\n"x"')


def keeper(pid: int) -> Keeper:
    """Return a keeper with two parts, one of which does not run."""
    return Keeper(pid, process.identity(pid) or "", (SERVES, Part(PROXY)))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    assert told(state) is None
    tell(state, keeper(os.getpid()))
    found = told(state)
    assert found == keeper(os.getpid())
    assert found is not None
    assert found.part(SERVER) == SERVES
    assert found.part("other") is None
    forget(state)
    assert told(state) is None
    forget(state)


def test_a_record_of_one_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    tell(str(tmp_path), keeper(os.getpid())._replace(began="another beginning"))
    assert told(str(tmp_path)) is None
    tell(str(tmp_path), Keeper(2**22 + 1, "", ()))
    assert told(str(tmp_path)) is None


@pytest.mark.parametrize(
    "content", ["", "null", "{", "[]", '{"pid": 1, "began": "", "parts": [{"name": "x", "y": 1}]}', "\x00"]
)
def test_a_damaged_record_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "parts.json").write_text(content)
    assert told(str(tmp_path)) is None
