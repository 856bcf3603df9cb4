"""A machine of a test's own on which commands run: a home with logs, and everything that they write."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tallystick.cli import main

TABLE = {"house-model-1": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
"""A price table in LiteLLM's form: 1 and 2 USD per million tokens."""


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


class Stage:
    """A home directory and an environment in which commands are called."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Clear the environment of whatever would lead elsewhere."""
        self.home = home
        self._monkeypatch, self._capsys = monkeypatch, capsys
        for name in (
            "CLAUDE_CONFIG_DIR",
            "CODEX_HOME",
            "TALLY_CONFIG",
            "TALLY_TIMEZONE",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
        ):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"HOME": str(home), "TALLY_DATA_DIR": str(home / "data"), "TZ": "UTC"}.items():
            monkeypatch.setenv(name, value)
        self.config = home / ".config" / "tallystick" / "config.toml"
        self.log = home / ".claude" / "projects" / "p" / "s.jsonl"

    def tally(self, *arguments: str) -> Said:
        """Call a command."""
        self._capsys.readouterr()
        code = main(arguments)
        return Said(code, *self._capsys.readouterr())

    def answers(self, number: int, model: str = "claude-opus-4-1-20250805") -> None:
        """Write a log with so many answers of ten tokens of input and twenty of output."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as file:
            for each in range(number):
                usage = {"input_tokens": 10, "output_tokens": 20}
                message = {"id": f"msg_{model}_{each}", "model": model, "stop_reason": "end_turn", "usage": usage}
                line: Mapping[str, object] = {
                    "type": "assistant",
                    "timestamp": f"2026-11-01T10:{each % 60:02}:00.000Z",
                    "sessionId": "s",
                    "requestId": f"req_{model}_{each}",
                    "cwd": "/home/dev/p",
                    "message": message,
                }
                file.write(json.dumps(line) + "\n")

    def say(self, config: str) -> None:
        """Write the config file."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(config)
