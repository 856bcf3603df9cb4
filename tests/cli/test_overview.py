"""`tally` alone."""

from tests.cli.stage import Stage

from tallystick.tools.shelf import TOOLS


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
    assert lines[1].startswith("tally:   Claude Code: ~/.claude/projects, ~/.config/claude/projects and ")
    assert lines[2] == "tally:   Codex: ~/.codex/sessions, ~/.codex/archived_sessions"
    # A line for each tool, and how to learn more.
    assert len(lines) == len(TOOLS) + 2
    assert "`tally tools NAME`" in lines[-1]
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


def test_further_homes_and_tools_without_counts_are_told_where_nothing_was_found(stage: Stage) -> None:
    stage.say('[tools]\nhomes = ["~/other"]\n')
    (stage.home / ".kiro" / "sessions").mkdir(parents=True)
    said = stage.tally().err
    assert "tally: The same places were looked at in ~/other.\n" in said
    assert "tally: Installed, but not counted: Kiro.\n" in said
