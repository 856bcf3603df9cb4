"""What looks closer than a report, by command line."""

import json

import pytest
from tests.cli.stage import Stage

from tallystick.cli.closer import LOOKS, command
from tallystick.cli.tree import COMMANDS


def test_every_look_is_a_command_and_has_help(stage: Stage) -> None:
    assert [name for name, entry in COMMANDS.items() if entry.module == "closer"] == list(LOOKS)
    for name in LOOKS:
        found = stage.tally(name, "-h")
        assert (found.code, found.err) == (0, "")
        assert f"Example: tally {name}" in found.out
        assert command(name).name == name


def test_events_go_on_page_by_page(stage: Stage) -> None:
    stage.answers(3)
    first = json.loads(stage.tally("events", "--limit", "2", "--json").out)
    assert [each["time"][11:16] for each in first["events"]] == ["10:02", "10:01"]
    # 10 x 15 + 20 x 75 millionths of a dollar.
    assert first["events"][0]["cost_usd"] == 0.00165
    second = json.loads(stage.tally("events", "--limit", "2", "--after", first["after"], "--json").out)
    assert [each["time"][11:16] for each in second["events"]] == ["10:00"]
    assert second["after"] is None
    oldest = stage.tally("events", "--oldest", "--limit", "1", "--no-cost")
    assert "2026-11-01 10:00:00  claude-code" in oldest.out
    assert "$" not in oldest.out
    assert "More: --after " in oldest.out


def test_one_event_by_its_number(stage: Stage) -> None:
    stage.answers(1)
    assert f"Counted: log {stage.log}:0" in stage.tally("events", "1").out
    found = stage.tally("events", "9")
    assert (found.code, found.err) == (1, "tally: There is no event 9 in this ledger.\n")
    assert stage.tally("events", "x").code == 2


@pytest.mark.parametrize("filters", [("--agent", "nobody"), ("--branch", "x"), ("--session", "t"), ("--model", "gpt*")])
def test_filters_of_every_kind(stage: Stage, filters: tuple[str, str]) -> None:
    stage.answers(1)
    assert json.loads(stage.tally("events", *filters, "--json").out)["events"] == []


def test_a_session(stage: Stage) -> None:
    stage.answers(2)
    found = json.loads(stage.tally("session", "s", "--timezone", "Europe/Berlin", "--json").out)
    assert (found["schema"], found["timezone"]) == ("tallystick.session/1", "Europe/Berlin")
    assert [each["running_cost_usd"] for each in found["events"]] == [0.00165, 0.0033]
    assert "Session s" in stage.tally("session", "s").out
    assert stage.tally("session", "t").code == 1
    assert stage.tally("session").code == 2


def test_a_comparison_needs_a_first_day(stage: Stage) -> None:
    stage.answers(1)
    found = stage.tally("compare")
    assert found.code == 2
    assert "--since" in found.err
    day = ("--since", "2026-11-01", "--until", "2026-11-01")
    found = stage.tally("compare", *day, "--weekdays")
    assert found.out.startswith("2026-11-01 against 2026-10-25\n")


@pytest.mark.parametrize(
    "name, schema", [("calls", "calls"), ("punchcard", "punchcard"), ("year", "year"), ("energy", "energy")]
)
def test_the_others_answer_too(stage: Stage, name: str, schema: str) -> None:
    stage.answers(1)
    assert json.loads(stage.tally(name, "--json").out)["schema"] == f"tallystick.{schema}/1"
    found = stage.tally(name)
    assert (found.code, found.err) == (0, "")
    assert found.out


def test_a_calendar_year(stage: Stage) -> None:
    stage.answers(1)
    assert len(json.loads(stage.tally("year", "2024", "--json").out)["days"]) == 366
    assert stage.tally("year", "1900").code == 2


def test_events_of_a_stretch_of_time_and_of_hours_of_the_week(stage: Stage) -> None:
    stage.answers(3)

    def times(*arguments: str) -> list[str]:
        return [each["time"][11:16] for each in json.loads(stage.tally("events", *arguments, "--json").out)["events"]]

    assert times("--since", "2026-11-01T15:31", "--timezone", "Asia/Kolkata") == ["10:02", "10:01"]
    assert times("--until", "2026-11-01T10:01") == ["10:00"]
    assert times("--weekday", "sun", "--hour", "10", "--limit", "1") == ["10:02"]
    assert times("--hour", "0") == []
    assert stage.tally("punchcard", "--hour", "0").code == 2
