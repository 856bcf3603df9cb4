"""`tally` alone."""

from tests.cli.stage import Stage


def test_what_was_used_here(stage: Stage) -> None:
    stage.answers(3)
    found = stage.tally("--timezone", "Asia/Kolkata")
    assert (found.code, found.err) == (0, "")
    assert "Asia/Kolkata" in found.out
    assert "Top projects" in found.out
    assert "3 requests from logs" in found.out
    assert "Demo" not in found.out


def test_without_logs_it_says_where_it_looked_and_shows_the_demo(stage: Stage) -> None:
    found = stage.tally()
    assert found.code == 0
    lines = found.err.splitlines()
    assert lines[0] == "tally: No usage was found. This is where it was looked for:"
    assert f"{stage.home}/.claude/projects" in lines[1]
    assert f"{stage.home}/.codex/sessions" in lines[2]
    assert found.out.count("Demo data: made up") == 2
    # What is made up is not kept.
    assert '"requests": 0' in stage.tally("daily", "--json").out


def test_the_ledger_is_enough_once_the_logs_are_gone(stage: Stage) -> None:
    stage.answers(3)
    stage.tally()
    stage.log.unlink()
    assert "3 requests from logs" in stage.tally().out
    stage.answers(9)
    assert "3 requests from logs" in stage.tally("--no-refresh").out
