"""Chat Completions: where vendors put the counts, and what streams without them are. Whole exchanges are samples."""

import json
from typing import Any

from tallystick.providers.openai_chat import Chat
from tallystick.providers.provider import Asked, Call
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "api.openai.com", "/v1/chat/completions", {}))
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def chunk(finish: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"id": "c", "model": "m", "choices": [{"index": 0, "finish_reason": finish}]} | more


def calls(*chunks: dict[str, Any], cut: bool = False) -> list[Call]:
    shape = Chat(PLACE)
    for each in chunks:
        data = json.dumps(each).encode()
        if shape.wants(data):
            shape.text(data)
    return shape.calls("", cut=cut)


def test_usage_may_come_in_a_later_chunk_than_the_end() -> None:
    (call,) = calls(chunk(), chunk("stop"), chunk(choices=[], usage=USAGE), cut=True)
    assert (call.tokens, call.outcome) == (Tokens(10, 0, 0, 0, 5), "done")


def test_where_every_chunk_has_counts_those_before_the_end_are_of_a_part() -> None:
    (call,) = calls(chunk(usage=USAGE | {"completion_tokens": 2, "total_tokens": 12}), cut=True)
    assert (call.tokens, call.outcome) == (Tokens(10, 0, 0, 0, 2), "cut")
    (call,) = calls(chunk(usage=USAGE | {"completion_tokens": 2, "total_tokens": 12}), chunk("stop", usage=USAGE))
    assert (call.tokens, call.outcome) == (Tokens(10, 0, 0, 0, 5), "done")


def test_a_stream_that_was_not_asked_for_usage_misses_it_and_is_not_zero() -> None:
    assert calls(chunk(), chunk("stop"))[0].outcome == "missing"


def test_usage_that_is_null_is_not_looked_at() -> None:
    shape = Chat(PLACE)
    shape.text(json.dumps(chunk()).encode())
    assert not shape.wants(b'data: {"usage":null}\n\ndata: {"usage": null}\n\n')
    assert shape.wants(b'data: {"usage":null}\n\ndata: {"usage" : {"prompt_tokens":1}}\n\n')


def test_an_error_in_the_place_of_an_answer_is_a_failure() -> None:
    (call,) = calls({"error": {"message": "no credits", "code": 402}})
    assert call.outcome == "failed"


def test_an_error_in_the_middle_cuts_the_answer() -> None:
    (call,) = calls(chunk(usage=USAGE), {"error": {"message": "upstream"}})
    assert call.outcome == "cut"


def test_damaged_json_is_gleaned() -> None:
    shape = Chat(PLACE)
    shape.text(b'{"id":"c","model":"m","choices":[\xff],"usage":{"prompt_tokens":10,"completion_tokens":5}}')
    assert shape.calls("", cut=False) == [Call("", "m", Tokens(10, 0, 0, 0, 5), "done", "c")]
