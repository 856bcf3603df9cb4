"""Strands: what was told of usage windows, parted into whose window it is and until which reset.

A figure by itself does not say whose it is. Tools repeat what they were told long ago, two accounts take turns in one tool, and
some witnesses name the account while others do not. Within one window use only rises until the reset, which is what tells
these apart: what falls back is another account's, or an old word said again.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import isfinite
from typing import Final

from tallystick.ledger.ledger import Row
from tallystick.usage.event import MOST_USED
from tallystick.usage.period import DAY_MS

_MINUTE_MS: Final = 60_000
_SAME_MS: Final = 5 * _MINUTE_MS
"""Resets that are told as seconds from now, and those that vendors round, differ by less."""
_ROUNDED: Final = 1.0
"""Points by which one witness rounds what another one tells exactly."""
_JOINS: Final = 5.0
"""Points by which a window may rise between the last word under its old name and the first one under its new name."""
_LATEST: Final = 4_102_444_800_000
"""The year 2100: what is dated later is no time but a mistake."""
_AHEAD_MS: Final = 5 * _MINUTE_MS
"""What is dated further ahead was told by a clock that is wrong: it counts as the oldest word."""
UNSAID_MS: Final = DAY_MS
"""For so long a figure holds of which nobody tells how long its window is, nor when that ends."""
_SLACK_MS: Final = 15 * _MINUTE_MS
_NAME, _MINUTES, _USED, _RESETS, _TIME, _ACCOUNT = 1, 2, 3, 4, 5, 7

type _Spans = dict[Row, dict[str, tuple[int, int]]]
"""By provider and name, and by account: when it was first told, and when last."""


class Strand:
    """What was told, one after the other, of one window of one account until one reset."""

    __slots__ = ("_doubts", "account", "before", "began", "minutes", "resets_at", "rose", "rows", "told", "used")

    def __init__(self, row: Row, place: int, doubts: int) -> None:
        """Begin with a row of the question `limits` and its place in the order of telling.

        In doubt it may only repeat what was said before; each figure that nobody has told takes one doubt away.
        """
        self.account: str = row[_ACCOUNT]
        self.minutes: int = row[_MINUTES]
        self.used: float = row[_USED]
        """Per cent: the most that was told."""
        self.resets_at: int = row[_RESETS]
        self.rows: list[Row] = [row]
        self.told: set[float] = {row[_USED]}
        self.began = place
        self.rose = -1 if doubts else place
        """The place of the last row that was news."""
        self.before: list[Row] = []
        """What was told of the same account's earlier windows, as far as that is known."""
        self._doubts = doubts

    def takes(self, row: Row) -> bool:
        """Tell whether a row can be of this strand."""
        if self.account and row[_ACCOUNT] and self.account != row[_ACCOUNT]:
            return False
        used: float = row[_USED]
        resets: int = row[_RESETS]
        time: int = row[_TIME]
        rises = used >= self.used - _ROUNDED
        if not self.resets_at:
            # Without a reset nothing tells a new window from the old one.
            return not resets
        if not resets:
            return rises and time < self.resets_at
        if abs(resets - self.resets_at) <= _SAME_MS:
            return rises
        # A window that nobody has begun to use is reset a whole length from now, whenever that is asked.
        return not used and not self.used and time < self.resets_at < resets

    def add(self, row: Row, place: int, *, known: bool) -> None:
        """Take a row that can be of this strand; what another strand until the same reset has told already is known."""
        moved = not row[_USED] and row[_RESETS] > self.resets_at + _MINUTE_MS
        if row[_USED] > self.used or moved or not self.resets_at:
            self._doubts -= bool(self._doubts and not known)
            self.rose = self.rose if self._doubts else place
        self.used = max(self.used, row[_USED]) if self.resets_at else row[_USED]
        self.resets_at = max(self.resets_at, row[_RESETS])
        self.account = self.account or row[_ACCOUNT]
        self.minutes = self.minutes or row[_MINUTES]
        self.rows.append(row)
        self.told.add(row[_USED])

    @property
    def series(self) -> list[tuple[int, float]]:
        """Moments (milliseconds since 1970, UTC) and percentages, those of earlier windows included, in their order."""
        return [(row[_TIME], row[_USED]) for row in (*self.before, *self.rows)]

    @property
    def last(self) -> Row:
        """The row that was told last."""
        return self.rows[-1]

    def live(self, now: int) -> bool:
        """Tell whether it is of a window that runs now."""
        length = self.minutes * _MINUTE_MS
        if self.resets_at:
            # What is reset later than a whole length from now is seen by a clock that is wrong.
            return now < self.resets_at and (not length or self.resets_at <= now + length + _SLACK_MS)
        told: int = self.last[_TIME]
        return now < told + (length or UNSAID_MS)

    def over(self, now: int) -> bool:
        """Tell whether its window has been reset."""
        return self.resets_at <= now if self.resets_at else not self.live(now)

    def akin(self, other: "Strand") -> bool:
        """Tell whether both may be of one account."""
        return not self.account or not other.account or self.account == other.account


def standing(rows: Iterable[Row], now: int) -> list[Strand]:
    """Return what stands of each window by provider, name and account, given rows of the question `limits`.

    Of a window that has been reset since, the last strand is told, unless one runs that may be the same account's.
    """
    believed = changes(row for row in rows if is_believed(row))
    found: list[Strand] = []
    for _, of in groupby(sorted(believed, key=lambda row: row[: _NAME + 1]), key=lambda row: row[: _NAME + 1]):
        found += _of_window(list(of), now)
    return sorted(
        _without_renamed(found, _spans(believed), now),
        key=lambda strand: (*strand.last[: _NAME + 1], strand.account, strand.rose),
    )


def is_believed(row: Row) -> bool:
    """Tell whether what was told can be: a share, and moments of this century."""
    used: float = row[_USED]
    return isfinite(used) and 0 <= used <= MOST_USED and 0 < row[_TIME] < _LATEST and 0 <= row[_RESETS] < _LATEST


def changes(rows: Iterable[Row]) -> list[Row]:
    """Leave out what only repeats the word before it, of the same account, and is repeated itself; rows are in order of time.

    Somebody who is told every minute tells the same hundreds of times, and it takes two words to know from when until when.
    """
    found: list[Row | None] = []
    runs: dict[Row, tuple[Row, int]] = {}
    for row in rows:
        key = row[0], row[_NAME], row[_ACCOUNT]
        first, last = runs.get(key, (None, -1))
        if (
            first is None
            or row[_USED] != first[_USED]
            or abs(row[_RESETS] - first[_RESETS]) > _SAME_MS
            or row[2] != first[2]
        ):
            first = row
        elif found[last] is not first:
            found[last] = None
        runs[key] = first, len(found)
        found.append(row)
    return [row for row in found if row is not None]


def _of_window(rows: list[Row], now: int) -> list[Strand]:
    strands = parted(sorted(rows, key=lambda row: (row[_TIME] <= now + _AHEAD_MS, row[_TIME])))
    live = [strand for strand in strands if strand.live(now)]
    shown = [strand for strand in live if not any(_supersedes(other, strand) for other in live)]
    for strand in shown:
        # Of two accounts that nobody names, nobody knows whose the earlier windows were.
        if sum(strand.akin(other) for other in shown) == 1:
            past = (
                each
                for each in strands
                if each.akin(strand) and 0 < each.resets_at < strand.resets_at and each not in live
            )
            strand.before = sorted((row for each in past for row in each.rows), key=lambda row: int(row[_TIME]))
    over: dict[str, Strand] = {}
    for strand in strands:
        if strand.over(now) and not any(strand.akin(other) for other in live):
            before = over.get(strand.account)
            over[strand.account] = max(before or strand, strand, key=lambda each: (each.resets_at, each.rose))
    return shown + list(over.values())


def parted(rows: Sequence[Row]) -> list[Strand]:
    """Part the rows of one window, in the order in which they were told, into strands."""
    strands: list[Strand] = []
    by_reset: dict[int, list[Strand]] = {}
    latest: dict[tuple[str, bool], Strand] = {}
    for place, row in enumerate(rows):
        part, idle = row[_RESETS] // _SAME_MS, (row[_ACCOUNT], not row[_USED])
        beside = [each for near in (part - 1, part, part + 1) for each in by_reset.get(near, ())]
        before = [each for each in (latest.get(idle), latest.get((row[_ACCOUNT], False))) if each]
        fitting = [strand for strand in (*beside, *before) if strand.takes(row)]
        if fitting:
            strand = max(fitting, key=lambda each: (each.account == row[_ACCOUNT], each.used))
            strand.add(row, place, known=_is_known(row, (each for each in beside if each is not strand)))
        else:
            strand = Strand(row, place, _doubts(row, beside))
            strands.append(strand)
        if strand not in by_reset.setdefault(part, []):
            by_reset[part].append(strand)
        latest[idle] = strand
    return strands


def _doubts(row: Row, beside: Sequence[Strand]) -> int:
    """Return how doubtful it is that a row is news: a strand until the same reset may have passed what it tells, or told it."""
    passed = any(strand.rows[0][_USED] <= row[_USED] <= strand.used for strand in beside)
    return passed and 1 + _is_known(row, beside)


def _is_known(row: Row, strands: Iterable[Strand]) -> bool:
    return any(row[_USED] in strand.told for strand in strands)


def _supersedes(other: Strand, strand: Strand) -> bool:
    """Tell whether a strand has nothing new since another one of the same account, as it seems, came up."""
    return other is not strand and other.akin(strand) and other.rose > strand.rose and other.began > strand.rose


def _spans(rows: Iterable[Row]) -> _Spans:
    found: _Spans = {}
    for row in rows:
        of_accounts = found.setdefault(row[: _NAME + 1], {})
        first, last = of_accounts.get(row[_ACCOUNT], (row[_TIME], row[_TIME]))
        of_accounts[row[_ACCOUNT]] = min(first, row[_TIME]), max(last, row[_TIME])
    return found


def _without_renamed(strands: Sequence[Strand], spans: _Spans, now: int) -> list[Strand]:
    """Leave out windows that go on under another name.

    These are of the same length, were never told side by side, and the new one goes on where the old one was, until the same reset,
    or after the old one's.
    """
    return [strand for strand in strands if not any(_renames(other, strand, spans, now) for other in strands)]


def _renames(other: Strand, strand: Strand, spans: _Spans, now: int) -> bool:
    new, old = other.rows[0], strand.last
    if not strand.minutes or (new[0], other.minutes) != (old[0], strand.minutes) or new[_NAME] == old[_NAME]:
        return False
    if not other.akin(strand) or _siblings(new[_NAME], old[_NAME]):
        return False
    if _first(spans[new[: _NAME + 1]], other.account) <= _last(spans[old[: _NAME + 1]], strand.account):
        return False
    joins = strand.used - _ROUNDED <= new[_USED] <= strand.used + _JOINS
    return strand.over(now) or (joins and abs(other.resets_at - strand.resets_at) <= _SAME_MS)


def _siblings(one: str, other: str) -> bool:
    """Tell whether names begin with the same words and both go on: what each adds, such as a model, tells the windows apart."""
    words, others = one.replace(":", "_").split("_"), other.replace(":", "_").split("_")
    same = next((place for place, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), 0)
    return bool(same)


def _first(spans: Mapping[str, tuple[int, int]], account: str) -> int:
    return min(first for of, (first, _) in spans.items() if not of or not account or of == account)


def _last(spans: Mapping[str, tuple[int, int]], account: str) -> int:
    return max(last for of, (_, last) in spans.items() if not of or not account or of == account)


__all__ = ["UNSAID_MS", "Strand", "is_believed", "parted", "standing"]
