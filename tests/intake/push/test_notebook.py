"""The notebook: what was read and what it gave change together, and nobody reads names in it."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import Unavailable
from tallystick.intake.push.notebook import Letter, Notebook, Waiting
from tallystick.ledger.ledger import Source

KEY = b"k" * 32
SOURCE = Source("/home/dev/clients/acme/s.jsonl", "a-tool", "log", 7, 100, 5_000_000_000, 90, -3, b"acme's memory", 12)


def test_a_source_comes_back_as_it_was_left(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path / "deep" / "notebook.db"), KEY)
    assert notebook.source(SOURCE.path, "a-tool") is None
    notebook.add([SOURCE], [])
    assert notebook.source(SOURCE.path, "a-tool") == SOURCE
    assert notebook.marks() == {notebook.name_of(SOURCE.path): (7, 100, 5_000_000_000)}
    notebook.add([SOURCE._replace(size=120, state=b"")], [])
    assert notebook.source(SOURCE.path, "a-tool") == SOURCE._replace(size=120, state=b"")
    notebook.close()


def test_letters_come_in_their_order_and_go_when_they_are_delivered(tmp_path: Path) -> None:
    path = str(tmp_path / "notebook.db")
    notebook = Notebook(path, KEY)
    notebook.add([], [(b"one" * 1000, 3), (b"two", 4)])
    notebook.close()
    notebook = Notebook(path, KEY)
    first = notebook.letter()
    assert first == Letter(1, b"one" * 1000, 3)
    assert notebook.letter(first.id) == Letter(2, b"two", 4)
    waiting = notebook.waiting()
    assert (waiting.letters, waiting.rows) == (2, 7)
    assert 0 < waiting.bytes < 200
    notebook.delivered(1)
    notebook.delivered(2)
    assert notebook.letter() is None
    assert notebook.waiting() == Waiting(0, 0, 0)
    notebook.close()


def test_what_is_to_be_read_anew_is_and_what_waits_stays(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path / "notebook.db"), KEY)
    notebook.add([SOURCE], [(b"one", 3)])
    notebook.begin_anew()
    assert notebook.marks() == {}
    # Its log may be gone by now.
    assert notebook.waiting()[:2] == (1, 3)
    notebook.close()


def test_all_of_a_change_is_kept_or_none(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path / "notebook.db"), KEY)
    with pytest.raises(Unavailable, match="cannot be used"):
        notebook.add([SOURCE], [(b"one", 1), (b"two", None)])  # type: ignore[list-item]
    assert notebook.marks() == {}
    assert notebook.waiting().letters == 0
    notebook.close()


def test_nobody_else_reads_it_and_it_tells_no_names(tmp_path: Path) -> None:
    path = tmp_path / "notebook.db"
    notebook = Notebook(str(path), KEY)
    notebook.add([SOURCE], [])
    notebook.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"acme" not in path.read_bytes()
    # Another machine's key finds nothing under the same name.
    other = Notebook(str(path), b"x" * 32)
    assert other.source(SOURCE.path, "a-tool") is None
    other.close()


@given(st.binary(max_size=5_000), st.integers(min_value=0, max_value=2**63 - 1))
def test_any_memory_is_sealed_and_opened(state: bytes, inode: int) -> None:
    source = SOURCE._replace(state=state, inode=inode)
    with TemporaryDirectory() as folder, closing(Notebook(f"{folder}/notebook.db", KEY)) as notebook:
        notebook.add([source], [])
        assert notebook.source(source.path, "a-tool") == source


def test_a_damaged_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notebook.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="remove it: everything is then sent once more"):
        Notebook(str(path), KEY)


def test_settings_are_kept(tmp_path: Path) -> None:
    notebook = Notebook(str(tmp_path / "notebook.db"), KEY)
    assert notebook.setting("project") == ""
    notebook.set("project", "keep")
    notebook.set("project", "leave-out")
    assert notebook.setting("project") == "leave-out"
    notebook.close()


def test_one_that_somebody_else_holds_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.intake.push.notebook._PATIENCE", 0)
    path = str(tmp_path / "notebook.db")
    notebook = Notebook(path, KEY)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        notebook.set("a", "b")
    other.close()
    notebook.close()
