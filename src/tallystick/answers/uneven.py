"""Prices single events of models whose price changes inside a class of prompt sizes, where a sum cannot be priced."""

from collections.abc import Iterator
from typing import NamedTuple

from tallystick.answers.pricing import Codes, Prices
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import SLOT_MS
from tallystick.usage.tokens import Tokens


class Priced(NamedTuple):
    """What one event adds to the cost of its group."""

    slot: int
    context: int
    rank: int
    prices: tuple[int, int, int]
    """Cost in pico-dollars, requests with a price, tokens without one."""


def uneven(ledger: Ledger, book: Prices, question: Question, codes: Codes) -> Iterator[Priced]:
    """Yield the price of each event whose variant cannot be priced in sums."""
    for row in ledger.ask("events", since=question.period.since, until=question.period.until):
        rank = codes.rank(row[3])
        if rank not in codes.uneven:
            continue
        tokens = Tokens(*row[4:10])
        requests = row[18]
        quote = book.quote(codes.ranked[rank], tokens.prompt // requests, row[1])
        prices = (0, 0, tokens.total) if quote is None else (quote.cost(tokens, row[12]), requests, 0)
        yield Priced(row[1] // SLOT_MS, row[2], rank, prices)
