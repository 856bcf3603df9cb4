"""Works out what one way of asking a listed model costs at one moment: dates, tiers of prompt size, service tiers, multipliers."""

from typing import Final, NamedTuple

from tallystick.prices.book import (
    ABOVE,
    INPUT,
    OUTPUT,
    READ,
    REASONING,
    SEARCH,
    WRITE,
    WRITE_1H,
    Amount,
    Entry,
    Price,
    Variation,
)
from tallystick.prices.matching import Listing
from tallystick.prices.moments import EVER, holds, narrow
from tallystick.usage.event import Variant

ORDER: Final = (INPUT, READ, WRITE, WRITE_1H, OUTPUT, REASONING, SEARCH)
INSTEAD: Final = {READ: INPUT, WRITE: INPUT, WRITE_1H: WRITE, REASONING: OUTPUT}
"""What a kind of unit costs as where it has no price of its own: as the kind that it is a part of (so does genai-prices)."""

_SAME: Final = {"speed:fast": ("speed:fast", "tier:fast"), "tier:fast": ("tier:fast", "speed:fast")}
"""OpenAI calls a tier what Anthropic calls a speed, and tools write down either."""
_DEARER: Final = {"speed:fast", "tier:fast", "tier:priority", "tier:ultrafast"}
"""Ways of asking that cost more: without a price for them there is no price, for the standard one would be too low."""
_STANDARD: Final = {"", "standard", "default", "auto", "standard_only", "on_demand", "global", "not_available"}


class Origin(NamedTuple):
    """Where a rate is from, and the moment since which it has held."""

    source: str
    since: int


class Figures(NamedTuple):
    """Rates of one moment before the multipliers: what was looked up, and what is still to be done with it."""

    rates: dict[str, int]
    origins: dict[str, Origin]
    times: tuple[Variation, ...]
    notes: tuple[str, ...]
    since: int
    until: int


def contexts(variant: Variant, *, fast: bool) -> tuple[str, ...]:
    """Return what was asked for beyond the model; `fast` when its name said so."""
    asked = (
        f"tier:{variant.tier.lower()}",
        f"speed:{'fast' if fast else variant.speed.lower()}",
        f"geo:{variant.geo.lower()}",
    )
    return tuple(each for each in asked if each.partition(":")[2] not in _STANDARD)


def figures(listing: Listing, asked: tuple[str, ...], prompt: int, time: int, edition: str) -> Figures | None:
    """Return the rates for a prompt of a size at a moment; None when what was asked has a price of its own that is not known."""
    entry = listing.entry
    price = _in_force(entry, time)
    around = (0, EVER)
    for span in (each.span for each in entry.prices):
        around = narrow(span, time, around)
    own = entry.source or f"{edition} {listing.provider}/{entry.id}"
    rates: dict[str, int] = {}
    origins: dict[str, Origin] = {}
    for key, amount in price.rates.items():
        rates[key], above = _tier(amount, prompt)
        source = price.derived.get(key) or (price.derived.get(key + ABOVE) if above else None) or own
        origins[key] = Origin(source, price.span[0])
    times: list[Variation] = []
    notes: list[str] = []
    for context in asked:
        related = (
            [each for each in entry.variations if each.context in _SAME.get(context, (context,))] if listing.own else []
        )
        for each in related:
            around = narrow(each.span, time, around)
        current = [each for each in related if holds(each.span, time)]
        if not current:
            if context in _DEARER:
                return None
            notes.append(f"no price is known for {context.replace(':', ' ')}, so that the standard one stands")
        _override(current, prompt, own, rates, origins)
        multipliers = [each for each in current if each.rates is None and each not in times]
        # A multiplier stands in where the list has no rates of its own for what was asked.
        times += multipliers[:1] if len(multipliers) == len(current) else []
    return Figures(rates, origins, tuple(times), tuple(notes), *around)


def settled(found: Figures) -> dict[str, int]:
    """Return all rates in pico-dollars, each kind without a price of its own at the one it is a part of, multiplied."""
    rates: dict[str, int] = {}
    for key in ORDER:
        rates[key] = (
            multiplied(found.rates[key], found.times)
            if key in found.rates and key != SEARCH
            else found.rates.get(key, 0)
        )
        if key not in found.rates and key in INSTEAD:
            rates[key] = rates[INSTEAD[key]]
    return rates


def multiplied(rate: int, times: tuple[Variation, ...]) -> int:
    """Return a rate times all multipliers, rounded once, half up."""
    above = below = 1
    for each in times:
        above *= each.times[0]
        below *= each.times[1]
    return (2 * rate * above + below) // (2 * below)


def tiers(entry: Entry) -> set[int]:
    """Return the prompt sizes above which any price of a model changes."""
    every = [each.rates for each in entry.prices] + [each.rates or {} for each in entry.variations]
    return {
        start for rates in every for amount in rates.values() if isinstance(amount, tuple) for start in amount[1::2]
    }


def _in_force(entry: Entry, time: int) -> Price:
    """Return the last price that holds, else the first: the lists are written so."""
    for each in reversed(entry.prices):
        if holds(each.span, time):
            return each
    return entry.prices[0]


def _tier(amount: Amount, prompt: int) -> tuple[int, bool]:
    """Return the price for a prompt, which as a whole has the price of the highest tier that it is above; and if it is in one."""
    if isinstance(amount, int):
        return amount, False
    for place in range(len(amount) - 2, 0, -2):
        if prompt > amount[place]:
            return amount[place + 1], True
    return amount[0], False


def _override(
    current: list[Variation], prompt: int, own: str, rates: dict[str, int], origins: dict[str, Origin]
) -> None:
    """Put the rates of variations in place; where two give the same rate the first one counts."""
    for each in reversed(current):
        for key, amount in (each.rates or {}).items():
            rates[key], _ = _tier(amount, prompt)
            origins[key] = Origin(each.source or own, each.span[0])
