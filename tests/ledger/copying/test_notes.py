"""Notes: what was found the same holds for these two states, and for no others."""

from pathlib import Path

import pytest

from tallystick.errors import Unavailable
from tallystick.ledger.copying.notes import Notes


def test_a_day_is_the_same_only_in_the_states_in_which_it_was(tmp_path: Path) -> None:
    path = str(tmp_path / "folder" / "notes.json")
    notes = Notes(path)
    assert not notes.holds(20_000, 5, -7)
    notes.keep(20_000, 5, -7)
    notes.keep(20_001, 6, None)
    notes.write()
    again = Notes(path)
    assert (again.holds(20_000, 5, -7), again.holds(20_001, 6, None)) == (True, True)
    assert not again.holds(20_000, 6, -7)
    assert not again.holds(20_000, 5, None)
    assert not again.holds(20_002, None, None)


def test_what_is_kept_is_written_at_the_latest_half_a_second_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("tallystick.ledger.copying.notes.monotonic", lambda: now[0])
    path = tmp_path / "notes.json"
    notes = Notes(str(path))
    notes.keep(1, 2, 3)
    assert not path.exists()
    now[0] += 0.6
    notes.keep(2, 2, 3)
    assert Notes(str(path)).holds(1, 2, 3)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "null",
        '{"schema": "other/1", "days": {"1": [2, 3]}}',
        '{"schema": "tallystick.copying/1", "days": {"1": [2]}}',
    ],
)
def test_a_file_of_no_use_is_none(tmp_path: Path, said: str) -> None:
    path = tmp_path / "notes.json"
    path.write_text(said)
    assert not Notes(str(path)).holds(1, 2, 3)


def test_where_nothing_can_be_noted_the_copy_ends_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"cannot be noted in .*file/notes\.json"):
        Notes(str(tmp_path / "file" / "notes.json")).write()
