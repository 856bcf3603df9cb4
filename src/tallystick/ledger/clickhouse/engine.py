"""The engine: answers named questions from the servers, takes batches in and has them settled."""

import os
from collections.abc import Callable, Iterable
from threading import RLock
from typing import Final

from tallystick.ledger.clickhouse.address import parse
from tallystick.ledger.clickhouse.schema import bring_up_to_date
from tallystick.ledger.clickhouse.server import Server, bound
from tallystick.ledger.clickhouse.settling import Settler
from tallystick.ledger.clickhouse.telling import Known, Telling
from tallystick.ledger.ledger import Arrival, Batch, Receipt, Row

_QUESTIONS: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "questions")
_BINARY: Final = {"source": ("state",), "all_sources": ("state",)}
"""Columns that are no text, by question."""
_MANY: Final = 20_000
_SHOWN_NS: Final = 1_000_000_000
"""For so long a context may be shown as it was, after another node has learned of its session's project."""


class ClickhouseLedger:
    """Keeps the promise of `Ledger` on ClickHouse."""

    def __init__(self, url: str, clock: Callable[[], int], password: str = "") -> None:
        """Connect, and make the tables or bring them to the newest form; the clock tells nanoseconds since 1970."""
        self.server = Server(parse(url, password))
        bring_up_to_date(self.server)
        self._clock, self._last = clock, 0
        self._settler = Settler(self.server)
        self._known: Known | None = None
        self._turn = RLock()
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

        Afterwards they are durable and every question knows them.
        """
        with self._turn:
            if self._known is None:
                self._known = Known.of(self.server)
            self._contexts.clear()
            telling = Telling(self.server, self._known, self._now)
            telling.tell(batches, arrivals)
            if telling.renames:
                self.forget()
            outcome = self._settler.settle()
        return Receipt(outcome.new, outcome.changed, sum(telling.came[key] for key in outcome.unchanged))

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question has for these values."""
        with self._turn:
            if question == "context":
                return self._context(int(values["context"]))
            return self.server.rows(bound(self._text(question), values), binary=_BINARY.get(question, ()))

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
        with self._turn:
            return asking()

    def forget(self) -> None:
        """Learn anew what the ledger knows, which others may have changed."""
        self._known = None
        self._contexts.clear()
        self._settler = Settler(self.server)

    def close(self) -> None:
        """Let go of the servers."""
        self.server.close()
