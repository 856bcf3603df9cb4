"""The logs of all tools: what has changed since last time is read and handed to the ledger."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.intake.walk import File, Trouble, text_of, walk
from tallystick.ledger.ledger import Batch, Ledger, Receipt, Row, Source
from tallystick.tools.tool import Root, Tool

_WORTH_A_TRANSACTION: Final = 100_000
"""Events after which an import commits: some GB of logs, so that a killed import loses seconds."""
_WORTH_WORKERS: Final = 4 << 20
"""Bytes below which starting workers costs more than it saves."""


class News(NamedTuple):
    """A file that is new or has changed."""

    tool: Tool
    file: File
    before: Source | None
    """As it was left; None when it has not been read yet."""

    @property
    def bytes(self) -> int:
        """How much there is to read, about."""
        return max(self.file.size - (self.before.offset if self.before else 0), 0)


class Progress(NamedTuple):
    """How far an import has come."""

    files: int
    files_all: int
    bytes: int
    bytes_all: int
    events: int


class Summary(NamedTuple):
    """What an import did."""

    files: int = 0
    bytes: int = 0
    receipt: Receipt = Receipt()
    troubles: tuple[Trouble, ...] = ()


def roots(tool: Tool, home: str, environ: Mapping[str, str], others: Sequence[str]) -> list[Root]:
    """Return a tool's places in a home and, without the environment, which is the person's own, in other homes."""
    found = tool.roots(home, environ)
    for other in others:
        found = found + tool.roots(other, {})
    return found


def look(
    tools: Sequence[Tool], home: str, environ: Mapping[str, str], ledger: Ledger | None, others: Sequence[str] = ()
) -> tuple[list[News], list[Trouble]]:
    """Return the files that hold something new, in a home and others besides, and what could not be looked at."""
    troubles: list[Trouble] = []
    marks: dict[str, Row] = {row[0]: row for row in ledger.ask("marks")} if ledger else {}
    news: list[News] = []
    for tool in tools:
        for file in walk(roots(tool, home, environ, others), troubles):
            mark = marks.get(text_of(file.path))
            if mark and mark[1:] == file[1:4]:
                continue
            before = Source(*ledger.ask("source", path=mark[0])[0]) if mark and ledger else None
            news.append(News(tool, file, before))
    return news, troubles


def bring_in(
    news: Sequence[News], ledger: Ledger, whose: tuple[str, str], tell: Callable[[Progress], None] | None = None
) -> Summary:
    """Read what is new into the ledger; `whose` is the machine and the user, `tell` hears how far it has come."""
    troubles: list[Trouble] = []
    size = sum(item.bytes for item in news)
    stream = _Stream(_read(news, size, whose, troubles), Progress(0, len(news), 0, size, 0), tell)
    receipt = Receipt()
    while not stream.ended:
        receipt = _plus(receipt, ledger.add(stream))
    return Summary(len(news), size, receipt, tuple(troubles))


class _Stream:
    """Batches as they come from the readers, in portions that are worth a transaction each."""

    def __init__(
        self, portions: Iterator[list[Batch]], progress: Progress, tell: Callable[[Progress], None] | None
    ) -> None:
        self._portions, self._progress, self._tell = portions, progress, tell
        self._places: dict[str, int] = {}
        self.ended = False

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches until a transaction is full or there are no more."""
        events = 0
        for portion in self._portions:
            yield from portion
            events += sum(len(batch.events) for batch in portion)
            self._count(portion)
            if events >= _WORTH_A_TRANSACTION:
                return
        self.ended = True

    def _count(self, portion: list[Batch]) -> None:
        done = self._progress
        read = 0
        for batch in portion:
            # A large file comes in several batches, each of which tells how far it has been read.
            read += batch.source.offset - self._places.get(batch.source.path, 0)
            self._places[batch.source.path] = batch.source.offset
        files = len(self._places)
        # Torn last lines stay unread, so that what was read may add up to less than there is.
        self._progress = done._replace(
            files=files,
            bytes=min(done.bytes + max(read, 0), done.bytes_all) if files < done.files_all else done.bytes_all,
            events=done.events + sum(len(batch.events) for batch in portion),
        )
        if self._tell:
            self._tell(self._progress)


def _plus(one: Receipt, other: Receipt) -> Receipt:
    return Receipt(one.new + other.new, one.changed + other.changed, one.known + other.known)


def _read(news: Sequence[News], size: int, whose: tuple[str, str], troubles: list[Trouble]) -> Iterator[list[Batch]]:
    workers = min(os.cpu_count() or 1, 4)
    if size >= _WORTH_WORKERS and workers > 1 and hasattr(os, "fork"):
        from tallystick.intake.workers import read_in_workers

        yield from read_in_workers(news, whose, workers, troubles)
    else:
        for item in news:
            yield list(read_one([item], whose, troubles))


def read_one(news: Iterable[News], whose: tuple[str, str], troubles: list[Trouble]) -> Iterator[Batch]:
    """Yield the batches of some files, read here; a file that cannot be read goes to `troubles`."""
    from tallystick.intake.follow import Follower

    follower = Follower(*whose)
    for item in news:
        try:
            yield from follower.read(item.tool, item.file, item.before)
        except FileNotFoundError:
            continue
        except OSError as error:
            troubles.append(Trouble(text_of(item.file.path), (error.strerror or str(error)).lower()))
        except Exception as error:  # noqa: BLE001 - the bulkhead between receivers: one that fails never silences another
            troubles.append(
                Trouble(text_of(item.file.path), f"its reader failed ({type(error).__name__}); please report this")
            )
