"""The last fault: kept until it is forgotten, and a file of no use is as good as none."""

from pathlib import Path

import pytest

from tallystick.intake.push import client
from tallystick.intake.push.faults import FILE, forget, keep, kept, standing
from tallystick.intake.push.notebook import Notebook
from tallystick.intake.push.pairing import Pairing, write
from tallystick.intake.push.rounds import NOTEBOOK, PAIRING


def test_a_fault_is_kept_until_it_is_forgotten(tmp_path: Path) -> None:
    assert kept(str(tmp_path)) == ""
    # As `date -u -d @1790000000` has it.
    keep(str(tmp_path), "The server is away.", 1_790_000_000_000)
    assert kept(str(tmp_path)) == "The last run failed (2026-09-21 14:13 UTC): The server is away."
    assert [each.name for each in tmp_path.iterdir()] == [FILE]
    forget(str(tmp_path))
    assert kept(str(tmp_path)) == ""
    forget(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"soon it will", b"\xff\xfe", b"9" * 400 + b" x", b"-" + b"9" * 30 + b" x"])
def test_a_file_of_no_use_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert kept(str(tmp_path)) == ""


def test_where_it_cannot_be_kept_nothing_happens(tmp_path: Path) -> None:
    keep(str(tmp_path / "nowhere"), "x", 0)
    assert list(tmp_path.iterdir()) == []


def test_how_it_stands_is_told(tmp_path: Path) -> None:
    assert standing(str(tmp_path)).splitlines()[0] == "It has no server yet."
    assert list(tmp_path.iterdir()) == []
    made = write(str(tmp_path / PAIRING), Pairing("https://tally.example.org", "t", "box"))
    notebook = Notebook(str(tmp_path / NOTEBOOK), made.key)
    notebook.add([], [(b"one", 3), (b"two", 4)])
    notebook.close()
    assert standing(str(tmp_path)).splitlines() == [
        "It sends to https://tally.example.org, as box.",
        "What waits to be sent: 7 rows.",
        "The last run did not fail.",
    ]


def test_the_client_looks_for_the_same_file() -> None:
    assert client._FAULT == FILE
