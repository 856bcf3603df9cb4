"""Lines that are put into the inbox from many sides, and what is left out."""

import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.intake import inbox

NOW = 20_779 * 86_400_000 + 43_200_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder."""
    return tmp_path / "inbox" / "limits"


def test_lines_stand_in_the_days_file_for_its_owner_only(folder: Path) -> None:
    assert inbox.append(str(folder), ['{"v":1}'], NOW)
    assert inbox.append(str(folder), ['{"v":2}', '{"v":3}'], NOW)
    path = folder / "20779.jsonl"
    assert path.read_text() == '{"v":1}\n{"v":2}\n{"v":3}\n'
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def test_what_is_too_much_is_left_out(folder: Path) -> None:
    assert not inbox.append(str(folder), ["x" * inbox.LINE_MOST], NOW)
    assert not inbox.append(str(folder), ["two\nlines", "é"], NOW)
    line = "x" * (inbox.LINE_MOST - 1)
    written = sum(inbox.append(str(folder), [line], NOW) for _ in range(300))
    # Of lines with 4000 bytes, 262 fit into 1 MiB.
    assert written == 262
    assert (folder / "20779.jsonl").stat().st_size <= 1 << 20


def test_files_that_nobody_reads_are_a_months_at_most(folder: Path) -> None:
    folder.mkdir(parents=True)
    for day in range(20_700, 20_779):
        (folder / f"{day}.jsonl").write_text("{}\n")
    assert inbox.append(str(folder), ["{}"], NOW)
    assert sorted(path.name for path in folder.iterdir()) == [f"{day}.jsonl" for day in range(20_749, 20_780)]


def test_where_nothing_can_be_written_nothing_is_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not inbox.append(str(tmp_path / "file" / "limits"), ["{}"], NOW)
    assert not inbox.append(str(tmp_path / "nul\0"), ["{}"], NOW)


def test_many_at_once_keep_their_lines_whole(tmp_path: Path) -> None:
    program = "import sys; from tallystick.intake.inbox import append\nfor n in range(50): append(sys.argv[1], [sys.argv[2] * 900], 5)"
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "limits"), letter]) for letter in "abcdef"
    ]
    assert [each.wait(30) for each in running] == [0] * 6
    lines = "".join(path.read_text() for path in (tmp_path / "limits").iterdir()).splitlines()
    assert sorted(lines) == sorted(letter * 900 for letter in "abcdef" for _ in range(50))


def test_it_needs_nothing_that_takes_time_to_import() -> None:
    program = "import sys; before = set(sys.modules); import tallystick.intake.inbox; print(*set(sys.modules) - before)"
    ran = subprocess.run(
        [sys.executable, "-SIc", f"import sys; sys.path[:0] = {sys.path!r}; {program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(ran.stdout.split()) <= {
        "tallystick",
        "tallystick.intake",
        "tallystick.intake.inbox",
        "os",
        "stat",
        "_stat",
        "posixpath",
        "genericpath",
        "_collections_abc",
        "abc",
        "_abc",
        "os.path",
    }
