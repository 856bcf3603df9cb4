"""What a transcript's lines tell of where they come from: contexts, people and titles."""

from typing import Any

import pytest
from tests.tools import reading
from tests.tools.claude_code.transcripts import (
    PATH,
    SESSION,
    Fields,
    answer,
    at,
    found,
    line,
    prompt,
)
from tests.tools.reading import Source

from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.usage.event import Context
from tallystick.usage.instant import instant

AGENT = PATH.replace(".jsonl", "/subagents/agent-a1b2c3d4e5f60718.jsonl")


def ms(seconds: float) -> int:
    """Return a moment in milliseconds since 1970."""
    return instant(at(seconds))


# Contexts


def context(*lines: bytes, path: str = PATH, **beside: Any) -> Context:  # noqa: ANN401 - any JSON
    """Return who made the last answer, and where."""
    source = Source(path, b"".join(lines), {"agent.meta.json": beside} if beside else {})
    return reading.whole(CLAUDE_CODE, source).events[-1].context


def test_a_line_tells_its_context() -> None:
    assert context(answer()) == Context("claude-code", SESSION, "/home/dev/shop", "main", "", "2.1.330")


def test_the_file_s_name_is_the_session_whatever_copied_lines_say() -> None:
    assert context(answer(sessionId="of-its-source")).session == SESSION


def test_where_the_file_has_no_session_s_name_the_line_tells_it() -> None:
    assert context(answer(sessionId="s9"), path="-home-dev-shop/agent-0a1b2c3.jsonl").session == "s9"
    assert context(answer(sessionId=None), path="-home-dev-shop/agent-0a1b2c3.jsonl").session == ""


def test_a_copied_line_belongs_to_the_session_in_which_the_request_was_made() -> None:
    (event,) = found(answer(requestSessionId="its-source")).events
    assert (event.copied, event.context.session) == (True, "its-source")
    # In a background session everything may be a copy, and nothing says whence.
    (event,) = found(answer(sessionKind="bg")).events
    assert (event.copied, event.context.session) == (True, SESSION)


def test_a_directory_that_changes_is_followed_and_one_that_is_not_told_stays() -> None:
    moved = [answer(1, 1), answer(2, 3, cwd="/home/dev/other"), answer(3, 5, cwd=None)]
    assert [event.context.project for event in found(*moved).events] == [
        "/home/dev/shop",
        "/home/dev/other",
        "/home/dev/other",
    ]


def test_branch_and_version_are_what_each_line_says() -> None:
    assert context(answer(1, 1), answer(2, 3, gitBranch=None, version=None))[3:6] == ("", "", "")


@pytest.mark.parametrize(
    "path, more, beside, expected",
    [
        (PATH, {}, {}, ""),
        (PATH, {"isSidechain": True}, {}, "subagent"),
        (PATH, {"isSidechain": True, "attributionAgent": "Explore"}, {}, "Explore"),
        (AGENT, {}, {}, "subagent"),
        (AGENT, {}, {"agentType": "general-purpose", "description": "small job"}, "general-purpose"),
        (AGENT, {"attributionAgent": "Explore"}, {"agentType": "general-purpose"}, "Explore"),
        (AGENT, {}, {"agentType": 5}, "subagent"),
        (AGENT.replace("agent-a1b2c3d4e5f60718", "agent-aside_question-3f09aa"), {}, {}, "aside_question"),
    ],
)
def test_an_agent_has_the_name_that_somebody_gives_it(path: str, more: Fields, beside: Fields, expected: str) -> None:
    assert context(answer(**more), path=path, **beside).agent == expected


def test_an_agent_s_name_is_remembered() -> None:
    reader = CLAUDE_CODE.reader(AGENT, {"companions": {"agent.meta.json": {"agentType": "Explore"}}})
    _, state = reader.finish()
    reader = CLAUDE_CODE.reader(AGENT, state)
    reader.feed(answer(), 0, len(answer()), 0)
    assert reader.finish()[0].events[0].context.agent == "Explore"


# People


def test_a_prompt_is_known_by_its_id_and_has_its_own_context() -> None:
    (only,) = found(prompt(0, gitBranch="fix")).prompts
    assert (only.time, only.offset) == (ms(0), 0)
    assert only.context == Context("claude-code", SESSION, "/home/dev/shop", "fix", "", "2.1.330")
    (copy,) = found(prompt(0), path=PATH.replace("0001.jsonl", "0002.jsonl")).prompts
    assert copy.key == only.key
    assert copy.context.session != only.context.session


def test_a_prompt_without_an_id_is_known_by_its_place() -> None:
    nameless = prompt(0, uuid=None)
    one, other = found(nameless, nameless).prompts
    assert one.key != other.key
    assert found(nameless).prompts[0].key == one.key


def test_what_an_agent_is_told_is_no_prompt() -> None:
    assert found(prompt(0), answer(), path=AGENT).prompts == []
    assert found(prompt(0, isSidechain=True)).prompts == []


def test_a_queued_prompt_needs_a_time() -> None:
    queued = {"type": "attachment", "attachment": {"type": "queued_command", "prompt": "and this"}, "uuid": "q"}
    assert [each.time for each in found(line(queued | {"timestamp": at(3)})).prompts] == [ms(3)]
    assert found(line(queued)).prompts == []


def test_titles_are_the_session_s_and_not_an_agent_s() -> None:
    title = line({"type": "ai-title", "aiTitle": "Counting sheep"})
    assert [(each.session, each.text) for each in found(title).titles] == [(SESSION, "Counting sheep")]
    assert found(title, path=AGENT).titles == []
