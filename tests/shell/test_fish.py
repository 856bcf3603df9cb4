"""The real fish at a terminal: everything that a shell must do, and what is its own."""

import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.shell import life
from tests.shell.terminal import Home, needs, proxy, terminal

from tallystick.shell.fish import FISH, quoted
from tallystick.shell.shell import Person


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home in which fish runs our script."""
    needs(FISH)
    return Home(tmp_path, FISH)


def test_it_lives_and_dies_between_prompts(home: Home) -> None:
    life.it_lives_and_dies_between_prompts(home)


def test_one_that_is_stopped_does_not_answer(home: Home) -> None:
    life.one_that_is_stopped_does_not_answer(home, "set _tally_since (math $_tally_since - 10)")


def test_one_that_hangs_is_asked_seldom(home: Home) -> None:
    life.one_that_hangs_is_asked_seldom(home)


def test_one_with_too_many_callers_holds_no_prompt(home: Home) -> None:
    life.one_with_too_many_callers_holds_no_prompt(home)


def test_without_bash_it_asks_by_curl(home: Home, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("curl", "date", "env", "kill", "touch"):
        found = shutil.which(name)
        if not found:
            pytest.skip(f"{name} is not installed")
        (tools / name).symlink_to(found)
    with proxy(home) as running, terminal(home, {"PATH": str(tools)}) as shell:
        assert life.seen(shell.environment()) == life.expected(home)
        running.send_signal(signal.SIGSTOP)
        shell.type("true")
        assert life.seen(shell.environment()) == {}


def test_a_new_shell_has_them_at_once(home: Home) -> None:
    life.a_new_shell_has_them_at_once(home)


def test_theirs_come_back(home: Home) -> None:
    life.theirs_come_back(home)


def test_what_is_changed_at_the_prompt_stays(home: Home) -> None:
    life.what_is_changed_at_the_prompt_stays(home, "set -gx HTTPS_PROXY http://mine:2", "set -e PIP_CERT")


def test_a_shell_within_a_shell_gives_back_too(home: Home) -> None:
    life.a_shell_within_a_shell_gives_back_too(home, "fish")


def test_a_run_keeps_its_name(home: Home) -> None:
    life.a_run_keeps_its_name(home)


def test_the_last_code_is_kept(home: Home) -> None:
    life.the_last_code_is_kept(home, "echo $status")


def test_nothing_is_said(home: Home) -> None:
    life.nothing_is_said(home)


def test_without_its_script_it_starts_in_peace(home: Home) -> None:
    life.without_its_script_it_starts_in_peace(home)


def test_an_export_is_taken_as_it_was_meant() -> None:
    needs(FISH)
    value = 'it\'s "a" $HOME (x) \\ \n é *'
    done = subprocess.run(
        ["fish", "-N", "-c", f"{FISH.export('X', value)}; printenv X"], capture_output=True, check=True
    )
    assert done.stdout.decode() == value + "\n"


def test_quotes() -> None:
    assert quoted("it's \\ $x") == "'it\\'s \\\\ $x'"


def test_it_has_a_file_of_its_own() -> None:
    assert FISH.file(Person("/home/dev", "linux", {})) == "/home/dev/.config/fish/conf.d/tallystick.fish"
    assert FISH.file(Person("/home/dev", "linux", {"XDG_CONFIG_HOME": "/c"})) == "/c/fish/conf.d/tallystick.fish"
