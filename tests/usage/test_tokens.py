"""Token counts: sums in which each kind stands once."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.usage.tokens import NO_TOKENS, Tokens

COUNTS = st.builds(Tokens, *[st.integers(0, 2**40)] * 6)


def test_the_total_holds_each_kind_once_and_reasoning_not_again() -> None:
    # Powers of two: no two different sums of them are equal.
    tokens = Tokens(input=1, cache_read=2, cache_write_5m=4, cache_write_1h=8, output=16, reasoning=32)
    assert tokens.total == 1 + 2 + 4 + 8 + 16


def test_the_prompt_is_everything_sent_cached_or_not() -> None:
    tokens = Tokens(input=1, cache_read=2, cache_write_5m=4, cache_write_1h=8, output=16, reasoning=32)
    assert tokens.prompt == 1 + 2 + 4 + 8


@given(COUNTS)
def test_prompt_and_output_make_the_total(tokens: Tokens) -> None:
    assert tokens.prompt + tokens.output == tokens.total


def test_nothing_is_nothing() -> None:
    assert NO_TOKENS == (0, 0, 0, 0, 0, 0)
    assert NO_TOKENS.total == 0
