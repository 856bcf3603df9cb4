"""Telemetry files: single calls out of nested spans, whichever way they are written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.copilot_cli.journals import ANSWER, MODEL, SESSION, written

from tallystick.tools.copilot_cli.telemetry import Telemetry
from tallystick.tools.tool import Found
from tallystick.usage.event import Context, Skipped, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import Tokens

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "github",
    "gen_ai.request.model": MODEL,
    "gen_ai.response.model": "claude-opus-4-8-20260528",
    "gen_ai.response.id": ANSWER,
    "gen_ai.conversation.id": SESSION,
    "gen_ai.usage.input_tokens": 6640,
    "gen_ai.usage.output_tokens": 59,
    "gen_ai.usage.cache_read.input_tokens": 6026,
    "gen_ai.usage.cache_write.input_tokens": 589,
    "gen_ai.usage.reasoning.output_tokens": 9,
    "github.copilot.nano_aiu": 500_000_000,
}
RESOURCE = {"service.name": "github-copilot", "service.version": "1.0.102"}


def typed(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """Return attributes as OTLP writes them in JSON, whole numbers as texts."""
    return [
        {"key": name, "value": {"stringValue": value} if isinstance(value, str) else {"intValue": str(value)}}
        for name, value in attributes.items()
    ]


def span(attributes: dict[str, Any], **more: object) -> dict[str, Any]:
    """Return a line as the file exporter of earlier versions wrote it."""
    return {
        "type": "span",
        "traceId": TRACE,
        "spanId": "00000000000000a1",
        "name": f"chat {MODEL}",
        "startTime": [1_795_168_800, 0],
        "endTime": [1_795_168_804, 967_317_833],
        "attributes": attributes,
        "resource": {"attributes": RESOURCE},
        **more,
    }


def exported(*spans: dict[str, Any]) -> dict[str, Any]:
    """Return spans as one OTLP export."""
    part = {"scope": {"name": "github.copilot"}, "spans": list(spans)}
    return {"resourceSpans": [{"resource": {"attributes": typed(RESOURCE)}, "scopeSpans": [part]}]}


def otlp(attributes: dict[str, Any], **more: object) -> dict[str, Any]:
    began, ended = "1795168800000000000", "1795168804967317833"
    times = {"startTimeUnixNano": began, "endTimeUnixNano": ended}
    return {
        "traceId": TRACE,
        "spanId": "00000000000000a1",
        "name": "chat",
        "attributes": typed(attributes),
        **times,
        **more,
    }


def read(*lines: dict[str, Any]) -> Found:
    reader, data = Telemetry(), written(lines)
    reader.feed(data, 0, len(data), 0)
    found, state = reader.finish()
    assert state == {}
    return found


@pytest.mark.parametrize("record", [span(CALL), exported(otlp(CALL))], ids=["a span", "an export"])
def test_a_chat_span_is_a_call(record: dict[str, Any]) -> None:
    (event,) = read(record).events
    assert event.key == key(ANSWER)
    assert event.time == 1_795_168_804_967
    assert event.work_ms == 4_967
    assert event.variant == Variant("github-copilot", MODEL)
    # As captured: 25 fresh tokens of 6640, the others read or written.
    assert event.tokens == Tokens(25, 6026, 589, 0, 59, 9)
    assert event.context == Context("copilot-cli", SESSION, version="1.0.102")
    # Half an AI unit is half a cent.
    assert event.cost_nano == 5_000_000
    assert event.replay


def test_sums_of_nested_spans_are_no_calls() -> None:
    inner = {**CALL, "gen_ai.operation.name": "invoke_agent"}
    tool = {**CALL, "gen_ai.operation.name": "execute_tool"}
    outer = span(inner, name="invoke_agent", spanId="00000000000000b1")
    found = read(outer, span(CALL), span(inner, name="chat in an agent"), span(tool), exported(otlp(inner), otlp(tool)))
    assert [event.key for event in found.events] == [key(ANSWER)]
    assert not found.skipped


def test_older_spans_name_counts_otherwise_and_have_no_operation() -> None:
    older = {
        "gen_ai.response.model": "gpt-5-mini-2025-08-07",
        "gen_ai.usage.input_tokens": "100",
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_creation.input_tokens": 5,
        "gen_ai.usage.reasoning_tokens": 7,
        "session.id": "abc",
    }
    (event,) = read(span(older)).events
    assert event.tokens == Tokens(95, 0, 5, 0, 20, 7)
    assert (event.variant.model, event.context.session) == ("gpt-5-mini", "abc")
    # Without an answer's id, a span is known by its own.
    assert event.key == key("copilot-cli", "span", TRACE, "00000000000000a1")
    assert not event.replay


def test_a_log_record_of_a_call_is_a_call() -> None:
    said = {**CALL, "event.name": "gen_ai.client.inference.operation.details"}
    del said["gen_ai.operation.name"]
    flat = {
        "hrTime": [1_795_168_804, 967_317_833],
        "spanContext": {"traceId": TRACE, "spanId": "1"},
        "attributes": said,
    }
    log = {"timeUnixNano": "1795168804967317833", "attributes": typed(said)}
    many = {"resourceLogs": [{"scopeLogs": [{"logRecords": [log]}]}]}
    assert [event.key for event in read(flat, many).events] == [key(ANSWER)] * 2


def test_whose_key_it_was_answers() -> None:
    assert read(span({**CALL, "gen_ai.provider.name": "anthropic"})).events[0].variant.provider == "anthropic"


@pytest.mark.parametrize(
    "bad, reason",
    [
        (span({**CALL, "gen_ai.usage.output_tokens": -1}), "gen_ai.usage.output_tokens is not a count"),
        (span(CALL, endTime="never"), "a call without a time"),
        (span({**CALL, "gen_ai.response.id": ""}, spanId=""), "a call without any id"),
        (span({**CALL, "gen_ai.conversation.id": 7}), "gen_ai.conversation.id is not a text"),
    ],
)
def test_a_call_that_is_not_understood_is_told_of(bad: dict[str, Any], reason: str) -> None:
    found = read(bad, span(CALL))
    assert found.skipped == [Skipped(0, reason)]
    assert len(found.events) == 1


def test_one_bad_span_does_not_silence_the_others_of_an_export() -> None:
    bad = otlp({**CALL, "gen_ai.usage.output_tokens": "many"})
    found = read(exported(bad, otlp(CALL)))
    assert (len(found.events), len(found.skipped)) == (1, 1)


def test_metrics_are_no_calls() -> None:
    found = read(
        {"type": "metric", "name": "gen_ai.usage.input_tokens", "attributes": CALL | {"gen_ai.operation.name": "x"}}
    )
    assert not found.events
    assert not found.skipped


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just("\ud83d")
NESTED = st.recursive(
    VALUES,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3), each, max_size=2),
    max_leaves=5,
)
NAMES = st.sampled_from([*CALL, "attributes", "resource", "endTime", "startTime", "traceId", "spanId", "name", "type"])


@given(NAMES, NESTED)
def test_wrong_types_anywhere_raise_nothing(name: str, value: object) -> None:
    flat, attributes = (span(CALL), CALL | {name: value}) if name in CALL else (span(CALL) | {name: value}, CALL)
    lines: list[dict[str, Any]] = [flat if name not in CALL else span(attributes)]
    lines += [exported(otlp(CALL) | {name: value}), {"resourceSpans": value, "x": "gen_ai.usage."}]
    lines += [{"resourceSpans": [{"resource": value, "scopeSpans": [{"spans": value}, value]}, value], "a": CALL}]
    found = read(*json.loads(json.dumps(lines)), span(CALL))
    assert key(ANSWER) in {event.key for event in found.events}
    for event in found.events:
        "".join((*event.context, *event.variant)).encode()
