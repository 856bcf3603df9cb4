"""Classes of tokens: what each of them cost, so that what is large in tokens and what is large in money can be told apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Money, added
from tallystick.answers.fold import answered, fold
from tallystick.answers.pricing import Prices
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Variant

CLASSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "input": ("input",),
        "cache_write": ("cache_write_5m", "cache_write_1h"),
        "cache_read": ("cache_read",),
        "output": ("output", "reasoning"),
        "web_search": ("web_search",),
    }
)
"""Each class, and those prices of a quote that are its own: together they are the whole cost, each part once."""
_EVERY: Final = frozenset(name for names in CLASSES.values() for name in names)


class Of(NamedTuple):
    """The prices of a book as if all other classes were free."""

    book: Prices
    free: Mapping[str, int]
    """The prices that are none here, each with 0."""

    @property
    def version(self) -> str:
        """The same for the same prices."""
        return f"{self.book.version} but {' '.join(sorted(self.free))}"

    def quote(self, variant: Variant, prompt: int, time_ms: int) -> Quote | None:
        """Return the prices of a call with a prompt of so many tokens at a moment; None when they are not known."""
        found = self.book.quote(variant, prompt, time_ms)
        return None if found is None else found._replace(**self.free)

    def thresholds(self, variant: Variant) -> tuple[int, ...]:
        """Return the prompt sizes above which the price of a model changes."""
        return self.book.thresholds(variant)


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer with what each class cost in each row; without a book, or with a grouping of its own, with the sums alone."""
    folded = fold(ledger, book, question)
    if book is None or question.group_by != question.report.group_by:
        return answered(ledger, question, folded)
    of = {
        name: {row.keys: row.figures for row in fold(ledger, Of(book, _free(prices)), question).rows}
        for name, prices in CLASSES.items()
    }
    rows = [
        row._replace(details=_told(row.figures, {name: of[name][row.keys] for name in CLASSES})) for row in folded.rows
    ]
    found = answered(ledger, question, folded._replace(rows=rows))
    return found._replace(details=_told(found.totals, {name: added(of[name].values()) for name in CLASSES}))


def _free(own: tuple[str, ...]) -> Mapping[str, int]:
    return dict.fromkeys(_EVERY.difference(own), 0)


def _told(figures: Figures, of: Mapping[str, Figures]) -> Details:
    priced = figures.cost_usd is not None
    told: dict[str, Any] = {f"{name}_usd": Money(each.priced_pico) if priced else None for name, each in of.items()}
    return told
