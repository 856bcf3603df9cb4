"""The price book as the rest of the house asks it: what a call cost at its moment, or that nobody knows."""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.prices.book import INPUT, OUTPUT, READ, REASONING, SEARCH, WRITE, WRITE_1H, Unusable, unpack
from tallystick.prices.moments import EVER
from tallystick.prices.overrides import NO_OVERRIDES, Bad, Overrides
from tallystick.prices.quoting import Figures, contexts, figures, settled, tiers
from tallystick.prices.resolve import Found, Resolver
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

if TYPE_CHECKING:
    from tallystick.prices.explain import Explanation


class Quote(NamedTuple):
    """What each unit of a call costs, in pico-dollars (1e-12 USD), and when that holds."""

    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    """The same as output unless it is priced apart."""
    web_search: int
    since: int
    """Milliseconds UTC; the quote holds from here …"""
    until: int
    """… until here, exclusive; a price by time of day ends at its next boundary, an open one at 2**62."""

    def cost(self, tokens: Tokens, web_searches: int = 0) -> int:
        """Return what so much consumption costs, in pico-dollars; tokens may be a sum over calls that share this quote."""
        return (
            tokens.input * self.input
            + tokens.cache_read * self.cache_read
            + tokens.cache_write_5m * self.cache_write_5m
            + tokens.cache_write_1h * self.cache_write_1h
            + (tokens.output - tokens.reasoning) * self.output
            + tokens.reasoning * self.reasoning
            + web_searches * self.web_search
        )


class Edition(NamedTuple):
    """What a book was made from, each with the date of its newest knowledge; empty where it holds none of it."""

    genai: str
    genai_as_of: str
    overlay_as_of: str
    litellm_as_of: str
    models: int
    litellm_models: int
    bad_overrides: tuple[Bad, ...]


class PriceBook:
    """All known prices, with the person's own over our overlay over genai-prices over LiteLLM's table."""

    def __init__(self, version: str, content: dict[str, Any], overrides: Overrides = NO_OVERRIDES) -> None:
        self.version = version
        """The same for the same prices: data, overlay and overrides."""
        self.edition = Edition(
            content["genai"],
            content["genai_as_of"],
            content["overlay"],
            content["litellm_as_of"],
            content["models"],
            content["litellm_models"],
            overrides.bad,
        )
        self._resolver = Resolver(content, overrides)
        self._quotes: dict[tuple[Variant, int], Quote] = {}
        self._thresholds: dict[Variant, tuple[int, ...]] = {}

    def quote(self, variant: Variant, prompt: int, time_ms: int) -> Quote | None:
        """Return the prices of a call with a prompt of so many tokens at a moment; None when they are not known."""
        key = (variant, bisect_left(self.thresholds(variant), prompt))
        known = self._quotes.get(key)
        if known is not None and known.since <= time_ms < known.until:
            return known
        found = self._found(variant, time_ms)
        looked_up = self._figures(found, variant, prompt, time_ms)
        if looked_up is None:
            return None
        rates = settled(looked_up)
        self._quotes[key] = quote = Quote(
            rates[INPUT],
            rates[READ],
            rates[WRITE],
            rates[WRITE_1H],
            rates[OUTPUT],
            rates[REASONING],
            rates[SEARCH],
            max(found.since, looked_up.since),
            min(found.until, looked_up.until),
        )
        return quote

    def explain(self, variant: Variant, prompt: int, time_ms: int) -> "Explanation | None":
        """Return where each rate of a quote is from and since when it has held; None when there is no quote."""
        # Imported here because most answers explain nothing.
        from tallystick.prices.explain import explanation

        found = self._found(variant, time_ms)
        looked_up = self._figures(found, variant, prompt, time_ms)
        return None if looked_up is None else explanation(found, looked_up, prompt)

    def why_unpriced(self, variant: Variant, time_ms: int) -> str:
        """Say in words why there is no quote."""
        found = self._found(variant, time_ms)
        if found.listing is None:
            return found.notes[0] if found.notes else f"no price list knows {variant.model or 'a model without a name'}"
        return f"no price is known for {' and '.join(contexts(variant, fast=found.fast)).replace(':', ' ')} of {variant.model}"

    def thresholds(self, variant: Variant) -> tuple[int, ...]:
        """Return the prompt sizes above which the price of a model changes, at any time; 199 999 is for one that changes at 200 000."""
        if variant not in self._thresholds:
            spans = self._resolver.resolve(variant.provider, variant.model)
            starts = {start for each in spans if each.listing is not None for start in tiers(each.listing.entry)}
            self._thresholds[variant] = tuple(sorted(starts))
        return self._thresholds[variant]

    def _found(self, variant: Variant, time: int) -> Found:
        for each in self._resolver.resolve(variant.provider, variant.model):
            if each.since <= time < each.until:
                return each
        return Found(0, EVER, None)

    def _figures(self, found: Found, variant: Variant, prompt: int, time: int) -> Figures | None:
        if found.listing is None:
            return None
        asked = contexts(variant, fast=found.fast)
        edition = f"genai-prices {self.edition.genai}"
        if found.listing.provider != "config":
            return figures(found.listing, asked, prompt, time, edition)
        # The person's prices are taken as they are, whatever the tier; what they leave open is looked up as without them.
        own = figures(found.listing, (), prompt, time, edition)
        under = figures(found.under, (), prompt, time, edition) if found.under is not None else None
        if own is None or under is None or SEARCH not in under.rates:
            return own
        return own._replace(
            rates={**own.rates, SEARCH: under.rates[SEARCH]},
            origins={**own.origins, SEARCH: under.origins[SEARCH]},
            since=max(own.since, under.since),
            until=min(own.until, under.until),
        )


def read(data: bytes, overrides: Overrides = NO_OVERRIDES) -> PriceBook | Unusable:
    """Open the bytes of a compiled book; one that is missing (empty), damaged or of another format is told as such, to be made anew."""
    unpacked = unpack(data)
    if isinstance(unpacked, Unusable):
        return unpacked
    version, content = unpacked
    if overrides.prices or overrides.aliases:
        from zlib import crc32

        said = repr((sorted(overrides.prices.items()), sorted(overrides.aliases.items())))
        version = f"{version}+{crc32(said.encode()):08x}"
    return PriceBook(version, content, overrides)
