"""`tally gateway`: where it leads, and what to set."""

import json

import pytest
from tests.cli.stage import Stage


def test_every_upstream_and_what_to_set_are_told(stage: Stage) -> None:
    stage.say(
        '[server]\nport = 4000\n[gateway.upstreams.own]\nurl = "https://llm.example.com/v1"\nwebsockets = false\n'
    )
    done = stage.tally("gateway")
    assert done.code == 0
    lines = done.out.splitlines()
    assert "  http://127.0.0.1:4000/gateway/own        to https://llm.example.com/v1  (no websockets)" in lines
    assert "  Claude Code  ANTHROPIC_BASE_URL=http://127.0.0.1:4000/gateway/anthropic" in lines
    assert max(map(len, lines)) <= 120


def test_scripts_get_json(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLY_GATEWAY_UPSTREAMS_OPENAI", "http://127.0.0.1:9")
    told = json.loads(stage.tally("gateway", "--json").out)
    assert told["schema"] == "tallystick.gateway/1"
    assert {each["name"]: each["leads_to"] for each in told["upstreams"]} == {
        "anthropic": "https://api.anthropic.com",
        "openai": "http://127.0.0.1:9",
        "google": "https://generativelanguage.googleapis.com",
    }
    assert {each["tool"] for each in told["tools"]} >= {"Claude Code", "Codex", "Gemini CLI"}
