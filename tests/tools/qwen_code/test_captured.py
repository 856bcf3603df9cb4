"""What version 0.15.10 really wrote, held against what was sent to it: request by request, and each known absence."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.reading import Source

from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Found
from tallystick.usage.event import UsageEvent
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

RUNS = ("mixed", "faults")
BROKEN = {"mixed": {}, "faults": {108: "cut in the middle", 109: "cut at the end"}}
"""Requests that were broken off and left no counts; every other one that was answered is in a chat."""
EVERY_RUN = pytest.mark.parametrize("run", RUNS)


@pytest.fixture
def folder(shared: Path, run: str) -> Path:
    """Return where a run's files lie."""
    return shared / "realclients" / "captured" / "qwen-code-0.15.10" / run


@pytest.fixture
def chats(folder: Path) -> list[Source]:
    """Return the chats of a run."""
    top = folder / ".qwen"
    found = [Source(path.relative_to(top).as_posix(), path.read_bytes()) for path in sorted(top.rglob("*.jsonl"))]
    assert found
    return found


@pytest.fixture
def requests(folder: Path) -> dict[int, dict[str, Any]]:
    """Return the requests of a run that were answered at all, by their numbers."""
    lines = map(json.loads, (folder / "ledger.jsonl").read_text().splitlines())
    return {each["n"]: each for each in lines if each["status"] == 200}


def read(chats: list[Source]) -> list[tuple[str, Found]]:
    """Read all chats."""
    return [(chat.path, reading.whole(QWEN_CODE, chat)) for chat in chats]


def events(chats: list[Source]) -> list[UsageEvent]:
    """Return what all chats tell."""
    return [event for _, found in read(chats) for event in found.events]


def sent(request: dict[str, Any]) -> Tokens:
    """Return the counts that the other side sent."""
    usage = request["usage"]
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    thoughts = usage["completion_tokens_details"]["reasoning_tokens"]
    return Tokens(usage["prompt_tokens"] - cached, cached, output=usage["completion_tokens"], reasoning=thoughts)


@EVERY_RUN
def test_every_request_that_was_logged_counts_exactly(
    chats: list[Source], requests: dict[int, dict[str, Any]], run: str
) -> None:
    answered = {key("qwen-code", each["response_id"]): each for n, each in requests.items() if n not in BROKEN[run]}
    told = events(chats)
    assert len(told) == len(answered)
    assert {event.key for event in told} == set(answered)
    for event in told:
        assert event.tokens == sent(answered[event.key])
        assert event.variant.model == answered[event.key]["model"]
        assert 0 <= event.time - answered[event.key]["done"] * 1000 < 100
    assert not any(requests[number]["usage_sent"] for number in BROKEN[run])


@EVERY_RUN
def test_by_the_answers_alone_it_is_the_same(
    chats: list[Source], requests: dict[int, dict[str, Any]], run: str
) -> None:
    without = [
        Source(chat.path, b"".join(line + b"\n" for line in chat.content.splitlines() if b'"ui_telemetry"' not in line))
        for chat in chats
    ]
    expected = sorted(sent(each) for number, each in requests.items() if number not in BROKEN[run])
    assert sorted(event.tokens for event in events(without)) == expected


@EVERY_RUN
def test_nothing_in_it_is_not_understood(chats: list[Source], run: str) -> None:
    assert run in RUNS
    assert [found.skipped for _, found in read(chats) if found.skipped] == []


@EVERY_RUN
def test_it_says_the_same_in_portions_and_in_any_order(chats: list[Source], run: str) -> None:
    assert run in RUNS
    expected = reading.told(read(chats))
    for way in (reading.line_by_line, reading.by_turns(range(0, 500, 3)), reading.in_portions(range(500))):
        assert reading.told([(chat.path, way(QWEN_CODE, chat)) for chat in reversed(chats)]) == expected


@pytest.mark.parametrize("run, prompts, calls, failed", [("mixed", 2, 4, 2), ("faults", 4, 2, 0)])
# One turn for each script that was given; both reads of a relative path were refused by the tool.
def test_people_s_turns_and_tools_are_found(
    chats: list[Source], run: str, prompts: int, calls: int, failed: int
) -> None:
    assert run in RUNS
    told = reading.told(read(chats))
    assert len(told["prompts"]) == prompts
    assert len(told["calls"]) == calls
    assert sum(call.get("failed", False) for call in told["calls"]) == failed
    owners = {event.key for event in events(chats)}
    assert all(call.event in owners for _, found in read(chats) for call in found.calls)


def test_each_known_absence_is_a_blind_spot_that_is_told() -> None:
    assert "broke off" in " ".join(QWEN_CODE.blind_spots)
