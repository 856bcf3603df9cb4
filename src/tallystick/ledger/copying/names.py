"""Names: what the numbers of contexts, variants and sources stand for in one ledger; in every ledger they are others."""

from collections.abc import Callable
from sys import intern
from typing import Any, Final

from tallystick.errors import Unavailable
from tallystick.ledger.copying.pages import LEAST_NUMBER, pages
from tallystick.ledger.ledger import Ledger, Row, Source
from tallystick.usage.event import Context, Variant
from tallystick.usage.identity import key

_STANDS_FOR: Final = "The ledger names a {} that is not in it. `tally ledger verify` tells more."


class Named[V: tuple[Any, ...]]:
    """The numbers of one kind, learned when they are met."""

    def __init__(self, what: str, ask: Callable[[int, int], list[Row]], make: Callable[[Row], V]) -> None:
        """Begin with none; `ask` returns rows from a number on, so many at most, `make` what a row without its number stands for."""
        self._what, self._ask, self._make = what, ask, make
        self._known: dict[int, V] = {}
        self._marks: dict[int, int] = {}

    def __getitem__(self, number: int) -> V:
        """Return what a number stands for."""
        self.mark(number)
        return self._known[number]

    def mark(self, number: int) -> int:
        """Return the same for one content in every ledger: a key of it."""
        found = self._marks.get(number)
        if found is None:
            self._learn(max(self._marks, default=LEAST_NUMBER - 1) + 1)
            found = self._marks.get(number)
        if found is None:
            # Where numbers are no count, what is new may stand anywhere.
            self._learn(LEAST_NUMBER)
            found = self._marks.get(number)
        if found is None:
            raise Unavailable(_STANDS_FOR.format(self._what))
        return found

    def _learn(self, first: int) -> None:
        for page in pages(self._ask, 0, first):
            for number, *row in page.rows:
                value = self._known[number] = self._make(tuple(row))
                self._marks[number] = key(*(each for each in value if isinstance(each, str)))

    def any(self) -> V:
        """Return one of them."""
        if not self._known:
            self._learn(LEAST_NUMBER)
        if not self._known:
            raise Unavailable(_STANDS_FOR.format(self._what))
        return next(iter(self._known.values()))

    def all(self) -> list[V]:
        """Return all that there are."""
        self._learn(LEAST_NUMBER)
        return list(self._known.values())


class Names:
    """What all numbers of one ledger stand for."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin with nothing known."""

        def asked(question: str) -> Callable[[int, int], list[Row]]:
            return lambda least, most: ledger.ask(question, least=least, most=most)

        self.contexts = Named("context", asked("all_contexts"), lambda row: Context._make(map(intern, row)))
        self.variants = Named("variant", lambda *_: ledger.ask("variants"), lambda row: Variant._make(map(intern, row)))
        self.sources = Named("source", asked("all_sources"), _standing)


def _standing(row: Row) -> Source:
    """Return a source as it stands to others, without how far it was read: whoever follows it begins anew, should the copy break off."""
    path, tool, witness, _, _, mtime, *_, last = row
    return Source(path, tool, witness, mtime=mtime, last=last)
