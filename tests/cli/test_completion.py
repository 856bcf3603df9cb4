"""`tally completion`, and that shells are answered."""

import os
import subprocess
import sys

import pytest
from tests.cli.stage import Stage


@pytest.mark.parametrize(
    "shell, line",
    [("bash", "complete -o nosort -F"), ("zsh", "compdef"), ("fish", "complete --no-files --command tally")],
)
def test_each_shell_has_its_script(stage: Stage, shell: str, line: str) -> None:
    found = stage.tally("completion", shell)
    assert found.code == 0
    assert line in found.out
    assert "_TALLY_COMPLETE" in found.out


def test_another_shell_is_wrong_usage(stage: Stage) -> None:
    assert stage.tally("completion", "cmd").code == 2
    assert stage.tally("completion").code == 2


@pytest.mark.parametrize(
    "words, found", [("tally mod", "models"), ("tally daily --timez", "--timezone"), ("tally daily --format cs", "csv")]
)
def test_a_shell_that_asks_is_answered(stage: Stage, words: str, found: str) -> None:
    asked = {"_TALLY_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    run = subprocess.run(
        [sys.executable, "-m", "tallystick"],
        env=os.environ | asked | {"HOME": str(stage.home)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert run.stdout == f"plain,{found}\n"
