"""Codex as a whole: made-up rollouts of several versions against what they say, worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools.codex.rollouts import Json

from tallystick.tools.codex import CODEX
from tallystick.tools.tool import Found
from tallystick.usage.event import ToolCall
from tallystick.usage.instant import instant

SAMPLES = Path(__file__).parent.parent / "samples" / "codex"
ROLLOUTS = sorted(SAMPLES.glob("*/rollout-*.jsonl"))


def read(path: Path) -> tuple[Found, dict[str, Any]]:
    data = path.read_bytes()
    reader = CODEX.reader(str(path), {})
    reader.feed(data, 0, len(data), 0)
    found: tuple[Found, dict[str, Any]] = reader.finish()
    return found


def told(found: Found) -> dict[str, Any]:
    """Return what was found in the form of expected.json, times in milliseconds."""
    return {
        "events": [
            [
                *(event.time, event.variant.model, event.variant.tier, event.context.agent),
                *(event.tokens.input, event.tokens.cache_read, event.tokens.cache_write_5m),
                *(event.tokens.output, event.tokens.reasoning, event.work_ms),
            ]
            for event in found.events
        ],
        "prompts": [[prompt.time] for prompt in found.prompts],
        "calls": [
            [call.name, call.started, call.ended - call.started, call.failed]
            for call in sorted(found.calls, key=_ended)
        ],
        "limits": [[limit.window, limit.minutes, limit.used_percent, limit.resets_at] for limit in found.limits],
        "skipped": [list(skipped) for skipped in found.skipped],
    }


def _ended(call: ToolCall) -> tuple[int, int]:
    return call.ended, call.started


def in_milliseconds(value: Json) -> Json:
    """Return expected values with each moment in milliseconds."""
    if isinstance(value, list):
        return [in_milliseconds(each) for each in value]
    return instant(value) if isinstance(value, str) and value.endswith("Z") else value


@pytest.mark.parametrize("path", ROLLOUTS, ids=lambda path: f"{path.parent.name}/{path.name[8:27]}-{path.stem[-2:]}")
def test_a_rollout_says_what_was_worked_out_by_hand(path: Path) -> None:
    expected = json.loads((path.parent / "expected.json").read_text())[path.name]
    assert told(read(path)[0]) == {name: in_milliseconds(value) for name, value in expected.items()}


@pytest.mark.parametrize("case", sorted(SAMPLES.iterdir()), ids=lambda case: str(case.name))
def test_every_request_of_a_case_is_one_event(case: Path) -> None:
    keys = [event.key for path in case.glob("*.jsonl") for event in read(path)[0].events]
    assert len(keys) == len(set(keys)) > 0


@pytest.mark.parametrize("path", ROLLOUTS, ids=lambda path: f"{path.parent.name}/{path.name[8:27]}-{path.stem[-2:]}")
def test_nothing_that_was_written_is_kept(path: Path) -> None:
    found, state = read(path)
    kept = repr([getattr(found, name) for name in Found.__slots__]) + json.dumps(state)
    assert "MARKER" not in kept
    assert "paint" not in kept


def test_the_samples_have_marks_to_look_for() -> None:
    texts = b"".join(path.read_bytes() for path in ROLLOUTS)
    assert all(b"MARKER-" + mark in texts for mark in (b"PROMPT", b"ANSWER", b"INPUT", b"OUTPUT"))


def test_codex_never_deletes_its_logs_and_says_what_it_does_not_write() -> None:
    assert CODEX.keeps_days is None
    assert len(CODEX.blind_spots) >= 4
    assert all(spot.endswith(".") for spot in CODEX.blind_spots)
