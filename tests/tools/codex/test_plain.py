"""Plain decoding: named fields, whatever they hold, and the reason where they hold something else."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.codex.rollouts import Json, usage

from tallystick.tools.codex import plain
from tallystick.tools.codex.plain import MOST_IN_CALL, Fields, Misshapen

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    "raw,reason",
    [
        (b"", "not JSON"),
        (b"\x00\x00\x00", "not JSON"),
        (b'{"a":1', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"a":' + b"9" * 5_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_object_is_refused_with_a_reason(raw: bytes, reason: str) -> None:
    with pytest.raises(Misshapen, match=f"^{reason}$"):
        plain.load(raw)


def test_damage_in_a_text_takes_nothing_else_away() -> None:
    assert plain.load(b'{"a":"\xff\n","b":1}')["b"] == 1


@pytest.mark.parametrize("value", [True, "5", 1.0, 1.5, -1, 10**16, [5], {"a": 1}])
def test_a_count_is_a_whole_number_within_reason(value: Json) -> None:
    fields = Fields({"n": value})
    assert fields.whole("n") is None
    assert fields.fault == "n is not a count"
    with pytest.raises(Misshapen):
        fields.check()


def test_null_and_absent_are_no_faults() -> None:
    fields = Fields({"n": None})
    assert (fields.whole("n"), fields.text("n"), fields.number("m"), fields.inner("n")) == (None, "", None, None)
    assert (fields.moment("n"), fields.either("n"), fields.has("n")) == (None, None, False)
    fields.check()


@pytest.mark.parametrize("value", [True, "5", -0.5, 1e300, []])
def test_a_number_is_not_negative_and_not_absurd(value: Json) -> None:
    fields = Fields({"n": value})
    assert fields.number("n") is None
    assert fields.fault


def test_the_first_fault_is_the_one_that_is_told() -> None:
    fields = Fields({"a": 1, "b": "x", "c": 2})
    fields.text("a")
    fields.inner("b")
    fields.absorb(None)
    assert fields.fault == "a is not a text"


def test_half_a_character_becomes_a_question_mark() -> None:
    assert Fields({"a": "x\ud800"}).text("a") == "x?"


def test_a_token_count_tells_totals_last_request_and_limits() -> None:
    payload = {
        "info": {"total_token_usage": usage(30, 20, 5, 1), "last_token_usage": usage(10, 5, 2), "model": "m"},
        "rate_limits": {
            "limit_id": "codex",
            "plan_type": "plus",
            "primary": {"used_percent": 12, "window_minutes": 300, "resets_at": 1_793_540_000},
            "secondary": {"used_percent": 1.5, "window_minutes": 10_080, "resets_in_seconds": 60},
        },
        "service_tier": "flex",
    }
    limits = ("codex", "plus", (12.0, 300, 1_793_540_000.0, None), (1.5, 10_080, None, 60.0))
    told = ((30, 20, 0, 5, 1, 0), (10, 5, 0, 2, 0, 0), "m", "flex", limits)
    assert plain.usage_of(payload, limits=True) == (told, "")
    assert plain.usage_of(payload, limits=False) == ((*told[:4], None), "")


def test_damaged_limits_leave_the_counts() -> None:
    payload = {"info": {"last_token_usage": usage(10)}, "rate_limits": {"primary": {"used_percent": "much"}}}
    (total, last, _, _, limits), fault = plain.usage_of(payload, limits=True)
    assert (total, last, fault) == (None, (10, 0, 0, 0, 0, 0), "used_percent is not a number")
    assert limits == ("", "", None, None)
    assert plain.usage_of({"info": None, "rate_limits": 7}, limits=True)[1] == "rate_limits is not an object"


@pytest.mark.parametrize("info", [7, [], {"total_token_usage": 7}, {"last_token_usage": {"input_tokens": -1}}])
def test_damaged_counts_refuse_the_line(info: Json) -> None:
    with pytest.raises(Misshapen):
        plain.usage_of({"info": info}, limits=True)


def test_a_record_needs_counts() -> None:
    assert plain.record_of({"usage": usage(9), "thread_id": "t", "response_id": "r"}) == (
        (9, 0, 0, 0, 0, 0),
        "t",
        "r",
        "",
    )
    for payload in ({}, {"usage": None}, {"usage": usage(MOST_IN_CALL + 1)}, {"usage": usage(1), "response_id": 5}):
        with pytest.raises(Misshapen):
            plain.record_of(payload)


def test_a_call_needs_an_id() -> None:
    assert plain.call_of({"call_id": "c", "name": "shell"}) == ("c", "shell")
    for payload in ({}, {"name": "shell"}, {"call_id": 7}):
        with pytest.raises(Misshapen):
            plain.call_of(payload)


def test_the_seldom_kinds_tell_their_faults() -> None:
    assert plain.turn_of({"turn_id": "t", "model": 7, "cwd": "/home/dev"}) == (
        ("t", "", "/home/dev", ""),
        "model is not a text",
    )
    assert plain.start_of({"turn_id": "t", "started_at": 5}) == (("t", 5.0), "")
    settings = {"thread_settings": {"model": "m", "model_provider_id": "p", "service_tier": None}, "thread_id": "t"}
    assert plain.settings_of(settings) == (("t", "m", "p", ""), "")
    with pytest.raises(Misshapen, match="no thread_settings"):
        plain.settings_of({})


@given(
    st.dictionaries(
        st.sampled_from(["info", "rate_limits", "usage", "call_id", "turn_id", "thread_settings", "started_at"]),
        json_values,
    )
)
def test_any_payload_is_told_or_refused(payload: dict[str, Any]) -> None:
    payload = json.loads(json.dumps(payload))
    for told in (
        lambda: plain.usage_of(payload, limits=True),
        lambda: plain.record_of(payload),
        lambda: plain.call_of(payload),
        lambda: plain.turn_of(payload),
        lambda: plain.start_of(payload),
        lambda: plain.settings_of(payload),
    ):
        with suppress(Misshapen):
            told()
