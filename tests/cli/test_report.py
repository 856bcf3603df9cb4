"""The reports' commands, as click runs them."""

import json

import pytest
from tests.cli.stage import Stage

from tallystick.cli.options import OF_REPORTS
from tallystick.cli.report import command
from tallystick.cli.reporting import BY_NAME


@pytest.mark.parametrize("name", BY_NAME)
def test_every_report_has_a_command_with_all_options(name: str) -> None:
    made = command(name)
    assert made.name == name
    assert [option.opts for option in made.params] == [[option.name] for option in OF_REPORTS]


@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "report"])
def test_every_report_answers(stage: Stage, name: str) -> None:
    stage.answers(2)
    # `--limit +9` is not plain enough for the quick reader.
    found = stage.tally(name, "--json", "--limit", "+9")
    assert (found.code, found.err) == (0, "")
    answer = json.loads(found.out)
    assert answer["report"] == name
    assert answer["totals"]["total"] == 60


def test_any_grouping(stage: Stage) -> None:
    stage.answers(2)
    row = json.loads(stage.tally("report", "--by", "project,hour", "--json").out)["rows"][0]
    assert (row["project"], row["hour"]) == ("/home/dev/p", "2026-11-01T10:00+00:00")
