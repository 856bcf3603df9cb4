"""What version 2.1.330 really wrote, held against what was sent to it: request by request, and each known absence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.tools import reading
from tests.tools.reading import Source
from tests.tools.test_samples import sources

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.tool import Found
from tallystick.usage.event import CUT_OFF, FINISHED, PENDING, UsageEvent
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

RUNS = ("main", "abort", "interactive", "otel-claude-json")
UNLOGGED = {
    "main": {31: "the request within a WebSearch", 55: "a request of /compact", 56: "a request of /compact"},
    "abort": {},
    "interactive": {1: "the request for the session's title"},
    "otel-claude-json": {17: "the request within a WebSearch"},
}
"""Requests that were answered in full and that no transcript has, by their lines in the ledger."""
BROKEN = {
    "main": {40: "cut within a text", 45: "an error in the stream"},
    "otel-claude-json": {18: "cut within a text", 22: "an error in the stream"},
}
"""Requests that were broken off and left no line."""
CUT = {"main": {43: 6, 53: 1}, "abort": {2: 3}, "otel-claude-json": {20: 7}}
"""Requests whose end never came though the tool wrote lines, with the output with which their stream began."""
EVERY_RUN = pytest.mark.parametrize("run", RUNS)


@pytest.fixture
def folder(shared: Path, run: str) -> Path:
    """Return where a run's files lie."""
    return shared / "realclients" / "captured" / "claude-code-2.1.330" / run


@pytest.fixture
def transcripts(folder: Path) -> list[Source]:
    """Return the transcripts of a run."""
    found = sources(CLAUDE_CODE, folder / ".claude" / "projects")
    assert found
    return found


@pytest.fixture
def requests(folder: Path, transcripts: list[Source]) -> dict[int, dict[str, Any]]:
    """Return the requests of a run that were answered at all, by their lines in the ledger."""
    sessions = {Path(source.path).stem for source in transcripts}
    logged = {key for source in transcripts for key in _ids(source)}
    lines = map(json.loads, (folder / "ledger.jsonl").read_text().splitlines())
    # The ledger of one run may begin with the end of another one's.
    return {
        number: each
        for number, each in enumerate(lines, 1)
        if each["status"] == 200
        and (each["headers"]["x-claude-code-session-id"] in sessions or each["response_id"] in logged)
    }


def _ids(source: Source) -> Iterator[str]:
    """Yield the ids of all messages in a transcript."""
    for line in source.content.splitlines():
        message = json.loads(line).get("message")
        if isinstance(message, dict) and "id" in message:
            yield message["id"]


def read(transcripts: list[Source]) -> list[tuple[str, Found]]:
    """Read all transcripts."""
    return [(source.path, reading.whole(CLAUDE_CODE, source)) for source in transcripts]


def events(transcripts: list[Source]) -> dict[int, list[UsageEvent]]:
    """Return what all transcripts tell of each message."""
    told: dict[int, list[UsageEvent]] = {}
    for _, found in read(transcripts):
        for event in found.events:
            told.setdefault(event.key, []).append(event)
    return told


def sent(request: dict[str, Any]) -> Tokens:
    """Return the counts that the other side sent."""
    usage = request["usage"]
    split = usage["cache_creation"]
    return Tokens(
        usage["input_tokens"],
        usage["cache_read_input_tokens"],
        split["ephemeral_5m_input_tokens"],
        split["ephemeral_1h_input_tokens"],
        usage["output_tokens"],
    )


@EVERY_RUN
def test_every_request_that_was_logged_counts_exactly(
    transcripts: list[Source], requests: dict[int, dict[str, Any]], run: str
) -> None:
    told = events(transcripts)
    logged = {
        number: told[key(each["response_id"])] for number, each in requests.items() if key(each["response_id"]) in told
    }
    assert set(requests) - set(logged) == set(UNLOGGED[run]) | set(BROKEN.get(run, {}))
    assert {key(requests[number]["response_id"]) for number in logged} == set(told)
    for number, views in logged.items():
        request = requests[number]
        assert {event.request for event in views} == {key(request["request_id"])}
        assert {event.variant.model for event in views} == {request["model"]}
        if number in CUT.get(run, {}):
            assert not request["usage_sent"]
            assert [(event.grade, event.tokens.output) for event in views] == [(CUT_OFF, CUT[run][number])]
        else:
            assert {event.tokens._replace(reasoning=0) for event in views} == {sent(request)}
            assert {event.grade for event in views} <= {FINISHED, PENDING}


@EVERY_RUN
def test_nothing_in_it_is_not_understood(transcripts: list[Source], run: str) -> None:
    assert run
    assert [found.skipped for _, found in read(transcripts) if found.skipped] == []


@EVERY_RUN
def test_it_says_the_same_in_portions(transcripts: list[Source], run: str) -> None:
    assert run
    for source in transcripts:
        expected = reading.told([(source.path, reading.whole(CLAUDE_CODE, source))])
        for way in (reading.line_by_line, reading.by_turns(range(0, 500, 3)), reading.in_portions(range(500))):
            assert reading.told([(source.path, way(CLAUDE_CODE, source))]) == expected


@EVERY_RUN
def test_every_tool_that_ran_has_its_result(transcripts: list[Source], run: str) -> None:
    assert run
    calls = reading.told(read(transcripts))["calls"]
    assert calls
    assert all(call["ended"] >= call["started"] for call in calls)


@pytest.mark.parametrize("run", ["main"])
def test_a_fork_s_copies_stay_with_their_source(transcripts: list[Source], run: str) -> None:
    assert run
    told = [each for each in events(transcripts).values() if len(each) > 1]
    assert told
    for views in told:
        assert sorted(event.copied for event in views) == [False, *[True] * (len(views) - 1)]
        assert len({event.context.session for event in views}) == 1
    assert {event["views"] for event in reading.told(read(transcripts))["events"]} == {1, 2}


@pytest.mark.parametrize(
    "run, prompts, titles",
    [("main", 17, []), ("abort", 1, []), ("interactive", 2, ["Mock title"]), ("otel-claude-json", 6, [])],
)
# One turn for each script that was given: a1, b1 to b8, c1 and f1 to f7; o1 to o6.
def test_people_s_turns_and_titles_are_found(
    transcripts: list[Source], run: str, prompts: int, titles: list[str]
) -> None:
    assert run
    told = reading.told(read(transcripts))
    assert len(told["prompts"]) == prompts
    assert [each["title"] for each in told["titles"]] == titles


@EVERY_RUN
def test_each_known_absence_is_a_blind_spot_that_is_told(run: str) -> None:
    spots = " ".join(CLAUDE_CODE.blind_spots)
    words = {"the request within a WebSearch": "WebSearch", "a request of /compact": "/compact", "cut within a text": "broke off",
             "the request for the session's title": "title", "an error in the stream": "broke off"}  # fmt: skip
    for absence in (*UNLOGGED[run].values(), *BROKEN.get(run, {}).values()):
        assert words[absence] in spots
