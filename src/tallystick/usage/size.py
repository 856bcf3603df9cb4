"""Classes of prompt size, so that a sum over many calls still knows which long-context price each one had."""

from bisect import bisect_left
from typing import Final

EDGES: Final = (
    32_000,
    99_999,
    100_000,
    127_999,
    128_000,
    199_999,
    200_000,
    255_999,
    256_000,
    271_999,
    272_000,
    511_999,
    512_000,
    524_288,
)
"""Upper ends of the classes, in tokens; a price tier that begins above or at one of the round numbers never divides a class.

Somebody counts 512 K as 524 288 (minimax-m3 at novita); `tests/prices` holds all known tiers against these edges.
"""


def size_class(prompt: int) -> int:
    """Return the class of a prompt of so many tokens: the index of the first edge that is not below it."""
    return bisect_left(EDGES, prompt)


def largest_in(class_: int) -> int:
    """Return the largest prompt of a class in tokens; for the open last class, one more than the last edge."""
    return EDGES[class_] if class_ < len(EDGES) else EDGES[-1] + 1
