"""What gates go by: a small file that stops nobody unless it is whole, current and about them."""

import json
import os
from pathlib import Path

import pytest

from tallystick.cli.caps import UNKNOWN, Cap, State, is_stale, path, possible, read, stopping, write

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


def test_a_cap_stops_those_whom_its_filter_fits() -> None:
    assert stopping(STATE, {"project": "/srv/foo"}, NOW) == FOO
    assert stopping(STATE, {"project": "/srv/bar"}, NOW) is None
    everything = STATE._replace(caps=(FOO._replace(where={}),))
    assert stopping(everything, {}, NOW)
    ours = STATE._replace(caps=(FOO._replace(where={"machine": ("box",), "user": ("dev",)}),))
    assert stopping(ours, {}, NOW)
    assert stopping(ours._replace(machine="laptop"), {}, NOW) is None
    tagged = STATE._replace(caps=(FOO._replace(where={"tag": ("ticket=X-1",)}),))
    assert stopping(tagged, {"tag": "a=b\nticket=X-1"}, NOW)
    assert stopping(tagged, {"tag": "a=b"}, NOW) is None


def test_what_is_not_known_fits_no_filter() -> None:
    state = STATE._replace(caps=(OPUS,))
    assert stopping(state, {"project": "/srv/foo"}, NOW) is None
    assert stopping(state, {"project": "/srv/foo", "model": "claude-opus-4-1"}, NOW) == OPUS
    assert stopping(state, {"project": "/srv/foo", "model": "claude-haiku"}, NOW) is None
    # Whoever can find out the model is told that it would matter.
    assert possible(state, {"project": "/srv/foo"}, NOW) == [OPUS]
    assert possible(state, {"project": "/srv/bar"}, NOW) == []


def test_a_cap_ends_with_its_period_and_where_a_person_lifts_it() -> None:
    foo = {"project": "foo"}
    assert stopping(STATE._replace(at=FOO.until), foo, FOO.until) is None
    lifted = STATE._replace(caps=(FOO._replace(lifted=NOW + 60_000),))
    assert stopping(lifted, foo, NOW + 59_999) is None
    assert stopping(lifted, foo, NOW + 60_000)


def test_what_nobody_looked_after_stops_nobody() -> None:
    foo = {"project": "foo"}
    assert stopping(None, foo, NOW) is None
    assert stopping(STATE, foo, NOW + 899_999)
    assert stopping(STATE, foo, NOW + 900_000) is None
    assert stopping(STATE, foo, NOW - 3_600_000) is None


def test_it_is_brought_up_to_date_now_and_then_unless_nothing_can_change() -> None:
    assert is_stale(None, NOW)
    assert not is_stale(STATE, NOW + 29_999)
    assert is_stale(STATE, NOW + 30_000)
    assert is_stale(STATE, NOW - 60_000)
    assert not is_stale(STATE._replace(hard=0), NOW + 10**9)
    assert is_stale(STATE._replace(hard=UNKNOWN), NOW + 30_000)


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    write(path(str(tmp_path)), STATE)
    assert json.loads((tmp_path / "budgets.json").read_text())["v"] == 1
