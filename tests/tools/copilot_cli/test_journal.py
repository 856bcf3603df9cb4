"""A session's journal, line by line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.copilot_cli.journals import (
    ANSWER,
    MODEL,
    SESSION,
    line,
    message,
    read,
    shutdown,
    start,
    usage,
    written,
)

from tallystick.tools.copilot_cli.journal import Journal
from tallystick.usage.event import Context, Skipped, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens


def test_a_usage_record_is_a_call() -> None:
    record = usage(10, ANSWER, (12_000, 8_000, 1_500, 300), reasoningTokens=40, duration=4000.7, providerCallId="req_1")
    (event,) = read([start(), record])[0].events
    assert (event.key, event.request) == (key(ANSWER), key("req_1"))
    assert event.time == 1_795_168_810_000
    assert event.variant == Variant("github-copilot", MODEL)
    assert event.tokens == Tokens(2_500, 8_000, 1_500, 0, 300, 40)
    assert event.context == Context("copilot-cli", SESSION, "/home/dev/shop", "main", version="1.0.102")
    assert (event.complete, event.replay, event.copied, event.work_ms, event.cost_nano) == (
        True,
        False,
        False,
        4000,
        None,
    )


@pytest.mark.parametrize("said", [{"copilotUsage": {"totalNanoAiu": 5e9}}, {"totalNanoAiu": 5_000_000_000}])
def test_ai_units_of_a_call_are_its_cost(said: dict[str, object]) -> None:
    # Five AI units are five cents.
    assert read([usage(10, ANSWER, (10, 0, 0, 1), **said)])[0].events[0].cost_nano == 50_000_000


def test_a_subagent_works_in_the_session_that_started_it() -> None:
    record = usage(10, ANSWER, (10, 0, 0, 1), accounting={"sourceSessionId": "another", "usageId": ANSWER})
    (event,) = read([start(), {**record, "agentId": "scout"}])[0].events
    assert (event.context.session, event.context.agent, event.copied) == (SESSION, "scout", False)


def test_a_record_that_accounts_for_another_session_is_its_copy() -> None:
    record = usage(10, ANSWER, (10, 0, 0, 1), accounting={"sourceSessionId": "another", "usageId": ANSWER})
    (event,) = read([start(), record])[0].events
    assert event.copied


def test_ids_of_a_local_server_that_come_again_are_two_calls() -> None:
    lines = [usage(10, "chatcmpl-7", (10, 0, 0, 1)), usage(20, "chatcmpl-7", (10, 0, 0, 1))]
    one, two = read(lines)[0].events
    assert one.key == two.key
    assert one.request != two.request


def test_a_call_without_an_id_is_known_by_its_line() -> None:
    one, two = read([usage(10, "", (10, 0, 0, 1)), usage(20, "", (10, 0, 0, 1))])[0].events
    assert one.key != two.key
    (accounted,) = read([usage(10, "", (10, 0, 0, 1), accounting={"usageId": ANSWER})])[0].events
    assert accounted.key == key(ANSWER)


def test_a_record_without_tokens_is_no_call() -> None:
    assert read([usage(10, ANSWER, (0, 0, 0, 0))])[0].events == []


def test_a_session_moves_and_is_resumed_by_a_newer_version() -> None:
    lines = [
        start(version="1.0.91"),
        usage(10, f"{ANSWER}1", (10, 0, 0, 1)),
        line(20, "session.context_changed", {"cwd": "/home/dev/site", "branch": "paint"}),
        usage(30, f"{ANSWER}2", (10, 0, 0, 1)),
        line(40, "session.resume", {"copilotVersion": "1.0.102", "context": {"cwd": "/home/dev/shop"}}),
        usage(50, f"{ANSWER}3", (10, 0, 0, 1)),
    ]
    contexts = [event.context for event in read(lines)[0].events]
    assert [(each.project, each.branch, each.version) for each in contexts] == [
        ("/home/dev/shop", "main", "1.0.91"),
        ("/home/dev/site", "paint", "1.0.91"),
        ("/home/dev/shop", "paint", "1.0.102"),
    ]


def test_a_journal_that_lost_its_beginning_is_named_by_its_place() -> None:
    assert read([usage(10, ANSWER, (10, 0, 0, 1))])[0].events[0].context.session == SESSION


def test_only_what_a_person_typed_is_a_prompt() -> None:
    def asked(second: int, content: str, **more: object) -> dict[str, Any]:
        return line(second, "user.message", {"content": content, "messageId": f"m{second}", **more})

    lines = [
        start(),
        asked(10, "paint the shed"),
        asked(20, "paint it", source="user"),
        asked(30, "go on", source=f"agent-{SESSION}"),
        asked(40, "a skill's text", source="skill-paint"),
        asked(50, "<system_notification>done</system_notification>"),
        {**asked(60, "for a subagent"), "agentId": "scout"},
    ]
    prompts = read(lines)[0].prompts
    assert [prompt.time for prompt in prompts] == [1_795_168_810_000, 1_795_168_820_000]
    assert [prompt.key for prompt in prompts] == [
        key("copilot-cli", "prompt", "m10"),
        key("copilot-cli", "prompt", "m20"),
    ]


def test_a_tool_runs_from_its_start_to_its_result_and_may_fail() -> None:
    asked = message(10, apiCallId=ANSWER, toolRequests=[{"toolCallId": "t1", "name": "bash"}, 7, {"toolCallId": 7}])
    lines = [
        asked,
        line(11, "tool.execution_start", {"toolCallId": "t1", "toolName": "bash", "arguments": {}}),
        line(14, "tool.execution_complete", {"toolCallId": "t1", "success": False}),
    ]
    running, ended = read(lines)[0].calls
    assert running.key == ended.key
    assert (running.ended, running.failed) == (0, False)
    assert ended[1:] == (key(ANSWER), "bash", 1_795_168_811_000, 1_795_168_814_000, True)


def test_what_was_copied_into_the_state_is_never_what_somebody_wrote() -> None:
    secret = "MARKER-PROMPT"
    lines = [
        start(),
        line(5, "user.message", {"content": secret, "transformedContent": secret}),
        message(10, 5, content=secret, toolRequests=[{"toolCallId": "t", "arguments": {"command": secret}}]),
        line(11, "tool.execution_start", {"toolCallId": "t", "toolName": "bash", "arguments": {"command": secret}}),
        line(12, "session.compaction_complete", {"summaryContent": secret}),
    ]
    found, state = read(lines)
    kept = repr([found.events, found.prompts, found.calls, found.readings, found.skipped]) + json.dumps(state)
    assert secret not in kept


@pytest.mark.parametrize(
    "bad, reason",
    [
        (line(10, "session.usage_record", 7), "data is not an object"),
        (line(10, "session.usage_record", {"usage": []}), "usage is not an object"),
        (usage(10, ANSWER, (10, 0, 0, 1), reasoningTokens="many"), "reasoningTokens is not a count"),
        (usage(10, ANSWER, (-1, 0, 0, 1)), "inputTokens is not a count"),
        (usage(10, ANSWER, (10, 0, 0, 1), apiCallId=7), "apiCallId is not a text"),
        ({**usage(10, ANSWER, (10, 0, 0, 1)), "timestamp": None}, "timestamp is not a time"),
        (shutdown(10, {}, modelMetrics=[]), "modelMetrics is not an object"),
        (shutdown(10, {}, modelMetrics={"gpt-5": 7}), "modelMetrics has something that is not an object"),
        (shutdown(10, {}, modelMetrics={"gpt-5": {"usage": 7}}), "usage is not an object"),
        (line(10, "tool.execution_start", {"toolName": "bash"}), "no toolCallId"),
    ],
)
def test_a_line_that_is_not_understood_is_told_of(bad: dict[str, Any], reason: str) -> None:
    first = written([start()])
    found = read([start(), bad, usage(20, ANSWER, (10, 0, 0, 1))])[0]
    assert found.skipped == [Skipped(len(first), reason)]
    assert len(found.events) == 1


def test_one_bad_model_does_not_silence_the_others_of_an_end() -> None:
    good = {"requests": {"count": 1}, "usage": {"inputTokens": 10, "outputTokens": 2}}
    found = read([shutdown(10, {}, modelMetrics={"gpt-5": 7, "gpt-5-mini": good})])[0]
    assert [each.variant.model for each in found.readings] == ["gpt-5-mini"]
    assert len(found.skipped) == 1


@pytest.mark.parametrize(
    "content",
    [
        b'{"type":"assistant","message":{"id":"msg_1","usage":{"input_tokens":5}}}\n{"type":"user"}\n',
        b"\x00\xff\xfe random bytes\n\n\n",
        b"[]\n",
    ],
)
def test_what_is_no_journal_is_told_of_once(content: bytes) -> None:
    reader = Journal(f"session-state/{SESSION}/events.jsonl", {})
    reader.feed(content, 0, len(content), 0)
    found = reader.finish()[0]
    assert found.skipped[0] == Skipped(0, "not a session's journal")
    assert not [*found.events, *found.readings, *found.prompts]


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\ud83d")
NESTED = st.recursive(
    VALUES,
    lambda each: st.lists(each, max_size=2) | st.dictionaries(st.text(max_size=3), each, max_size=2),
    max_leaves=5,
)
WHOLE = [
    {**start(), "agentId": "scout"},
    {
        **usage(10, ANSWER, (10, 5, 1, 2), reasoningTokens=1, duration=5, accounting={"sourceSessionId": "x"}),
        "agentId": "a",
    },
    message(20, 5, apiCallId=ANSWER, toolRequests=[{"toolCallId": "t", "name": "bash"}]),
    line(21, "tool.execution_start", {"toolCallId": "t", "toolName": "bash"}),
    line(22, "tool.execution_complete", {"toolCallId": "t", "success": True}),
    line(23, "session.model_change", {"newModel": "gpt-5"}),
    line(24, "user.message", {"content": "x", "messageId": "m", "source": ""}),
    shutdown(30, {MODEL: (1, 10, 5, 1, 2, 9)}, currentModel="x"),
]


def places(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value within a value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, part in parts for place in places(part, (*path, name)))]


@given(st.data(), NESTED)
def test_wrong_types_anywhere_raise_nothing_and_lose_no_other_line(data: st.DataObject, value: object) -> None:
    lines = json.loads(json.dumps(WHOLE))
    path = data.draw(st.sampled_from([place for place in places(lines) if len(place) > 1]))
    part = lines
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    found, state = read([*lines, usage(40, f"{ANSWER}9", (10, 0, 0, 1))])
    json.dumps(state)
    assert key(f"{ANSWER}9") in {event.key for event in found.events}
    # Half a surrogate pair in an id or a name would stop every later import.
    repr(found.events).encode()
    for event in found.events:
        "".join((*event.context, *event.variant)).encode()
