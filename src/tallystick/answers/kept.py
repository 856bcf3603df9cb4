"""Answers kept while a version holds: bounded by number and by size, those asked for longest ago let go first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from time import monotonic
from typing import Any, Final

from tallystick.answers.shared import Shared

MOST: Final = 512
"""Answers."""
BYTES_MOST: Final = 64 << 20
_LONG_SECONDS: Final = 0.5
_SOONER: Final = 6
_SMALL: Final = 1024
"""What an answer that is no text counts as, in bytes."""


class Entry:
    """An answer that is there or to come, and how it is worked out."""

    __slots__ = ("asked", "before", "begun", "bytes", "future", "kept", "key", "late", "next", "took", "work")

    def __init__(self, key: tuple[Hashable, ...], work: Callable[[Any], Any]) -> None:
        self.key, self.work = key, work
        self.bytes, self.asked = 0, 0.0
        self.begun = 0.0
        """When somebody began to work it out; 0 while nobody has."""
        self.took = 0.0
        """Seconds that this, or the one before it, took to work out."""
        self.late = False
        """Whether its version shows without it, or with the answer of one before."""
        self.kept: Kept | None = None
        """Where it is kept."""
        self.before: Entry | None = None
        """The one that holds no longer, in whose place this will be kept."""
        self.next: Entry | None = None
        """The one that will be kept in its place."""
        self.future: Future[Any] = Future()
        # One of many who wait for it may not call it off for all.
        self.future.set_running_or_notify_cancel()

    def dropped(self) -> None:
        """Be kept no longer."""
        if self.kept is not None:
            self.kept.drop(self)

    def weighed(self, answer: Any) -> None:  # noqa: ANN401  whatever an answer is
        """Take into account how large the answer turned out."""
        if self.kept is not None:
            self.kept.weigh(self, weight(answer))

    def stands_in(self, since: float) -> bool:
        """Tell whether its answer may stand in for a newer one that is not there yet, as it was begun at some moment at the earliest."""
        return self.begun >= since and self.future.done() and self.future.exception() is None

    def lent(self, *, late: bool) -> "Entry":
        """Return an entry with the same answer, to be kept elsewhere."""
        entry = self.again()
        entry.begun, entry.late = self.begun, late
        entry.future.set_result(self.future.result())
        return entry

    def followed(self, work: Callable[[Any], Any]) -> "Entry":
        """Return an entry that will be kept in place of this one when it is there."""
        self.next = entry = self.again()
        entry.work, entry.before, entry.kept = work, self, self.kept
        return entry

    def takes_its_place(self) -> None:
        """Be kept instead of the one before, if this is there and that is still kept."""
        before, self.before = self.before, None
        if before is None:
            return
        before.next = None
        if self.kept is not None and self.stands_in(0) and self.kept.peek(self.key) is before:
            self.kept.put(self, asked=False)
            self.weighed(self.future.result())

    def again(self) -> "Entry":
        """Return an entry for the same answer, to be worked out anew."""
        entry = Entry(self.key, self.work)
        entry.asked, entry.took = self.asked, self.took
        return entry


class Kept:
    """The answers of one version; not for more than one thread at a time."""

    def __init__(self, most: int = MOST, bytes_most: int = BYTES_MOST) -> None:
        """Begin empty."""
        self._entries: OrderedDict[tuple[Hashable, ...], Entry] = OrderedDict()
        self._most, self._bytes_most = most, bytes_most
        self.bytes = 0
        self.shared = Shared()
        """What several of them are made of."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._entries)

    def find(self, key: tuple[Hashable, ...], *, asked: bool = True) -> Entry | None:
        """Return the entry of a key, which is the one asked for last from now on."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
            if asked:
                entry.asked = monotonic()
        return entry

    def peek(self, key: tuple[Hashable, ...]) -> Entry | None:
        """Return the entry of a key for which nobody asks."""
        return self._entries.get(key)

    def put(self, entry: Entry, *, asked: bool = True) -> None:
        """Keep an entry."""
        if asked:
            entry.asked = monotonic()
        entry.kept = self
        if (before := self._entries.get(entry.key)) is not None:
            self.bytes -= before.bytes
        self._entries[entry.key] = entry
        self._trim()

    def drop(self, entry: Entry) -> None:
        """Keep an entry no longer, unless another one is kept in its place."""
        if self._entries.get(entry.key) is entry:
            del self._entries[entry.key]
            self.bytes -= entry.bytes

    def weigh(self, entry: Entry, size: int) -> None:
        """Take note that an entry takes so many bytes."""
        if self._entries.get(entry.key) is entry:
            entry.bytes = size
            self.bytes += size
            self._trim()

    def lately(self, seconds: float) -> list[Entry]:
        """Return the entries that were asked for within so many seconds, the latest first; what takes long is forgotten sooner."""
        now = monotonic()
        found = [
            entry
            for entry in self._entries.values()
            if now - entry.asked <= (seconds if entry.took < _LONG_SECONDS else seconds / _SOONER)
        ]
        return sorted(found, key=lambda entry: -entry.asked)

    def _trim(self) -> None:
        while len(self._entries) > self._most or (self.bytes > self._bytes_most and len(self._entries) > 1):
            _, entry = self._entries.popitem(last=False)
            self.bytes -= entry.bytes


def weight(answer: Any) -> int:  # noqa: ANN401  whatever an answer is
    """Return how much room an answer takes, roughly, in bytes."""
    if isinstance(answer, bytes | str):
        return len(answer)
    return sum(map(weight, answer)) if isinstance(answer, tuple) else _SMALL
