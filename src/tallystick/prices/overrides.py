"""The person's own prices and aliases, from the table `prices` of the config; what is wrong in it is told, not raised."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.prices.book import INPUT, OUTPUT, READ, WRITE, WRITE_1H, Entry, Price, Rates
from tallystick.prices.matching import Listing
from tallystick.prices.moments import between, midnight

_RATES: Final = (INPUT, OUTPUT, READ, WRITE, WRITE_1H)
_KEYS: Final = {*_RATES, "since", "alias"}
_USD_MOST: Final = 1_000_000
_SWITCHES: Final[Mapping[str, tuple[type, str]]] = {
    "refresh": (bool, "is neither true nor false"),
    "url": (str, "is no address in quotes"),
}
"""What the table may hold besides models: whether prices are fetched daily, and from where."""


class Bad(NamedTuple):
    """An override that was not understood, and why."""

    name: str
    reason: str


class Overrides(NamedTuple):
    """What the person said about prices; names are in lower case, and may be `provider/model`."""

    prices: dict[str, Listing]
    aliases: dict[str, str]
    bad: tuple[Bad, ...]


NO_OVERRIDES: Final = Overrides({}, {}, ())


def read(table: Mapping[str, object]) -> Overrides:
    """Read a table of models, each with prices in USD per million tokens or with another model's name as `alias`."""
    prices: dict[str, Listing] = {}
    aliases: dict[str, str] = {}
    bad: list[Bad] = []
    for name, given in table.items():
        key = name.strip().lower()
        if name in _SWITCHES and not isinstance(given, Mapping):
            wanted, wrong = _SWITCHES[name]
            if not isinstance(given, wanted):
                bad.append(Bad(name, wrong))
            continue
        try:
            if not isinstance(given, Mapping):
                raise ValueError("is not a table of prices")  # noqa: TRY301, TRY004  told like all else that is wrong here
            if "alias" in given:
                aliases[key] = _alias(given)
            else:
                prices[key] = _priced(name, given)
        except ValueError as error:
            bad.append(Bad(name, str(error)))
    for key in [each for each in aliases if _leads_back(each, aliases)]:
        bad.append(Bad(key, "its alias leads back to itself"))
        del aliases[key]
    return Overrides(prices, aliases, tuple(bad))


def _alias(given: Mapping[str, object]) -> str:
    target = given["alias"]
    if not isinstance(target, str) or not target.strip():
        raise ValueError("alias is not the name of a model")
    if len(given) > 1:
        raise ValueError("has an alias and prices: only one of them can count")
    return target.strip().lower()


def _priced(name: str, given: Mapping[str, object]) -> Listing:
    unknown = sorted(str(key) for key in given if key not in _KEYS)
    if unknown:
        raise ValueError(f"has unknown words: {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}")
    missing = [key for key in (INPUT, OUTPUT) if key not in given]
    if missing:
        raise ValueError(f"has no {' and no '.join(missing)} price")
    rates: Rates = {key: _pico(key, given[key]) for key in _RATES if key in given}
    entry = Entry(name, ("equals", (name,)), "config", (Price(between(_since(given)), rates, {}),), ())
    return Listing("config", entry)


def _pico(key: str, usd: object) -> int:
    """Return pico-dollars per token; without `decimal`, which a warm answer has no time to import."""
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not 0 <= usd <= _USD_MOST:
        raise ValueError(f"{key} is not a price in USD per million tokens: {usd!r}")
    return round(usd * 1_000_000)


def _since(given: Mapping[str, object]) -> int:
    """Return the moment from which the price holds; TOML knows dates, and a text is as good."""
    if "since" not in given:
        return 0
    try:
        return midnight(str(given["since"]))
    except ValueError:
        raise ValueError(f"since is not a date like 2026-01-01: {given['since']}") from None


def _leads_back(name: str, aliases: Mapping[str, str]) -> bool:
    seen, at = {name}, aliases[name]
    while at in aliases:
        if at in seen:
            return at == name
        seen.add(at)
        at = aliases[at]
    return at == name
