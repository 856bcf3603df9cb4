"""Results of batches: each line that succeeded is a call of its own, whatever pieces they come in and wherever they break off."""

import json

from tests.providers.sampling import SHELF

from tallystick.providers.anthropic_batches import Results
from tallystick.providers.provider import Asked, Call
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

ASKED = Asked("GET", "api.anthropic.com", "/v1/messages/batches/msgbatch_01/results", {})
PLACE = Place(ASKED)


def message(number: int, **usage: object) -> dict[str, object]:
    counts = {
        "input_tokens": 10 * number,
        "cache_read_input_tokens": 3,
        "output_tokens": number,
        "service_tier": "batch",
    }
    return {
        "id": f"msg_{number}", "type": "message", "role": "assistant", "model": "claude-opus-4-8", "stop_reason": "end_turn",
        "content": [{"type": "text", "text": '"type":"succeeded"'}], "usage": counts | usage,
    }  # fmt: skip


def line(kind: str, **result: object) -> bytes:
    return json.dumps({"custom_id": "a", "result": {"type": kind, **result}}, separators=(",", ":")).encode() + b"\n"


LINES = [
    line("succeeded", message=message(1)),
    line("errored", error={"type": "invalid_request"}),
    line("succeeded", message=message(2, service_tier=None)),
    line("canceled"),
    line("expired"),
    line("succeeded", message=message(3)),
]
BODY = b"".join(LINES)


def call(number: int) -> Call:
    return Call(
        "anthropic", "claude-opus-4-8", Tokens(10 * number, 3, output=number), "done", f"msg_{number}", "req_1", tier="batch", kind="later"
    )  # fmt: skip


CALLS = [call(number) for number in (1, 2, 3)]


def told(*pieces: bytes, cut: bool = False) -> list[Call]:
    watch = SHELF.watch(ASKED)
    assert watch is not None
    watch.head(200, {"content-type": "application/x-jsonl", "request-id": "req_1"})
    return [each for piece in pieces for each in watch.took(piece)] + watch.end(cut=cut)


def test_each_line_that_succeeded_is_a_call_cut_at_every_byte() -> None:
    assert told(BODY) == CALLS
    assert told(*(BODY[place : place + 1] for place in range(len(BODY)))) == CALLS
    for place in range(len(BODY)):
        assert told(BODY[:place], BODY[place:]) == CALLS


def test_what_was_whole_when_it_broke_off_counts() -> None:
    for place in range(len(BODY) + 1):
        # A line counts as soon as its last brace is there.
        ends = [sum(map(len, LINES[: number + 1])) - 1 for number in (0, 2, 5)]
        assert told(BODY[:place], cut=True) == CALLS[: sum(place >= end for end in ends)]


def test_calls_are_told_as_their_lines_come() -> None:
    watch = SHELF.watch(ASKED)
    assert watch is not None
    watch.head(200, {"request-id": "req_1"})
    assert watch.took(LINES[0] + LINES[1]) == CALLS[:1]
    assert watch.took(LINES[2]) == CALLS[1:2]
    assert watch.end(cut=False) == []


def test_a_missing_batch_is_no_try_of_a_call() -> None:
    watch = SHELF.watch(ASKED)
    assert watch is not None
    watch.head(404, {})
    assert watch.end(cut=False) == []


def test_what_is_no_line_of_results_is_passed_over() -> None:
    shape = Results(PLACE)
    for said in (b"{no", b'{"result":{"type":"succeeded","message":1}}', b'{"result":null}', b"[]"):
        shape.text(said)
    assert [each.outcome for each in shape.calls("", cut=False)] == ["missing"]
