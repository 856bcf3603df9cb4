"""What every engine of the ledger promises, and the values that go in and come out."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

from tallystick.usage.event import Context, Variant

type Row = tuple[Any, ...]


class Source(NamedTuple):
    """Where sightings come from, and how far it has been read."""

    path: str
    tool: str
    witness: str = "log"
    inode: int = 0
    size: int = 0
    """Bytes when last looked at."""
    mtime: int = 0
    """Nanoseconds since 1970 when it was last written."""
    offset: int = 0
    """Bytes read so far: the next read begins here."""
    head: int = 0
    """Key of its first bytes, by which a rewritten file is told from a grown one."""
    state: bytes = b""
    """The reader's memory; empty when the source has to be read from its beginning."""
    last: int = 0
    """Time of the newest thing found in it: milliseconds since 1970, UTC; 0 when nothing was."""


class Batch(NamedTuple):
    """What one read of one source found, packed so that it travels between processes as plain values."""

    source: Source
    fresh: bool
    """Whether the source was read from its beginning."""
    contexts: list[Context]
    """Those that the rows below refer to by index."""
    variants: list[Variant]
    events: list[Row]
    """key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
    grade, replay, copied, work_ms, web_searches, web_fetches, cost_nano, offset (fields of `UsageEvent`)."""
    prompts: list[Row]
    """key, time, context, offset."""
    calls: list[Row]
    """key, event, name, started, ended, failed."""
    limits: list[Row]
    """The fields of `LimitSample`."""
    titles: list[Row]
    """The fields of `Title`."""
    skipped: list[Row]
    """offset, reason; an offset of -1 stands for those beyond the ones that are named, their number being the reason."""
    readings: list[Row] = []  # noqa: RUF012 - never changed in place
    """meter, rank, time, since, context, variant, requests, input, cache_read, cache_write_5m, cache_write_1h, output,
    reasoning, cost_nano, offset (fields of `Reading`)."""


class Receipt(NamedTuple):
    """What became of batches."""

    new: int = 0
    """Events that were not known."""
    changed: int = 0
    """Events of which a better sighting came."""
    known: int = 0
    """Sightings that told nothing new."""


class Ledger(Protocol):
    """Keeps events once and answers questions about them; all its engines give the same answers."""

    def add(self, batches: Iterable[Batch]) -> Receipt:
        """Take batches in as they come, all or none; afterwards they are durable and every question knows them."""

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question (`questions/<name>.sql`) has for these values."""

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns; all its questions see the ledger as it is now, whoever adds to it meanwhile."""

    def close(self) -> None:
        """Let go of everything held; a closed ledger is asked no more."""
