"""The shape of the price book: listings of models with dated prices, as values that marshal can store and load in no time."""

import marshal
from typing import Any, Final, NamedTuple
from zlib import crc32

from tallystick.prices.moments import Span

FORMAT: Final = 1
"""Counts the shapes of this file; a book of another shape is refused and made anew."""
_MAGIC: Final = b"tallystick price book %d\n" % FORMAT

INPUT: Final = "input"
READ: Final = "cache_read"
WRITE: Final = "cache_write_5m"
WRITE_1H: Final = "cache_write_1h"
OUTPUT: Final = "output"
REASONING: Final = "reasoning"
SEARCH: Final = "web_search"
ABOVE: Final = " above"
"""Follows the name of a rate in `Price.derived` where only its tiers are derived."""

type Amount = int | tuple[int, ...]
"""Pico-dollars per unit; with tiers: the price below them, then for each the prompt above which it holds, and its price."""
type Rates = dict[str, Amount]
"""A price for each kind of unit; a kind that is missing costs what the more general kind costs."""
type Clause = tuple[str, Any]
"""A test of a name: its kind (`matching.py`) and what it tests for."""


class Price(NamedTuple):
    """What a model costs in one span; of a listing's prices the last one that holds counts."""

    span: Span
    rates: Rates
    derived: dict[str, str]
    """The rates that the listing lacks and that follow from a rule of the vendor, each with the rule's source."""


class Variation(NamedTuple):
    """How one way of asking (a service tier, a speed, a place) changes a listing's price."""

    context: str
    """What was asked: `tier:priority`, `tier:batch`, `speed:fast`, `geo:us` …"""
    span: Span
    rates: Rates | None
    """Rates instead of the listing's; None where a multiplier changes all token rates."""
    times: tuple[int, int]
    """The multiplier as a fraction, (1, 1) where rates are given."""
    source: str
    """Empty where it is the listing's own."""


class Entry(NamedTuple):
    """A model in a provider's list."""

    id: str
    match: Clause
    source: str
    """Empty where it is the list's own."""
    prices: tuple[Price, ...]
    """Empty where the model is known and its price is not, or not in tokens."""
    variations: tuple[Variation, ...]


class Provider(NamedTuple):
    """A provider's list of models."""

    id: str
    model_match: Clause | None
    """Tells by a model's name alone that it is this provider's."""
    provider_match: Clause | None
    fallbacks: tuple[str, ...]
    """Providers whose models this one sells as well."""
    entries: bytes
    """The list, stored apart so that only what is asked for is unpacked."""


class Unusable(NamedTuple):
    """A file that is no price book, and why."""

    reason: str


def pack(content: dict[str, Any]) -> bytes:
    """Store a book's content, with a digest that is the same wherever and whenever the same content is stored."""
    from hashlib import blake2b

    content = bare(content)
    # Later formats of marshal write a repeated value once, which loads faster, but where they do so varies by run.
    digest = blake2b(marshal.dumps(content, 2), digest_size=5).digest()
    payload = marshal.dumps(content, 4)
    return _MAGIC + digest + crc32(payload).to_bytes(4) + payload


def unpack(data: bytes) -> tuple[str, dict[str, Any]] | Unusable:
    """Load what `pack` stored, with its version; a damaged file or one of another format is refused."""
    head = len(_MAGIC)
    if not data:
        return Unusable("there is no price book")
    if data[:head] != _MAGIC:
        return Unusable("it is not a price book of this version of tallystick")
    digest, check, payload = data[head : head + 5], data[head + 5 : head + 9], data[head + 9 :]
    if crc32(payload).to_bytes(4) != check:
        return Unusable("the price book is damaged")
    return digest.hex(), marshal.loads(payload)  # noqa: S302  only what carries our own check sum gets here


def bare(value: Any) -> Any:  # noqa: ANN401  a value of any of these shapes, without their names
    """Return a value as marshal wants it: plain tuples for named ones and for lists."""
    if isinstance(value, tuple | list):
        return tuple(bare(each) for each in value)
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items()}
    return value


def store(part: object) -> bytes:
    """Store a part of a book by itself, so that it is unpacked only when it is asked for."""
    return marshal.dumps(bare(part), 4)


def restore(blob: bytes) -> Any:  # noqa: ANN401  whatever was stored, without names
    """Load what `store` stored; nothing where there is nothing."""
    return marshal.loads(blob) if blob else ()  # noqa: S302  part of a book whose check sum was right


def entry(raw: tuple[Any, ...]) -> Entry:
    """Give a bare entry its names."""
    id_, match, source, prices, variations = raw
    return Entry(
        id_, match, source, tuple(Price(*each) for each in prices), tuple(Variation(*each) for each in variations)
    )
