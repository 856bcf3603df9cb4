"""Options: the quick reader and click understand the same command lines in the same way."""

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.cli.options import FORMATS, OF_EVENTS, OF_OVERVIEW, OF_REPORTS, OF_WHY, WEEKDAY, Option, read
from tallystick.cli.tree import parameters, said
from tallystick.usage.hours import WEEKDAYS


def clicked(arguments: list[str], options: tuple[Option, ...] = OF_REPORTS) -> dict[str, Any] | None:
    """Return what click reads; None where it finds something wrong."""
    command = click.Command("x", params=parameters(options))
    try:
        return said(command.make_context("x", list(arguments)).params)
    except click.exceptions.UsageError:
        return None


@pytest.mark.parametrize(
    "arguments, values",
    [
        ([], {}),
        (["--json"], {"json": True}),
        (["--json", "--json"], {"json": True}),
        (["--since", "7d", "--until=today"], {"since": "7d", "until": "today"}),
        (["--since", "7d", "--since", "2w"], {"since": "2w"}),
        (["--tool", "codex", "--tool=claude-code"], {"tool": ["codex", "claude-code"]}),
        (["--by", "day,model", "--order", "-x"], {"by": "day,model", "order": "-x"}),
        # What follows an option that takes something is taken, whatever it looks like.
        (["--since", "--json"], {"since": "--json"}),
        (["--model", ""], {"model": [""]}),
        (["--model=a=b"], {"model": ["a=b"]}),
        (["--limit", "0", "--no-cost"], {"limit": 0, "no_cost": True}),
        (["--format", "ccusage", "--no-refresh"], {"format": "ccusage", "no_refresh": True}),
    ],
)
def test_what_is_plain_is_read_quickly_and_as_click_does(arguments: list[str], values: dict[str, Any]) -> None:
    assert read(arguments, OF_REPORTS) == values
    assert clicked(arguments) == values


@pytest.mark.parametrize(
    "arguments",
    [
        ["-h"],
        ["--help"],
        ["--since"],
        ["--nope"],
        ["extra"],
        ["--"],
        ["--json=1"],
        ["--limit", "many"],
        ["--limit", "-1"],
        ["--limit", "²"],
        ["--format", "xml"],
        ["--jso"],
    ],
)
def test_what_is_not_plain_is_left_to_click(arguments: list[str]) -> None:
    assert read(arguments, OF_REPORTS) is None


WORDS = st.sampled_from(
    [option.name for option in OF_REPORTS]
    + [
        "--since=7d",
        "--limit=3",
        "--limit=x",
        "--tool=",
        "--json=",
        "--nope",
        "--no-cos",
        "-h",
        "--",
        "day",
        "7",
        "",
        "-1",
        "--format=csv",
        *FORMATS,
    ]
)


@given(st.lists(WORDS, max_size=6))
def test_whatever_is_read_quickly_click_reads_in_the_same_way(arguments: list[str]) -> None:
    values = read(arguments, OF_REPORTS)
    if values is not None:
        assert clicked(arguments) == values


@pytest.mark.parametrize("options", [OF_REPORTS, OF_OVERVIEW, OF_WHY, OF_EVENTS])
def test_options_are_told_apart_and_explained(options: tuple[Option, ...]) -> None:
    assert len({option.name for option in options}) == len({option.key for option in options}) == len(options)
    assert all(option.help.endswith((".", "…")) for option in options)


def test_reports_take_what_was_promised() -> None:
    promised = "json csv since until timezone tool project machine model session branch agent user tag by order limit no-cost no-refresh format server local"
    assert {option.name for option in OF_REPORTS} == {f"--{name}" for name in promised.split()}


def test_weekdays_are_those_that_there_are() -> None:
    assert WEEKDAY.choices == WEEKDAYS
