"""Classes of prompt size: no price tier of any vendor divides one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.usage.size import EDGES, largest_in, size_class

PROMPTS = st.integers(0, 3_000_000) | st.sampled_from(EDGES).flatmap(lambda edge: st.integers(edge - 1, edge + 1))


@pytest.mark.parametrize("above", [32_000, 128_000, 200_000, 256_000, 272_000, 512_000, 524_288])
def test_a_tier_strictly_above_a_round_number_begins_with_a_class(above: int) -> None:
    # Long-context prices apply above a number of tokens: 200 000 is short, 200 001 is long.
    assert size_class(above) + 1 == size_class(above + 1)


@pytest.mark.parametrize("start", [100_000, 128_000, 200_000, 256_000, 272_000, 512_000])
def test_a_tier_from_a_round_number_on_begins_with_a_class(start: int) -> None:
    assert size_class(start - 1) + 1 == size_class(start)


def test_the_first_class_begins_with_nothing_and_the_last_is_open() -> None:
    assert size_class(0) == 0
    assert size_class(10_000_000) == len(EDGES) == size_class(524_289)
    assert largest_in(len(EDGES)) == 524_289


@given(PROMPTS, PROMPTS)
def test_a_longer_prompt_is_never_in_a_lower_class(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert size_class(shorter) <= size_class(longer)


@pytest.mark.parametrize("class_", range(len(EDGES) + 1))
def test_the_largest_of_a_class_is_in_it(class_: int) -> None:
    assert size_class(largest_in(class_)) == class_


@pytest.mark.parametrize("class_", range(len(EDGES)))
def test_one_token_more_than_the_largest_is_in_the_next_class(class_: int) -> None:
    assert size_class(largest_in(class_) + 1) == class_ + 1
