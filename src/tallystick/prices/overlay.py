"""Weaves our dated facts (overlay.toml) into the lists of genai-prices: what those lack, or cannot say."""

import re
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pkgutil import get_data
from typing import Any, Final

from tallystick.prices.book import (
    ABOVE,
    INPUT,
    OUTPUT,
    READ,
    SEARCH,
    WRITE,
    WRITE_1H,
    Amount,
    Entry,
    Price,
    Rates,
    Variation,
)
from tallystick.prices.genai import Vendor, of_day
from tallystick.prices.moments import ALL_DAYS, ALWAYS, DAY, EVER, MONDAY_TO_FRIDAY, Span, between
from tallystick.prices.money import MILLION, pico

type Facts = dict[str, Any]

_LABEL: Final = "overlay: "
_RATES: Final = (INPUT, READ, WRITE, WRITE_1H, OUTPUT)


def read() -> Facts:
    """Return the overlay as it stands in the package."""
    data = get_data("tallystick.prices", "overlay.toml")
    return tomllib.loads((data or b"").decode())


def weave(vendors: list[Vendor], facts: Facts) -> None:
    """Change the lists in place by every rule of the overlay."""
    for place, each in enumerate(vendors):
        vendors[place] = each._replace(fallbacks=(*each.fallbacks, *facts["sells"].get(each.id, ())))
    by_id = {each.id: each for each in vendors}
    for rule in facts["price"]:
        _list_price(vendors, by_id, rule)
    for rule in facts["cache"]:
        for vendor in vendors:
            _each(vendor, _with_cache, rule)
    for rule in facts["long_context"]:
        _each(by_id[rule["provider"]], _with_long_context, rule)
    for rule in facts["peak"]:
        _each(by_id[rule["provider"]], _with_peaks, rule)
    for rule in facts["backdate"]:
        _each(by_id[rule["provider"]], _backdated, rule)
    for rule in facts["times"]:
        _each(by_id[rule["provider"]], _with_times, rule)


def names(facts: Facts) -> dict[str, Any]:
    """Return what the overlay says of names, as `resolve.py` uses it."""
    exact: dict[str, list[tuple[int, int, str, str]]] = {}
    prefixes: dict[str, list[tuple[int, int, str, str]]] = {}
    for rule in facts["alias"]:
        since, until, *_ = _span(rule)
        segment = (since, until, rule.get("to", ""), f"{rule['why']} ({rule['source']})")
        if "prefix" in rule:
            prefixes.setdefault(rule["prefix"], []).append(segment)
        for name in rule.get("names", [rule["name"]] if "name" in rule else []):
            exact.setdefault(name, []).append(segment)
    return {**facts["names"], "providers": facts["providers"], "alias": exact, "prefix": tuple(prefixes.items())}


def newest_date(data: object, facts: Facts) -> str:
    """Return the newest date that the data speaks of up to our own last check: its edition bears none."""
    found: set[str] = set()
    _gather_dates(data, found)
    return max((each for each in found if each <= facts["checked"]), default="")


def _gather_dates(value: Any, found: set[str]) -> None:  # noqa: ANN401  any JSON
    if isinstance(value, list):
        for each in value:
            _gather_dates(each, found)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in {"price_comments", "start_date"} and isinstance(each, str):
                found.update(re.findall(r"20\d\d-[01]\d-[0-3]\d", each))
            else:
                _gather_dates(each, found)


def _each(vendor: Vendor, change: Callable[[Entry, Facts], Entry], rule: Facts) -> None:
    vendor.entries[:] = [change(entry, rule) for entry in vendor.entries]


def _named(entry: Entry, rule: Facts) -> bool:
    return "models" not in rule or entry.id in rule["models"]


def _span(rule: Facts) -> Span:
    return between(
        _moment(rule["since"]) if "since" in rule else 0, _moment(rule["until"]) if "until" in rule else EVER
    )


def _moment(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()) * 1000


def scaled(amount: Amount, by: Fraction) -> Amount:
    """Return a price times a fraction, tiers and all."""
    if isinstance(amount, int):
        return round(amount * by)
    return tuple(each if place % 2 == 1 else round(each * by) for place, each in enumerate(amount))


def lowest(amount: Amount) -> int:
    """Return a price below its tiers."""
    return amount if isinstance(amount, int) else amount[0]


def _list_price(vendors: list[Vendor], by_id: dict[str, Vendor], rule: Facts) -> None:
    """Put a model that nobody lists at the head of its provider's list, so that it comes before any broader clause."""
    match = ("equals", tuple(rule["names"]))
    if rule["provider"] not in by_id:
        by_id[rule["provider"]] = Vendor(rule["provider"], match if rule.get("by_name") else None, None, (), [])
        vendors.append(by_id[rule["provider"]])
    rates: Rates = {key: _amount(rule[key]) for key in _RATES if key in rule}
    entry = Entry(rule["names"][0], match, _LABEL + rule["source"], (Price(ALWAYS, rates, {}),), ())
    by_id[rule["provider"]].entries.insert(0, entry)


def _amount(value: str | dict[str, str]) -> Amount:
    if isinstance(value, str):
        return pico(value, MILLION)
    tiers = sorted((int(start), pico(usd, MILLION)) for start, usd in value.items() if start != "below")
    return (pico(value["below"], MILLION), *(part for tier in tiers for part in tier))


def _with_cache(entry: Entry, rule: Facts) -> Entry:
    """Add the cache rates that a list leaves out; genai-prices itself takes the input's or the shorter write's instead."""
    if rule["models"] not in entry.id:
        return entry
    ratios = {key: Fraction(rule[key]) for key in (READ, WRITE, WRITE_1H)}

    def missing(rates: Rates) -> Rates:
        return (
            {key: scaled(rates[INPUT], by) for key, by in ratios.items() if key not in rates} if INPUT in rates else {}
        )

    prices = tuple(
        each._replace(
            rates=each.rates | (more := missing(each.rates)), derived=dict.fromkeys(more, _LABEL + rule["source"])
        )
        for each in entry.prices
    )
    derived = {key for each in prices for key in each.derived}
    variations = tuple(
        each._replace(rates=each.rates | {key: amount for key, amount in missing(each.rates).items() if key in derived})
        if each.rates is not None
        else each
        for each in entry.variations
    )
    return entry._replace(prices=prices, variations=variations)


def _with_long_context(entry: Entry, rule: Facts) -> Entry:
    if not _named(entry, rule):
        return entry
    flat = entry.prices[-1].rates
    by = {OUTPUT: Fraction(rule["output"])}
    rates: Rates = {
        key: amount
        if key == SEARCH
        else (lowest(amount), rule["above"], lowest(scaled(amount, by.get(key, Fraction(rule["input"])))))
        for key, amount in flat.items()
    }
    derived = {key + ABOVE: _LABEL + rule["source"] for key in rates if key != SEARCH}
    return entry._replace(prices=(*entry.prices, Price(_span(rule), rates, derived)))


def _with_peaks(entry: Entry, rule: Facts) -> Entry:
    """Add dearer hours to a list that cannot give hours a date, or a day of the week; its own hours are left out."""
    if not _named(entry, rule):
        return entry
    kept = [each for each in entry.prices if each.span[2] < 0 or each.derived]
    flat = entry._replace(prices=tuple(each for each in kept if each.span[2] < 0 and not each.derived))
    since, until, *_ = _span(rule)
    starts = [since, *sorted({each.span[0] for each in flat.prices if since < each.span[0] < until})]
    for start, end in zip(starts, [*starts[1:], until], strict=True):
        rates = {key: scaled(amount, Fraction(rule["times"])) for key, amount in _standard(flat, start).items()}
        derived = dict.fromkeys(rates, _LABEL + rule["source"])
        days = MONDAY_TO_FRIDAY if rule["weekdays"] else ALL_DAYS
        kept += [
            Price((start, end, of_day(opens), of_day(closes), days), rates, derived) for opens, closes in rule["hours"]
        ]
    for day in (_moment(text) for text in rule.get("but_not", ())):
        rates = _standard(flat, day)
        kept.append(Price(between(day, day + DAY), rates, dict.fromkeys(rates, _LABEL + rule["source"])))
    return entry._replace(prices=tuple(kept))


def _with_times(entry: Entry, rule: Facts) -> Entry:
    """Add a multiplier; one that names its models stands instead of what the list says of the same way of asking."""
    if not _named(entry, rule):
        return entry
    factor = Fraction(rule["times"])
    added = Variation(rule["when"], _span(rule), None, (factor.numerator, factor.denominator), _LABEL + rule["source"])
    kept = tuple(
        each for each in entry.variations if "models" not in rule or each.context != rule["when"] or each.source
    )
    return entry._replace(variations=(*kept, added))


def _backdated(entry: Entry, rule: Facts) -> Entry:
    """Carry the prices of a way of asking back from the day on which they were read off the vendor's page."""
    verified = {_moment(each) for each in rule["verified"]}
    earlier = [
        older
        for each in entry.variations
        if each.rates is not None and each.span[0] in verified
        for older in _earlier(entry, each, each.rates, _LABEL + rule["source"])
    ]
    return entry._replace(variations=(*entry.variations, *earlier))


def _earlier(entry: Entry, variation: Variation, rates: Rates, source: str) -> list[Variation]:
    """Return a variation for each span of the standard price before it begins, at the same multiple of that price."""
    day = variation.span[0]
    starts = sorted({0, *(each.span[0] for each in entry.prices if each.span[0] < day)})
    current = _standard(entry, day)
    found = []
    for since, until in zip(starts, [*starts[1:], day], strict=True):
        then = _standard(entry, since)
        multiple = {
            key: Fraction(lowest(then[key]), lowest(current[key]))
            for key in rates
            if key in then and lowest(current[key])
        }
        older = {key: scaled(amount, multiple.get(key, Fraction(1))) for key, amount in rates.items()}
        found.append(variation._replace(span=between(since, until), rates=older, source=source))
    return found


def _standard(entry: Entry, time: int) -> Rates:
    """Return the standard rates from a moment on; these lists have dates and no times of day."""
    return [each.rates for each in entry.prices if each.span[0] <= time][-1]
