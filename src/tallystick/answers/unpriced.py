"""Models without a known price in a whole ledger: only the sums of those that may have none are looked at."""

from bisect import bisect_left
from collections import Counter

from tallystick.answers.pricing import RANK, Pricing
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import SLOT_MS
from tallystick.usage.size import largest_in


def unpriced(ledger: Ledger, book: PriceBook) -> tuple[tuple[str, int], ...]:
    """Return the models of which something has no known price, and how many tokens of each, most first."""
    extent = ledger.ask("extent")
    if not extent:
        return ()
    first, last = extent[0]
    found: Counter[str] = Counter()
    for number, *named in ledger.ask("variants"):
        variant = Variant(*named)
        if not _priced(book, variant, first - first % SLOT_MS, last):
            found[variant.model] += _lacking(ledger, book, number, variant)
    return tuple(sorted(((model, n) for model, n in found.items() if n), key=lambda each: (-each[1], each[0])))


def _priced(book: PriceBook, variant: Variant, first: int, last: int) -> bool:
    """Tell whether calls of every size have a price from one moment to another."""
    for prompt in (0, *(threshold + 1 for threshold in book.thresholds(variant))):
        moment = first
        while moment <= last:
            quote = book.quote(variant, prompt, moment)
            if quote is None:
                return False
            moment = quote.until
    return True


def _lacking(ledger: Ledger, book: PriceBook, number: int, variant: Variant) -> int:
    """Return how many tokens of a variant have no price."""
    pricing, thresholds = Pricing(book), book.thresholds(variant)
    tokens = 0
    for slot, size, count in ledger.ask("tokens_of", variant=number):
        prompt = largest_in(size)
        code = number << RANK | bisect_left(thresholds, prompt) << 4
        if pricing.quote(code, variant, prompt, slot) is None:
            tokens += count
    return tokens
