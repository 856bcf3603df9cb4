"""The tool's value: its settings, and a reader for each of its transcripts."""

import pytest

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.claude_code.reader import ClaudeReader


@pytest.mark.parametrize(
    "settings, days",
    [({}, 30), ({"cleanupPeriodDays": 90}, 90), ({"cleanupPeriodDays": 0}, 0), ({"cleanupPeriodDays": True}, 30),
     ({"cleanupPeriodDays": -1}, 30), ({"cleanupPeriodDays": "90"}, 30)],
)  # fmt: skip
def test_logs_are_kept_as_long_as_the_settings_say(settings: dict[str, object], days: int) -> None:
    assert CLAUDE_CODE.keeps_days is not None
    assert CLAUDE_CODE.keeps_days(settings) == days


def test_its_reader_reads_a_transcript() -> None:
    reader = CLAUDE_CODE.reader("/home/dev/.claude/projects/p/s1.jsonl", {})
    assert isinstance(reader, ClaudeReader)
    found, _ = reader.finish()
    assert found.events == []


def test_only_agents_have_a_note_beside_them() -> None:
    assert CLAUDE_CODE.companion is not None
    assert (
        CLAUDE_CODE.companion("/home/dev/p/s1/subagents/agent-a1.jsonl")
        == "/home/dev/p/s1/subagents/agent-a1.meta.json"
    )
    assert CLAUDE_CODE.companion("/home/dev/p/s1.jsonl") == ""
