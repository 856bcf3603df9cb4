"""The tree of commands: help, suggestions, and that every line of the table leads to a command."""

import click
import pytest
from tests.cli.stage import Stage

from tallystick.cli.tree import COMMANDS, tree


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_and_explains_itself(stage: Stage, name: str) -> None:
    found = stage.tally(name, "-h")
    assert found.code == 0
    assert found.out.startswith(f"Usage: tally {name}")
    assert found.err == ""


def test_help_lists_every_command_once(stage: Stage) -> None:
    text = stage.tally("--help").out
    assert text == stage.tally("-h").out
    listed = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line.split()[0] in COMMANDS]
    assert listed == list(COMMANDS)


def test_reports_and_why_are_there() -> None:
    promised = "daily weekly monthly hours sessions projects branches models tools agents machines blocks report why completion"
    assert set(promised.split()) <= set(COMMANDS)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["dayly"], "There is no command 'dayly'. Did you mean `tally daily`?"),
        (["xyzzy"], "There is no command 'xyzzy'. `tally -h` lists the commands."),
        (["--nope"], "No such option"),
        (["daily", "--sinse", "7d"], "--since"),
        (["daily", "7d"], "Got unexpected extra argument"),
        (["daily", "--limit", "x"], "'x' is not a valid integer"),
        (["daily", "--format", "xml"], "'xml' is not one of"),
    ],
)
def test_what_is_mistyped_is_wrong_usage(stage: Stage, arguments: list[str], sentence: str) -> None:
    found = stage.tally(*arguments)
    assert (found.code, found.out) == (2, "")
    assert sentence in found.err


def test_version(stage: Stage) -> None:
    found = stage.tally("--version")
    assert found.code == 0
    assert found.out.startswith("tally 0.")


def test_help_imports_no_command() -> None:
    # What a command is for stands in the table.
    group = tree()
    with click.Context(group) as context:
        formatter = context.make_formatter()
        group.format_commands(context, formatter)
    assert "What each day consumed and cost." in formatter.getvalue()


@pytest.mark.parametrize(
    "typed, found", [("da", ["daily"]), ("b", ["branches", "blocks", "budget"]), ("--v", ["--version"]), ("zz", [])]
)
def test_commands_complete(typed: str, found: list[str]) -> None:
    group = tree()
    with click.Context(group) as context:
        assert [item.value for item in group.shell_complete(context, typed)] == found
