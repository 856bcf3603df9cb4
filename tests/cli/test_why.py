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


def test_a_stretch_of_time_and_hours_of_the_week(stage: Stage) -> None:
    stage.answers(3)
    # At 10:00, 10:01 and 10:02, UTC.
    found = stage.tally("why", "--since", "2026-11-01T10:01", "--until", "2026-11-01T10:02")
    assert (found.code, found.err) == (0, "")
    assert "Why  2026-11-01T10:01+00:00 to 2026-11-01T10:02+00:00 · UTC" in found.out
    assert "for 1 request and 30 tokens" in found.out
    told = json.loads(
        stage.tally("why", "--weekday", "sun", "--hour", "15", "--timezone", "Asia/Kolkata", "--json").out
    )
    assert (told["figures"]["requests"], told["weekday"], told["hour"]) == (3, "sun", 15)
    assert "Why  all days · weekday sun · hour 10 · UTC" in stage.tally("why", "--weekday", "sun", "--hour", "10").out
    assert stage.tally("why", "--weekday", "sun", "--hour", "16").code == 1
    found = stage.tally("why", "--hour", "24")
    assert (found.code, found.err) == (2, "tally: --hour 24 is none: give 0 to 23.\n")
    assert stage.tally("why", "--weekday", "someday").code == 2


@pytest.mark.parametrize(
    "arguments", [("why", "--day"), ("daily", "--since"), ("calls", "--since"), ("compare", "--since")]
)
def test_a_moment_is_refused_where_days_are_meant(stage: Stage, arguments: tuple[str, ...]) -> None:
    found = stage.tally(*arguments, "2026-11-01T10:00")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("tally: '2026-11-01T10:00' is a moment, which only `tally why` and `tally events` take")
