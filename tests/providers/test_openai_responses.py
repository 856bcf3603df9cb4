"""Responses: searches, terminal lines of megabytes, and what of an answer is known when. Whole exchanges are samples."""

import json
from typing import Any

import pytest
from tests.providers.sampling import SAMPLES, fed, sample

from tallystick.providers.openai_responses import Responses
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "api.openai.com", "/v1/responses", {}))
USAGE = {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 60}, "output_tokens": 7, "total_tokens": 107}
MEBIBYTE = 2**20


def completed(**more: Any) -> bytes:  # noqa: ANN401 - JSON
    response = {"id": "resp_1", "model": "gpt-5.5", "status": "completed", "output": [], "usage": USAGE} | more
    return json.dumps({"type": "response.completed", "response": response}).encode()


@pytest.mark.parametrize("size", [70_000, 5 * MEBIBYTE, 20 * MEBIBYTE])
def test_a_terminal_line_may_be_of_any_length(size: int) -> None:
    case = sample(SAMPLES / "openai" / "responses-stream")
    text = '\\"usage\\":{ and more ' * (size // 20)
    line = b"event: response.completed\ndata: " + completed(output=[{"type": "message", "content": text}]) + b"\n\n"
    assert len(line) > size
    pieces = (line[place : place + 64 * 1024] for place in range(0, len(line), 64 * 1024))
    (call,) = fed(case, pieces, cut=False)
    assert (call.tokens, call.outcome, call.id) == (Tokens(40, 60, 0, 0, 7), "done", "resp_1")


def test_a_search_counts_once_however_often_it_is_told() -> None:
    shape = Responses(PLACE)
    search = {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}}
    look = {"type": "web_search_call", "id": "ws_2", "action": {"type": "open_page"}}
    for item in (search, look, search):
        shape.text(json.dumps({"type": "response.output_item.done", "item": item}).encode())
    shape.text(completed(output=[search, look, search | {"id": "ws_3", "action": None}]))
    assert shape.calls("gpt-5.5", cut=False)[0].web_searches == 2


def test_searches_without_an_id_count_as_the_whole_answer_has_them() -> None:
    shape = Responses(PLACE)
    search = {"type": "web_search_call", "action": {"type": "search"}}
    look = {"type": "web_search_call", "action": {"type": "open_page"}}
    named = search | {"id": "ws_1"}
    for item in (search, look, named, search):
        shape.text(json.dumps({"type": "response.output_item.done", "item": item}).encode())
    begun = {"type": "response.in_progress", "response": {"id": "resp_1", "output": [search]}}
    shape.text(json.dumps(begun).encode())
    shape.text(completed(output=[search, look, named, search]))
    assert shape.calls("gpt-5.5", cut=False)[0].web_searches == 3


def test_the_id_of_an_item_is_not_the_answers() -> None:
    shape = Responses(PLACE)
    shape.text(b'{"type":"response.created","response":{"id":"resp_1","model":"gpt-5.5"}}')
    shape.text(b'{"type":"response.output_item.done","item":{"id":"ws_1","type":"web_search_call","q":\xff')
    (call,) = shape.calls("", cut=True)
    assert (call.id, call.outcome) == ("resp_1", "cut")


def test_counts_of_a_failed_answer_count_as_of_one_that_broke_off() -> None:
    shape = Responses(PLACE)
    shape.text(completed(status="failed").replace(b"response.completed", b"response.failed"))
    (call,) = shape.calls("", cut=False)
    assert (call.outcome, call.tokens) == ("cut", Tokens(40, 60, 0, 0, 7))


def test_an_error_before_the_answer_is_a_failure_and_one_within_cuts_it() -> None:
    shape = Responses(PLACE)
    shape.text(b'{"type":"error","code":"rate_limit_exceeded"}')
    assert shape.calls("", cut=False)[0].outcome == "failed"
    shape = Responses(PLACE)
    shape.text(b'{"type":"response.created","response":{"id":"resp_1"}}')
    shape.text(b'{"type":"error","code":"server_error"}')
    assert shape.calls("", cut=False)[0].outcome == "cut"


def test_windows_in_a_stream_are_told() -> None:
    shape = Responses(PLACE)
    shape.text(b'{"type":"codex.rate_limits","rate_limits":{"primary":{"used_percent":9,"window_minutes":300}}}')
    assert [limit.used_percent for limit in shape.limits] == [9.0]


def test_text_that_talks_of_an_end_does_not_matter() -> None:
    said = {"type": "response.output_text.delta", "delta": '"response.completed" "error"'}
    assert not Responses(PLACE).wants(json.dumps(said).encode())


def test_an_image_model_that_is_not_named_is_called_after_its_tool() -> None:
    shape = Responses(PLACE)
    shape.text(completed(tool_usage={"image_gen": {"input_tokens": 6, "output_tokens": 9, "total_tokens": 15}}))
    assert [(call.model, call.part, call.kind) for call in shape.calls("", cut=False)] == [
        ("gpt-5.5", 0, ""),
        ("image_generation", 1, "image"),
    ]


def test_events_that_only_mention_something_change_nothing() -> None:
    shape = Responses(PLACE)
    search = {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}}
    shape.text(json.dumps({"type": "response.output_item.added", "item": search}).encode())
    shape.text(b'{"type":"response.other","error":null}')
    (call,) = shape.calls("", cut=False)
    assert (call.web_searches, call.outcome) == (0, "missing")
