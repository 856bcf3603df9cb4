"""Events of a time in two ledgers, laid side by side: what each comes to, what one lacks of the other, and how that is told it."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import Final, NamedTuple

from tallystick.ledger.copying.names import Names
from tallystick.ledger.copying.pages import Page, pages
from tallystick.ledger.copying.sums import Sum, digest, summed
from tallystick.ledger.ledger import Batch, Ledger, Row

MEASURES: Final = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "searches",
    "cost_nano",
    "requests",
)
_PLACES: Final = (5, 6, 7, 8, 9, 10, 15, 17, 22)
"""Where a row of `all_events` has them."""
TIME: Final = 2
_VIEWS: Final = 21
_event = Struct("<26q").pack
_view = Struct("<21q").pack
_TOLD_MOST: Final = 5
"""Rows that are kept of what one ledger has beyond the other."""


class Side:
    """One of two ledgers, and what its numbers stand for."""

    def __init__(self, ledger: Ledger) -> None:
        """Begin with nothing looked up."""
        self.ledger = ledger
        self.names = Names(ledger)

    def events(self, since: int, until: int) -> Iterator[Page[int]]:
        """Yield the events of a time (milliseconds, half open) in portions."""

        def ask(least: int, most: int) -> list[Row]:
            return self.ledger.ask("all_events", since=least, until=until, most=most)

        return pages(ask, TIME, since)

    def views(self, since: int, until: int) -> list[Row]:
        """Return the views of those events of a time that have several."""
        return self.ledger.ask("all_views", since=since, until=until)

    def digests(self, rows: Iterable[Row]) -> list[int]:
        """Return the digest of each event, or of each view, the same for the same content in every ledger."""
        context, variant, source = self.names.contexts.mark, self.names.variants.mark, self.names.sources.mark
        found = []
        for row in rows:
            cost = row[17]
            told = (
                *row[:3],
                context(row[3]),
                variant(row[4]),
                *row[5:17],
                cost is None,
                cost or 0,
                row[18],
                source(row[19]),
            )
            pack = _event if len(row) > _VIEWS else _view
            found.append(digest(pack(*told, *row[20:])))
        return found


class Laid(NamedTuple):
    """The events of a time in two ledgers."""

    here: Sum = Sum()
    there: Sum = Sum()
    views_here: Sum = Sum()
    views_there: Sum = Sum()
    lacking: int = 0
    """Events and views that only this ledger has."""
    beyond: int = 0
    """Those that only the other one has."""
    only_here: tuple[Row, ...] = ()
    """Some of those events, as `all_events` has them."""
    only_there: tuple[Row, ...] = ()

    @property
    def same(self) -> bool:
        """Tell whether both have the same events and views."""
        return self.here == self.there and self.views_here == self.views_there

    def plus(self, other: "Laid") -> "Laid":
        """Return what both times are together."""
        return Laid(
            self.here.plus(other.here),
            self.there.plus(other.there),
            self.views_here.plus(other.views_here),
            self.views_there.plus(other.views_there),
            self.lacking + other.lacking,
            self.beyond + other.beyond,
            (self.only_here + other.only_here)[:_TOLD_MOST],
            (self.only_there + other.only_there)[:_TOLD_MOST],
        )


class Found(NamedTuple):
    """What laying one portion side by side found."""

    laid: Laid
    events: list[Row]
    """Those that the other ledger lacks."""
    views: list[Row]
    """Likewise."""


def lay(here: Side, page: Page[int], there: Side, until: int) -> Found:
    """Lay a portion of the events of one ledger beside what the other one has of the same time."""
    end = until if page.until is None else page.until
    marks = here.digests(page.rows)
    lacking, sum_there, only = dict(zip(marks, page.rows, strict=True)), Sum(), _Only()
    several = several_there = False
    for other in there.events(page.since, end):
        theirs = there.digests(other.rows)
        sum_there = sum_there.plus(_summed(theirs, other.rows))
        only.take(lacking, theirs, other.rows)
        several_there = several_there or any(row[_VIEWS] > 1 for row in other.rows)
    several = any(row[_VIEWS] > 1 for row in page.rows)
    ours = here.views(page.since, end) if several else []
    views = there.views(page.since, end) if several_there else []
    view_marks, their_marks = here.digests(ours), there.digests(views)
    views_lacking = dict(zip(view_marks, ours, strict=True))
    views_only = _Only()
    views_only.take(views_lacking, their_marks, views)
    laid = Laid(
        _summed(marks, page.rows),
        sum_there,
        summed(view_marks),
        summed(their_marks),
        len(lacking) + len(views_lacking),
        only.number + views_only.number,
        tuple(list(lacking.values())[:_TOLD_MOST]),
        tuple(only.rows),
    )
    return Found(laid, list(lacking.values()), list(views_lacking.values()))


class _Only:
    """Rows of the one ledger that the other one does not have."""

    def __init__(self) -> None:
        self.number = 0
        self.rows: list[Row] = []

    def take(self, lacking: dict[int, Row], marks: Sequence[int], rows: Sequence[Row]) -> None:
        """Take from what is lacking what is there; what was not there to be taken is only on this side."""
        for mark, row in zip(marks, rows, strict=True):
            if lacking.pop(mark, None) is None:
                self.number += 1
                if len(self.rows) < _TOLD_MOST:
                    self.rows.append(row)


def _summed(marks: Sequence[int], rows: Sequence[Row]) -> Sum:
    columns = list(zip(*rows, strict=True))
    return summed(marks, ((value or 0 for value in columns[place]) for place in _PLACES) if rows else ())


def sum_of(side: Side, since: int, until: int) -> tuple[Sum, Sum]:
    """Return what the events of a time and their views come to."""
    events, views = Sum(), Sum()
    for page in side.events(since, until):
        events = events.plus(_summed(side.digests(page.rows), page.rows))
        if any(row[_VIEWS] > 1 for row in page.rows):
            views = views.plus(
                summed(side.digests(side.views(page.since, until if page.until is None else page.until)))
            )
    return events, views


def batches(found: Found, names: Names) -> list[Batch]:
    """Return what tells another ledger of what it lacks, source by source."""
    of_sources: dict[int, list[Row]] = {}
    for row in found.events:
        # What has several views is told by them; what has none is worked out from readings.
        if row[_VIEWS] == 1:
            of_sources.setdefault(row[19], []).append(row)
    for row in found.views:
        of_sources.setdefault(row[19], []).append(row)
    return [_batch(source, rows, names) for source, rows in sorted(of_sources.items())]


def _batch(source: int, rows: Iterable[Row], names: Names) -> Batch:
    contexts: dict[int, int] = {}
    variants: dict[int, int] = {}
    told: list[Row] = []
    for key, request, time, context, variant, *rest in rows:
        named = contexts.setdefault(context, len(contexts)), variants.setdefault(variant, len(variants))
        told.append((key, request, time, *named, *rest[:14]))
    shown = [names.contexts[number] for number in contexts], [names.variants[number] for number in variants]
    return Batch(names.sources[source], False, *shown, told, [], [], [], [], [], renamed=[])  # noqa: FBT003  as a batch has it
