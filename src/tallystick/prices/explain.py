"""Tells rate by rate where a price is from, since when it has held, and which multipliers were applied."""

from typing import NamedTuple

from tallystick.prices.book import SEARCH
from tallystick.prices.moments import date
from tallystick.prices.quoting import INSTEAD, ORDER, Figures, settled, tiers
from tallystick.prices.resolve import Found


class Rate(NamedTuple):
    """One price and where it is from."""

    pico: int
    """Pico-dollars (1e-12 USD) per unit, multipliers applied."""
    source: str
    """`genai-prices 0.2.3 openai/gpt-5.5`, `overlay: …`, `LiteLLM …` or `config`."""
    since: str
    """The date from which it has held; empty when it always has."""


class Line(NamedTuple):
    """One kind of unit in an explanation."""

    name: str
    rate: Rate
    times: tuple[str, ...]
    """The multipliers in it, each as `2 x speed fast (source)`."""
    instead: str
    """The kind of unit whose price it has for want of its own; empty when it has its own."""


class Explanation(NamedTuple):
    """A quote with its reasons."""

    model: str
    """The listing that was used, as provider/model."""
    lines: tuple[Line, ...]
    tier_above: int
    """The prompt size above which these prices hold; 0 below all tiers."""
    notes: tuple[str, ...]
    """How the name was read, and what was asked for that changes no price."""


def explanation(found: Found, looked_up: Figures, prompt: int) -> Explanation:
    """Return the reasons for figures that a found listing gave."""
    listing = found.listing
    name = f"{listing.provider}/{listing.entry.id}" if listing else ""
    passed = [start for start in tiers(listing.entry) if prompt > start] if listing else []
    rates = settled(looked_up)
    lines = tuple(_line(key, rates[key], looked_up) for key in ORDER)
    return Explanation(name, lines, max(passed, default=0), (*found.notes, *looked_up.notes))


def _line(key: str, pico: int, looked_up: Figures) -> Line:
    own = key
    while own not in looked_up.origins and own in INSTEAD:
        own = INSTEAD[own]
    origin = looked_up.origins.get(own)
    times = tuple(
        f"{_plain(each.times)} x {each.context.replace(':', ' ')} ({each.source})" for each in looked_up.times
    )
    source = origin.source if origin else "not priced by its list"
    since = date(origin.since) if origin and origin.since else ""
    return Line(key, Rate(pico, source, since), () if key == SEARCH else times, own if own != key else "")


def _plain(times: tuple[int, int]) -> str:
    """Return a fraction as people write it: 2, 0.5, 1.1."""
    return f"{times[0] / times[1]:g}"
