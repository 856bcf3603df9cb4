"""What a ledger keeps beside events, table by table: how its rows are told the same in every ledger, and handed to another one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from tallystick.ledger.copying.events import Side
from tallystick.ledger.copying.pages import LEAST_NUMBER, MOST, pages
from tallystick.ledger.copying.sums import digest_of
from tallystick.ledger.ledger import Arrival, Batch, Row, Source
from tallystick.usage.event import Variant
from tallystick.usage.period import DAY_MS

UNDATED: Final = None
_SOURCES_AT_ONCE: Final = 500
"""Each may bring much: what a reader remembers, and all that was skipped."""


class Told(NamedTuple):
    """One row as it is told in every ledger."""

    day: int | None
    """UTC, counted from 1970-01-01; None of what is of no day."""
    digest: int
    source: int | None
    """The number of the source that told it; None where none is kept."""
    row: Row
    """As a batch has it, but for context and variant by their numbers."""


class Table(NamedTuple):
    """One of them."""

    name: str
    """What its rows are called when they are told of."""
    read: Callable[[Side], Iterator[Told]]
    field: str
    """Where a batch has its rows."""
    context: int | None = None
    variant: int | None = None
    """The places of their numbers in a row."""
    most: int = MOST
    """Rows that are handed over at once."""


def _numbered(side: Side, question: str, place: int) -> Iterator[Row]:
    def ask(least: int, most: int) -> list[Row]:
        return side.ledger.ask(question, least=least, most=most)

    for page in pages(ask, place, LEAST_NUMBER):
        yield from page.rows


def _named(side: Side, question: str, place: int) -> Iterator[Row]:
    def ask(named: str, most: int) -> list[Row]:
        return side.ledger.ask(question, named=named, most=most)

    for page in pages(ask, place, ""):
        yield from page.rows


def _readings(side: Side) -> Iterator[Told]:
    names = side.names
    for row in _numbered(side, "all_readings", 2):
        marks = (names.contexts.mark(row[4]), names.variants.mark(row[5]), names.sources.mark(row[15]))
        yield Told(row[2] // DAY_MS, digest_of((*row[:4], *marks, *row[6:15])), row[15], row[:15])


def _withdrawn(side: Side) -> Iterator[Told]:
    for key, time, context, variant, place, source in _numbered(side, "all_withdrawn", 0):
        # By its key alone: several may withdraw it, and who is remembered for it is of no matter.
        row = (key, 0, time, context, variant, *(0,) * 6, 3, 0, 0, 0, 0, 0, None, place)
        yield Told(UNDATED, digest_of(key), source, row)


def _prompts(side: Side) -> Iterator[Told]:
    names = side.names
    for key, source, time, context, place, copy in _numbered(side, "all_prompts", 0):
        told = (key, time, names.contexts.mark(context), names.sources.mark(source), int(copy))
        yield Told(time // DAY_MS, digest_of(told), source, (key, time, context, place))


def _calls(side: Side) -> Iterator[Told]:
    for key, event, name, started, ended, failed in _numbered(side, "all_calls", 0):
        row = (key, event, name, started, ended, int(failed))
        yield Told(started // DAY_MS, digest_of(row), None, row)


def _limits(side: Side) -> Iterator[Told]:
    for row in _numbered(side, "all_limits", 5):
        told = (*row[:3], float(row[3]), *row[4:])
        yield Told(row[5] // DAY_MS, digest_of(told), None, told)


def _titles(side: Side) -> Iterator[Told]:
    return _plain(_named(side, "all_titles", 0))


def _tags(side: Side) -> Iterator[Told]:
    return _plain(_named(side, "all_tags", 1))


def _newer(side: Side) -> Iterator[Told]:
    return _plain(side.ledger.ask("newer"))


def _renamed(side: Side) -> Iterator[Told]:
    return _plain(side.ledger.ask("all_renamed"))


def _variants(side: Side) -> Iterator[Told]:
    return _plain(Variant(*row[1:]) for row in side.ledger.ask("variants"))


def _contexts(side: Side) -> Iterator[Told]:
    # Two that were given the same names are one in every ledger that is told of them.
    return _plain(dict.fromkeys(side.names.contexts.all()))


def _plain(rows: Iterable[Row]) -> Iterator[Told]:
    return (Told(UNDATED, digest_of(tuple(row)), None, row) for row in rows)


def _sources(side: Side) -> Iterator[Told]:
    skipped: dict[str, list[Row]] = {}
    for _, path, place, reason, number in side.ledger.ask("skipped"):
        skipped.setdefault(path, []).append((place, reason if place >= 0 else str(number)))
    for number, *fields in _numbered(side, "all_sources", 0):
        source = Source(*fields)
        source = source._replace(state=bytes(source.state))
        missed = sorted(skipped.get(source.path, []))
        yield Told(UNDATED, digest_of((tuple(source), missed)), number, (source, missed))


def _machines(side: Side) -> Iterator[Told]:
    return _plain(side.ledger.ask("machines"))


TABLES: Final = (
    Table("contexts", _contexts, "contexts"),
    Table("variants", _variants, "variants"),
    Table("readings of counters", _readings, "readings", 4, 5),
    Table("withdrawn events", _withdrawn, "events", 3, 4),
    Table("prompts", _prompts, "prompts", 2),
    Table("uses of tools", _calls, "calls"),
    Table("samples of limits", _limits, "limits"),
    Table("titles", _titles, "titles"),
    Table("tags", _tags, "tags"),
    Table("fields of newer senders", _newer, "newer"),
    Table("machines", _machines, ""),
    # Last: what came before goes by the names that it bears.
    Table("renamed names", _renamed, "renamed"),
    Table("sources", _sources, "source", most=_SOURCES_AT_ONCE),
)
"""In the order in which they are copied."""


def batches(table: Table, rows: Iterable[Told], side: Side) -> tuple[list[Batch], list[Arrival]]:
    """Return what tells another ledger of rows of a table, and of machines."""
    told = list(rows)
    if table.field == "source":
        return [_of_source(*each.row) for each in told], []
    if not table.field:
        return [], [arrival for each in told for arrival in _arrivals(*each.row)]
    of_sources: dict[int | None, list[Row]] = {}
    for each in told:
        of_sources.setdefault(each.source, []).append(each.row)
    return [_batch(table, source, of, side) for source, of in of_sources.items()], []


def _of_source(source: Source, skipped: list[Row]) -> Batch:
    # As if it was read from its beginning: what it skipped stands in the place of what was told of that before.
    return Batch(source, True, [], [], [], [], [], [], [], skipped, renamed=[])  # noqa: FBT003  as a batch has it


def _arrivals(*row: Any) -> list[Arrival]:  # noqa: ANN401  as the ledger has it
    machine, name, user, first, last, *rest = row
    latest = Arrival(machine, name, user, last, *rest)
    return [latest] if first == last else [latest._replace(time=first), latest]


def _batch(table: Table, source: int | None, rows: list[Row], side: Side) -> Batch:
    names = side.names
    contexts: dict[int, int] = {}
    variants: dict[int, int] = {}
    for place, numbers in ((table.context, contexts), (table.variant, variants)):
        if place is not None:
            rows = [(*row[:place], numbers.setdefault(row[place], len(numbers)), *row[place + 1 :]) for row in rows]
    # What no source is kept of goes with any.
    of = names.sources.any() if source is None else names.sources[source]
    shown = [names.contexts[number] for number in contexts], [names.variants[number] for number in variants]
    told: dict[str, Any] = {table.field: rows}
    return Batch(of, False, *shown, [], [], [], [], [], [], renamed=[])._replace(**told)  # noqa: FBT003  as a batch has it
