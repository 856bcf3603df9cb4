"""The gate in Claude Code's settings."""

import json
import shlex
import sys

import pytest
from tests.cli.stage import Stage

from tallystick.cli.hooked import EVENTS

OTHERS = {
    "model": "opus",
    "statusLine": {"type": "command", "command": "x"},
    "hooks": {
        "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "guard"}]}],
        "Stop": [{"hooks": [{"type": "command", "command": "notify"}]}],
    },
}


def test_the_hook_is_put_in_beside_others_and_taken_out_again(stage: Stage) -> None:
    file = stage.home / ".claude" / "settings.json"
    file.parent.mkdir()
    before = json.dumps(OTHERS, indent=4)
    file.write_text(before)
    assert stage.tally("budget", "hook", "install").code == 0
    told = json.loads(file.read_text())
    assert {**told, "hooks": {}} == {**OTHERS, "hooks": {}}
    assert told["hooks"]["Stop"] == OTHERS["hooks"]["Stop"]  # type: ignore[index]
    assert told["hooks"]["PreToolUse"][0] == OTHERS["hooks"]["PreToolUse"][0]  # type: ignore[index]
    ours = told["hooks"]["PreToolUse"][1]
    assert (ours["matcher"], ours["hooks"][0]["type"], ours["hooks"][0]["timeout"]) == ("*", "command", 5)
    assert shlex.split(ours["hooks"][0]["command"]) == [
        *(sys.executable, "-P", "-m", "tallystick", "budget", "gate"),
        *("--state", str(stage.home / "data" / "budgets.json")),
    ]
    assert told["hooks"]["UserPromptSubmit"] == [{"hooks": ours["hooks"]}]
    assert "already" in stage.tally("budget", "hook", "install").err
    assert json.loads(file.read_text()) == told
    assert stage.tally("budget", "hook", "uninstall").code == 0
    assert file.read_text() == before
    assert "no hook of ours" in stage.tally("budget", "hook", "uninstall").err


def test_where_there_were_no_settings_there_are_none_again(stage: Stage) -> None:
    file = stage.home / ".claude" / "settings.json"
    stage.tally("budget", "hook", "install")
    assert set(json.loads(file.read_text())["hooks"]) == set(EVENTS)
    stage.tally("budget", "hook", "uninstall")
    assert not file.exists()


def test_one_of_an_older_place_is_replaced(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stage.home / ".claude" / "settings.json"
    stage.tally("budget", "hook", "install")
    monkeypatch.setenv("TALLY_DATA_DIR", str(stage.home / "elsewhere"))
    stage.tally("budget", "hook", "install")
    for event in EVENTS:
        (entry,) = json.loads(file.read_text())["hooks"][event]
        assert "elsewhere" in entry["hooks"][0]["command"]


def test_what_somebody_put_beside_it_stays(stage: Stage) -> None:
    file = stage.home / ".claude" / "settings.json"
    stage.tally("budget", "hook", "install")
    told = json.loads(file.read_text())
    theirs = {"type": "command", "command": "theirs"}
    told["hooks"]["UserPromptSubmit"][0]["hooks"].append(theirs)
    file.write_text(json.dumps(told))
    stage.tally("budget", "hook", "uninstall")
    assert json.loads(file.read_text()) == {"hooks": {"UserPromptSubmit": [{"hooks": [theirs]}]}}


@pytest.mark.parametrize("content", ["{", '{"hooks": []}', '{"hooks": {"PreToolUse": 7}}'])
def test_settings_that_are_not_understood_are_left_alone(stage: Stage, content: str) -> None:
    file = stage.home / ".claude" / "settings.json"
    file.parent.mkdir()
    file.write_text(content)
    said = stage.tally("budget", "hook", "install")
    assert (said.code, "nothing was changed" in said.err) == (2, True)
    assert file.read_text() == content
