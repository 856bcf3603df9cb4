"""Responses on a websocket: each answer counted when it ends, errors, warm-ups, and memory over thousands of answers."""

import gc
import json
import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.providers.sampling import SHELF

from tallystick.providers.openai_socket import Socket
from tallystick.providers.provider import Asked, Call
from tallystick.usage.tokens import Tokens

ASKED = Asked("GET", "api.openai.com", "/v1/responses", {"upgrade": "websocket"})
USAGE = {"input_tokens": 100, "input_tokens_details": {"cached_tokens": 60}, "output_tokens": 7, "total_tokens": 107}


def socket() -> Socket:
    watch = SHELF.watch(ASKED)
    assert isinstance(watch, Socket)
    watch.head(101, {"x-request-id": "req_of_the_upgrade"})
    return watch


def create(watch: Socket, **more: Any) -> None:  # noqa: ANN401 - JSON
    assert watch.frame_sent(json.dumps({"type": "response.create", "model": "gpt-5.5"} | more).encode()) == []


def event(watch: Socket, kind: str, **more: Any) -> list[Call]:  # noqa: ANN401 - JSON
    response = {"id": "resp_1", "model": "gpt-5.5", "status": kind} | more
    return watch.frame_took(json.dumps({"type": f"response.{kind}", "response": response}).encode())


def test_an_answer_is_told_when_it_ends_and_not_again_at_the_close() -> None:
    watch = socket()
    create(watch)
    assert event(watch, "created") == []
    (call,) = event(watch, "completed", usage=USAGE)
    assert (call.tokens, call.outcome, call.id) == (Tokens(40, 60, 0, 0, 7), "done", "resp_1")
    assert watch.end(cut=True) == []


def test_the_upgrades_id_names_no_answer() -> None:
    watch = socket()
    create(watch)
    assert event(watch, "completed", usage=USAGE)[0].request == ""


def test_a_warm_up_is_marked_with_its_counts() -> None:
    watch = socket()
    create(watch, generate=False)
    (call,) = event(watch, "completed", usage={"input_tokens": 18, "output_tokens": 0, "total_tokens": 18})
    assert (call.outcome, call.tokens) == ("prewarm", Tokens(18))
    create(watch, generate=False)
    (call,) = event(watch, "completed")
    assert (call.outcome, call.tokens) == ("prewarm", Tokens())


def test_an_answer_that_is_waited_for_at_the_close_was_cut_off() -> None:
    watch = socket()
    create(watch)
    create(watch, model="gpt-5.5-mini")
    event(watch, "created")
    first, second = watch.end(cut=True)
    assert (first.id, first.model, first.outcome) == ("resp_1", "gpt-5.5", "cut")
    assert (second.id, second.model, second.outcome) == ("", "gpt-5.5-mini", "cut")
    assert watch.end(cut=True) == []


def test_the_model_of_the_message_before_holds_where_none_is_named() -> None:
    watch = socket()
    create(watch)
    watch.frame_sent(b'{"type":"response.create","previous_response_id":"resp_1"}')
    assert [call.asked_model for call in watch.end(cut=True)] == ["gpt-5.5", "gpt-5.5"]


def test_an_error_ends_the_answer_that_it_is_about() -> None:
    watch = socket()
    create(watch)
    (call,) = watch.frame_took(b'{"type":"error","status_code":503,"error":{"code":"server_error"}}')
    assert (call.outcome, call.status, call.model) == ("failed", 503, "gpt-5.5")
    create(watch)
    event(watch, "created")
    (call,) = watch.frame_took(b'{"type":"error","error":{"code":"server_error"}}')
    assert (call.outcome, call.id) == ("cut", "resp_1")
    create(watch)
    assert event(watch, "completed", usage=USAGE)[0].outcome == "done"


def test_messages_of_other_kinds_ask_for_nothing() -> None:
    watch = socket()
    watch.frame_sent(b'{"type":"response.cancel"}')
    watch.frame_sent(b'{"type":"other","note":"response.create"}')
    watch.sent(b"{}")
    assert watch.took(b"{}") == []
    assert watch.end(cut=False) == []


def test_memory_stays_flat_over_two_thousand_answers() -> None:
    watch = socket()
    content = [{"type": "message", "content": "x" * 20_000}]
    ask = json.dumps({"type": "response.create", "model": "gpt-5.5", "input": content}).encode()
    response = {"id": "resp_1", "model": "gpt-5.5", "status": "completed", "output": content, "usage": USAGE}
    end = json.dumps({"type": "response.completed", "response": response}).encode()

    def answers(number: int) -> None:
        for _ in range(number):
            watch.frame_sent(ask)
            assert len(watch.frame_took(end)) == 1

    answers(10)
    tracemalloc.start()
    try:
        answers(10)
        before, _ = tracemalloc.get_traced_memory()
        answers(2_000)
        # What is garbage by now is no growth.
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000


@given(
    st.lists(
        st.tuples(
            st.booleans(),
            st.binary(max_size=80)
            | st.sampled_from(
                [
                    b'{"type":"response.create"}',
                    b'{"type":"response.completed","response":{}}',
                    b'{"type":"error","headers":{"x":[1]}}',
                    b'{"type":"response.completed","response":{"usage":[]}}',
                ]
            ),
        )
    )
)
def test_nothing_is_raised_for_any_messages(frames: list[tuple[bool, bytes]]) -> None:
    watch = socket()
    for sent, data in frames:
        _ = watch.frame_sent(data) if sent else watch.frame_took(data)
    watch.end(cut=True)


def test_what_belongs_to_no_answer_is_passed_over() -> None:
    watch = socket()
    search = {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}}
    for message in (
        {"type": "response.output_item.done", "item": search},
        {"type": "response.completed"},
        {"x": "error"},
    ):
        assert watch.frame_took(json.dumps(message).encode()) == []
    assert watch.end(cut=True) == []
