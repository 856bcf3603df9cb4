"""Gemini CLI as a whole: its value, and what never leaves its samples."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.test_samples import sources

from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.gemini_cli.reader import GeminiDocument, GeminiLines
from tallystick.tools.tool import Found

SAMPLES = Path(__file__).parent.parent / "samples" / "gemini-cli"


def test_a_chat_s_name_tells_which_reader_it_needs() -> None:
    assert isinstance(GEMINI_CLI.reader("tmp/shop/chats/session-a.json", {}), GeminiDocument)
    assert isinstance(GEMINI_CLI.reader("tmp/shop/chats/session-a.jsonl", {}), GeminiLines)


@pytest.mark.parametrize(
    "retention, days",
    [
        (None, 30),
        ({}, 30),
        ({"enabled": True}, 30),
        ({"enabled": True, "maxAge": "7d"}, 7),
        ({"maxAge": "120d"}, 120),
        ({"maxAge": "4w"}, 28),
        ({"maxAge": "2M"}, 60),
        ({"maxAge": "36h"}, 1),
        ({"maxAge": "1h"}, 1),
        ({"maxAge": "soon"}, 30),
        ({"maxAge": ""}, 30),
        ({"maxAge": 7}, 30),
        ({"maxAge": "²d"}, 30),
        ({"maxAge": "9" * 9 + "d"}, 30),
        ({"enabled": False, "maxAge": "7d"}, 36_500),
        ([], 30),
    ],
)
def test_the_settings_tell_when_chats_are_deleted(retention: Any, days: int) -> None:  # noqa: ANN401 - any JSON
    assert GEMINI_CLI.keeps_days is not None
    assert GEMINI_CLI.keeps_days({"general": {"sessionRetention": retention}}) == days


@pytest.mark.parametrize("settings", [{}, {"general": None}, {"general": []}, {"ui": {"theme": "x"}}])
def test_without_a_word_in_the_settings_it_is_a_month(settings: dict[str, Any]) -> None:
    assert GEMINI_CLI.keeps_days is not None
    assert GEMINI_CLI.keeps_days(settings) == 30
    assert GEMINI_CLI.settings == ".gemini/settings.json"


def _cases() -> list[Path]:
    return sorted(case for case in SAMPLES.iterdir() if case.is_dir())


@pytest.mark.parametrize("case", _cases(), ids=lambda case: str(case.name))
def test_nothing_that_was_written_is_kept(case: Path, tmp_path: Path) -> None:
    for source in sources(GEMINI_CLI, case, tmp_path):
        reader = reading.begun(GEMINI_CLI, source)
        if source.path.endswith(".json"):
            reader.take(json.loads(source.content))
        else:
            reader.feed(source.content, 0, len(source.content), 0)
        found, state = reader.finish()
        assert "MARKER" not in repr([getattr(found, name) for name in Found.__slots__]) + json.dumps(state)


def test_the_samples_have_marks_to_look_for() -> None:
    texts = b"".join(path.read_bytes() for path in SAMPLES.rglob("*.json*"))
    assert all(
        b"MARKER-" + mark in texts for mark in (b"PROMPT", b"ANSWER", b"INPUT", b"OUTPUT", b"THOUGHT", b"CONTEXT")
    )
