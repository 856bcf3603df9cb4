"""What a chat's lines mean together: requests, active time, tools, prompts, titles."""

import json

import pytest
from tests.tools import reading
from tests.tools.qwen_code.chats import (
    MODEL,
    PATH,
    SESSION,
    Fields,
    answer,
    at,
    found,
    line,
    record,
    request,
    result,
    said,
    source,
    telemetry,
    told,
    used,
    uuid,
)

from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.qwen_code.reader import NO_RECORD, NO_TELEMETRY
from tallystick.usage.event import Context, Variant
from tallystick.usage.identity import key

TURN = [
    said(1, 1),
    request(2, 4, 1000, 100, 400, 30),
    answer(3, 4.01, 1000, 100, 400, 30, uses=["call_1"]),
    used(4, 6, response_id="chatcmpl-2"),
    result(5, 6.02, "call_1"),
    request(6, 9, 1200, 50, 1000),
    answer(7, 9.01, 1200, 50, 1000),
]


def test_an_event_says_who_answered_whom_and_where() -> None:
    event = found(*TURN).events[0]
    assert event.key == key("qwen-code", "chatcmpl-2")
    assert event.request == key(uuid(2))
    assert event.variant == Variant("qwen", MODEL)
    assert event.context == Context("qwen-code", SESSION, "/home/dev/shop", "main", "", "0.15.10")
    assert event.tokens == (600, 400, 0, 0, 100, 30)


def test_the_tool_says_how_long_the_model_worked() -> None:
    assert [event["work_ms"] for event in told(*TURN)["events"]] == [1000, 1000]
    assert "work_ms" not in told(request(1, 500, duration_ms=300_001))["events"][0]


@pytest.mark.parametrize("odd", [None, "5", -1, True, 10**12, 5.5])
def test_otherwise_it_worked_from_what_it_was_last_given(odd: object) -> None:
    lines = [said(1, 1), request(2, 4, duration_ms=odd), result(3, 6, "call_1"), request(4, 9, duration_ms=odd)]
    assert [event["work_ms"] for event in told(*lines)["events"]] == [3_000, 3_000]


def test_uses_of_tools_come_from_telemetry_where_there_is_any() -> None:
    lines = [*TURN, used(8, 9.5, response_id="chatcmpl-6", function_name="edit", success=False, duration_ms=None)]
    calls = told(*lines)["calls"]
    assert calls == [
        {"name": "read_file", "started": at(5.5), "ended": at(6)},
        {"name": "edit", "started": at(9.5), "ended": at(9.5), "failed": True},
    ]
    assert [call.event for call in found(*lines).calls] == [
        key("qwen-code", "chatcmpl-2"),
        key("qwen-code", "chatcmpl-6"),
    ]


def test_a_use_that_names_no_response_belongs_to_the_last_answer() -> None:
    assert found(request(1, 1), used(2, 2)).calls[0].event == key("qwen-code", "chatcmpl-1")


def test_uses_of_tools_come_from_answers_where_there_is_no_telemetry() -> None:
    lines = [
        said(1, 1),
        answer(2, 4, uses=["a", "b", "c"]),
        result(3, 6, "a"),
        result(4, 6.5, "b", "error"),
        result(5, 7, "x"),
    ]
    calls = {call["name"]: (call.get("ended"), call.get("failed", False)) for call in told(*lines)["calls"]}
    assert calls == {"a": (at(6), False), "b": (at(6.5), True), "c": (None, False)}
    assert {call.event for call in found(*lines).calls} == {key("qwen-code", uuid(2))}


def test_uses_that_never_end_are_forgotten_in_time() -> None:
    lines = [answer(number, number, uses=[f"use-{number}"]) for number in range(1, 100)]
    reader = QWEN_CODE.reader(PATH, {})
    data = b"".join(map(line, lines))
    reader.feed(data, 0, len(data), 0)
    found, state = reader.finish()
    assert len({call.key for call in found.calls}) == 99
    assert len(state["uses"]) == 64


@pytest.mark.parametrize(
    "more, counts",
    [
        ({}, 1),
        ({"subtype": "mid_turn_user_message", "provenance": "real_user"}, 1),
        ({"subtype": "cron"}, 0),
        ({"subtype": "notification"}, 0),
        ({"subtype": "goal_runtime", "provenance": "goal_runtime"}, 0),
        ({"provenance": "system"}, 0),
        ({"isSidechain": True}, 0),
        ({"agentId": "explore-7f3c"}, 0),
        ({"text": "<system-reminder>now</system-reminder>"}, 0),
        ({"timestamp": "yesterday"}, 0),
        ({"message": {"role": "user", "parts": [{"inlineData": {}}]}}, 1),
    ],
)
def test_prompts_are_what_a_person_typed(more: dict[str, str], counts: int) -> None:
    fields = dict(more)
    text = fields.pop("text", "paint")
    assert len(told(said(1, 1, text) | fields)["prompts"]) == counts


def test_the_last_title_counts() -> None:
    lines = [
        record(number, number, "system", subtype="custom_title", systemPayload={"customTitle": title})
        for number, title in ((1, "first"), (2, "second\n one"), (3, ""), (4, None))
    ]
    assert told(*lines)["titles"] == [{"session": SESSION, "title": "second one"}]


def test_results_are_not_decoded_where_telemetry_tells_of_them() -> None:
    broken = line(result(3, 6, "call_1"))[:-6] + b",,}\n"
    lines: list[Fields | bytes] = [request(2, 4), broken, request(4, 9, duration_ms=None)]
    assert [event.get("work_ms") for event in told(*lines)["events"]] == [1000, 3000]
    assert told(*lines)["skipped"] == []


@pytest.mark.parametrize(
    "odd",
    [{"usageMetadata": {}}, {"type": "assistant", "usageMetadata": {}}, {"type": 5, "sessionId": "x", "uiEvent": 1}],
)
def test_what_is_no_record_is_skipped_with_its_place(odd: object) -> None:
    first = line(said(1, 1))
    assert [(each.offset, each.reason) for each in found(first, odd).skipped] == [(len(first), NO_RECORD)]


def test_telemetry_without_an_event_is_told_of() -> None:
    odd = record(1, 1, "system", subtype="ui_telemetry", systemPayload={"uiEvent": None})
    assert [each.reason for each in found(odd).skipped] == [NO_TELEMETRY]


def test_other_telemetry_and_other_lines_say_nothing() -> None:
    lines = [
        telemetry(1, 1, {"event.name": "qwen-code.api_error", "model": MODEL, "response_id": "x"}),
        record(2, 2, "system", subtype="chat_compression", systemPayload={"uiEvent": {"event.name": 5}}),
        record(3, 3, "system", subtype="slash_command", systemPayload={"rawCommand": "/about"}),
        record(4, 4, "assistant", message={"role": "model", "parts": [{"functionCall": {}}]}),
        record(5, 5, "other", note='"usageMetadata"', usageMetadata={}),
    ]
    assert not any(told(*lines).values())


def test_spaces_between_the_words_change_nothing() -> None:
    spaced = [json.dumps(each).encode() + b"\n" for each in TURN]
    compact = told(*TURN)
    for kind in ("events", "prompts", "calls"):
        assert [each | {"offset": 0} for each in told(*spaced)[kind]] == [
            each | {"offset": 0} for each in compact[kind]
        ]


def test_it_goes_on_wherever_it_was_left() -> None:
    for lines in (TURN, [said(1, 1), answer(2, 4, uses=["a"]), result(3, 6, "a"), answer(4, 9), *TURN[3:]]):
        whole = told(*lines)
        for cut in range(len(lines) + 1):
            assert told(source(*lines), way=reading.by_turns([cut])) == whole


def test_nothing_that_somebody_wrote_is_remembered() -> None:
    reader = QWEN_CODE.reader(PATH, {})
    data = b"".join(map(line, [said(1, 1, "MARKER"), request(2, 2, response_text="MARKER"), answer(3, 3)]))
    reader.feed(data, 0, len(data), 0)
    found, state = reader.finish()
    assert "MARKER" not in repr(found.events + found.prompts) + repr(state)


def test_a_subagent_s_result_is_not_what_the_main_line_waits_for() -> None:
    for told_of in ([], [request(9, 1.5)]):
        lines = [*told_of, said(1, 2), result(2, 6, "a", isSidechain=True), answer(3, 9, 77, 7)]
        assert told(*lines)["events"][-1]["work_ms"] == 7_000
