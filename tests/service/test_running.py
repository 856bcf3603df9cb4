"""Commands are run and files written: what fails is told, what is optional may fail, and two at once take turns."""

import os
import stat
import sys
from multiprocessing import get_context
from pathlib import Path

import pytest

from tallystick.errors import TallystickError, Unavailable
from tallystick.service import running
from tallystick.service.running import alone, begin, content, perform, remove, run, write
from tallystick.service.service import Remove, Run, Write

ENVIRON = {"PATH": os.defpath}


def shell(text: str, *, needed: bool = True, tries: int = 1) -> Run:
    """Return a command of a shell."""
    return Run(("sh", "-c", text), needed, tries)


def test_a_command_tells_code_output_and_last_words() -> None:
    found = run(("sh", "-c", "echo out; echo first >&2; echo last >&2; exit 3"), ENVIRON)
    assert found == (3, "out\n", "first\nlast\n")
    assert found.words == "last"
    assert run(("sh", "-c", "exit 4"), ENVIRON).words == "exit code 4"


def test_a_command_gets_the_environment_that_it_is_given_and_no_input() -> None:
    assert run(("sh", "-c", "echo $A; cat"), ENVIRON | {"A": "b"}).out == "b\n"


def test_a_command_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"^no-such-command cannot be run \(no such file or directory\)\.$"):
        run(("no-such-command",), ENVIRON)


def test_steps_are_done_in_their_order(tmp_path: Path) -> None:
    file, note = tmp_path / "deep" / "file", tmp_path / "note"
    perform(
        [Write(str(file), b"new"), shell(f"cat '{file}' > '{note}'"), Remove(str(file)), Remove(str(file))],
        ENVIRON,
    )
    assert note.read_text() == "new"
    assert not file.exists()


def test_a_needed_command_that_fails_ends_it(tmp_path: Path) -> None:
    with pytest.raises(TallystickError, match=r"^`sh -c echo no >&2; exit 5` failed: no$"):
        perform([shell("echo no >&2; exit 5"), Write(str(tmp_path / "a"), b"")], ENVIRON)
    assert not (tmp_path / "a").exists()


def test_an_optional_command_may_fail_or_be_missing(tmp_path: Path) -> None:
    perform(
        [shell("exit 5", needed=False), Run(("no-such-command",), needed=False), Write(str(tmp_path / "a"), b"")],
        ENVIRON,
    )
    assert (tmp_path / "a").exists()
    with pytest.raises(Unavailable):
        perform([Run(("no-such-command",))], ENVIRON)


def test_a_command_is_tried_as_often_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_PAUSE", 0)
    marks = tmp_path / "marks"
    third = f"echo x >> '{marks}'; [ $(wc -l < '{marks}') -ge 3 ]"
    perform([shell(third, tries=5)], ENVIRON)
    assert marks.read_text() == "x\n" * 3
    with pytest.raises(TallystickError):
        perform([shell(f"echo x >> '{marks}'; exit 1", tries=2)], ENVIRON)
    assert marks.read_text() == "x\n" * 5


def test_a_file_is_for_its_owner_and_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old and longer")
    file.chmod(0o644)
    write(Write(str(file), b"new"))
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_what_cannot_be_written_or_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder" / "full").mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be written"):
        write(Write(str(tmp_path / "file" / "under"), b""))
    with pytest.raises(Unavailable, match="cannot be written"):
        write(Write(str(tmp_path / "folder"), b""))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]
    with pytest.raises(Unavailable, match="cannot be removed"):
        remove(str(tmp_path / "folder"))
    with pytest.raises(Unavailable, match="cannot be written"), alone(str(tmp_path / "file")):
        pass


def test_content_of_nothing_is_none(tmp_path: Path) -> None:
    assert content(str(tmp_path / "a")) is None


def add_alone(folder: str, number: int) -> None:
    """Add one to the number in a file, so that another who does it at the same moment would be overwritten."""
    for _ in range(number):
        with alone(folder):
            file = Path(folder) / "sum"
            before = int(file.read_text()) if file.exists() else 0
            file.write_text(str(before + 1))


def test_two_at_once_take_turns(tmp_path: Path) -> None:
    several = [get_context("spawn").Process(target=add_alone, args=(str(tmp_path), 25)) for _ in range(3)]
    for each in several:
        each.start()
    for each in several:
        each.join()
    assert (tmp_path / "sum").read_text() == "75"


def test_one_who_waits_too_long_is_told(tmp_path: Path) -> None:
    with alone(str(tmp_path)), pytest.raises(Unavailable, match="Another tally"), alone(str(tmp_path), patience=0.1):
        pass
    with alone(str(tmp_path), patience=0):
        pass


def test_what_a_program_says_at_its_start_replaces_what_the_last_one_said(tmp_path: Path) -> None:
    words = tmp_path / "log" / "start.log"
    for text in ("a long text", "short"):
        program = f"import os, sys; print({text!r}, os.getcwd(), os.getsid(0) == os.getpid(), file=sys.stderr)"
        begun = begin((sys.executable, "-c", program), str(tmp_path), str(words), ENVIRON)
        assert begun.wait() == 0
        assert words.read_text() == f"{text} {tmp_path} True\n"
    assert stat.S_IMODE(words.stat().st_mode) == 0o600


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be started"):
        begin(("/no/such/python",), str(tmp_path), str(tmp_path / "start.log"), ENVIRON)
