"""The daybook: what was worked out of single days of a ledger, kept for as long as nothing of those days changes.

A ledger says in which state each day is, and no state ever comes twice, in whatever ledger. So all answers of a process
share one book of a kind, and after a change only the days that it touched are worked out anew.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.parts import KEPT
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, Period

_AT_ONCE: Final = 4
"""Days that are read together at most: of a busy year, each has tens of thousands of events."""
_FEW: Final = 2
"""Days that are worked out sooner than an answer without the book: those that go on."""
_SMALL: Final = 4
"""A period of less than this part of all days is a small one."""
_MOMENT_S: Final = 0.05
"""Whoever holds the book for longer works out many days."""


class Leaf[Page](NamedTuple):
    """What the book has of one day."""

    state: int
    """The day's, when it was worked out."""
    page: Page


class Daybook[Page]:
    """The pages of one kind: one for each day (UTC) with events or prompts, made from those and what they asked for."""

    def __init__(self, make: Callable[[Ledger, int, int], Mapping[int, Page]]) -> None:
        """Begin empty; `make` returns the pages of all days from one to another, the latter excluded."""
        self._make = make
        self._leaves: dict[int, Leaf[Page]] = {}
        self._asked = False
        self._ready: Callable[[], Mapping[int, Leaf[Page]]] | None = None
        self.made = 0
        """How many pages were worked out so far."""
        self.lock = threading.RLock()
        """Held while something is worked out: whoever waits for it finds it in the book."""

    def lay_ready(self, earlier: Callable[[], Mapping[int, Leaf[Page]]]) -> None:
        """Look into an earlier book before anything is worked out: what it has of days that are as they were then holds."""
        with self.lock:
            self._ready = earlier

    def at_hand(self) -> dict[int, Leaf[Page]]:
        """Return what was worked out so far, as it is."""
        with self.lock:
            return dict(self._leaves)

    def worth(self, ledger: Ledger, period: Period) -> bool:
        """Tell whether to use the book for an answer about a period.

        It needs all days, whatever the period, since what an event asked for may run on any other one. Whoever asks once is
        better off without it; whoever asks again will go on asking, as does a process that keeps a foldbook. While somebody works
        it out, those who ask about a few days need not wait for all others.
        """
        days: dict[int, int] = dict(ledger.ask("days"))
        if not self.lock.acquire(timeout=_MOMENT_S):
            asked_for = sum(period.since < (day + 1) * DAY_MS and day * DAY_MS < period.until for day in days)
            return asked_for * _SMALL > len(days)
        try:
            asked, self._asked = self._asked, True
            return asked or KEPT.book is not None or len(self._stale(days)) <= _FEW
        finally:
            self.lock.release()

    def leaves(self, ledger: Ledger) -> dict[int, Leaf[Page]]:
        """Return what there is of each day, as the ledger is now."""
        states: dict[int, int] = dict(ledger.ask("days"))
        with self.lock:
            for first, after in _runs(self._stale(states)):
                for day, page in self._make(ledger, first, after).items():
                    self._leaves[day] = Leaf(states[day], page)
                    self.made += 1
            return {day: self._leaves[day] for day in states}

    def _stale(self, states: Mapping[int, int]) -> list[int]:
        if self._ready is not None:
            ready, self._ready = self._ready, None
            self._leaves = {**ready(), **self._leaves}
        leaves = self._leaves
        return [day for day, state in states.items() if day not in leaves or leaves[day].state != state]


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first day and the one after the last of days that follow one another, given in their order."""
    first = after = None
    for day in days:
        if first is not None and after == day and day - first < _AT_ONCE:
            after = day + 1
            continue
        if first is not None and after is not None:
            yield first, after
        first, after = day, day + 1
    if first is not None and after is not None:
        yield first, after
