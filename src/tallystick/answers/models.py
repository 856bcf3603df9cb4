"""Models: beside their figures when each was last called, how long it worked, and what an hour and a second of that gave."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Moment, Money, Row
from tallystick.answers.fold import Contexts, answered, fold, grouped
from tallystick.answers.parts import KEPT, Span, Sums
from tallystick.answers.pricing import Codes, name_of
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import HOUR_MS

if TYPE_CHECKING:
    from tallystick.answers.growth import News

ENOUGH: Final = 0.9
"""The part of the requests whose length has to be known for a cost per hour: that of the others cannot be left out of it."""


class Work(NamedTuple):
    """How long a model worked."""

    timed: int = 0
    """Requests whose length is known."""
    ms: int = 0
    output: int = 0
    """Output tokens of those."""
    last: int = 0
    """When the last request of any length ended: milliseconds since 1970, UTC; 0 without any."""

    def plus(self, other: "Work") -> "Work":
        """Return both together."""
        return Work(
            self.timed + other.timed, self.ms + other.ms, self.output + other.output, max(self.last, other.last)
        )

    def told(self, figures: Figures) -> Details:
        """Return it as details of figures."""
        cost = figures.cost_usd
        known = self.ms > 0 and self.timed >= figures.requests * ENOUGH
        told: dict[str, Any] = {"last": Moment(self.last) if self.last else None, "work_ms": self.ms}
        told["cost_usd_per_hour"] = None if cost is None or not known else Money(cost * HOUR_MS // self.ms)
        told["output_per_second"] = self.output * 1000 / self.ms if self.ms else None
        return told


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer by model, with details where nothing else divides a model."""
    folded = fold(ledger, book, question)
    if question.group_by != question.report.group_by:
        return answered(ledger, question, folded)
    work = _work(ledger, question)
    rows = [Row(row.keys, row.figures, work[row.keys[0]].told(row.figures)) for row in folded.rows]
    found = answered(ledger, question, folded._replace(rows=rows))
    whole = Work()
    for each in work.values():
        whole = whole.plus(each)
    return found._replace(details=whole.told(found.totals))


def _work(ledger: Ledger, question: Question) -> defaultdict[str, Work]:
    working = _Working(ledger, question)
    if KEPT.book is None:
        return working.whole(question.period.slots, None)
    where = tuple(sorted((name, tuple(patterns)) for name, patterns in question.where.items()))
    zone = question.period.zone
    found: defaultdict[str, Work] = defaultdict(Work)
    from tallystick.answers.foldbook import How

    how = How(working.day, working.grown)
    for part in KEPT.book.parts(ledger, ("work", zone.name, where), question.period.slots, how, zone):
        for name, work in part.items():
            found[name] = found[name].plus(work)
    return found


class _Working:
    """Adds up how long models worked, for one question."""

    def __init__(self, ledger: Ledger, question: Question) -> None:
        self._ledger, self._question = ledger, question._replace(group_by=())
        self._variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
        self._codes = Codes(question, self._variants, None)

    def day(self, span: Span, sums: Callable[[], Sums]) -> dict[str, Work]:
        """Return the work of a day, or of what of it lies in a period."""
        return self.whole(span, sums().contexts if self._question.needs_context else None)

    def grown(self, before: dict[str, Work], _: Span, came: "News") -> dict[str, Work]:
        """Return the work of a day to which more has come."""
        rows = [
            (place[4], place[1], *timed[2:], timed[1]) for place, timed in zip(came.sums.rows, came.timed, strict=True)
        ]
        found = self._added(rows, came.sums.contexts if self._question.needs_context else None)
        return {name: before.get(name, Work()).plus(found.get(name, Work())) for name in before | found}

    def whole(self, slots: Span, contexts: Contexts | None) -> defaultdict[str, Work]:
        """Return the work of a time by the name of the model; who knows its contexts already hands them in."""
        return self._added(self._ledger.ask("work", since=slots[0], until=slots[1]), contexts)

    def _added(self, rows: Iterable[tuple[Any, ...]], contexts: Contexts | None) -> defaultdict[str, Work]:
        groups = grouped(self._ledger, self._question, contexts)[0] if self._question.needs_context else None
        found: defaultdict[str, Work] = defaultdict(Work)
        for context, variant, *sums in rows:
            if (groups is None or groups[context] >= 0) and self._codes.rank(variant) >= 0:
                name = name_of(self._variants[variant], "model")
                found[name] = found[name].plus(Work(*sums))
        return found
