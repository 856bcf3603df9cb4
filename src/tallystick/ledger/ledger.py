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
    tags: list[Row] = []  # noqa: RUF012 - never changed in place
    """tool, session, name, value: what a person noted with a session."""
    newer: list[Row] = []  # noqa: RUF012 - never changed in place
    """What a newer sender tells besides: table, key of the row (its first column as text), name of the column, value as JSON."""
    shown: list[Any] = []  # noqa: RUF012 - never changed in place
    """Of what is about to leave a ledger: the project with which it shows each context, a text. By that is decided what may."""
    renamed: list[Row] | None = None
    """Of what is copied from another ledger: what kind of name, the name, and the one that it was given there. The contexts of such a
    batch go by the names that they bear; None where names that were given others are to be replaced."""


class Arrival(NamedTuple):
    """What a machine that sends tells of itself, and what is noticed of it; of two of them the later one holds."""

    machine: str
    """The name under which it was paired, which never changes."""
    name: str
    """The name under which it is shown, if it has not been given another since."""
    user: str
    time: int
    """When it came, by the clock of whoever keeps the ledger: milliseconds since 1970, UTC."""
    client: str = ""
    """The program that sends."""
    version: str = ""
    skew_ms: int = 0
    """How far the machine's clock is ahead of the ledger's."""
    pending: int = 0
    """Rows that it has still to send."""
    trouble: str = ""
    """What is wrong there, in a sentence; empty when nothing is."""


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

    def add(self, batches: Iterable[Batch], arrivals: Iterable[Arrival] = ()) -> Receipt:
        """Take batches in as they come, with what is known of those who sent them, all or none.

        Afterwards they are durable and every question knows them.
        """

    def ask(self, question: str, **values: int | str) -> list[Row]:
        """Return the rows that the named question (`questions/<name>.sql`) has for these values."""

    def snapshot[T](self, asking: Callable[[], T]) -> T:
        """Return what `asking` returns; all its questions see the ledger as it is now, whoever adds to it meanwhile."""

    def close(self) -> None:
        """Let go of everything held; a closed ledger is asked no more."""


class Turn(Protocol):
    """Whose turn it is to settle a ledger to which several processes add."""

    def mine(self) -> int | None:
        """Return the number of the turn, which grows with each holder; None when it is somebody else's. Raise Unavailable where that is not known."""

    def lift(self, least: int) -> int | None:
        """Go on under a number that is not below this one, and return it; None when it is somebody else's turn by now."""

    def end(self) -> None:
        """Let the next one have it."""

    def close(self) -> None:
        """Let the next one have it, and let go of where it stands whose turn it is."""
