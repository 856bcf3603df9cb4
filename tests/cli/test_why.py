"""`tally why` by command line."""

import json

import pytest
from tests.cli.stage import Stage


def test_a_day_of_a_model_is_explained_down_to_the_lines(stage: Stage) -> None:
    stage.answers(2)
    found = stage.tally("why", "--day", "2026-11-01", "--model", "claude-opus*")
    assert (found.code, found.err) == (0, "")
    assert "$0.0033 for 2 requests and 60 tokens" in found.out
    assert "20 x $15.00/M = $0.0003" in found.out
    # These lines tell nothing of a cache.
    assert f"{stage.log}:0  without counts of the cache" in found.out


def test_json(stage: Stage) -> None:
    stage.answers(2)
    found = json.loads(stage.tally("why", "--session", "s", "--json", "--limit", "1").out)
    assert found["figures"]["requests"] == 2
    assert found["events_left_off"] == 1
    assert found["where"] == {"session": ["s"]}


def test_where_nothing_was_used_nothing_is_explained(stage: Stage) -> None:
    stage.answers(1)
    found = stage.tally("why", "--day", "2026-11-02")
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("tally: Nothing was used there")


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_day_excludes_a_period(stage: Stage, option: str) -> None:
    found = stage.tally("why", "--day", "today", option, "today")
    assert found.code == 2
    assert found.err == "tally: --day is one day and excludes --since and --until.\n"


def test_a_period_and_the_ledger_as_it_is(stage: Stage) -> None:
    stage.answers(1)
    assert stage.tally("why", "--since", "2026-11-01", "--until", "2026-11-01", "--no-refresh").code == 1
    assert stage.tally("why", "--since", "2026-11-01", "--until", "2026-11-01").code == 0
