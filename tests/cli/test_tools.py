"""`tally tools`: the report by tool as before, and beside it what there is of each tool on real trees."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
from tests.cli.stage import Said, Stage

from tallystick.tools.shelf import TOOLS
from tallystick.tools.unusable import UNUSABLE


@pytest.fixture
def used(stage: Stage) -> Stage:
    """Return a machine with three answers of Claude Code, an empty place of Codex, and two tools that cannot be counted."""
    stage.answers(3)
    for folder in (".codex/sessions", ".kiro/sessions", ".factory/sessions"):
        (stage.home / folder).mkdir(parents=True)
    return stage


def found(said: Said) -> dict[str, Any]:
    """Return what a program is told."""
    assert said.code == 0
    answer: dict[str, Any] = json.loads(said.out)
    return answer


def by_name(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the tools of an inventory by their names."""
    return {tool["tool"]: tool for tool in answer["tools"]}


def test_json_is_the_report_with_an_inventory_beside_it(used: Stage) -> None:
    answer = found(used.tally("tools", "--json"))
    assert (answer["schema"], answer["report"]) == ("tallystick.report/1", "tools")
    # 30 x 15 and 60 x 75 millionths of a dollar.
    (row,) = answer["rows"]
    assert (row["tool"], row["requests"], row["total"], row["cost_usd"]) == ("claude-code", 3, 90, 0.00495)
    assert answer["totals"]["requests"] == 3
    assert [tool["tool"] for tool in answer["tools"]] == [tool.name for tool in TOOLS]
    claude, codex = (by_name(answer)[name] for name in ("claude-code", "codex"))
    assert claude["places"] == [{"path": f"{used.home}/.claude/projects", "files": 1, "bytes": used.log.stat().st_size}]
    assert (claude["found"], claude["events"], claude["newest"]) == (True, 3, "2026-11-01T10:02:00.000Z")
    assert f"{used.home}/.config/claude/projects" in claude["looked_at"]
    assert codex["places"] == [{"path": f"{used.home}/.codex/sessions", "files": 0, "bytes": 0}]
    assert (codex["found"], codex["events"], codex["newest"]) == (True, 0, None)
    assert [(tool["tool"], tool["place"]) for tool in answer["unusable"]] == [
        ("kiro", f"{used.home}/.kiro/sessions"),
        ("droid", f"{used.home}/.factory/sessions"),
    ]


def test_the_rows_are_those_of_the_same_grouping(used: Stage) -> None:
    rows = found(used.tally("report", "--by", "tool", "--json"))["rows"]
    assert found(used.tally("tools", "--json"))["rows"] == rows
    narrowed = found(used.tally("tools", "--json", "--by", "model", "--since", "2026-11-01", "--limit", "1"))
    assert [row["model"] for row in narrowed["rows"]] == ["claude-opus-4-1-20250805"]


def test_csv_holds_the_rows_alone(used: Stage) -> None:
    rows = list(csv.DictReader(StringIO(used.tally("tools", "--csv").out)))
    assert [(row["tool"], row["requests"]) for row in rows] == [("claude-code", "3")]


def test_the_inventory_knows_no_period(used: Stage) -> None:
    answer = found(used.tally("tools", "--json", "--since", "2026-11-15"))
    assert answer["rows"] == []
    assert by_name(answer)["claude-code"]["events"] == 3


def test_a_filter_by_tool_narrows_both(used: Stage) -> None:
    answer = found(used.tally("tools", "--json", "--tool", "cod*,kiro"))
    assert (answer["rows"], list(by_name(answer))) == ([], ["codex"])
    assert [tool["tool"] for tool in answer["unusable"]] == ["kiro"]


@pytest.mark.parametrize("width", [80, 120])
def test_a_terminal_shows_everything_within_its_width(used: Stage, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = used.tally("tools", "--format", "table")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert max(map(len, lines)) <= width
    order = ["Usage by coding tool", "Found here", "Claude Code ", "Not found", "Installed, but not counted", "Kiro: "]
    places = [next(number for number, line in enumerate(lines) if text in line) for text in order]
    assert places == sorted(places)
    assert any("~/.claude/projects" in line and "1" in line for line in lines)


def test_what_is_piped_is_plain(used: Stage) -> None:
    lines = used.tally("tools").out.splitlines()
    assert lines[0].startswith("Tool ")
    assert lines[1].startswith("claude-code ")
    assert lines[3] == ""
    assert lines[4].startswith("Found here")


@pytest.mark.parametrize("words", [["claude-code"], ["Claude Code"], ["--tool", "claude-code"]])
def test_one_tool_is_told_in_full(used: Stage, words: list[str]) -> None:
    said = used.tally("tools", *words)
    assert said.code == 0
    assert "claude-code         3 " in said.out
    assert "Claude Code (claude-code)\n" in said.out
    assert "  found        ~/.claude/projects: 1 file, " in said.out
    assert "  not there    ~/.config/claude/projects\n" in said.out
    assert "  not logged   · The request behind a session's title is not in the transcript.\n" in said.out
    assert "Installed, but" not in said.out


def test_one_tool_that_was_never_used_has_no_table(used: Stage) -> None:
    said = used.tally("tools", "codex", "--format", "table")
    assert "Usage by" not in said.out
    assert said.out.startswith("\n Codex (codex)\n")
    assert "~/.codex/sessions: 0 files" in said.out


def test_one_tool_that_cannot_be_counted(used: Stage) -> None:
    said = used.tally("tools", "kiro")
    assert said.out.splitlines()[:2] == ["Kiro (kiro)", "  found        ~/.kiro/sessions"]
    assert found(used.tally("tools", "kiro", "--json"))["rows"] == []


def test_one_tool_by_name_and_a_filter_exclude_each_other(used: Stage) -> None:
    said = used.tally("tools", "codex", "--tool", "claude-code")
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1


def test_a_tool_that_nobody_knows_is_not_found(used: Stage) -> None:
    said = used.tally("tools", "claude-cod")
    assert (said.code, said.out) == (1, "")
    assert said.err == "tally: There is no tool 'claude-cod'. Did you mean `tally tools claude-code`?\n"
    assert "lists those that are known" in used.tally("tools", "xyzzy").err


def test_a_tool_that_is_known_and_not_here_is_not_found(used: Stage) -> None:
    absent = next(tool for tool in UNUSABLE if tool.name == "cursor")
    said = used.tally("tools", absent.title)
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("tally: There is nothing of cursor on this machine.")


def test_further_homes_are_told_beside_ones_own(used: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = used.home / "other" / ".claude" / "projects" / "p" / "t.jsonl"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(used.log.read_bytes())
    monkeypatch.setenv("TALLY_HOMES", "~/other,~/other/../other")
    claude = by_name(found(used.tally("tools", "--json")))["claude-code"]
    assert [place["path"] for place in claude["places"]] == [
        f"{used.home}/.claude/projects",
        f"{used.home}/other/.claude/projects",
    ]
    # The other home's log holds the same calls.
    assert claude["events"] == 3


def test_a_comma_list_of_profiles_is_read(used: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        log = used.home / name / "projects" / "p" / f"{name}.jsonl"
        log.parent.mkdir(parents=True)
        log.write_text(used.log.read_text().replace("msg_", f"msg_{name}_").replace("req_", f"req_{name}_"))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", f"{used.home}/first, {used.home}/second/projects")
    claude = by_name(found(used.tally("tools", "--json")))["claude-code"]
    assert [place["path"] for place in claude["places"]] == [
        f"{used.home}/first/projects",
        f"{used.home}/second/projects",
    ]
    assert claude["events"] == 6


def test_without_a_look_at_the_logs_the_places_are_told_all_the_same(used: Stage) -> None:
    claude = by_name(found(used.tally("tools", "--json", "--no-refresh")))["claude-code"]
    assert (claude["found"], claude["events"]) == (True, 0)


def test_formats_exclude_each_other_before_anything_is_read(stage: Stage) -> None:
    said = stage.tally("tools", "--json", "--csv")
    assert (said.code, said.out) == (2, "")
    assert not (stage.home / "data").exists()
