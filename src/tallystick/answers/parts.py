"""Parts: what stretches of time add to an answer, and how they are put together; and where a process keeps those of days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from marshal import dumps, loads
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.period import DAY_MS, SLOT_MS

if TYPE_CHECKING:
    from tallystick.answers.foldbook import Foldbook

_SLOTS: Final = DAY_MS // SLOT_MS

type Span = tuple[int, int]
"""First quarter-hour and the one after the last: a day (UTC), or what of it lies in a period."""


class Part(NamedTuple):
    """What a stretch of time adds to an answer."""

    sums: dict[tuple[str, ...], tuple[int, ...]]
    """By the keys of a row, its figures."""
    slots: tuple[int, int] | None
    """First and last slot of what counts."""
    seen: dict[int, int]
    """Requests by the sum of their witnesses."""
    unpriced: dict[str, int]
    """Tokens without a price by model."""


class Sums(NamedTuple):
    """The sums of a span by variant, size, witnesses and context, parted at local midnights."""

    rows: list[Row]
    """(first slot, variant, size, seen, context, requests … searches as the question `usage_by_context` has them, last slot),
    in order of the first slot."""
    contexts: list[Row]
    """Those that they name, as the question `contexts` has them."""


def merged(parts: Iterable[Part]) -> Part:
    """Return what several stretches of time add to an answer together."""
    sums: dict[tuple[str, ...], tuple[int, ...]] = {}
    seen: defaultdict[int, int] = defaultdict(int)
    unpriced: defaultdict[str, int] = defaultdict(int)
    slots: list[int] = []
    for part in parts:
        # Most of what is asked for differs from day to day.
        again = sums.keys() & part.sums.keys()
        together = {keys: tuple(map(add, sums[keys], part.sums[keys])) for keys in again}
        sums.update(part.sums)
        sums.update(together)
        slots += part.slots or ()
        for witnesses, requests in part.seen.items():
            seen[witnesses] += requests
        for model, tokens in part.unpriced.items():
            unpriced[model] += tokens
    return Part(sums, (min(slots), max(slots)) if slots else None, dict(seen), dict(unpriced))


def spans(ledger: Ledger, slots: Span) -> Iterator[tuple[Span, int]]:
    """Yield the days of a time of which a ledger knows, as far as they lie in it, with their states."""
    first, after = slots
    for day, state in ledger.ask("days"):
        span = max(first, day * _SLOTS), min(after, (day + 1) * _SLOTS)
        if span[0] < span[1]:
            yield span, state


def pack(rows: list[Any]) -> bytes:
    """Return plain values, packed."""
    from zlib import compress

    return compress(dumps(rows), 1)


def unpack(data: bytes) -> Any:  # noqa: ANN401  what was packed
    """Return what was packed."""
    from zlib import decompress

    return loads(decompress(data))  # noqa: S302  only what was packed here, or carries our own check sum


class Keeper:
    """Holds the foldbook of a process that goes on answering; others have none, and do not pay for it."""

    book: "Foldbook | None" = None


KEPT: Final = Keeper()
"""The one of this process."""
