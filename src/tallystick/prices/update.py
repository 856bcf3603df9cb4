"""Judges fetched prices: a new book, or why the old one stays."""

import json
from decimal import Decimal
from typing import Any, Final, NamedTuple, Never

from tallystick.prices import litellm
from tallystick.prices.book import INPUT, OUTPUT, Rates, Unusable, pack, restore, store, unpack
from tallystick.prices.compile import assemble, compile_book
from tallystick.prices.matching import Catalogue
from tallystick.prices.overlay import lowest
from tallystick.prices.quoting import tiers
from tallystick.usage.size import EDGES

type Prices = dict[str, tuple[int, int]]
"""Of each listed model what input and output cost now, below all tiers."""

_DEARER_MOST: Final = 100
"""No price may be so many times the dearest that is known."""
_CHANGE_MOST: Final = 10
"""No known model's price may have changed by more than this: the largest real cut was to a fifth (gpt-5.6-luna)."""
_DAMAGED: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RecursionError)
"""What reading data of an unexpected shape ends in."""


class Judged(NamedTuple):
    """What became of fetched prices."""

    book: bytes
    """The new book; empty when it was refused."""
    reason: str
    """Why it was refused; empty when it was not."""
    notes: tuple[str, ...] = ()
    """What changed, and what about it is odd."""


def judge(data: bytes, current: bytes, as_of: str) -> Judged:
    """Make a new book of fetched data (genai-prices' v2 data.json or LiteLLM's table) and the current one, unless it is damaged or absurd.

    `as_of` is the date on which the data was fetched. A current book that is unusable is replaced by a freshly compiled one.
    """
    unpacked = unpack(current)
    old = compile_book() if isinstance(unpacked, Unusable) else unpacked[1]
    try:
        raw = json.loads(data, parse_float=Decimal, parse_constant=_refuse)
        if isinstance(raw, list):
            return _judged_genai(raw, old, as_of)
        if isinstance(raw, dict):
            return _judged_litellm(raw, old, as_of)
    except _DAMAGED as error:
        return Judged(b"", f"damaged: {type(error).__name__}: {error}"[:300])
    return Judged(b"", "it is neither the data of genai-prices nor LiteLLM's table")


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not a price")


def _judged_genai(raw: list[Any], old: dict[str, Any], as_of: str) -> Judged:
    new = assemble(raw, f"data of {as_of}")
    for key in ("litellm", "litellm_as_of", "litellm_models"):
        new[key] = old[key]
    reason = absurd(_genai_prices(new), _genai_prices(old), _genai_prices(old))
    if reason:
        return Judged(b"", reason)
    return Judged(pack(new), "", (*_changes(_genai_prices(new), _genai_prices(old)), *_odd_tiers(_all_tiers(new))))


def _judged_litellm(raw: dict[str, Any], old: dict[str, Any], as_of: str) -> Judged:
    listed = litellm.entries(raw)
    before = {name: _now(prices) for name, (prices, _) in dict(restore(old["litellm"])).items()}
    after = {name: _now(prices) for name, (prices, _) in listed.items()}
    reason = absurd(after, before, before | _genai_prices(old))
    if reason:
        return Judged(b"", reason)
    new = old | {"litellm": store(listed), "litellm_as_of": as_of, "litellm_models": len(listed)}
    starts = {
        start
        for prices, _ in listed.values()
        for amount in prices[0].rates.values()
        if isinstance(amount, tuple)
        for start in amount[1::2]
    }
    return Judged(pack(new), "", (*_changes(after, before), *_odd_tiers(starts)))


def absurd(new: Prices, old: Prices, known: Prices) -> str:
    """Return why prices cannot be true beside those of the same list before and all that are known; empty when they can."""
    if not new:
        return "it holds no prices"
    kept = new.keys() & old.keys()
    if 2 * len(kept) < len(old):
        return f"{len(old) - len(kept)} of {len(old)} known models are missing from it"
    most = _DEARER_MOST * max(max(each) for each in known.values())
    for name, prices in new.items():
        if max(prices) > most:
            return f"{name} would cost more than {_DEARER_MOST} times the dearest known model"
    for name in sorted(kept):
        for now, before in zip(new[name], old[name], strict=True):
            if now and before and not before <= now * _CHANGE_MOST <= before * _CHANGE_MOST**2:
                return f"the price of {name} would change by more than a factor of {_CHANGE_MOST}"
    return ""


def _genai_prices(content: dict[str, Any]) -> Prices:
    listed = Catalogue(content["providers"]).everything()
    return {f"{provider}/{entry.id}": _now(entry.prices) for provider, entry in listed if entry.prices}


def _now(prices: Any) -> tuple[int, int]:  # noqa: ANN401  prices with their names or bare
    rates: Rates = prices[-1][1]
    return lowest(rates.get(INPUT, 0)), lowest(rates.get(OUTPUT, 0))


def _changes(new: Prices, old: Prices) -> tuple[str, ...]:
    counts = {
        "new": len(new.keys() - old.keys()),
        "gone": len(old.keys() - new.keys()),
        "changed in price": sum(new[name] != old[name] for name in new.keys() & old.keys()),
    }
    return tuple(f"{count} models {what}" for what, count in counts.items() if count)


def _all_tiers(content: dict[str, Any]) -> set[int]:
    return {start for _, entry in Catalogue(content["providers"]).everything() for start in tiers(entry)}


def _odd_tiers(starts: set[int]) -> tuple[str, ...]:
    """Tell of tiers that begin within a class of prompt sizes: sums over many calls cannot be priced exactly there."""
    return tuple(
        f"a price changes above {start} tokens of prompt, within a size class" for start in sorted(starts - set(EDGES))
    )
