"""The counting rules of `token_count` events, which tell running totals and, since 0.5x, the last request.

A counts tuple is (input, cached, written, output, reasoning, read) as Codex writes them: cached and written
tokens are inside input, reasoning is inside output; `read` is what the first versions called cached.
`total_tokens` is left out: compaction and the cap at the context window rewrite it without any request.
"""

from collections import deque
from typing import Any, Final

from tallystick.usage.tokens import Tokens

type Counts = tuple[int, int, int, int, int, int]

_REMEMBERED: Final = 4
"""Earlier totals by which a late repetition is known."""
_NEARLY: Final = 98
"""A total that fell, but not below so many per cent of the one before, came out of order."""


def tokens_of(counts: Counts) -> Tokens:
    """Return disjoint counts: from input what was cached and written is taken out."""
    prompt, cached, written, output, reasoning, read = counts
    if not cached:
        cached = read
    cached = min(cached, prompt)
    fresh = prompt - cached
    if written:
        written = min(written, fresh)
        fresh -= written
    return tuple.__new__(Tokens, (fresh, cached, written, 0, output, min(reasoning, output)))


class Counters:
    """Follows the totals of one file, copies included, and says what each event adds."""

    __slots__ = ("_earlier", "_inherited", "_reset", "total")

    def __init__(self, state: list[Any] | None = None) -> None:
        """Begin without totals, or go on from `state()`."""
        self.total: Counts | None = None
        """The totals told last."""
        self._earlier: deque[Counts] = deque(maxlen=_REMEMBERED)
        self._inherited = 0
        """Tokens that the totals held when the file's own part began; totals up to that are its parent's."""
        self._reset = False
        """The context was declared full, after which totals begin again."""
        if state:
            total, earlier, self._inherited, self._reset = state
            self.total = tuple(total) if total else None
            self._earlier.extend(tuple(each) for each in earlier)

    def state(self) -> list[Any] | None:
        """Return what another one needs to go on, as JSON holds it."""
        if self.total is None and not self._reset:
            return None
        return [self.total, list(self._earlier), self._inherited, self._reset]

    def copy(self, total: Counts | None, last: Counts | None) -> None:
        """Take totals whose requests are counted elsewhere: they are what later ones build on."""
        if total is not None:
            if _any(total):
                self._advance(total)
        elif last is not None and _any(last):
            self._advance(_sum(self.total, last))

    def inherit(self) -> None:
        """Note that the file's own part begins here."""
        self._inherited = _size(self.total) if self.total else 0

    def step(self, total: Counts | None, last: Counts | None) -> Counts | None:
        """Return the request that an event tells of, or None when it tells of none."""
        before = self.total
        if total is None:
            return None if last is None else self._only_last(last)
        if last is None:
            return self._only_total(total)
        if total == before:
            # The interface and the rate limits make Codex repeat the event.
            return None
        # Only `total_tokens` is set: after a compaction an estimate of the next prompt, or a context declared full.
        if not last[0] and not last[3]:
            self._reset = self._reset or not _any(total)
            return None
        if before is not None:
            if total[0] + total[3] <= before[0] + before[3] and not self._begins_anew(total, last):
                return None
            self._earlier.append(before)
        self.total = total
        self._reset = False
        self._inherited = 0
        return last

    def _begins_anew(self, total: Counts, last: Counts) -> bool:
        """Tell whether totals that fell come from a new request rather than out of order."""
        if total in self._earlier or self.total is None:
            return False
        if self._reset or total == last:
            return True
        # A parent's snapshot can follow the beginning of the child's own part.
        return not self._inherited and not _is_stale(_size(total), _size(self.total), _size(last))

    def _only_last(self, last: Counts) -> Counts | None:
        """Return the request where an event tells nothing else."""
        if not _any(last):
            return None
        self._advance(_sum(self.total, last))
        return last

    def _only_total(self, total: Counts) -> Counts | None:
        """Return the request where an event tells only totals: their growth, or all of them when they begin anew."""
        before = self.total
        if total == before:
            return None
        if not _any(total):
            self._reset = True
            return None
        if before is None or self._reset:
            self._advance(total)
            return total
        now, then = _size(total), _size(before)
        if now < then and (self._inherited or total in self._earlier or _is_stale(now, then, 0)):
            return None
        self._advance(total)
        if now < then:
            return total
        grown = tuple(max(0, new - old) for new, old in zip(total, before, strict=True))
        return grown if _any(grown) else None  # type: ignore[arg-type,return-value]

    def _advance(self, total: Counts) -> None:
        if self.total is not None:
            self._earlier.append(self.total)
        self.total, self._reset, self._inherited = total, False, 0


def _any(counts: Counts) -> bool:
    return counts[0] > 0 or counts[3] > 0


def _size(counts: Counts) -> int:
    return counts[0] + counts[3]


def _is_stale(now: int, before: int, last: int) -> bool:
    return now * 100 >= before * _NEARLY or before - now <= 2 * last


def _sum(one: Counts | None, other: Counts) -> Counts:
    return tuple(a + b for a, b in zip(one, other, strict=True)) if one else other  # type: ignore[return-value]
