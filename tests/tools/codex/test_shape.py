"""Shapes: what msgspec reads of a line is what the plain decoder reads, or nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.codex.rollouts import NOON, Json, context, event, item, line, meta, record, token_count, usage

from tallystick.tools.codex import plain, shape

LIMITS = {
    "limit_id": "codex",
    "plan_type": "plus",
    "primary": {"used_percent": 12, "window_minutes": 300, "resets_at": 1_793_540_000},
    "secondary": {"used_percent": 1.5, "window_minutes": 10_080, "resets_at": "2026-11-01T13:00:00Z"},
}
numbers = st.integers(-2, 10**11) | st.floats(-1, 10, allow_nan=False) | st.booleans() | st.none() | st.text(max_size=3)
texts: st.SearchStrategy[Any] = st.text(max_size=4) | st.none() | st.integers() | st.just({})
counts = st.none() | st.just(7) | st.fixed_dictionaries({}, optional=dict.fromkeys(plain.COUNTS, numbers))
windows = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "used_percent": numbers,
        "window_minutes": numbers,
        "resets_at": numbers | texts,
        "resets_in_seconds": numbers,
    },
)
limits = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "limit_id": texts,
        "plan_type": texts,
        "primary": windows,
        "secondary": windows,
        "credits": texts,
        "limit_name": texts,
        "tertiary": windows,
        "individual_limit": windows,
    },
)
infos = st.none() | st.fixed_dictionaries(
    {}, optional={"total_token_usage": counts, "last_token_usage": counts, "model": texts, "service_tier": texts}
)


def agree(shaped: Callable[[bytes], Any], plainly: Callable[[dict[str, Any]], Any], raw: bytes) -> bool:
    """Hold both decoders against one another; tell whether msgspec took the line."""
    try:
        told = shaped(raw)
    except shape.REFUSALS:
        return False
    assert told == plainly(plain.load(raw)["payload"])
    return True


def test_a_usual_line_is_taken() -> None:
    full = token_count(usage(30, 20, 5, 1), usage(10, 5, 2), NOON + 5, LIMITS)
    assert agree(shape.usage_of, lambda payload: (plain.usage_of(payload, limits=True)[0], NOON + 5), full)
    assert shape.counts_of(full) == ((30, 20, 0, 5, 1, 0), (10, 5, 0, 2, 0, 0), NOON + 5)
    assert shape.counts_of(token_count(None, None, NOON)) == (None, None, NOON)
    assert shape.record_of(record("r", usage(9), NOON, "t")) == ((9, 0, 0, 0, 0, 0), "t", "r", NOON)
    assert shape.turn_of(context("m", "turn 1")) == ("turn 1", "m", "/home/dev/shop", "")
    assert shape.start_of(event("task_started", NOON, turn_id="t", started_at=5)) == (("t", 5.0), NOON)
    assert shape.call_of(item("function_call", NOON, name="shell", call_id="c")) == ("c", "shell", NOON)
    assert shape.result_of(item("function_call_output", NOON, call_id="c")) == ("c", NOON)
    assert shape.item_of(event("item_completed", NOON, thread_id="t", item={"type": "UserMessage"})) == ("t", NOON)
    settings = {"model": "m", "model_provider_id": "p", "service_tier": "flex"}
    assert shape.settings_of(event("thread_settings_applied", thread_settings=settings, thread_id="t")) == (
        "t",
        "m",
        "p",
        "flex",
    )


def test_the_beginning_of_a_thread_keeps_its_named_fields_only() -> None:
    payload = shape.payload_of(
        meta("t", git={"branch": "main", "commit_hash": "00"}, base_instructions={"text": "be good"})
    )
    assert payload["id"] == "t"
    assert payload["git"] == {"branch": "main"}
    assert "base_instructions" not in payload


@pytest.mark.parametrize("field", ["model", "model_name", "service_tier"])
def test_a_line_with_seldom_fields_is_left_to_the_other_decoder(field: str) -> None:
    raw = event("token_count", info={"last_token_usage": usage(1), field: "x"})
    with pytest.raises(shape.REFUSALS):
        shape.counts_of(raw)


@pytest.mark.parametrize("name", ["individual_limit", "tertiary"])
def test_a_line_with_further_windows_is_left_to_the_other_decoder(name: str) -> None:
    known = {
        "limit_id": "codex",
        "limit_name": None,
        "credits": {"has_credits": True, "unlimited": False, "balance": "5"},
        "spend_control_reached": None,
        "rate_limit_reached_type": None,
    }
    usual = event("token_count", info=None, rate_limits={**known, "individual_limit": None})
    assert shape.usage_of(usual)[0][4] == ("codex", "", None, None)
    raw = event(
        "token_count", info=None, rate_limits={**known, name: {"remaining_percent": 65, "resets_at": 1_793_900_000}}
    )
    with pytest.raises(shape.REFUSALS):
        shape.usage_of(raw)
    assert plain.usage_of(plain.load(raw)["payload"], limits=True)[0][4] == (
        "codex", "", None, None, (name, (35.0, 0, 1_793_900_000.0, None)),
    )  # fmt: skip


@pytest.mark.parametrize("count", [-1, 1.0, 1.5, True, "5", None, 10**16, 10**400])
def test_a_count_that_is_none_is_refused(count: Json) -> None:
    raw = record("r", {"input_tokens": count})
    with pytest.raises(shape.REFUSALS):
        shape.record_of(raw)


def test_deep_nesting_is_refused() -> None:
    raw = b'{"timestamp":"2026-11-01T12:00:00.000Z","x":' + b"[" * 200_000 + b"]" * 200_000 + b',"payload":{}}'
    with pytest.raises(shape.REFUSALS):
        shape.counts_of(raw)


@given(infos, limits)
def test_token_counts_are_the_same_to_both_decoders(info: Json, limit: Json) -> None:
    raw = event("token_count", NOON, info=info, rate_limits=limit)
    agree(shape.usage_of, lambda payload: (plain.usage_of(payload, limits=True)[0], NOON), raw)
    if agree(shape.counts_of, lambda payload: (*plain.usage_of(payload, limits=False)[0][:2], NOON), raw):
        assert plain.usage_of(json.loads(raw)["payload"], limits=False)[1] == ""


@given(counts, texts, texts)
def test_records_are_the_same_to_both_decoders(told: Json, thread: Json, response: Json) -> None:
    raw = line("token_usage_record", {"usage": told, "thread_id": thread, "response_id": response})
    agree(shape.record_of, lambda payload: (*plain.record_of(payload)[:3], NOON), raw)


@given(texts, texts, texts, numbers)
def test_seldom_lines_are_the_same_to_both_decoders(one: Json, two: Json, three: Json, number: Json) -> None:
    raw = line("turn_context", {"turn_id": one, "model": two, "cwd": three, "service_tier": one})
    agree(shape.turn_of, lambda payload: plain.turn_of(payload)[0], raw)
    raw = event("task_started", turn_id=one, started_at=number)
    agree(shape.start_of, lambda payload: (plain.start_of(payload)[0], NOON), raw)
    raw = event("thread_settings_applied", thread_id=one, thread_settings={"model": two, "service_tier": three})
    agree(shape.settings_of, lambda payload: plain.settings_of(payload)[0], raw)
    raw = item("function_call", name=one, call_id=two)
    agree(shape.call_of, lambda payload: (*plain.call_of(payload), NOON), raw)
