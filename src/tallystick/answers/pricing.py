"""Prices for sums: which calls share a price, and what each sum of them costs."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from tallystick.answers.question import OF_VARIANT, Question, fits
from tallystick.prices.price_book import Quote
from tallystick.usage.event import Variant
from tallystick.usage.period import SLOT_MS
from tallystick.usage.size import largest_in, size_class
from tallystick.usage.tokens import Tokens

RANK: Final = 8
"""Where the variant's rank begins in a code, above four bits for the tier and four for the witnesses."""
_SLOTS_A_DAY: Final = 96


class Prices(Protocol):
    """What is asked of a price book, so that the same sums can be priced in another way."""

    @property
    def version(self) -> str:
        """The same for the same prices."""

    def quote(self, variant: Variant, prompt: int, time_ms: int) -> Quote | None:
        """Return the prices of a call with a prompt of so many tokens at a moment; None when they are not known."""

    def thresholds(self, variant: Variant) -> tuple[int, ...]:
        """Return the prompt sizes above which the price of a model changes."""


def name_of(variant: Variant, key: str) -> str:
    """Return what a variant is called in a row's key."""
    if key == "tier":
        return " ".join(part for part in variant[2:] if part) or "standard"
    return variant.model if key == "model" else variant.provider


class Codes(dict[int, int]):
    """From a ledger row's variant and size class (`variant << 4 | size`) to what decides its price; negative is filtered out.

    A code is the variant's rank and the number of price tiers that its prompt exceeds: rows with one code and one moment
    have one price, so that they can be added up before they are priced.
    """

    def __init__(self, question: Question, variants: Mapping[int, Variant], book: Prices | None) -> None:
        """Prepare for the variants of a ledger; without a book there is one code for each variant."""
        super().__init__()
        self._where = {key: question.where[key] for key in OF_VARIANT if key in question.where}
        self._variants = variants
        self._book = book
        self.ranked: list[Variant] = []
        """Variants by rank."""
        self.thresholds: list[tuple[int, ...]] = []
        """By rank, the prompts above which another price holds."""
        self.uneven: set[int] = set()
        """Ranks whose price changes inside a class of sizes, so that only single events can be priced."""
        self._ranks: dict[int, int] = {}
        self._prompts: dict[int, int] = {}

    def __missing__(self, key: int) -> int:
        """Work out the code of a variant and size that were not seen before."""
        variant, size = key >> 4, key & 15
        rank = self._ranks.get(variant)
        if rank is None:
            rank = self._ranks[variant] = self._rank(self._variants[variant])
        if rank < 0:
            self[key] = -1
            return -1
        prompt = largest_in(size)
        code = rank << RANK | bisect_left(self.thresholds[rank], prompt) << 4
        self._prompts[code] = prompt
        self[key] = code
        return code

    def rank(self, variant: int) -> int:
        """Return a variant's rank, negative when it is filtered out."""
        code = self[variant << 4]
        return code if code < 0 else code >> RANK

    def prompt(self, code: int) -> int:
        """Return a size of prompt that the code stands for."""
        return self._prompts[code]

    def _rank(self, variant: Variant) -> int:
        if not all(fits(key, patterns, name_of(variant, key)) for key, patterns in self._where.items()):
            return -1
        rank = len(self.ranked)
        self.ranked.append(variant)
        thresholds = () if self._book is None else self._book.thresholds(variant)
        if any(size_class(each) == size_class(each + 1) for each in thresholds):
            self.uneven.add(rank)
            thresholds = ()
        self.thresholds.append(thresholds)
        return rank


class Pricing:
    """What sums cost by one price book; each quote is looked up once for as long as it holds."""

    def __init__(self, book: Prices) -> None:
        """Begin with a book."""
        self.book = book
        self._quotes: dict[int, Quote] = {}
        self._unknown: set[tuple[int, int]] = set()

    def quote(self, code: int, variant: Variant, prompt: int, slot: int) -> Quote | None:
        """Return the prices of calls with a code in a slot; None when they are not known."""
        known = self._quotes.get(code)
        time = slot * SLOT_MS
        if known is not None and known.since <= time < known.until:
            return known
        # A price that is not known becomes known with a day, if ever: books date prices by UTC days.
        day = (code, slot // _SLOTS_A_DAY)
        if day in self._unknown:
            return None
        quote = self.book.quote(variant, prompt, time)
        if quote is None:
            self._unknown.add(day)
        else:
            self._quotes[code] = quote
        return quote

    def cost(self, code: int, variant: Variant, prompt: int, rows: Sequence[Sequence[Any]]) -> tuple[int, int, int]:
        """Return cost in pico-dollars, requests with a price and tokens without one, of (slot, requests, tokens …, searches) rows."""
        cost = priced = unpriced = 0
        for slot, requests, *counts, searches in rows:
            tokens = Tokens(*counts)
            quote = self.quote(code, variant, prompt, slot)
            if quote is None:
                unpriced += tokens.total
            else:
                cost += quote.cost(tokens, searches)
                priced += requests
        return cost, priced, unpriced
