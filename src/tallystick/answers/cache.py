"""Caching: the part of prompts that came from a cache, and what the same work would have cost without one."""

from typing import Any, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Money, added
from tallystick.answers.fold import answered, fold
from tallystick.answers.pricing import Prices
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Variant


class Uncached(NamedTuple):
    """The prices of a book as if there were no caches: the whole prompt at the price of uncached input."""

    book: Prices

    @property
    def version(self) -> str:
        """The same for the same prices."""
        return f"{self.book.version} without caches"

    def quote(self, variant: Variant, prompt: int, time_ms: int) -> Quote | None:
        """Return the prices of a call with a prompt of so many tokens at a moment; None when they are not known."""
        found = self.book.quote(variant, prompt, time_ms)
        if found is None:
            return None
        return found._replace(cache_read=found.input, cache_write_5m=found.input, cache_write_1h=found.input)

    def thresholds(self, variant: Variant) -> tuple[int, ...]:
        """Return the prompt sizes above which the price of a model changes."""
        return self.book.thresholds(variant)


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer with what caches did for each row; without a book, with their part of the prompts only."""
    folded = fold(ledger, book, question)
    without = {} if book is None else {row.keys: row.figures for row in fold(ledger, Uncached(book), question).rows}
    plain = question.group_by == question.report.group_by
    rows = [row._replace(details=_told(row.figures, without.get(row.keys))) for row in folded.rows] if plain else None
    found = answered(ledger, question, folded if rows is None else folded._replace(rows=rows))
    return found._replace(details=_told(found.totals, added(without.values()) if without else None))


def _told(figures: Figures, without: Figures | None) -> Details:
    prompt = figures.total - figures.output
    told: dict[str, Any] = {"cache_share": figures.cache_read / prompt if prompt else None}
    priced = without is not None and figures.cost_usd is not None
    # What writing costs above plain input is taken off: with caches that are seldom read, it can be less than nothing.
    told["uncached_usd"] = Money(without.priced_pico) if priced and without else None
    told["saved_usd"] = Money(without.priced_pico - figures.priced_pico) if priced and without else None
    return told
