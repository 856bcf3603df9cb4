"""Finds a model's listing by whatever a tool calls it: overrides, routing names, prefixes, dates, `-fast`, then LiteLLM's names."""

from typing import Any, Final, NamedTuple

from tallystick.prices.book import Clause, Entry, Price, Variation, restore
from tallystick.prices.matching import Catalogue, Listing
from tallystick.prices.moments import EVER
from tallystick.prices.overrides import NO_OVERRIDES, Overrides

_FAST: Final = "-fast"


class Found(NamedTuple):
    """What a name stood for in one span of time."""

    since: int
    until: int
    listing: Listing | None
    """None where there is no price."""
    fast: bool = False
    """The name asked for the fast variant of the listed model."""
    notes: tuple[str, ...] = ()
    under: Listing | None = None
    """What would have counted without the person's own price: for the rates that one does not give."""


class Resolver:
    """Remembers what each pair of provider and model stands for."""

    def __init__(self, content: dict[str, Any], overrides: Overrides = NO_OVERRIDES) -> None:
        self.catalogue = Catalogue(content["providers"])
        self._names = content["names"]
        self._litellm_blob: bytes = content["litellm"]
        self._litellm: dict[str, Any] | None = None
        self._overrides = overrides
        self._found: dict[tuple[str, str], tuple[Found, ...]] = {}

    def resolve(self, provider: str, model: str) -> tuple[Found, ...]:
        """Return what a model stands for, span by span from the beginning to the end of time."""
        key = (provider, model)
        if key not in self._found:
            word = provider.strip().lower()
            self._found[key] = self._overridden(self._names["providers"].get(word, word), model.strip().lower())
        return self._found[key]

    def _overridden(self, word: str, name: str) -> tuple[Found, ...]:
        for spelling in (f"{word}/{name}", name):
            if spelling in self._overrides.aliases:
                target = self._overrides.aliases[spelling]
                note = f"config: {spelling} is priced as {target}"
                return tuple(_noted(each, note) for each in self._overridden("", target))
            if spelling in self._overrides.prices:
                own = self._overrides.prices[spelling]
                since = own.entry.prices[0].span[0]
                below = self._listed(word, name)
                before = tuple(each._replace(until=min(each.until, since)) for each in below if each.since < since)
                after = tuple(
                    Found(max(each.since, since), each.until, own, under=each.listing)
                    for each in below
                    if each.until > since
                )
                return before + after
        return self._listed(word, name)

    def _listed(self, word: str, name: str) -> tuple[Found, ...]:
        """Follow routing names, whose model changed with time, then look the name up."""
        segments = self._names["alias"].get(name)
        if segments is None:
            segments = next((found for prefix, found in self._names["prefix"] if name.startswith(prefix)), None)
        if segments is None:
            whole = self._whole(word, name)
            # A tool may put its provider before a routing name: kimi-code/kimi-for-coding.
            segments = self._names["alias"].get(name.rpartition("/")[2]) if whole.listing is None else None
            if segments is None:
                return (whole,)
        spans, at = [], 0
        for since, until, target, why in segments:
            if since > at:
                spans.append(self._whole(word, name)._replace(since=at, until=since))
            found = self._whole("", target) if target else Found(0, EVER, None)
            spans.append(_noted(found, why)._replace(since=since, until=until))
            at = until
        return (*spans, self._whole(word, name)._replace(since=at)) if at < EVER else tuple(spans)

    def _whole(self, word: str, name: str) -> Found:
        """Look a name up for all time; a `-fast` that no list means to have priced is the model, asked for fast."""
        if not name or name.startswith("<"):
            return Found(0, EVER, None)
        if not _is_fast(_undecorated(name)):
            return Found(0, EVER, self._search(word, name))
        marked, bare = self._search(word, name), self._search(word, name.replace(_FAST, "", 1))
        if marked is not None and (marked != bare or _says(marked.entry.match, name)):
            return Found(0, EVER, marked)
        return Found(0, EVER, bare, fast=True, notes=("the name asks for the fast variant",) if bare else ())

    def _search(self, word: str, name: str) -> Listing | None:
        plain = _undecorated(name)
        found = self._direct(word, name) or (self._direct(word, plain) if plain != name else None)
        if found is None and "/" in plain:
            # A prefix that names no provider is a gateway's or an organisation's.
            prefix, _, rest = plain.partition("/")
            prefix = self._names["providers"].get(prefix, prefix)
            found = self._search(word if self.catalogue.provider(prefix) is None else prefix, rest)
        return found or self._without_effort(word, plain) or self._from_litellm(word, name)

    def _direct(self, word: str, name: str) -> Listing | None:
        """Ask the provider's list, then (a gateway has none) the list of the vendor whom the name tells."""
        bedrock = name.startswith(self._names["bedrock"])
        provider = self.catalogue.provider("aws" if bedrock else word)
        found = self.catalogue.listing(provider, name) if provider is not None else None
        # What AWS does not list has no price: the vendor's own would lack what a region adds to it.
        return found or (None if bedrock else self.catalogue.by_name(name))

    def _without_effort(self, word: str, name: str) -> Listing | None:
        if not name.startswith(self._names["effort_of"]):
            return None
        stem, _, last = name.rpartition("-")
        while last in self._names["effort"]:
            found = self._direct(word, stem)
            if found is not None:
                return found
            stem, _, last = stem.rpartition("-")
        return None

    def _from_litellm(self, word: str, name: str) -> Listing | None:
        """Ask LiteLLM's table for exactly this name, or for it behind its provider's; never for a part of it."""
        if self._litellm is None:
            self._litellm = dict(restore(self._litellm_blob))
        for spelling in (f"{word}/{name}", name):
            if spelling in self._litellm:
                prices, variations = self._litellm[spelling]
                entry = Entry(
                    spelling,
                    ("equals", (spelling,)),
                    f"LiteLLM {spelling}",
                    tuple(Price(*each) for each in prices),
                    tuple(Variation(*each) for each in variations),
                )
                return Listing("litellm", entry)
        return None


def _noted(found: Found, note: str) -> Found:
    return found._replace(notes=(note, *found.notes))


def _says(clause: Clause, name: str) -> bool:
    """Say whether a list has a name word for word, and not only the beginning of it."""
    kind, operand = clause
    if kind == "or":
        return any(_says(each, name) for each in operand)
    return kind == "equals" and (name in operand or name.rpartition("/")[2] in operand)


def _undecorated(name: str) -> str:
    """Return a name without what says how it was asked for: `[1m]` (a larger window) and Vertex's `@date` or `@default`."""
    name = name.removesuffix("[1m]")
    stem, at, version = name.partition("@")
    if not at or name.startswith("@"):
        return name
    return f"{stem}-{version}" if version[:1].isdecimal() else stem


def _is_fast(name: str) -> bool:
    return name.endswith(_FAST) or _FAST + "-" in name
