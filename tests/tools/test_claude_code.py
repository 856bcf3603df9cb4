"""Claude Code as a tool: its value, and that nothing of what people and models wrote leaves the reader."""

import json
from itertools import chain
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.claude_code.transcripts import (
    PATH,
    SESSION,
    answer,
    at,
    line,
    notice,
    prompt,
    result,
    text,
    usage,
    use,
)
from tests.tools.reading import Source

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.tool import Found


@pytest.mark.parametrize(
    "settings, days",
    [
        ({}, 30),
        ({"cleanupPeriodDays": 90}, 90),
        # With 0 days no transcripts are written at all.
        ({"cleanupPeriodDays": 0}, 0),
        ({"cleanupPeriodDays": -1}, 30),
        ({"cleanupPeriodDays": True}, 30),
        ({"cleanupPeriodDays": "90"}, 30),
        ({"cleanupPeriodDays": None}, 30),
    ],
)
def test_transcripts_are_deleted_after_the_days_that_the_settings_say(settings: dict[str, Any], days: int) -> None:
    assert CLAUDE_CODE.keeps_days
    assert CLAUDE_CODE.keeps_days(settings) == days


def test_its_settings_lie_beside_its_transcripts() -> None:
    assert CLAUDE_CODE.settings == ".claude/settings.json"


def test_an_agent_is_described_beside_its_transcript() -> None:
    assert CLAUDE_CODE.companions
    (beside,) = CLAUDE_CODE.companions(f"/p/{SESSION}/subagents/agent-a1.jsonl")
    assert beside.endswith("/agent-a1.meta.json")


MARKS = [f"MARK-{number}" for number in range(40)]
mark = iter(MARKS)


def content() -> list[bytes]:
    """Return a transcript with a mark in everything that somebody wrote, and in nothing else."""
    words = chain(MARKS)
    mark = words.__next__
    thinking = {"type": "thinking", "thinking": mark(), "signature": mark()}
    given = {"command": mark(), "file_path": f"/home/dev/{mark()}", "nested": [{"deep": mark()}]}
    said = {"stdout": mark(), "file": {"filePath": mark(), "content": mark()}, "structuredPatch": [{"lines": [mark()]}]}
    queued = {"type": "queued_command", "prompt": mark(), "commandMode": "prompt"}
    inner = json.loads(answer(9, 6, usage(), text(mark()), isSidechain=True))
    return [
        prompt(0, f"please {mark()}"),
        prompt(0.5, [text(mark()), {"type": "image", "source": {"type": "base64", "data": mark()}}]),
        answer(1, 1, usage(output=1), thinking, stop=None),
        answer(1, 2, usage(), text(mark())),
        answer(1, 3, usage(), use("Bash", 1, **given), stop="tool_use", slug=mark()),
        result(1, 4, mark(), toolUseResult=said),
        answer(2, 4.2, usage(), use("Read", 2), use("Grep", 3), stop="tool_use"),
        result(2, 4.5, [text(mark()), {"type": "image", "source": {"data": mark()}}], failed=True),
        prompt(4.6, [{"type": "tool_result", "tool_use_id": f"toolu_{3:022}", "content": mark()}, text(mark())]),
        line({"type": "progress", "data": {"type": "agent_progress", "prompt": mark(), "message": inner}, "timestamp": at(6)}),
        line({"type": "attachment", "attachment": queued, "timestamp": at(7), "uuid": "q"}),
        line({"type": "last-prompt", "lastPrompt": mark()}),
        line({"type": "file-history-snapshot", "snapshot": {"trackedFileBackups": {mark(): {}}}}),
        line({"type": "system", "subtype": "local_command", "content": mark(), "timestamp": at(8)}),
        notice(9, f"API Error {mark()}"),
        # Damage does not make a reader talkative.
        answer(3, 10, usage() | {"output_tokens": mark(), "speed": mark()}, text(mark())),
        answer(4, 11, usage() | {"service_tier": [mark()]}, text(mark()), gitBranch={"x": mark()}),
        answer(5, 12, usage(), text(mark()), timestamp=mark()),
        line({"type": "assistant", "message": mark()}),
        line({"type": "user", "message": mark(), "timestamp": at(13)}),
        mark().encode() + b"\n",
        answer(6, 14, usage(), text(mark()), use("Bash", 9, command=mark()), stop=None),
    ]  # fmt: skip


def everything(found: Found, state: object) -> str:
    """Return all that leaves a reader, as text."""
    return repr([getattr(found, name) for name in Found.__slots__]) + repr(state)


def test_nothing_that_somebody_wrote_leaves_the_reader() -> None:
    lines = content()
    whole = b"".join(lines)
    assert sum(mark in whole.decode() for mark in MARKS) > 30
    for end in (len(whole), *reading.lines_of(whole)[:-1]):
        reader = CLAUDE_CODE.reader(
            PATH, {"companions": {"agent.meta.json": {"agentType": "Explore", "description": "MARK-described"}}}
        )
        reader.feed(whole, 0, end, 0)
        left = everything(*reader.finish())
        assert "MARK" not in left
        assert not any(word in left for word in ("please", "API Error", "/home/dev/MARK"))


def test_the_marked_transcript_is_understood() -> None:
    found = reading.whole(CLAUDE_CODE, Source(PATH, b"".join(content())))
    assert len(found.events) == 5
    assert len(found.prompts) == 3
    assert {call.name for call in found.calls} == {"Bash", "Read", "Grep"}
    assert len(found.skipped) == 6
