"""The health of it all: what was found where, what of it was read, and what was not understood."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.received import Received, received
from tallystick.answers.unpriced import unpriced
from tallystick.ledger.ledger import Ledger, Row
from tallystick.prices.price_book import Edition, PriceBook
from tallystick.tools.tool import Tool
from tallystick.usage.period import DAY_MS

_REASONS_MOST: Final = 5


class Place(NamedTuple):
    """A directory in which a tool's logs may lie."""

    path: str
    exists: bool
    files: int
    bytes: int


class Seen(NamedTuple):
    """What there is of one tool on this machine."""

    tool: str
    places: tuple[Place, ...]
    unread_files: int
    """Logs that hold something that the ledger has not taken in."""
    unread_bytes: int
    unread_oldest: int
    """When the longest untouched of them was last written: milliseconds since 1970; 0 when there is none."""
    settings: str
    """Path of the tool's own settings; empty when they do not matter here."""
    keeps_days: int | None
    """Days after which the tool deletes its logs, 0 when it writes none, None when it keeps them for good."""

    @property
    def files(self) -> int:
        """Logs in all of its places."""
        return sum(place.files for place in self.places)

    @property
    def found(self) -> bool:
        """Tell whether one of its places is there."""
        return any(place.exists for place in self.places)

    def lost_in_days(self, now: int) -> float | None:
        """Return the days until the tool deletes a log that is not read; None when there is none that it would delete."""
        if not self.unread_files or not self.keeps_days:
            return None
        return max(self.keeps_days - (now - self.unread_oldest) / DAY_MS, 0.0)


class Uncounted(NamedTuple):
    """A tool that is here and whose files give no counts."""

    tool: str
    title: str
    place: str
    """Where it was found."""
    why: str
    instead: str
    """What would count it."""
    keeps_counts: bool
    """Whether only a reader is missing."""


class LedgerFile(NamedTuple):
    """The file of the ledger."""

    path: str
    bytes: int = 0
    free: float = 0
    """The part of it that holds nothing."""
    version: int = 0
    problems: tuple[str, ...] = ()
    """What does not add up in it."""
    checked: str = ""
    """How far it was checked: `fully`, `quickly`; empty when it was not."""
    closed: str = ""
    """Why it cannot be asked; empty when it can."""
    busy: bool = False
    """Whether another program is writing to it."""


class Surroundings(NamedTuple):
    """What the ledger itself cannot know."""

    now: int
    """Milliseconds since 1970, UTC."""
    zone: str
    zone_source: str
    """Where the time zone is from; empty when it is not known."""
    config: str
    """Path of the config file."""
    tools: tuple[Tool, ...]
    seen: tuple[Seen, ...]
    troubles: tuple[tuple[str, str], ...]
    """Paths that cannot be read, and why."""
    file: LedgerFile
    unusable_book: str = ""
    """Path of a fetched price book that cannot be used; empty when there is no such."""
    unusable: tuple[Uncounted, ...] = ()
    missing_homes: tuple[str, ...] = ()
    """Homes that are named and not there."""


class Skips(NamedTuple):
    """Input of one tool that was not understood for one reason."""

    reason: str
    number: int
    place: str
    """One of its places: path and byte."""


class ToolHealth(NamedTuple):
    """How one tool's logs fare."""

    title: str
    seen: Seen
    files_read: int
    """Logs that the ledger knows, also those that are gone by now."""
    bytes_read: int
    events: int
    cut_off: int
    """Answers that broke off, so that their counts are those of that moment."""
    newest: int
    """Milliseconds since 1970; 0 when there is no event."""
    skipped: int
    reasons: tuple[Skips, ...]
    """The most frequent ones."""
    blind_spots: tuple[str, ...]
    elsewhere: bool = False
    """Whether its calls stand with the tools that made them."""


class Health(NamedTuple):
    """How everything fares."""

    surroundings: Surroundings
    tools: tuple[ToolHealth, ...]
    prices: Edition
    unpriced: tuple[tuple[str, int], ...]
    """Models without a known price, and their tokens, most first."""


def examine(ledger: Ledger | None, book: PriceBook, around: Surroundings) -> Health:
    """Return how everything fares; without a ledger, what can be told without one."""
    return Health(around, _tools(ledger, around), book.edition, unpriced(ledger, book) if ledger else ())


def _tools(ledger: Ledger | None, around: Surroundings) -> tuple[ToolHealth, ...]:
    rows: Mapping[str, list[Row]] = {name: ledger.ask(name) if ledger else [] for name in ("receivers", "skipped")}
    known = {tool.name: tool for tool in around.tools}
    came = received(ledger) if ledger else {}
    return tuple(
        ToolHealth(
            known[seen.tool].title,
            seen,
            *_read(row for row in rows["receivers"] if row[0] == seen.tool),
            *_events(came.get(seen.tool, Received())),
            *_skipped([row for row in rows["skipped"] if row[0] == seen.tool]),
            known[seen.tool].blind_spots,
            known[seen.tool].witness != "log",
        )
        for seen in around.seen
    )


def _read(receivers: Iterable[Row]) -> tuple[int, int]:
    """Return the files that were read, and their bytes."""
    files = size = 0
    for _, _, count, total, _ in receivers:
        files, size = files + count, size + total
    return files, size


def _events(came: Received) -> tuple[int, int, int]:
    """Return all events, those that were cut off, and the moment of the newest."""
    return came.requests, came.cut_off, came.newest


def _skipped(rows: Sequence[Row]) -> tuple[int, tuple[Skips, ...]]:
    """Return how much was skipped, and the most frequent reasons, each with one of its places."""
    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for _, path, place, reason, count in rows:
        # A negative place stands for those of a file beyond the ones that are named.
        name = reason if place >= 0 else "further ones in the same files"
        counts[name] += count
        places.setdefault(name, f"{path}:{place}" if place >= 0 else path)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return counts.total(), tuple(Skips(name, count, places[name]) for name, count in ordered[:_REASONS_MOST])
