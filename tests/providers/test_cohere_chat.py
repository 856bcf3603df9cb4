"""Cohere's Chat: which of its two counts holds. Whole exchanges are samples of `cohere`."""

import pytest

from tallystick.providers.cohere_chat import Chat, tokens_of
from tallystick.providers.provider import Asked
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

PLACE = Place(Asked("POST", "api.cohere.com", "/v2/chat", {}))


@pytest.mark.parametrize(
    "usage, tokens",
    [
        # What the vendor's own reference shows: 66 of the 71 tokens are its own.
        ({"billed_units": {"input_tokens": 5, "output_tokens": 418}, "tokens": {"input_tokens": 71, "output_tokens": 418}}, Tokens(5, output=418)),
        ({"tokens": {"input_tokens": 71, "output_tokens": 418}}, Tokens(71, output=418)),
        ({"billed_units": {"search_units": 1}, "tokens": {"input_tokens": 3, "output_tokens": 2}}, Tokens(3, output=2)),
        ({"tokens": {"input_tokens": 1_500, "output_tokens": 12}, "cached_tokens": 600}, Tokens(900, 600, output=12)),
        # No more can come from a cache than is billed.
        ({"billed_units": {"input_tokens": 5, "output_tokens": 1}, "cached_tokens": 600}, Tokens(0, 5, output=1)),
    ],
)  # fmt: skip
def test_what_is_billed_decides(usage: dict[str, object], tokens: Tokens) -> None:
    assert tokens_of(usage) == tokens


def test_an_error_at_once_is_a_failure_and_silence_misses_the_counts() -> None:
    shape = Chat(PLACE)
    shape.text(b'{"type":"message-end","delta":{"finish_reason":"ERROR","error":"overloaded"}}')
    assert shape.calls("", cut=False)[0].outcome == "failed"
    shape = Chat(PLACE)
    shape.text(b'{"id":"c1","message":{}}')
    assert shape.calls("", cut=False)[0].outcome == "missing"


def test_what_lies_between_does_not_matter() -> None:
    assert not Chat(PLACE).wants(
        b'{"type":"content-delta","delta":{"message":{"content":{"text":"\\"message-end\\""}}}}'
    )
