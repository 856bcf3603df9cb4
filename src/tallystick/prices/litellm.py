"""Reads LiteLLM's table of prices (`model_prices_and_context_window.json`), the second source: no dates, but names that others lack."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

from tallystick.prices.book import (
    INPUT,
    OUTPUT,
    READ,
    REASONING,
    SEARCH,
    WRITE,
    WRITE_1H,
    Amount,
    Price,
    Rates,
    Variation,
)
from tallystick.prices.moments import ALWAYS
from tallystick.prices.money import pico

type Listed = tuple[tuple[Price, ...], tuple[Variation, ...]]

_STEMS: Final = {
    "input_cost_per_token": INPUT,
    "output_cost_per_token": OUTPUT,
    "output_cost_per_reasoning_token": REASONING,
    "cache_read_input_token_cost": READ,
    "cache_creation_input_token_cost": WRITE,
    "cache_creation_input_token_cost_above_1hr": WRITE_1H,
}
_KEY: Final = re.compile(
    f"({'|'.join(sorted(_STEMS, key=len, reverse=True))})(?:_above_([0-9]+)k_tokens)?(?:_(priority|flex|batches))?"
)
"""What a price's key says besides the kind of token: `input_cost_per_token_above_272k_tokens_priority`."""
_TIERS: Final = {"priority": "tier:priority", "flex": "tier:flex", "batches": "tier:batch"}
_PLACE: Final = re.compile("[a-z]{2}")
_DOCUMENTATION: Final = "sample_spec"


def entries(table: Mapping[str, Any]) -> dict[str, Listed]:
    """Return the prices of each model by its exact name in lower case; ValueError where one is no price.

    Models without a price per token, and stubs of $0 that mean "unknown", are left out.
    """
    found = {}
    for name, raw in table.items():
        if name == _DOCUMENTATION or not isinstance(raw, Mapping):
            continue
        try:
            listed = _listed(raw)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if listed is not None:
            found[name.lower()] = listed
    return found


def _listed(raw: Mapping[str, Any]) -> Listed | None:
    found: dict[str, dict[str, dict[int, int]]] = {}
    for key, value in raw.items():
        match = _KEY.fullmatch(key)
        if match is not None and value is not None:
            stem, above, tier = match.groups()
            starts = found.setdefault(tier or "", {}).setdefault(_STEMS[stem], {})
            starts[int(above or 0) * 1000] = pico(value)
    standard = found.setdefault("", {})
    for each in raw.get("tiered_pricing") or ():
        for stem, kind in _STEMS.items():
            if each.get(stem) is not None:
                standard.setdefault(kind, {})[int(each["range"][0])] = pico(each[stem])
    rates = _rates(standard)
    if not rates.get(INPUT) and not rates.get(OUTPUT):
        return None
    search = _search(raw.get("search_context_cost_per_query"))
    if search:
        rates[SEARCH] = search
    variations = [Variation(_TIERS[tier], ALWAYS, _rates(kinds), (1, 1), "") for tier, kinds in found.items() if tier]
    return (Price(ALWAYS, rates, {}),), (*variations, *_multipliers(raw.get("provider_specific_entry")))


def _rates(kinds: dict[str, dict[int, int]]) -> Rates:
    return {kind: _amount(starts) for kind, starts in kinds.items() if 0 in starts}


def _amount(starts: dict[int, int]) -> Amount:
    if len(starts) == 1:
        return starts[0]
    return (starts[0], *(part for start in sorted(starts) if start for part in (start, starts[start])))


def _search(costs: Any) -> int:  # noqa: ANN401  whatever the table holds there
    """Return the price of one web search of medium size, else of any; 0 where none is given."""
    if not isinstance(costs, Mapping) or not costs:
        return 0
    return pico(costs.get("search_context_size_medium", next(iter(costs.values()))))


def _multipliers(raw: Any) -> list[Variation]:  # noqa: ANN401  whatever the table holds there
    """Read multipliers of all token rates: `fast` is a speed, two letters are a place."""
    if not isinstance(raw, Mapping):
        return []
    found = []
    for key, value in raw.items():
        if key == "fast" or _PLACE.fullmatch(key):
            times = Fraction(pico(value), pico(1))
            context = "speed:fast" if key == "fast" else f"geo:{key}"
            found.append(
                Variation(context, ALWAYS, None, (times.numerator, times.denominator), f"LiteLLM {key} multiplier")
            )
    return found
