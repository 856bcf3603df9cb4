"""The commands of tokentap: each is one of ours, options and all."""

from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick.cli import live, updown


@pytest.mark.parametrize(
    "theirs, ours",
    [
        (["shell-init", "bash"], ["shell", "init", "bash"]),
        (["install", "--shell", "bash", "--dry-run"], ["shell", "install", "--shell", "bash", "--dry-run"]),
        (["uninstall"], ["shell", "uninstall"]),
        (["start", "--port", "0"], ["up", "--port", "0"]),
    ],
)
def test_they_do_what_ours_do(stage: Stage, theirs: list[str], ours: list[str]) -> None:
    found, expected = stage.tally(*theirs), stage.tally(*ours)
    assert (found.code, found.out) == (expected.code, expected.out)
    assert found.err.replace("tally start", "tally up") == expected.err


def test_on_a_terminal_the_live_view_follows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def up(**given: object) -> int:
        done.append(given)
        return 0

    monkeypatch.setattr(live, "is_terminal", lambda: True)
    monkeypatch.setattr(updown, "up", up)
    monkeypatch.setattr(live, "find_spec", lambda _: None)
    said = stage.tally("start", "--port", "4000")
    assert done == [{"host": None, "port": 4000, "open": False}]
    # What was to be started runs, though the view is not installed.
    assert said.code == 0
    assert "pip install 'tallystick[live]'" in said.err
    assert "tally live" in stage.tally("start", "-h").out


def test_the_certificate_is_shown_how_to_install(stage: Stage) -> None:
    found = stage.tally("install-cert", "--dry-run")
    assert found == stage.tally("ca", "install", "--dry-run")


def test_the_shell_s_file_is_as_it_was_afterwards(stage: Stage) -> None:
    file: Path = stage.home / ".bashrc"
    file.write_text("alias ll='ls -l'\n")
    assert stage.tally("install", "--shell", "bash").code == 0
    assert "tallystick" in file.read_text()
    assert stage.tally("uninstall", "--shell", "bash").code == 0
    assert file.read_text() == "alias ll='ls -l'\n"


def test_the_help_does_not_list_them_and_they_explain_themselves(stage: Stage) -> None:
    assert "shell-init" not in stage.tally("-h").out
    assert stage.tally("shell-init", "-h").out.startswith("Usage: tally shell-init")
