"""Reports by command line: formats, filters, and what excludes each other."""

import csv
import json
from io import StringIO

import pytest
from tests.cli.stage import Stage

from tallystick.cli import reporting


@pytest.fixture
def used(stage: Stage) -> Stage:
    """Return a machine with three priced answers and one of a model that nobody knows."""
    stage.answers(3)
    stage.answers(1, "nobody-knows-1")
    return stage


def test_json_holds_what_the_logs_hold(used: Stage) -> None:
    found = used.tally("daily", "--json")
    assert (found.code, found.err) == (0, "")
    answer = json.loads(found.out)
    assert [(row["model"], row["requests"], row["input"], row["output"]) for row in answer["rows"]] == [
        ("claude-opus-4-1-20250805", 3, 30, 60),
        ("nobody-knows-1", 1, 10, 20),
    ]
    # 30 x 15 and 60 x 75 millionths of a dollar.
    assert answer["totals"]["cost_usd"] == 0.00495
    assert answer["totals"]["unpriced_tokens"] == 30


def test_the_quick_way_and_the_way_through_click_answer_alike(used: Stage) -> None:
    quick = used.tally("models", "--json", "--limit", "1").out
    # `--limit=+1` is a number for click alone.
    assert used.tally("models", "--json", "--limit", "+1").out == quick
    assert len(json.loads(quick)["rows"]) == 1


def test_what_is_piped_is_plain_and_its_messages_stand_apart(used: Stage) -> None:
    found = used.tally("daily", "--timezone", "UTC")
    assert found.out.splitlines()[0].split() == [
        "Day",
        "Models",
        "Input",
        "Output",
        "Cache",
        "write",
        "Cache",
        "read",
        "Total",
        "Cost",
    ]
    assert found.out.splitlines()[1].startswith("2026-11-01  opus-4-1, nobody-knows-1")
    assert found.err == "tally: No price is known for nobody-knows-1: 30 tokens are counted, but are in no cost.\n"


def test_a_table_when_it_is_asked_for(used: Stage) -> None:
    found = used.tally("models", "--format", "table")
    assert "Usage by model" in found.out
    assert "unpriced" in found.out
    assert found.err == ""


def test_csv(used: Stage) -> None:
    rows = list(csv.DictReader(StringIO(used.tally("models", "--csv", "--no-cost").out)))
    assert [row["model"] for row in rows] == ["claude-opus-4-1-20250805", "nobody-knows-1"]


def test_the_format_of_ccusage(used: Stage) -> None:
    day = json.loads(used.tally("daily", "--format", "ccusage").out)["daily"][0]
    assert (day["period"], day["totalTokens"], day["modelsUsed"]) == (
        "2026-11-01",
        120,
        ["claude-opus-4-1-20250805", "nobody-knows-1"],
    )
    session = json.loads(used.tally("sessions", "--format", "ccusage").out)["session"][0]
    assert (session["period"], session["agent"], session["metadata"]) == (
        "s",
        "claude",
        {"lastActivity": "2026-11-01T10:02:00.000Z"},
    )
    assert json.loads(used.tally("blocks", "--format", "ccusage").out)["blocks"][0]["entries"] == 4


def test_filters_may_hold_several_with_commas(used: Stage) -> None:
    found = json.loads(used.tally("models", "--json", "--model", "nobody*, gpt*", "--tool", "codex,claude-code").out)
    assert [row["model"] for row in found["rows"]] == ["nobody-knows-1"]


def test_without_a_look_at_the_logs_the_ledger_answers(used: Stage) -> None:
    assert json.loads(used.tally("daily", "--json", "--no-refresh").out)["totals"]["requests"] == 0
    used.tally("daily")
    used.answers(5, "claude-opus-4-6")
    assert json.loads(used.tally("daily", "--json", "--no-refresh").out)["totals"]["requests"] == 4
    assert json.loads(used.tally("daily", "--json").out)["totals"]["requests"] == 9


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["daily", "--json", "--csv"], "csv and json exclude each other: ask for one format."),
        (["daily", "--json", "--format", "plain"], "json and plain exclude each other: ask for one format."),
        (["report"], "Say what to group by: `tally report --by day,model`."),
        (["models", "--format", "ccusage"], "ccusage has no report 'models'"),
        (["daily", "--format", "ccusage", "--by", "tool"], "--by and --format ccusage exclude each other"),
        (["daily", "--since", "soon"], "--since 'soon' is no day"),
        (["daily", "--timezone", "Mars/Olympus"], "There is no time zone 'Mars/Olympus'"),
        (["daily", "--order", "size"], "--order 'size' is none"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_before_anything_is_read(
    stage: Stage, arguments: list[str], sentence: str
) -> None:
    found = stage.tally(*arguments)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"tally: {sentence}")
    assert found.err.count("\n") == 1
    assert not (stage.home / "data").exists()


def test_json_said_twice_is_one_format(used: Stage) -> None:
    assert used.tally("daily", "--json", "--format", "json").code == 0


def test_hours_on_a_terminal_are_the_latest_ones(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(3)
    monkeypatch.setitem(reporting.BY_NAME, "hours", reporting.BY_NAME["hours"]._replace(most=1))
    text = stage.log.read_text()
    stage.log.write_text(
        text + text.replace("T10:", "T12:").replace("_0", "_7").replace("_1", "_8").replace("_2", "_9")
    )
    found = stage.tally("hours", "--format", "table")
    assert "2026-11-01 12:00" in found.out
    assert "2026-11-01 10:00" not in found.out
    assert "… and 1 more row: --limit 0 shows all." in found.out
    assert "2026-11-01 10:00" in stage.tally("hours", "--format", "table", "--limit", "0").out
    # Where a program reads, everything is there.
    assert len(json.loads(stage.tally("hours", "--json").out)["rows"]) == 2


def test_models_on_a_terminal_are_the_first_ones(used: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reporting.BY_NAME, "models", reporting.BY_NAME["models"]._replace(most=1))
    found = used.tally("models", "--format", "table")
    assert " claude-opus-4-1 " in found.out
    assert "… and 1 more row" in found.out
