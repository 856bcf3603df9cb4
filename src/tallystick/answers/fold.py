"""Folds the ledger's sums by quarter-hour into the rows of a question, and prices them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import compress
from operator import add
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Coverage, Figures, Row, added, arranged, days
from tallystick.answers.heard import heard
from tallystick.answers.parts import KEPT, Part, Span, Sums, merged
from tallystick.answers.pricing import RANK, Codes, Prices, Pricing, name_of
from tallystick.answers.question import OF_VARIANT, TAG, Question, fits
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import END, SLOT_MS, UNITS, Zone
from tallystick.usage.tokens import Tokens

if TYPE_CHECKING:
    from tallystick.answers.growth import News

WITNESSES: Final = ("log", "wire", "otlp", "push")
"""By their bits in a sum of witnesses, the lowest first."""
OF_CONTEXT: Final = ("tool", "session", "project", "branch", "agent", "version", "machine", "user")
"""The columns of the question `contexts`, after its id."""

_GROUP: Final = 28
_TIME: Final = 64
"""Where in a cell's number the group of its context and the number of its stretch of time begin; the code is below."""
_CODE: Final = (1 << _GROUP) - 16
"""What of a cell's number is its code; the lowest four bits are the witnesses."""
_GROUPS: Final = (1 << (_TIME - _GROUP)) - 1
_NOTHING: Final = (0,) * 8


class Calendar:
    """Walks slots in order of time and tells which stretch of local time each is in."""

    def __init__(self, zone: Zone, units: Sequence[str]) -> None:
        """Begin before everything; without units all time is one stretch."""
        self._zone = zone
        self._units = units
        self.names: list[tuple[str, ...]] = []
        """The stretches so far, each by its names in the units."""
        self._starts: list[int] = []

    def enter(self, slot: int) -> tuple[int, int]:
        """Return the number of the stretch that holds a slot, and the first slot after it."""
        spans = [self._zone.span(unit, slot) for unit in self._units]
        self.names.append(tuple(name for name, _ in spans))
        self._starts.append(slot)
        return len(self.names) - 1, min((after for _, after in spans), default=END)

    def at(self, slot: int) -> int:
        """Return the number of the stretch in which a slot lies that was walked over."""
        return bisect_right(self._starts, slot) - 1


class LocalDays(dict[int, str]):
    """The local day of each quarter-hour."""

    def __init__(self, zone: Zone) -> None:
        """Begin with none."""
        super().__init__()
        self.zone = zone
        self._name, self._first, self._after = "", 0, 0

    def __missing__(self, slot: int) -> str:
        """Look a day up; its other quarter-hours are likely to be asked for next."""
        if not self._first <= slot < self._after:
            self._name, self._after = self.zone.span("day", slot)
            self._first = slot
        self[slot] = self._name
        return self._name


class Folded(NamedTuple):
    """The groups of a question with their figures, and what was found on the way."""

    rows: list[Row]
    slots: tuple[int, int] | None
    """First and last slot of what counts."""
    witnesses: dict[str, int]
    unpriced: dict[str, int]
    """Tokens without a price by model."""
    dated: tuple[int, int] = (0, 0)
    """Tokens that are dated by the difference of two readings, and those that are dated coarsely."""
    totals: Figures | None = None
    """Of everything, where that is not the sum of the rows here."""


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer a question from the ledger's sums; without a book nothing is priced."""
    return answered(ledger, question, fold(ledger, book, question))


def answered(ledger: Ledger, question: Question, folded: Folded) -> Answer:
    """Put what was folded into order, with totals and coverage."""
    return covered(ledger, question, folded, *arranged(question, folded.rows))


def covered(ledger: Ledger, question: Question, folded: Folded, rows: list[Row], left_off: int) -> Answer:
    """Answer with rows that are in order already, and so many left off."""
    ((skipped,),) = ledger.ask("skipped_total")
    unpriced = sorted(folded.unpriced.items(), key=lambda each: (-each[1], each[0]))
    return Answer(
        question,
        rows,
        folded.totals or added(row.figures for row in folded.rows),
        Coverage(skipped, folded.witnesses, tuple(unpriced), *folded.dated, heard(ledger, question)),
        days(question, folded.slots),
        left_off,
    )


type Contexts = Sequence[tuple[Any, ...]]
"""What the question `contexts` returns."""


def fold(ledger: Ledger, book: Prices | None, question: Question, contexts: Contexts | None = None) -> Folded:
    """Add the ledger's sums up by the question's keys; who knows the ledger's contexts already hands them in."""
    part, totals, dated = parted(ledger, book, question, contexts)
    rows = [Row(keys, Figures(*sums)) for keys, sums in part.sums.items()]
    return folded(part, dated)._replace(rows=rows, totals=totals)


def parted(
    ledger: Ledger, book: Prices | None, question: Question, contexts: Contexts | None = None
) -> tuple[Part, Figures, tuple[int, int]]:
    """Return the same as plain sums, with the totals, and how many tokens are dated by difference and coarsely."""
    folding = _Folding(ledger, book, question)
    if KEPT.book is not None:
        zone = question.period.zone
        where = tuple(sorted((name, tuple(patterns)) for name, patterns in question.where.items()))
        kind = (zone.name, question.group_by, where, None if book is None else book.version)
        from tallystick.answers.foldbook import How

        how = How(folding.day, folding.grown)
        part, totals = KEPT.book.whole(ledger, kind, question.period.slots, how, zone)
    else:
        part = folding.whole(question.period.slots, *folding.grouped(contexts))
        totals = added(part.sums.values())
    return part, Figures(*totals), _dated(ledger, question, folding.codes)


def folded(part: Part, dated: tuple[int, int]) -> Folded:
    """Return what was found on the way to a part, without its rows."""
    witnesses = {
        name: sum(requests for seen, requests in part.seen.items() if seen >> bit & 1)
        for bit, name in enumerate(WITNESSES)
    }
    seen = {name: requests for name, requests in witnesses.items() if requests}
    return Folded([], part.slots, seen, part.unpriced, dated)


class _Folding:
    """Folds for one question: all of a time at once, or a day from the sums that are kept of it."""

    def __init__(self, ledger: Ledger, book: Prices | None, question: Question) -> None:
        self._ledger, self._question = ledger, question
        variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
        self.codes = Codes(question, variants, book)
        self._pricing = None if book is None else Pricing(book)
        self._units = [key for key in question.group_by if key in UNITS]

    def grouped(self, contexts: Contexts | None) -> tuple[dict[int, int] | None, list[tuple[str, ...]]]:
        """Return the group of each context and the groups' names; None for all of them where those do not matter."""
        return grouped(self._ledger, self._question, contexts) if self._question.needs_context else (None, [()])

    def whole(self, slots: Span, groups: dict[int, int] | None, names: list[tuple[str, ...]]) -> Part:
        """Fold a time from the ledger's sums by quarter-hour."""
        since, until = slots
        calendar = Calendar(self._question.period.zone, self._units)
        tally = _Tally(self._question, self.codes, calendar, names)
        if groups is not None:
            rows = self._ledger.ask("usage_by_context", since=since, until=until)
            cells, skip = _by_context(rows, self.codes, calendar, groups), 5
        else:
            rows = self._ledger.ask("usage_by_variant", since=since, until=until)
            cells, skip = _by_variant(rows, self.codes, calendar), 4
        for cell, members in cells.items():
            tally.take(cell, members, skip, self._pricing)
        return self._finished(tally, slots, groups)

    def day(self, span: Span, sums: Callable[[], Sums]) -> Part:
        """Fold a day, or what of it lies in a period, from its sums where those tell enough."""
        question = self._question
        if "hour" in self._units and not question.needs_context:
            return self.whole(span, None, [()])
        rows, contexts = sums()
        groups, names = self.grouped(contexts)
        if "hour" in self._units:
            return self.whole(span, groups, names)
        calendar = Calendar(question.period.zone, self._units)
        tally = _Tally(question, self.codes, calendar, names)
        cells = self._cells(rows, calendar, groups)
        for cell, members in cells.items():
            if not tally.take_sums(cell, members, self._pricing):
                return self.whole(span, groups, names)
        return self._finished(tally, span, groups)

    def grown(self, part: Part, _: Span, came: "News") -> Part | None:
        """Fold what has come to a day, and add it to what that was before."""
        zone, named = self._question.period.zone, self._question.needs_context
        # All rows of a local day have the same name, unless hours are asked for.
        rows = came.sums.rows if "hour" in self._units else came.by_day(zone, contexts=named)
        if any(self.codes.rank(row[1]) in self.codes.uneven for row in rows):
            return None
        groups, names = self.grouped(came.sums.contexts)
        calendar = Calendar(zone, self._units)
        tally = _Tally(self._question, self.codes, calendar, names)
        cells = self._cells(rows, calendar, groups)
        if all(tally.take_sums(cell, members, self._pricing) for cell, members in cells.items()):
            return merged([part, tally.part()])
        return None

    def _cells(self, rows: list[tuple[Any, ...]], calendar: Calendar, groups: dict[int, int] | None) -> "_Cells":
        if groups is None:
            return _by_variant(rows, self.codes, calendar)
        return _by_context(rows, self.codes, calendar, groups)

    def _finished(self, tally: "_Tally", slots: Span, groups: dict[int, int] | None) -> Part:
        if self.codes.uneven and self._pricing is not None:
            from tallystick.answers.uneven import uneven

            since, until = slots
            asked = self._question.period._replace(since=since * SLOT_MS, until=until * SLOT_MS)
            question = self._question._replace(period=asked)
            for event in uneven(self._ledger, self._pricing.book, question, self.codes):
                group = 0 if groups is None else groups[event.context]
                if group >= 0:
                    stretch = tally.calendar.at(event.slot) << (_TIME - _GROUP)
                    tally.add(stretch | group, event.rank, _NOTHING, event.prices)
        return tally.part()


def _dated(ledger: Ledger, question: Question, codes: Codes) -> tuple[int, int]:
    """Return how many tokens of an answer are dated by a difference of readings, and how many coarsely."""
    since, until = question.period.slots
    rows = ledger.ask("dated", since=since * SLOT_MS, until=until * SLOT_MS)
    if not rows:
        return 0, 0
    # Most ledgers know of no running totals, and shall not pay for what is known of those.
    from tallystick.ledger.readings import COARSE, DERIVED

    groups = grouped(ledger, question)[0] if question.needs_context else None
    sums = {DERIVED: 0, COARSE: 0}
    for context, variant, dated, tokens, *_ in rows:
        if codes.rank(variant) >= 0 and (groups is None or groups[context] >= 0):
            sums[dated] += tokens
    return sums[DERIVED], sums[COARSE]


def grouped(
    ledger: Ledger, question: Question, contexts: Contexts | None = None
) -> tuple[dict[int, int], list[tuple[str, ...]]]:
    """Return the group of each context, -1 when it is filtered out, and the groups' names."""
    columns = list(zip(*(ledger.ask("contexts") if contexts is None else contexts), strict=True))
    if not columns:
        return {}, []
    # Column by column: there are thousands of contexts, and every report by anything of theirs comes this way.
    of: dict[str, Sequence[str]] = dict(zip(OF_CONTEXT, columns[1:], strict=True))
    fitting: list[bool] = [True] * len(columns[0])
    if TAG in (*question.group_by, *question.where):
        from tallystick.answers import tags

        of[TAG], fitting = tags.columns(tags.tagged(ledger), columns, question.where.get(TAG, ("*",)))
    asked = [of[key] for key in question.group_by if key in of]
    keys: list[tuple[str, ...]] = list(zip(*asked, strict=True)) or [()] * len(fitting)
    for key in OF_CONTEXT:
        if key in question.where:
            fit = {value: fits(key, question.where[key], value) for value in set(of[key])}
            fitting = [so_far and fit[value] for so_far, value in zip(fitting, of[key], strict=True)]
    names = list(dict.fromkeys(compress(keys, fitting)))
    numbers = {name: number for number, name in enumerate(names)}
    groups = [numbers[key] if fit else -1 for key, fit in zip(keys, fitting, strict=True)]
    return dict(zip(columns[0], groups, strict=True)), names


type _Cells = dict[int, list[tuple[Any, ...]]]
"""Rows by their cell."""


def _by_variant(rows: list[tuple[Any, ...]], codes: Codes, calendar: Calendar) -> _Cells:
    # This loop and the next one run once for each sum in the ledger: a year's worth within some tens of milliseconds.
    cells: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    first, after = 0, -END
    for row in rows:
        if row[0] >= after:
            number, after = calendar.enter(row[0])
            first = number << _TIME
        code = codes[row[1] << 4 | row[2]]
        if code >= 0:
            cells[first | code | row[3]].append(row)
    return cells


def _by_context(rows: list[tuple[Any, ...]], codes: Codes, calendar: Calendar, groups: dict[int, int]) -> _Cells:
    cells: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    first, after = 0, -END
    for row in rows:
        if row[0] >= after:
            number, after = calendar.enter(row[0])
            first = number << _TIME
        code, group = codes[row[1] << 4 | row[2]], groups[row[4]]
        if code >= 0 and group >= 0:
            cells[first | group << _GROUP | code | row[3]].append(row)
    return cells


class _Tally:
    """Adds cells up to the groups of a question: a cell is one stretch of time, context group, price and set of witnesses."""

    def __init__(self, question: Question, codes: Codes, calendar: Calendar, names: list[tuple[str, ...]]) -> None:
        self.question = question
        self.codes = codes
        self.calendar = calendar
        self._names = names
        self._called: dict[int, tuple[str, ...]] = {}
        self._sums: dict[tuple[int, tuple[str, ...]], tuple[int, ...]] = {}
        self._slots: list[int] = []
        self._seen: defaultdict[int, int] = defaultdict(int)
        self._unpriced: defaultdict[str, int] = defaultdict(int)

    def take(self, cell: int, members: list[tuple[Any, ...]], skip: int, pricing: Pricing | None) -> None:
        """Add the rows of one cell, whose counts begin at `skip`."""
        first, last = members[0][0], members[-1][0]
        counts = _counted(members, skip)
        if not self._priced(cell, (first, last), counts, pricing):
            code = cell & _CODE
            variant, rows = self.codes.ranked[code >> RANK], [(row[0], *row[skip:]) for row in members]
            prices = pricing.cost(code, variant, self.codes.prompt(code), rows) if pricing else (0, 0, 0)
            self._add((first, last), cell, counts, prices)

    def take_sums(self, cell: int, members: list[tuple[Any, ...]], pricing: Pricing | None) -> bool:
        """Add the rows of one cell, which are sums of the foldbook; False when those do not tell what they cost."""
        *counts, _ = _counted(members, 5)
        slots = members[0][0], max(row[-1] for row in members)
        code = cell & _CODE
        rank = code >> RANK
        even = pricing is not None and rank not in self.codes.uneven
        if pricing and even and pricing.quote(code, self.codes.ranked[rank], self.codes.prompt(code), slots[0]) is None:
            # What has no price has none all day.
            self._add(slots, cell, counts, (0, 0, Tokens(*counts[1:7]).total))
            return True
        return self._priced(cell, slots, counts, pricing)

    def _priced(self, cell: int, slots: Span, counts: list[int], pricing: Pricing | None) -> bool:
        """Add a cell that has one price, or none at all; False when it has several."""
        code = cell & _CODE
        rank = code >> RANK
        if pricing is None or rank in self.codes.uneven:
            self._add(slots, cell, counts)
            return True
        quote = pricing.quote(code, self.codes.ranked[rank], self.codes.prompt(code), slots[0])
        if quote is None or quote.until <= slots[1] * SLOT_MS:
            return False
        self._add(slots, cell, counts, (quote.cost(Tokens(*counts[1:7]), counts[7]), counts[0], 0))
        return True

    def _add(self, slots: Span, cell: int, counts: list[int], prices: tuple[int, int, int] = (0, 0, 0)) -> None:
        self._slots += slots
        self._seen[cell & 15] += counts[0]
        self.add(cell >> _GROUP, (cell & _CODE) >> RANK, counts, prices)

    def add(self, group: int, rank: int, counts: Sequence[int], prices: tuple[int, int, int] = (0, 0, 0)) -> None:
        """Add counts with their cost, priced requests and unpriced tokens to the group that they belong to."""
        called = self._called.get(rank)
        variant = self.codes.ranked[rank]
        if called is None:
            called = tuple(name_of(variant, key) for key in self.question.group_by if key in OF_VARIANT)
            self._called[rank] = called
        sums = self._sums.get((group, called))
        values = (*counts, *prices)
        self._sums[group, called] = values if sums is None else tuple(map(add, sums, values))
        if prices[2]:
            self._unpriced[variant.model] += prices[2]

    def part(self) -> Part:
        """Return the groups by their keys, with what was found on the way."""
        # Names come as those of time, then of what was called, then of who called; the question has its own order.
        there = sorted(range(len(self.question.group_by)), key=lambda at: _kind(self.question.group_by[at]))
        order = [there.index(at) for at in range(len(there))]
        when, who = self.calendar.names, self._names
        rows: dict[tuple[str, ...], tuple[int, ...]] = {}
        for (group, called), sums in self._sums.items():
            names = when[group >> (_TIME - _GROUP)] + called + who[group & _GROUPS]
            rows[tuple([names[at] for at in order])] = sums
        slots = (min(self._slots), max(self._slots)) if self._slots else None
        return Part(rows, slots, dict(self._seen), dict(self._unpriced))


def _counted(members: list[tuple[Any, ...]], skip: int) -> list[int]:
    return list(map(sum, list(zip(*members, strict=True))[skip:])) if len(members) > 1 else list(members[0][skip:])


def _kind(key: str) -> int:
    return 0 if key in UNITS else 1 if key in OF_VARIANT else 2
