"""Sums: the same for the same rows in any order, others for others."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.copying.sums import Sum, digest_of, summed

WHOLE = st.integers(0, 2**64 - 1)


def test_a_digest_is_of_64_bits_and_tells_content_apart() -> None:
    told = {digest_of(each) for each in (("a", 1), ("a", 2), ("a1",), ("a", 1, None), ("a", "1"))}
    assert len(told) == 5
    assert all(0 <= each < 2**64 for each in told)
    assert digest_of("\udc80") != digest_of("\udc81")


def test_what_can_be_counted_is_added() -> None:
    assert summed([5, 7], [(1, 2), (10, 20)]) == Sum(2, 12, (3, 30))
    assert summed([2**64 - 1, 2]) == Sum(2, 1, ())
    assert Sum(1, 5, (3, 4)).plus(Sum(2, 2**64 - 4, (10, 20))) == Sum(3, 1, (13, 24))
    assert Sum().plus(Sum(1, 5, (3,))) == Sum(1, 5, (3,)) == Sum(1, 5, (3,)).plus(Sum())


@given(st.lists(WHOLE, max_size=6), st.lists(WHOLE, max_size=6))
def test_order_and_portions_do_not_matter(one: list[int], other: list[int]) -> None:
    assert summed(one).plus(summed(other)) == summed([*other, *one]) == summed(other).plus(summed(one))
