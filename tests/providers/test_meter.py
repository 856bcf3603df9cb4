"""The watch over an HTTP exchange: framing by the first sign, failures, and nothing raised or kept, whatever it is fed."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.providers.sampling import SAMPLES, SHELF, encoded, fed, sample, watch_of

from tallystick.providers.meter import Meter
from tallystick.providers.provider import Asked, Call
from tallystick.providers.shelf import PROVIDERS
from tallystick.usage.tokens import NO_TOKENS

JSON_CASE = sample(SAMPLES / "anthropic" / "json")
STREAM = sample(SAMPLES / "anthropic" / "stream")


def test_what_an_answer_is_shows_in_its_first_sign_not_in_its_type() -> None:
    wrong = STREAM._replace(headers={"request-id": "req_011A", "content-type": "application/json"})
    assert fed(wrong, [wrong.answer], cut=False) == STREAM.calls
    wrong = JSON_CASE._replace(headers={"request-id": "req_011A", "content-type": "text/event-stream"})
    assert fed(wrong, [wrong.answer], cut=False) == JSON_CASE.calls


def test_blank_lines_before_an_answer_are_passed_over() -> None:
    assert fed(JSON_CASE, [b"\n\n", b"   \r\n", JSON_CASE.answer], cut=False) == JSON_CASE.calls
    assert fed(STREAM, [b"\n\n", b"\n", STREAM.answer], cut=False) == STREAM.calls


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503, 529])
def test_an_error_is_a_failed_try_with_its_ids_and_nothing_billed(status: int) -> None:
    watch = watch_of(JSON_CASE._replace(status=status))
    assert watch.took(JSON_CASE.answer) == []
    (call,) = watch.end(cut=False)
    assert (call.outcome, call.status, call.tokens) == ("failed", status, NO_TOKENS)
    assert (call.model, call.asked_model, call.request) == ("claude-opus-5-5", "claude-opus-5-5", "req_011A")


@pytest.mark.parametrize("status", [101, 301, 307, 308])
def test_what_is_neither_an_answer_nor_an_error_is_no_call(status: int) -> None:
    assert watch_of(JSON_CASE._replace(status=status)).end(cut=False) == []


def test_a_request_that_nobody_answered_was_cut_off() -> None:
    watch = SHELF.watch(JSON_CASE.asked)
    assert watch is not None
    watch.sent(JSON_CASE.request)
    (call,) = watch.end(cut=True)
    assert (call.outcome, call.status, call.model) == ("cut", 0, "claude-opus-5-5")


def test_a_call_is_told_once() -> None:
    watch = watch_of(JSON_CASE)
    watch.took(JSON_CASE.answer)
    assert len(watch.end(cut=False)) == 1
    assert watch.end(cut=False) == []
    assert watch.took(JSON_CASE.answer) == []


def test_an_http_exchange_has_no_frames() -> None:
    watch = watch_of(JSON_CASE)
    assert watch.frame_sent(b"{}") == watch.frame_took(b"{}") == []


def test_looking_something_up_in_vain_is_no_failed_try() -> None:
    case = sample(SAMPLES / "openai" / "responses-retrieved")
    assert watch_of(case._replace(status=404)).end(cut=False) == []


ENDLESS = {
    "a line": (b"data: ", b"x" * 2**20),
    "a text": (b'{"content":"', b"x" * 2**20),
    "blank": (b"", b" " * 2**20),
    "comments": (b"", b":" * 1_000 + b"\n"),
}


@pytest.mark.parametrize("begins, goes_on", ENDLESS.values(), ids=ENDLESS)
def test_no_answer_takes_more_memory_than_allowed(begins: bytes, goes_on: bytes) -> None:
    watch = watch_of(STREAM)
    tracemalloc.start()
    try:
        watch.took(begins)
        for _ in range(60):
            watch.took(goes_on)
            watch.sent(goes_on)
        _, peak = tracemalloc.get_traced_memory()
        watch.end(cut=False)
    finally:
        tracemalloc.stop()
    # The answer's 16 MiB and the request's, with a list's and an array's room to grow.
    assert peak < 2 * 16 * 2**20 * 1.3 + 4 * 2**20


NAMES = [
    "type",
    "id",
    "model",
    "usage",
    "message",
    "delta",
    "stop_reason",
    "content",
    "iterations",
    "cache_creation",
    "server_tool_use",
    "error",
    "choices",
    "x_groq",
    "finish_reason",
    "service_tier",
    "response",
    "item",
    "output",
    "tools",
    "action",
    "status",
    "tool_usage",
    "image_gen",
    "usageMetadata",
    "candidates",
    "finishReason",
    "traceId",
    "promptTokenCount",
    "totalTokenCount",
    "input_tokens",
    "output_tokens",
    "prompt_tokens",
    "total_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "cost",
    "cost_details",
    "done",
    "prompt_eval_count",
    "serviceTier",
    "cacheDetails",
    "inputTokens",
    "amazon-bedrock-invocationMetrics",
    "rate_limits",
    "primary",
    "used_percent",
    "headers",
]
WORDS = [
    "message_start",
    "message_delta",
    "message_stop",
    "error",
    "response.completed",
    "response.created",
    "response.output_item.done",
    "web_search_call",
    "codex.rate_limits",
    "message",
    "advisor_message",
    "refusal",
    "1h",
]
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5)
)
odd = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(NAMES), odd, max_size=6)
PLACES = [
    ("api.anthropic.com", "/v1/messages"),
    ("api.openai.com", "/v1/chat/completions"),
    ("api.openai.com", "/v1/responses"),
    ("generativelanguage.googleapis.com", "/v1beta/models/m:generateContent"),
    ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/invoke-with-response-stream"),
    ("bedrock-runtime.eu-west-1.amazonaws.com", "/model/m/converse-stream"),
    ("dashscope.aliyuncs.com", "/apps/anthropic/v1/messages"),
    ("openrouter.ai", "/api/v1/chat/completions"),
    ("ollama.com", "/api/chat"),
]
places = st.sampled_from(PLACES)


def meter(place: tuple[str, str]) -> Meter:
    watch = SHELF.watch(Asked("POST", *place, {}))
    assert isinstance(watch, Meter)
    return watch


def sane(calls: list[Call]) -> None:
    for call in calls:
        assert call.outcome in {"done", "cut", "failed", "missing"}
        assert all(0 <= each < 2**53 for each in call.tokens)
        assert call.tokens.reasoning <= call.tokens.output


@given(
    places,
    st.lists(objects, max_size=4),
    st.sampled_from(["sse", "lines", "array", "frames", "wrapped"]),
    st.booleans(),
)
def test_whatever_json_comes_the_calls_are_sane(
    place: tuple[str, str],
    said: list[dict[str, Any]],
    form: str,
    cut: bool,  # noqa: FBT001 - hypothesis
) -> None:
    texts = [json.dumps(each).encode() for each in said]
    watch = meter(place)
    watch.sent(b"".join(texts[:1]))
    frames = {"content-type": "application/vnd.amazon.eventstream"} if form in ("frames", "wrapped") else {}
    watch.head(200, frames)
    match form:
        case "sse":
            pieces = [b"data: " + text + b"\n\n" for text in texts]
        case "lines":
            pieces = [text + b"\n" for text in texts]
        case "array":
            pieces = [b"[" + b",".join(texts) + b"]"]
        case "frames":
            pieces = [encoded({"headers": {}, "payload": each}) for each in said]
        case _:
            pieces = [encoded({"headers": {":event-type": "chunk"}, "bytes": each}) for each in said]
    for piece in pieces:
        sane(watch.took(piece))
    sane(watch.end(cut=cut))


@given(
    places,
    st.lists(st.binary(max_size=60) | st.sampled_from([b"data: ", b"\n\n", b"{", b'"usage"'])),
    st.integers(0, 999),
)
def test_nothing_is_raised_for_any_bytes(place: tuple[str, str], pieces: list[bytes], status: int) -> None:
    watch = meter(place)
    headers = {"content-type": "application/vnd.amazon.eventstream"} if status % 2 else {}
    for piece in pieces:
        watch.sent(piece)
    watch.head(status, headers)
    for piece in pieces:
        sane(watch.took(piece))
    sane(watch.end(cut=bool(status % 3)))


def test_every_provider_names_where_its_request_ids_are() -> None:
    assert all(listing.request_ids and listing.routes and listing.hosts for listing in PROVIDERS)
