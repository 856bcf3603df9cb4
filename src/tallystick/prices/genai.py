"""Reads the data of genai-prices, as its package holds it or as its repository publishes it, into the lists of the price book."""

import re
from collections.abc import Callable
from datetime import time
from typing import Any, Final, NamedTuple

from tallystick.prices.book import (
    INPUT,
    OUTPUT,
    READ,
    REASONING,
    SEARCH,
    WRITE,
    WRITE_1H,
    Amount,
    Clause,
    Entry,
    Price,
    Rates,
    Variation,
)
from tallystick.prices.moments import ALL_DAYS, ALWAYS, EVER, Span, between, midnight
from tallystick.prices.money import MILLION, pico

type Raw = dict[str, Any]

_KEYS: Final = {
    "input_mtok": (INPUT, MILLION),
    "output_mtok": (OUTPUT, MILLION),
    "output_reasoning_mtok": (REASONING, MILLION),
    "cache_read_mtok": (READ, MILLION),
    "cache_write_mtok": (WRITE, MILLION),
    "cache_write_5m_mtok": (WRITE, MILLION),
    "cache_write_1h_mtok": (WRITE_1H, MILLION),
    "web_searches_kcount": (SEARCH, 1000),
}
"""Its names for the rates that the events of coding tools can have; audio, images, pages and the like are left out."""
_CONTEXTS: Final = {"processing": "tier", "service_tier": "tier", "speed": "speed"}
"""Its words for ways of asking, and ours: tools write `batch` where they write any other tier."""


class Vendor(NamedTuple):
    """A provider's list while the book is being made."""

    id: str
    model_match: Clause | None
    provider_match: Clause | None
    fallbacks: tuple[str, ...]
    entries: list[Entry]


def vendors(data: list[Raw]) -> list[Vendor]:
    """Return the lists of all providers; KeyError, TypeError or ValueError where the data has another shape."""
    return [
        Vendor(
            each["id"],
            clause(each["model_match"]) if each.get("model_match") else None,
            clause(each["provider_match"]) if each.get("provider_match") else None,
            tuple(each.get("fallback_model_providers") or ()),
            [_entry(model) for model in each["models"]],
        )
        for each in data
    ]


def _entry(model: Raw) -> Entry:
    raw = model["prices"] if isinstance(model["prices"], list) else [{"prices": model["prices"]}]
    prices = tuple(Price(_span(each.get("constraint")), _rates(each["prices"]), {}) for each in raw)
    if any(each["prices"].get("requests_kcount") for each in raw):
        # Charged per request besides the tokens: the tokens' price alone would be too low without a word.
        prices = ()
    elif model["id"].endswith(":free"):
        prices = (Price(ALWAYS, {INPUT: 0, OUTPUT: 0}, {}),)
    elif not any(INPUT in each.rates or OUTPUT in each.rates for each in prices):
        prices = ()
    variations = tuple(found for each in model.get("price_variants") or () if (found := _variation(each)))
    return Entry(model["id"], clause(model["match"]), "", prices, variations)


def _variation(raw: Raw) -> Variation | None:
    """Read a price variant; None where it is chosen by something that no event tells (a route, a kind of search)."""
    if len(raw["when"]) != 1:
        return None
    ((what, value),) = raw["when"].items()
    if what not in _CONTEXTS:
        return None
    return Variation(f"{_CONTEXTS[what]}:{value}", _span(raw.get("constraint")), _rates(raw["prices"]), (1, 1), "")


def _span(constraint: Raw | None) -> Span:
    if constraint is None:
        return ALWAYS
    if constraint.keys() == {"start_date"}:
        return between(midnight(constraint["start_date"]))
    if constraint.keys() == {"start_time", "end_time"}:
        return (0, EVER, of_day(constraint["start_time"]), of_day(constraint["end_time"]), ALL_DAYS)
    raise ValueError(f"a price with a condition that is not understood: {constraint}")


def of_day(text: str) -> int:
    """Return milliseconds after midnight UTC; a time without an offset is UTC."""
    clock = time.fromisoformat(text)
    offset = clock.utcoffset()
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second - (int(offset.total_seconds()) if offset else 0)
    return seconds % 86_400 * 1000


def _rates(prices: Raw) -> Rates:
    return {
        _KEYS[key][0]: _amount(value, _KEYS[key][1])
        for key, value in prices.items()
        if key in _KEYS and value is not None
    }


def _amount(value: Any, per: int) -> Amount:  # noqa: ANN401  a number or a mapping of tiers
    if not isinstance(value, dict):
        return pico(value, per)
    tiers = sorted((int(tier["start"]), pico(tier["price"], per)) for tier in value["tiers"])
    return (pico(value["base"], per), *(part for tier in tiers for part in tier))


def clause(raw: Raw) -> Clause:
    """Return a match clause in lower case, a regular expression as a template of digits where it is no more than that."""
    ((kind, operand),) = raw.items()
    return _CLAUSES[kind](operand)


def _any_of(raw: list[Raw]) -> Clause:
    clauses = [clause(each) for each in raw]
    # All names that stand alone are looked up at once: order does not matter within one "or".
    names = tuple(name for each in clauses if each[0] == "equals" for name in each[1])
    others = tuple(each for each in clauses if each[0] != "equals")
    if not others:
        return ("equals", names)
    return ("or", (("equals", names), *others) if names else others)


_CLAUSES: Final[dict[str, Callable[[Any], Clause]]] = {
    "equals": lambda text: ("equals", (text.lower(),)),
    "starts_with": lambda text: ("starts", text.lower()),
    "ends_with": lambda text: ("ends", text.lower()),
    "contains": lambda text: ("contains", text.lower()),
    "regex": lambda pattern: _template(_sound(pattern)) or ("regex", pattern),
    "or": _any_of,
    "and": lambda raw: ("and", tuple(clause(each) for each in raw)),
}


def _sound(pattern: str) -> str:
    """Return a pattern that can be searched for, so that a bad one is refused now and not when a price is asked for."""
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a pattern: {pattern}: {error}") from None
    return pattern


def _template(pattern: str) -> Clause | None:
    """Return the template for a pattern that is no more than text, digits and choices between signs: `a.b-########`."""
    if not pattern.startswith("^"):
        return None
    whole = pattern.endswith("$")
    texts, at, stop = [""], 1, len(pattern) - whole
    while at < stop:
        step = _step(pattern, at)
        if step is None:
            return None
        choices, at = step
        texts = [text + choice for text in texts for choice in choices]
    clauses: tuple[Clause, ...] = tuple(("fits" if whole else "fits_start", text.lower()) for text in texts)
    return clauses[0] if len(clauses) == 1 else ("or", clauses)


def _step(pattern: str, at: int) -> tuple[list[str], int] | None:
    """Read one element of a pattern: what it may stand for and where the next begins; None where it is more than a template can say."""
    sign = pattern[at]
    if pattern.startswith("\\d", at):
        if not pattern.startswith("{", at + 2):
            return ["#"], at + 2
        count, closed, _ = pattern[at + 3 :].partition("}")
        return (["#" * int(count)], at + 4 + len(count)) if closed and count.isdecimal() else None
    if sign == "\\":
        return ([pattern[at + 1]], at + 2) if pattern[at + 1] in ".[]-" else None
    if sign == "[":
        end = pattern.index("]", at)
        inside = pattern[at + 1 : end]
        plain = all(
            each.isalnum() or (each == "-" and place == 0) or each in "@_:" for place, each in enumerate(inside)
        )
        return (list(inside), end + 1) if plain else None
    return ([sign], at + 1) if sign.isalnum() or sign in "-_/:@=" else None
