"""Finds the listing that a model's name stands for: match clauses, providers and dated names, as genai-prices resolves them."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tallystick.prices.book import Clause, Entry, Provider, entry, restore
from tallystick.prices.moments import midnight


class Listing(NamedTuple):
    """A model in the list of the provider that was asked for."""

    provider: str
    entry: Entry
    own: bool = True
    """False when the provider sells another's model at that one's price: what it asks for tiers and speed is its own matter."""


def matches(clause: Clause, text: str) -> bool:
    """Say whether a name in lower case satisfies a clause."""
    kind, operand = clause
    return _TESTS[kind](operand, text)


def _fits(template: str, text: str) -> bool:
    """Compare with a template in which `#` stands for any digit."""
    return len(template) == len(text) and all(
        wanted == given or (wanted == "#" and given.isdecimal()) for wanted, given in zip(template, text, strict=True)
    )


def _search(pattern: str, text: str) -> bool:
    # Imported here because it costs 6 ms, and few names ever come to a clause that needs it.
    import re

    return re.search(pattern, text) is not None


_TESTS: Final[dict[str, Callable[[Any, str], bool]]] = {
    "equals": lambda names, text: text in names,
    "starts": lambda start, text: text.startswith(start),
    "ends": lambda end, text: text.endswith(end),
    "contains": lambda part, text: part in text,
    "fits": _fits,
    "fits_start": lambda template, text: _fits(template, text[: len(template)]),
    "regex": _search,
    "or": lambda clauses, text: any(matches(each, text) for each in clauses),
    "and": lambda clauses, text: all(matches(each, text) for each in clauses),
}


def dashed(name: str) -> str:
    """Return a name with its compact dates (-20251211) written out (-2025-12-11), where they are dates."""
    at = name.find("-20")
    while at >= 0:
        digits, after = name[at + 1 : at + 9], name[at + 9 : at + 10]
        if _fits("########", digits) and after in {"", "-", ":"}:
            day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
            if _is_date(day):
                name = name[: at + 1] + day + name[at + 9 :]
        at = name.find("-20", at + 1)
    return name


def _is_date(text: str) -> bool:
    try:
        midnight(text)
    except ValueError:
        return False
    return True


class Catalogue:
    """All providers' lists, each unpacked when it is first asked for."""

    def __init__(self, providers: tuple[tuple[Any, ...], ...]) -> None:
        self._providers = tuple(Provider(*each) for each in providers)
        self._by_id = {each.id: each for each in self._providers}
        self._unpacked: dict[str, tuple[tuple[Any, ...], ...]] = {}

    def provider(self, word: str) -> Provider | None:
        """Return the provider that a word in lower case names: by its id, else by the clause that it matches."""
        if word in self._by_id:
            return self._by_id[word]
        for each in self._providers:
            if each.provider_match is not None and matches(each.provider_match, word):
                return each
        return None

    def listing(self, provider: Provider, name: str) -> Listing | None:
        """Return a provider's price for a model name, or that of those whose models it sells; None where there is none."""
        written_out = dashed(name)
        return self._listing(provider, name) or (self._listing(provider, written_out) if written_out != name else None)

    def by_name(self, name: str) -> Listing | None:
        """Return the price that a model has at the provider that its name alone tells."""
        for each in self._providers:
            if each.model_match is None:
                continue
            # A regular expression is asked last, so that `re` is imported only for names that the provider does list.
            if each.model_match[0] == "regex":
                found = self.listing(each, name)
                if found is not None and matches(each.model_match, name):
                    return found
            elif matches(each.model_match, name):
                found = self.listing(each, name)
                if found is not None:
                    return found
        return None

    def everything(self) -> list[tuple[str, Entry]]:
        """Return each model of each list; slow, for checks of the whole book."""
        return [(each.id, entry(raw)) for each in self._providers for raw in self._entries(each)]

    def _listing(self, provider: Provider, name: str) -> Listing | None:
        found = self._entry(provider, name)
        if found is not None:
            return Listing(provider.id, found) if found.prices else None
        for id_ in provider.fallbacks:
            found = self._entry(self._by_id[id_], name) if id_ in self._by_id else None
            if found is not None and found.prices:
                return Listing(id_, found, own=False)
        return None

    def _entry(self, provider: Provider, name: str) -> Entry | None:
        """Return the first entry that matches: lists are written so that the narrower clause comes first."""
        for raw in self._entries(provider):
            if matches(raw[1], name):
                return entry(raw)
        return None

    def _entries(self, provider: Provider) -> tuple[tuple[Any, ...], ...]:
        if provider.id not in self._unpacked:
            self._unpacked[provider.id] = restore(provider.entries)
        return self._unpacked[provider.id]
