"""The daybook: what was worked out of single days of a ledger, kept for as long as nothing of those days changes.

A ledger says in which state each day is, and no state ever comes twice, in whatever ledger. So all answers of a process
share one book of a kind, and after a change only the days that it touched are worked out anew.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.parts import KEPT
from tallystick.answers.states import States
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

    def __init__(
        self,
        make: Callable[[Ledger, int, int], Mapping[int, Page]],
        grow: Callable[[Ledger, int, tuple[int, int], Page], Page | None] | None = None,
    ) -> None:
        """Begin empty; `make` returns the pages of all days from one to another, the latter excluded.

        `grow` returns the page of a day in the second of two states, given the one of the first, or None where it cannot.
        """
        self._make, self._grow = make, grow
        self._leaves: States[int, Page] = States()
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
            return {day: Leaf(*leaf) for day, leaf in self._leaves.newest()}

    def worth(self, ledger: Ledger, period: Period) -> bool:
        """Tell whether to use the book for an answer about a period.

        It needs all days, whatever the period, since what an event asked for may run on any other one. Whoever asks once is
        better off without it; whoever asks again will go on asking, as does a process that keeps a foldbook. While somebody works
        it out, those who ask about a few days need not wait for all others.
        """
        days: dict[int, int] = dict(ledger.ask("days"))
        # Where most days are at hand, whoever holds it will soon be done.
        known = len(days) - len(self._leaves) <= _AT_ONCE
        if not self.lock.acquire(timeout=-1 if known else _MOMENT_S):
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
            found: dict[int, Leaf[Page]] = {}
            for day, state in states.items():
                page = self._known(day, state)
                if page is not None:
                    found[day] = Leaf(state, page)
            missing = [day for day in states if day not in found]
            # Of many days at once, most are new ones.
            for day in missing if len(missing) <= _AT_ONCE else ():
                page = self._grown(ledger, day, states[day])
                if page is not None:
                    found[day] = Leaf(states[day], page)
            for first, after in _runs([day for day in missing if day not in found]):
                for day, page in self._make(ledger, first, after).items():
                    found[day] = Leaf(states[day], page)
                    self.made += 1
            for day in missing:
                self._leaves.put(day, *found[day])
            return {day: found[day] for day in states}

    def _known(self, day: int, state: int) -> Page | None:
        if self._ready is not None:
            ready, self._ready = self._ready, None
            for each, leaf in ready().items():
                if next(self._leaves.known(each), None) is None:
                    self._leaves.put(each, *leaf)
        return self._leaves.find(day, state)

    def _grown(self, ledger: Ledger, day: int, state: int) -> Page | None:
        """Return the page of a day that only grew since there was one."""
        if self._grow is not None:
            for before, page in self._leaves.known(day):
                grown = self._grow(ledger, day, (before, state), page)
                if grown is not None:
                    return grown
        return None

    def _stale(self, states: Mapping[int, int]) -> list[int]:
        return [day for day, state in states.items() if self._known(day, state) is None]


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
