"""Anthropic's Messages: the traps that change money, each by its name. Whole exchanges are samples of `anthropic`."""

import json
from typing import Any

from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.provider import Asked, Call
from tallystick.providers.shape import Place
from tallystick.usage.tokens import NO_TOKENS, Tokens

PLACE = Place(Asked("POST", "api.anthropic.com", "/v1/messages", {}))
FIRST = {"input_tokens": 10, "cache_read_input_tokens": 500, "output_tokens": 1}


def started(usage: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "message_start", "message": {"id": "msg_1", "model": "claude-opus-5-5", "usage": usage or FIRST}}


def delta(usage: dict[str, Any] | None, stop: str | None = "end_turn") -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": stop}} | ({"usage": usage} if usage else {})


def calls(*events: dict[str, Any], cut: bool = False) -> list[Call]:
    shape = Messages(PLACE)
    for event in events:
        data = json.dumps(event).encode()
        assert shape.wants(data)
        shape.text(data)
    return shape.calls("", cut=cut)


STOP = {"type": "message_stop"}


def test_deltas_are_cumulative_the_last_one_wins_field_by_field() -> None:
    (call,) = calls(
        started(), delta({"output_tokens": 40}, None), delta({"output_tokens": 90, "input_tokens": 12}), STOP
    )
    assert call.tokens == Tokens(12, 500, 0, 0, 90)
    assert call.outcome == "done"


def test_what_a_delta_says_is_null_stays_as_it_was() -> None:
    (call,) = calls(
        started(), delta({"output_tokens": 40, "input_tokens": None, "cache_read_input_tokens": None}), STOP
    )
    assert call.tokens == Tokens(10, 500, 0, 0, 40)


def test_the_split_by_lifetime_is_kept_from_the_start() -> None:
    split = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 70}
    begun = started({"input_tokens": 1, "cache_creation_input_tokens": 70, "cache_creation": split, "output_tokens": 1})
    (call,) = calls(begun, delta({"cache_creation_input_tokens": 70, "output_tokens": 5}), STOP)
    assert call.tokens == Tokens(1, 0, 0, 70, 5)


def test_an_answer_that_broke_off_between_two_deltas_is_cut() -> None:
    (call,) = calls(started(), delta({"output_tokens": 40}, None), cut=True)
    assert (call.outcome, call.tokens) == ("cut", Tokens(10, 500, 0, 0, 40))


def test_the_final_counts_are_final_even_if_the_client_leaves_before_the_end() -> None:
    (call,) = calls(started(), delta({"output_tokens": 40}), cut=True)
    assert call.outcome == "done"


def test_a_stream_that_ends_without_its_end_is_cut() -> None:
    (call,) = calls(started())
    assert call.outcome == "cut"


def test_a_refusal_after_content_is_billed_and_one_before_is_not() -> None:
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    (call,) = calls(started(), block, delta({"output_tokens": 9}, "refusal"), STOP)
    assert (call.tokens, call.kind) == (Tokens(10, 500, 0, 0, 9), "")
    (call,) = calls(started(), delta({"output_tokens": 1}, "refusal"), STOP)
    assert (call.tokens, call.kind) == (NO_TOKENS, "refusal")


def test_nothing_but_an_error_is_a_failure() -> None:
    (call,) = calls({"type": "error", "error": {"type": "overloaded_error"}})
    assert (call.outcome, call.tokens) == ("failed", NO_TOKENS)


def test_an_empty_answer_tells_no_usage() -> None:
    assert calls()[0].outcome == "missing"
    assert calls(cut=True)[0].outcome == "cut"


def test_text_that_talks_of_usage_does_not_matter() -> None:
    shape = Messages(PLACE)
    shape.text(json.dumps({"type": "content_block_start"}).encode())
    said = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": '"usage" "error" "message_stop"'}}
    assert not shape.wants(json.dumps(said).encode())


def test_damaged_json_is_gleaned() -> None:
    shape = Messages(PLACE)
    shape.text(b'{"id":"msg_1","model":"m","content":[\xff],"usage":{"input_tokens":3,"output_tokens":4}}')
    (call,) = shape.calls("", cut=False)
    assert call == Call("", "m", Tokens(3, 0, 0, 0, 4), "done", "msg_1")
