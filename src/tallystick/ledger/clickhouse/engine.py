"""The engine: answers named questions from the servers, takes batches in and has them settled."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from threading import Lock, RLock
from typing import Final

from tallystick.errors import Unavailable
from tallystick.ledger.clickhouse.address import parse
from tallystick.ledger.clickhouse.schema import bring_up_to_date
from tallystick.ledger.clickhouse.server import Server, bound
from tallystick.ledger.clickhouse.settling import Outcome, Settler
from tallystick.ledger.clickhouse.steady import APART_S, PATIENCE_S, Steady
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.clickhouse.together import Together
from tallystick.ledger.ledger import Arrival, Batch, Receipt, Row, Turn

_QUESTIONS: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "questions")
_BINARY: Final = {"source": ("state",), "all_sources": ("state",)}
"""Columns that are no text, by question."""
_MANY: Final = 20_000
_FEW: Final = 20_000
"""Events up to which what one thread adds waits for that of others, to go in with it."""
_SHOWN_NS: Final = 1_000_000_000
"""For so long a context may be shown as it was, after another node has learned of its session's project."""


class ClickhouseLedger:
    """Keeps the promise of `Ledger` on ClickHouse."""

    def __init__(self, url: str, clock: Callable[[], int], password: str = "", turn: Turn | None = None) -> None:
        """Connect, and make the tables or bring them to the newest form; the clock tells nanoseconds since 1970.

        Without a turn to settle, no other process must add to the ledger.
        """
        self.server = Server(parse(url, password))
        bring_up_to_date(self.server)
        self._clock, self._last = clock, 0
        self._whose = turn
        self._settler = Settler(self.server, turn)
        self._steady = Steady(self.server, lambda then: self._settler.settle(then) is not None) if turn else None
        self._within = False
        self._together: Together[tuple[Sequence[Batch], Sequence[Arrival]], Receipt] = Together(self._take)
        self._adding, self._turn = Lock(), RLock()
        self._known: Known | None = None
        self._texts: dict[str, str] = {}
        self._contexts: dict[int, list[Row]] = {}
        self._looked = -_SHOWN_NS
        self._state: Row = ()

    def _now(self) -> int:
        """Return the time; two things never came at one."""
        self._last = max(self._clock(), self._last + 1)
        return self._last

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        """Take batches in as they come, with what is known of those who sent them, all or none.

        Afterwards they are durable and every question knows them, whichever process asks. What several threads add at a
        time goes in together, and one of them is told of all of it.
        """
        coming, held, events = iter(batches), list[Batch](), 0
        for batch in coming:
            held.append(batch)
            events += len(batch.events)
            if events > _FEW:
                return self._take([(chain(held, coming), arrivals)])[0]
        return self._together.do((held, list(arrivals)))

    def _take(self, offers: Sequence[tuple[Iterable[Batch], Iterable[Arrival]]]) -> list[Receipt]:
        # Where no other process adds, questions wait instead of asking between rounds.
        with self._adding if self._steady else self._turn:
            known = self._known = self._known or Known.of(self.server)
            telling = Telling(self.server, known, self._now)
            told = telling.tell(
                chain.from_iterable(each for each, _ in offers), chain.from_iterable(each for _, each in offers)
            )
            if telling.renames:
                self._known = None
            outcome = self._settled(told)
        with self._turn:
            self._contexts.clear()
        known_already = sum(telling.came[key] for key in outcome.unchanged)
        return [Receipt(outcome.new, outcome.changed, known_already), *(Receipt() for _ in offers[1:])]

    def _settled(self, told: list[int]) -> Outcome:
        """See to it that additions are settled, by whoever's turn it is; return what became of them, as far as that is this one's."""
        end = time.monotonic() + PATIENCE_S
        while (outcome := self._settler.settle()) is None:
            if not self._settler.lacks(told):
                return Outcome(0, 0, set())
            if time.monotonic() > end:
                raise Unavailable("The ledger is being settled by another server, and has been for long. Try again.")
            time.sleep(APART_S)
        return outcome

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question has for these values."""
        if question == "context":
            with self._turn:
                return self._context(int(values["context"]))
        text = bound(self._text(question), values)
        return self._seen(lambda: self.server.rows(text, binary=_BINARY.get(question, ())))

    def _seen[T](self, asking: Callable[[], T]) -> T:
        with self._turn:
            if self._steady is None or self._within:
                return asking()
            self._within = True
            try:
                return self._steady.see(asking)
            finally:
                self._within = False

    def _text(self, question: str) -> str:
        text = self._texts.get(question)
        if text is None:
            with open(os.path.join(_QUESTIONS, f"{question}.sql"), encoding="utf-8") as file:
                text = self._texts[question] = file.read()
        return text

    def _context(self, number: int) -> list[Row]:
        """Return one context: they are asked for one by one, hundreds for one answer, so that many are read at once."""
        shown = self._shown()
        if not shown:
            every = self.server.rows(f"{self._text('contexts')} LIMIT {_MANY}")
            shown.update((row[0], [row]) for row in every)
        if number not in shown:
            shown[number] = self.server.rows(bound(self._text("context"), {"context": number}))
        return shown[number]

    def _shown(self) -> dict[int, list[Row]]:
        """Return the contexts that are known as they are shown, none after something was settled, here or elsewhere."""
        now = self._clock()
        if not 0 <= now - self._looked < _SHOWN_NS:
            (state,) = self.server.rows("SELECT max(number) AS n, count() AS rows FROM rounds")
            if state != self._state:
                self._contexts.clear()
            self._looked, self._state = now, state
        return self._contexts

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns; all its questions see the ledger as it is now, whoever adds to it meanwhile."""
        return self._seen(asking)

    def forget(self) -> None:
        """Learn anew what the ledger knows, which others may have changed."""
        self._known = None
        self._contexts.clear()
        self._settler = Settler(self.server, self._whose)

    def close(self) -> None:
        """Let go of the servers."""
        if self._whose is not None:
            self._whose.close()
        self.server.close()
