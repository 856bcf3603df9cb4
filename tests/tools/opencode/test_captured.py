"""What version 1.18.33 really wrote, held against what was sent to it: request by request, and each known absence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.reading import Source

from tallystick.tools.opencode import OPENCODE
from tallystick.tools.tool import DATABASE, Found
from tallystick.usage.event import FINISHED

TITLES = {1, 5, 9, 13, 21, 26, 31, 35, 38}
"""Requests for a session's title, by their numbers in the ledger."""
FAILED = {27, 28}
"""Requests that were refused."""
CUT = {32, 36, 39}
"""Requests whose end never came, and which were made again."""

type Counts = tuple[int, int, int, int, int]


@pytest.fixture
def folder(shared: Path) -> Path:
    """Return where the files of the run lie."""
    return shared / "realclients" / "captured" / "opencode-1.18.33"


@pytest.fixture
def found(folder: Path) -> Found:
    """Return what the database says."""
    database = folder / ".local" / "share" / "opencode" / "opencode.db"
    return reading.whole(OPENCODE, Source("opencode.db", b"", {}, DATABASE, str(database)))


@pytest.fixture
def requests(folder: Path) -> dict[int, dict[str, Any]]:
    """Return the requests of the run by their numbers."""
    lines = map(json.loads, (folder / "ledger.jsonl").read_text().splitlines())
    return {each["n"]: each for each in lines}


def sent(request: dict[str, Any]) -> Counts:
    """Return the counts that the other side sent: input, read, written, output, reasoning."""
    usage = request["usage"]
    if request["provider"] == "anthropic":
        fresh, read, written = (usage[f"{kind}input_tokens"] for kind in ("", "cache_read_", "cache_creation_"))
        return fresh, read, written, usage["output_tokens"], 0
    if request["provider"] == "gemini":
        read, thoughts = usage.get("cachedContentTokenCount", 0), usage.get("thoughtsTokenCount", 0)
        return usage["promptTokenCount"] - read, read, 0, usage["candidatesTokenCount"] + thoughts, thoughts
    kinds = ("prompt_tokens", "completion_tokens") if "prompt_tokens" in usage else ("input_tokens", "output_tokens")
    (prompt, read), (output, reasoned) = (
        (usage[kind], usage[f"{kind}_details"][detail])
        for kind, detail in zip(kinds, ("cached_tokens", "reasoning_tokens"), strict=True)
    )
    return prompt - read, read, 0, output, reasoned


def logged(found: Found) -> Iterator[tuple[str, Counts]]:
    """Yield the requests that the database tells of, settled."""
    for event in reading.told([("opencode.db", found)])["events"]:
        kinds = ("input", "cache_read", "cache_write_5m", "output", "reasoning")
        yield event["model"], tuple(event.get(kind, 0) for kind in kinds)


def test_every_request_that_was_logged_counts_exactly(found: Found, requests: dict[int, dict[str, Any]]) -> None:
    absent = TITLES | FAILED | CUT
    expected = [(each["model"], sent(each)) for number, each in requests.items() if number not in absent]
    assert sorted(logged(found)) == sorted(expected)
    assert {event.grade for event in found.events} == {FINISHED}
    assert found.skipped == []


def test_each_absence_is_what_it_is_said_to_be(requests: dict[int, dict[str, Any]]) -> None:
    assert {number for number, each in requests.items() if each["kind"] == "side"} == TITLES
    assert {number for number, each in requests.items() if each["status"] != 200} == FAILED
    assert {number for number, each in requests.items() if each["status"] == 200 and not each["usage_sent"]} == CUT
    spots = " ".join(OPENCODE.blind_spots)
    assert all(word in spots for word in ("title", "failed", "cut off"))


def test_a_fork_s_copies_stay_with_their_source(found: Found) -> None:
    copies = [event for event in found.events if event.copied]
    # The source had five answers when it was forked.
    assert len(copies) == 5
    assert {event.key for event in copies} <= {event.key for event in found.events if not event.copied}
    assert {event["views"] for event in reading.told([("opencode.db", found)])["events"]} == {1, 2}


def test_a_subagent_s_requests_belong_to_the_session_that_started_it(found: Found) -> None:
    agents = [event.context for event in found.events if event.context.agent]
    assert [context.agent for context in agents] == ["general", "general"]
    (session,) = {context.session for context in agents}
    assert session in {event.context.session for event in found.events if not event.context.agent}


def test_the_costs_are_those_that_the_tool_worked_out(found: Found) -> None:
    # 87 x $3 + 4,325 x $0.30 + 3,465 x $3.75 + 798 x $15, for a million each.
    first = min(found.events, key=lambda event: event.time)
    assert first.cost_nano == 87 * 3_000 + 4_325 * 300 + 3_465 * 3_750 + 798 * 15_000


def test_people_s_turns_tools_and_titles_are_found(found: Found) -> None:
    # One turn for each script that was given: four providers, one that went on, a fork, a subagent, four with faults.
    assert len(found.prompts) == 11
    assert {title.text for title in found.titles} == {"Mock answer", "Mock answer (fork #1)"}
    calls = reading.told([("opencode.db", found)])["calls"]
    assert {call["name"] for call in calls} == {"bash", "read", "task"}
    assert all(call["ended"] >= call["started"] for call in calls)
