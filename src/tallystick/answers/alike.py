"""The events that share a price, and the costliest of all: found by the sums of quarter-hours, with few events read one by one."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Any, Final, NamedTuple

from tallystick.answers.pricing import RANK, Codes, Pricing
from tallystick.answers.question import Question
from tallystick.answers.single import Finder
from tallystick.prices.price_book import PriceBook, Quote
from tallystick.usage.event import Variant
from tallystick.usage.period import BEGINNING, END, SLOT_MS
from tallystick.usage.size import EDGES
from tallystick.usage.tokens import Tokens

_CELL: Final = 5
"""Where the counts of a row of `usage_by_context` begin."""

type Row = tuple[Any, ...]
type Price = tuple[int, Quote | None]
"""A variant by its number, and what a call of it costs; None where that is not known."""


class Alike(NamedTuple):
    """The events of one price."""

    variant: Variant
    quote: Quote | None
    first: Row
    """The earliest of them."""
    requests: int
    tokens: Tokens
    web_searches: int


class Found(NamedTuple):
    """The events that fit a question."""

    alike: list[Alike]
    """In the order of the first event of each."""
    costliest: list[Row]
    """As many as are wanted, the costliest first."""
    number: int
    """All of them."""


class Prices:
    """What single events cost, as rows of the question `events`."""

    def __init__(self, variants: Mapping[int, Variant], book: PriceBook) -> None:
        """Begin with the variants of a ledger by their numbers."""
        self.variants, self.book = variants, book

    def of(self, row: Row) -> Price:
        """Return the price of an event."""
        return row[3], self.book.quote(self.variants[row[3]], prompt(row), row[1])

    def cost(self, row: Row) -> int | None:
        """Return what an event costs in pico-dollars; None when that is not known."""
        quote = self.of(row)[1]
        return None if quote is None else quote.cost(Tokens(*row[4:10]), row[12])

    def rank(self, row: Row) -> tuple[int, int, int, int]:
        """Return what puts the costliest event first; of those that cost the same the largest, then the earliest."""
        return -(self.cost(row) or 0), -sum(row[4:9]), row[1], row[0]


def prompt(row: Row) -> int:
    """Return the size of an event's prompt; where it stands for several calls, their average."""
    return int(sum(row[4:8]) // row[18])


def found(finder: Finder, book: PriceBook, question: Question, most: int) -> Found:
    """Return the events that fit a question, by price, and the costliest ones of them; all when `most` is 0."""
    variants = {row[0]: Variant(*row[1:]) for row in finder.ledger.ask("variants")}
    prices = Prices(variants, book)
    codes = Codes(question, variants, book)
    whole = all(moment in {BEGINNING, END} or moment % SLOT_MS == 0 for moment in question.period[1:3])
    since, until = question.period.slots
    derived = finder.ledger.ask("dated", since=since * SLOT_MS, until=until * SLOT_MS) if most and whole else []
    # At which hours events are that stand for several calls, only they themselves tell.
    if most and whole and not (derived and question.hours):
        cells = _cells(finder, codes, question, book)
        if not codes.uneven and all(map(_on_quarters, cells)):
            more = sum(
                calls - events for context, variant, *_, events, calls in derived if finder.fits(context, variant)
            )
            told = _by_sums(_Slots(finder), prices, cells, most, divided=not derived)
            return told._replace(number=told.number - more)
    # Where sums do not tell, each event does.
    within = _within(question)
    rows = [row for row in finder.rows(*question.period[1:3]) if within is None or within(row[1] // SLOT_MS)]
    alike: dict[Price, list[Row]] = {}
    for row in rows:
        alike.setdefault(prices.of(row), []).append(row)
    groups = [_added(variants[price[0]], price[1], each[0], each, (18, 4, 12)) for price, each in alike.items()]
    ordered = sorted(rows, key=prices.rank)
    return Found(groups, ordered[:most] if most else ordered, len(rows))


def _within(question: Question) -> Callable[[int], bool] | None:
    """Return what tells whether a quarter-hour counts; None when every one does."""
    return None if question.hours is None else question.hours.within(question.period.zone)


def _added(
    variant: Variant, quote: Quote | None, first: Row, rows: Sequence[Row], places: tuple[int, int, int]
) -> Alike:
    """Add rows up that hold requests, tokens and web searches at these places."""
    columns = list(zip(*rows, strict=True))
    requests, tokens, searches = places
    sums = Tokens(*map(sum, columns[tokens : tokens + 6]))
    return Alike(variant, quote, first, sum(columns[requests]), sums, sum(columns[searches]))


def _cells(finder: Finder, codes: Codes, question: Question, book: PriceBook) -> dict[Price, list[Row]]:
    """Return the sums that fit a question, by price; meaningless where the codes turn out uneven."""
    since, until = question.period.slots
    rows = finder.ledger.ask("usage_by_context", since=since, until=until)
    if within := _within(question):
        rows = [row for row in rows if within(row[0])]
    if question.where:
        rows = [row for row in rows if finder.fits(row[4], row[1])]
    by_code: dict[int, list[Row]] = {}
    for row in rows:
        by_code.setdefault(codes[row[1] << 4 | row[2]], []).append(row)
    pricing = Pricing(book)
    cells: dict[Price, list[Row]] = {}
    for code, members in by_code.items():
        for price, some in _priced(code, members, codes, pricing):
            cells.setdefault(price, []).extend(some)
    return cells


def _priced(code: int, rows: list[Row], codes: Codes, pricing: Pricing) -> Iterator[tuple[Price, list[Row]]]:
    """Yield rows of one code, which are in order of time, with their prices."""
    number, variant, size = rows[0][1], codes.ranked[code >> RANK], codes.prompt(code)
    quote = pricing.quote(code, variant, size, rows[0][0])
    if quote is not None and quote.until > rows[-1][0] * SLOT_MS:
        yield (number, quote), rows
        return
    for row in rows:
        yield (number, pricing.quote(code, variant, size, row[0])), [row]


def _on_quarters(price: Price) -> bool:
    """Tell whether a price begins and ends where quarter-hours do."""
    quote = price[1]
    return quote is None or all(moment >= END or moment % SLOT_MS == 0 for moment in (quote.since, quote.until))


class _Slots(dict[int, list[Row]]):
    """The events that fit, by quarter-hour, each read once."""

    def __init__(self, finder: Finder) -> None:
        super().__init__()
        self._finder = finder

    def __missing__(self, slot: int) -> list[Row]:
        rows = self[slot] = self._finder.rows(slot * SLOT_MS, (slot + 1) * SLOT_MS)
        return rows


def _by_sums(slots: _Slots, prices: Prices, cells: Mapping[Price, list[Row]], most: int, *, divided: bool) -> Found:
    """Return what fits from its sums; `divided` when no event stands for several calls, whose prompts may be beyond their class."""
    groups = []
    for price, rows in cells.items():
        begin = min(row[0] for row in rows)
        first = next(row for row in slots[begin] if prices.of(row) == price)
        groups.append(_added(prices.variants[price[0]], price[1], first, rows, (_CELL, _CELL + 1, _CELL + 7)))
    groups.sort(key=lambda each: (each.first[1], each.first[0]))
    top = _costliest(cells, slots, prices, most, divided=divided)
    return Found(groups, top, sum(each.requests for each in groups))


def _costliest(
    cells: Mapping[Price, list[Row]], slots: _Slots, prices: Prices, most: int, *, divided: bool
) -> list[Row]:
    """Return the events that come first, from the quarter-hours in which they can be.

    No event of a sum costs more than the whole sum. Where sums come first that may hold what is sought, a closer look at
    their sizes of prompt rules most of them out, and once enough events are found, all that cannot hold costlier ones.
    """
    waiting = [
        (*bound, row[0] * SLOT_MS, False, row, price)
        for price, rows in cells.items()
        for row, bound in zip(rows, _bounds(rows, price[1]), strict=True)
    ]
    heapify(waiting)
    read: set[int] = set()
    best: list[tuple[tuple[int, ...], Row]] = []
    while waiting and (len(best) < most or best[-1][0][:3] >= waiting[0][:3]):
        *_, begin, near, row, price = heappop(waiting)
        if not near and divided:
            heappush(waiting, (*_nearer(row, price[1]), begin, True, row, price))
        elif row[0] not in read:
            read.add(row[0])
            best = sorted([*best, *((prices.rank(each), each) for each in slots[row[0]])])[:most]
    return [row for _, row in best]


def _bounds(rows: Iterable[Row], quote: Quote | None) -> Iterator[tuple[int, int]]:
    """Yield for each sum what the `rank` of an event in it is not below: cost and size, both negative."""
    if quote is None:
        for row in rows:
            yield 0, -sum(row[6:11])
        return
    fresh, read, short, long, out, *_ = quote
    # Should reasoning be the cheaper part, it is taken for output: too high a bound does no harm.
    apart, search = max(quote.reasoning - out, 0), quote.web_search
    for _, _, _, _, _, _, i, r, s, k, o, t, w in rows:
        yield -(i * fresh + r * read + s * short + k * long + o * out + t * apart + w * search), -(i + r + s + k + o)


def _nearer(row: Row, quote: Quote | None) -> tuple[int, int]:
    """Return such a bound for one sum, knowing that no prompt is larger than its class."""
    counts, output, reasoning, searches = row[6:10], *row[10:13]
    room = EDGES[row[2]] if row[2] < len(EDGES) else sum(counts)
    size = -(min(sum(counts), room) + output)
    if quote is None:
        return 0, size
    cost = output * quote.output + reasoning * max(quote.reasoning - quote.output, 0) + searches * quote.web_search
    for pico, count in sorted(zip(quote[:4], counts, strict=True), reverse=True):
        cost += pico * min(count, room)
        room -= min(count, room)
    return -cost, size
