"""The model in a request's body, wherever it stands, and nothing kept of the rest."""

import json

from tests.providers.sampling import cuts

from tallystick.providers.request import Request


def model(*pieces: bytes) -> str:
    request = Request()
    for piece in pieces:
        request.add(piece)
    return request.model()


def test_a_body_that_begins_with_the_model_is_not_kept() -> None:
    request = Request()
    request.add(b' {"model" : "claude-opus-5-5","messages":')
    request.add(b"x" * 10**6)
    assert len(request._held) == 0
    assert request.model() == "claude-opus-5-5"


def test_the_models_name_is_found_wherever_the_body_is_cut() -> None:
    first = json.dumps({"model": "gpt-5.5", "messages": []}).encode()
    last = json.dumps({"messages": [{"input": {"model": "sonnet"}}], "model": "gpt-5.5"}).encode()
    for body in (first, last):
        for pieces in cuts(body):
            assert model(*pieces) == "gpt-5.5"


def test_a_name_inside_a_message_is_not_the_requests() -> None:
    assert model(b'{"messages":[{"input":{"model":"sonnet"}}],"stream":true}') == ""


def test_of_a_body_that_was_cut_off_the_last_name_counts() -> None:
    assert model(b'{"messages":[{"input":{"model":"sonnet"}}],"model":"gpt-5.5","tools":[') == "gpt-5.5"


def test_of_a_body_too_long_to_keep_the_last_name_counts() -> None:
    body = b'{"messages":["' + b"x" * (20 * 2**20) + b'",{"input":{"model":"sonnet"}}],"model":"gpt-5.5"}'
    assert model(body) == "gpt-5.5"


def test_what_is_no_json_has_no_model() -> None:
    assert model(b"--form-data\r\n") == ""
    assert model() == ""
    assert model(b'{"model":5}') == ""


def test_a_long_body_is_looked_at_for_its_beginning_only_once() -> None:
    assert model(b'{"messages":"', b"x" * 600, b'"', b',"model":"m"}') == "m"


def test_asked_again_it_says_the_same() -> None:
    request = Request()
    request.add(b'{"messages":[],"model":"m"}')
    assert request.model() == "m"
    request.add(b"more")
    assert request.model() == "m"
