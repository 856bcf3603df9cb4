"""The letterbox: letters of the notebook as the sender takes them, in portions of any size.

A letter leaves the notebook when all of it is acknowledged. Where that breaks off in between it is sent once more,
which changes nothing.
"""

import marshal
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from tallystick.intake.packing import plain, unplain
from tallystick.intake.push.envelope import TABLES
from tallystick.intake.push.notebook import Notebook
from tallystick.ledger.ledger import Batch, Row, Source

_FORM: Final = 2
"""Of `marshal`: every Python reads it."""
_REFUSED: Final = "refused"


def letter_of(batches: Iterable[Batch]) -> bytes:
    """Return batches as they wait: with nothing of their sources but what is sent."""
    return marshal.dumps([plain(batch._replace(source=_shown(batch.source))) for batch in batches], _FORM)


def batches_of(letter: bytes) -> list[Batch]:
    """Return the batches that `letter_of` was given."""
    return [unplain(row) for row in marshal.loads(letter)]  # noqa: S302  the notebook's own


def _shown(source: Source) -> Source:
    return Source(source.path, source.tool, source.witness, mtime=source.mtime, last=source.last)


class Handful(NamedTuple):
    """What is sent at once: a part of one letter."""

    batches: list[Batch]
    marks: range
    """Places in the letter: each source has one, and so has each of its rows."""
    origins: list[dict[str, list[int]]]


class Letterbox:
    """Hands out what waits in a notebook, the oldest first."""

    def __init__(self, notebook: Notebook) -> None:
        """Begin with the oldest letter."""
        self._notebook = notebook
        self._letter = 0
        self._batches: list[Batch] = []
        self._items: list[tuple[int, str, Row]] = []
        """By place: number of the batch, table, row; a source itself has neither."""
        self._place = 0

    def waiting(self) -> int:
        """Return how many rows and sources wait."""
        return max(self._notebook.waiting().rows - self._place, 0)

    def take(self, limit: int) -> Handful:
        """Return the next rows, up to so many; none when nothing waits."""
        if self._place >= len(self._items):
            self._open()
        marks = range(self._place, min(self._place + limit, len(self._items)))
        tables: dict[int, dict[str, Any]] = {}
        origins: dict[int, dict[str, list[int]]] = {}
        for nth, place in enumerate(marks):
            number, table, row = self._items[place]
            rows = tables.setdefault(number, {name: [] for name in TABLES})
            places = origins.setdefault(number, {})
            if table:
                rows[table].append(row)
                places.setdefault(table, []).append(nth)
        begun = self._items[self._place][0] if marks and self._items[self._place][1] else -1
        batches = [
            # What a source was replaced by is replaced once: not with its later rows again.
            self._batches[number]._replace(fresh=self._batches[number].fresh and number != begun, **rows)
            for number, rows in tables.items()
        ]
        return Handful(batches, marks, list(origins.values()))

    def done(self, portion: Handful, refused: Mapping[int, str], now: int) -> None:  # noqa: ARG002  the outbox of a ledger keeps the time
        """Take out a portion that is acknowledged; what was refused is counted, with the last reason."""
        if refused:
            count = int(self._notebook.setting(_REFUSED).partition(" ")[0] or 0) + len(refused)
            self._notebook.set(_REFUSED, f"{count} {next(iter(refused.values()))}")
        self._place = portion.marks.stop
        if self._letter and self._place >= len(self._items):
            self._notebook.delivered(self._letter)
            self._letter, self._items, self._place = 0, [], 0

    def _open(self) -> None:
        letter = self._notebook.letter()
        self._place, self._items = 0, []
        if letter is None:
            return
        self._letter, self._batches = letter.id, batches_of(letter.body)
        for number, batch in enumerate(self._batches):
            self._items.append((number, "", ()))
            self._items += [(number, name, row) for name in TABLES for row in getattr(batch, name)]


def size_of(batches: Iterable[Batch]) -> int:
    """Return how many places batches take in a letter."""
    return sum(1 + sum(len(getattr(batch, name)) for name in TABLES) for batch in batches)


def refusals(notebook: Notebook) -> tuple[int, str]:
    """Return how many rows the server refused for good so far, and the last reason."""
    count, _, reason = notebook.setting(_REFUSED).partition(" ")
    return int(count or 0), reason
