"""Sums: what rows come to, whatever their order, so that the same rows are told in two ledgers without laying them side by side."""

from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct
from typing import Any, Final, NamedTuple

_WRAP: Final = 2**64
_number = Struct("<Q").unpack


def digest(content: bytes) -> int:
    """Return content as a number of 64 bits."""
    found: int = _number(blake2b(content, digest_size=8).digest())[0]
    return found


def digest_of(value: Any) -> int:  # noqa: ANN401  whatever a row holds
    """Return the digest of plain values."""
    return digest(repr(value).encode("utf-8", "surrogatepass"))


class Sum(NamedTuple):
    """What some rows come to."""

    number: int = 0
    hash: int = 0
    """The sum of their digests."""
    counts: tuple[int, ...] = ()
    """The sums of what can be counted in them; empty where there are no rows."""

    def plus(self, other: "Sum") -> "Sum":
        """Return what both come to."""
        if not (self.counts and other.counts):
            counts = self.counts or other.counts
        else:
            counts = tuple(map(sum, zip(self.counts, other.counts, strict=True)))
        return Sum(self.number + other.number, (self.hash + other.hash) % _WRAP, counts)


def summed(digests: Iterable[int], counts: Iterable[Iterable[int]] = ()) -> Sum:
    """Return what rows come to of which these are the digests, and the columns that can be counted."""
    every = list(digests)
    return Sum(len(every), sum(every) % _WRAP, tuple(map(sum, counts)))
