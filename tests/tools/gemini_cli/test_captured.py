"""What version 0.61.0 really wrote, held against what was sent to it: request by request, and each known absence."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.reading import Source

from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.tool import Found
from tallystick.usage.event import UsageEvent
from tallystick.usage.tokens import Tokens

RUNS = ("", "otel-gemini")
ROUTER, SEARCH, COMPRESSION = "the router's request", "the request within a web search", "a request of /compress"
UNLOGGED = {
    "": {1: ROUTER, 5: ROUTER, 17: SEARCH, 28: COMPRESSION, 29: ROUTER, 30: COMPRESSION},
    "otel-gemini": {32: ROUTER, 37: SEARCH, 39: ROUTER},
}
"""Requests that were answered in full and that no chat has, by their numbers in the ledger."""
BROKEN = {"": {26: "cut in the middle", 27: "cut at the end"}, "otel-gemini": {}}
"""Requests that were broken off and left no message."""
EVERY_RUN = pytest.mark.parametrize("run", RUNS, ids=["main", "otel"])


@pytest.fixture
def folder(shared: Path, run: str) -> Path:
    """Return where a run's files lie."""
    return shared / "realclients" / "captured" / "gemini-cli-0.61.0" / run


@pytest.fixture
def chats(folder: Path) -> list[Source]:
    """Return the chats of a run."""
    top = folder / ".gemini" / "tmp"
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
    return [(chat.path, reading.whole(GEMINI_CLI, chat)) for chat in chats]


def events(chats: list[Source]) -> list[UsageEvent]:
    """Return each event once."""
    return list({event.key: event for _, found in read(chats) for event in found.events}.values())


def sent(request: dict[str, Any]) -> Tokens:
    """Return the counts that the other side sent."""
    usage = request["usage"]
    cached, thoughts = usage["cachedContentTokenCount"], usage["thoughtsTokenCount"]
    fresh = usage["promptTokenCount"] - cached + usage.get("toolUsePromptTokenCount", 0)
    return Tokens(fresh, cached, output=usage["candidatesTokenCount"] + thoughts, reasoning=thoughts)


@EVERY_RUN
def test_every_request_that_was_logged_counts_exactly(
    chats: list[Source], requests: dict[int, dict[str, Any]], run: str
) -> None:
    # No id of the API is in a chat: what was sent and what was logged are held together as two lists.
    logged = {
        number: (each["model"], sent(each))
        for number, each in requests.items()
        if number not in UNLOGGED[run] and number not in BROKEN[run]
    }
    assert sorted((event.variant.model, event.tokens) for event in events(chats)) == sorted(logged.values())
    assert all(requests[number]["usage_sent"] for number in logged)
    assert not any(requests[number]["usage_sent"] for number in BROKEN[run])


@EVERY_RUN
def test_each_event_came_when_its_answer_did(
    chats: list[Source], requests: dict[int, dict[str, Any]], run: str
) -> None:
    assert run in RUNS
    answered = {(each["model"], sent(each)): each["done"] * 1000 for each in requests.values()}
    for event in events(chats):
        assert 0 <= event.time - answered[event.variant.model, event.tokens] < 100


@EVERY_RUN
def test_nothing_in_it_is_not_understood(chats: list[Source], run: str) -> None:
    assert run in RUNS
    assert [found.skipped for _, found in read(chats) if found.skipped] == []


@EVERY_RUN
def test_it_says_the_same_in_portions_and_in_any_order(chats: list[Source], run: str) -> None:
    assert run in RUNS
    expected = reading.told(read(chats))
    for way in (reading.line_by_line, reading.by_turns(range(0, 500, 3)), reading.in_portions(range(500))):
        assert reading.told([(chat.path, way(GEMINI_CLI, chat)) for chat in reversed(chats)]) == expected


@EVERY_RUN
def test_the_model_worked_no_longer_than_the_other_side_took(chats: list[Source], run: str) -> None:
    assert run in RUNS
    # Two requests were retried after errors for sixteen and for five seconds.
    worked = [event["work_ms"] for event in reading.told(read(chats))["events"]]
    assert all(0 < each < 17_000 for each in worked)


@pytest.mark.parametrize("run", [""], ids=["main"])
def test_the_subagent_belongs_to_its_session(chats: list[Source], run: str) -> None:
    assert run in RUNS
    agents = [event.context for event in events(chats) if event.context.agent]
    assert len(agents) == 4
    assert {(context.session[:8], context.agent, context.project) for context in agents} == {
        ("6dc5ba79", "subagent", "proj-gemini")
    }


@pytest.mark.parametrize("run, prompts, calls", [("", 8, 11), ("otel-gemini", 2, 4)], ids=["main", "otel"])
# One turn for each script that was given (ga to gf2, gf2's resume); each use of a tool that the ledger's answers ask for.
def test_people_s_turns_and_tools_are_found(chats: list[Source], run: str, prompts: int, calls: int) -> None:
    assert run in RUNS
    told = reading.told(read(chats))
    assert len(told["prompts"]) == prompts
    assert len(told["calls"]) == calls
    assert all(call["ended"] >= call["started"] for call in told["calls"])


@EVERY_RUN
def test_each_known_absence_is_a_blind_spot_that_is_told(run: str) -> None:
    spots = " ".join(GEMINI_CLI.blind_spots)
    words = {ROUTER: "router", SEARCH: "web search", COMPRESSION: "compress"}
    assert all(words[absence] in spots for absence in UNLOGGED[run].values())
    assert "broke off" in spots
