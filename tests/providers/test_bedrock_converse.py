"""Converse: exclusive counts, lifetimes of what was written, errors. Whole exchanges are samples of `aws`."""

from tallystick.providers.bedrock_converse import Converse, tokens_of
from tallystick.providers.event_stream import FAULT
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "bedrock-runtime.us-east-1.amazonaws.com", "/model/m/converse", {}), "m")


def test_the_cache_is_beside_the_input_unless_the_total_says_otherwise() -> None:
    usage = {"inputTokens": 100, "outputTokens": 40, "cacheReadInputTokens": 30, "cacheWriteInputTokens": 20}
    assert tokens_of(usage) == (Tokens(100, 30, 20, 0, 40), False)
    assert tokens_of(usage | {"totalTokens": 190}) == (Tokens(100, 30, 20, 0, 40), False)
    assert tokens_of(usage | {"totalTokens": 140}) == (Tokens(50, 30, 20, 0, 40), False)
    assert tokens_of(usage | {"totalTokens": 999}) == (Tokens(100, 30, 20, 0, 40), True)


def test_what_was_written_for_an_hour_is_no_more_than_what_was_written() -> None:
    usage = {"inputTokens": 1, "cacheWriteInputTokens": 20, "cacheDetails": [{"ttl": "1h", "inputTokens": 90}, "odd"]}
    assert tokens_of(usage)[0] == Tokens(1, 0, 0, 20)


def test_an_exception_alone_is_a_failure_and_one_within_cuts_the_answer() -> None:
    shape = Converse(PLACE)
    shape.text(FAULT)
    assert shape.calls("", cut=False)[0].outcome == "failed"
    shape = Converse(PLACE)
    shape.text(b'{"role":"assistant","usage":null}')
    shape.text(FAULT)
    assert shape.calls("", cut=False)[0].outcome == "cut"


def test_an_answer_without_counts_misses_them() -> None:
    shape = Converse(PLACE)
    shape.text(b'{"stopReason":"end_turn"}')
    assert shape.calls("", cut=False)[0].outcome == "missing"


def test_damaged_json_is_gleaned() -> None:
    shape = Converse(PLACE)
    shape.text(b'{"output":"\xff","usage":{"inputTokens":3,"outputTokens":4}}')
    assert shape.calls("", cut=False)[0].tokens == Tokens(3, output=4)
