"""Blocks of five hours, as ccusage reckons them: inferred from when work was done, and not the vendor's own windows.

A block begins with the hour (UTC) of its first event and lasts five hours; an event more than five hours after the
block's beginning or after the event before it begins a new one. A pause of more than five hours is a block of its own,
a gap, from five hours after the last event to the next one. Each tool has its own blocks, and all of a tool's events
decide where they begin, whatever is filtered: a window knows no projects.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import add, itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.answers.answer import Answer, Coverage, Figures, Row, added, arranged, days
from tallystick.answers.block_rows import block, pause
from tallystick.answers.fold import WITNESSES, grouped
from tallystick.answers.heard import heard
from tallystick.answers.lanes import BLOCK_MS, ToolOf, before
from tallystick.answers.parts import KEPT, Span, pack, spans, unpack
from tallystick.answers.pricing import Codes, Pricing
from tallystick.answers.question import OF_VARIANT, Question, fits
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.readings import COARSE, DERIVED
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import BEGINNING, DAY_MS, HOUR_MS, SLOT_MS
from tallystick.usage.size import size_class
from tallystick.usage.tokens import Tokens

if TYPE_CHECKING:
    from tallystick.answers.growth import News

_DAY: Final = DAY_MS // SLOT_MS
_LATE: Final = 6
"""Days with events that are looked at each time: most of what comes is of one of these."""
_WITNESS: Final = {1 << bit: name for bit, name in enumerate(WITNESSES)}


class _Part(NamedTuple):
    """Events of one tool that cannot be in different blocks."""

    first: int
    """The first one's moment."""
    last: int
    context: int
    variant: int
    size: int
    """The class of their prompts' sizes."""
    prompt: int
    """Tokens of the prompt, of a single event; -1 of several ones."""
    counts: tuple[int, ...]
    """Requests, the fields of `Tokens`, web searches."""
    witness: str
    dated: int

    def joined(self, other: "_Part") -> "_Part":
        """Return both as one."""
        counts = tuple(map(add, self.counts, other.counts))
        return self._replace(first=min(self.first, other.first), last=max(self.last, other.last), counts=counts)


class _Told(NamedTuple):
    """Rows of blocks, and what is told of them together."""

    rows: list[Row]
    unpriced: Counter[str]
    """Tokens without a price by model."""
    witnesses: Counter[str]
    """Requests."""
    dated: tuple[int, int]
    """Tokens that are dated by a difference of readings, and coarsely."""
    reach: tuple[int, int] | None
    """First and last millisecond."""

    def joined(self, other: "_Told") -> "_Told":
        """Return both as one."""
        reaches = [each.reach for each in (self, other) if each.reach]
        return _Told(
            self.rows + other.rows,
            self.unpriced + other.unpriced,
            self.witnesses + other.witnesses,
            (self.dated[0] + other.dated[0], self.dated[1] + other.dated[1]),
            (min(first for first, _ in reaches), max(last for _, last in reaches)) if reaches else None,
        )


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer with the blocks that begin in the period."""
    told = _kept(ledger, book, question) if KEPT.book is not None else _blocks(ledger, book, question)[1]
    ordered, left_off = arranged(question, told.rows)
    ((skipped,),) = ledger.ask("skipped_total")
    unpriced = sorted(told.unpriced.items(), key=lambda each: (-each[1], each[0]))
    witnesses = {name: told.witnesses[name] for name in WITNESSES if told.witnesses[name]}
    coverage = Coverage(skipped, witnesses, tuple(unpriced), *told.dated, heard(ledger, question))
    slots = (told.reach[0] // SLOT_MS, told.reach[1] // SLOT_MS) if told.reach else None
    return Answer(question, ordered, added(row.figures for row in told.rows), coverage, days(question, slots), left_off)


def _kept(ledger: Ledger, book: PriceBook | None, question: Question) -> _Told:
    """Return the same as is told of all blocks of a period, where those of days that are long over are kept."""
    states: Sequence[tuple[int, int]] = ledger.ask("days")
    split = states[-_LATE][0] if len(states) > _LATE else 0
    period = question.period
    if not period.since < split * DAY_MS < (split + 1) * DAY_MS <= min(period.until, question.now):
        return _blocks(ledger, book, question)[1]
    where = tuple(sorted((name, tuple(patterns)) for name, patterns in question.where.items()))
    key = "blocks", where, None if book is None else book.version, period.since, period.until
    # A block that began before goes on for hours of that day: nothing of this may have changed either.
    of = tuple(states[: 1 - _LATE])
    past: _Told | None = KEPT.book.note(key, of) if KEPT.book else None
    if past is not None:
        late = question._replace(period=period._replace(since=split * DAY_MS))
        return past.joined(_blocks(ledger, book, late)[1])
    past, late_told = _blocks(ledger, book, question, split * DAY_MS)
    if KEPT.book and all(row.details and row.details["end"] <= (split + 1) * DAY_MS for row in past.rows):
        KEPT.book.keep(key, of, past)
    return past.joined(late_told)


def _blocks(ledger: Ledger, book: PriceBook | None, question: Question, split: int = BEGINNING) -> tuple[_Told, _Told]:
    """Return what is told of the blocks that begin before a moment, and of the others."""
    lanes = _Lanes(ledger, book, question)
    halves = [_Half(lanes), _Half(lanes)]
    for tool, parts in lanes.parts.items():
        # A pause is told of a tool as a whole: with other filters, nobody asked for it.
        pauses = set(question.where) <= {"tool"} and fits("tool", question.where.get("tool", ("*",)), tool)
        for begin, end, members in lanes.blocks(tool, parts):
            if begin < question.period.since:
                continue
            half = halves[begin >= split]
            inside = lanes.fitting(members)
            if inside:
                half.take(tool, begin, inside, question.now)
            elif not members and pauses:
                half.rows.append(pause(tool, begin, end))
    return halves[0].told(), halves[1].told()


class _Half:
    """Blocks, one after another."""

    def __init__(self, lanes: "_Lanes") -> None:
        self.rows: list[Row] = []
        self._lanes = lanes
        self._unpriced: Counter[str] = Counter()
        self._parts: list[_Part] = []

    def take(self, tool: str, begin: int, inside: list[_Part], now: int) -> None:
        """Add a block of a tool, given what of it fits."""
        self._parts += inside
        reach = min(inside).first, max(part.last for part in inside)
        figures = self._lanes.figures(inside, self._unpriced)
        self.rows.append(block(tool, begin, reach, figures, self._lanes.models(inside), now))

    def told(self) -> _Told:
        """Return what is told of them."""
        parts = self._parts
        reach = (min(parts).first, max(part.last for part in parts)) if parts else None
        return _Told(self.rows, +self._unpriced, _witnesses(parts), _dated(parts), reach)


def _gathered(parts: Iterable[_Part]) -> list[tuple[Any, ...]]:
    """Return parts in order of their quarter-hours, those of one kind together; single events stay as they are."""
    found: list[_Part] = []
    for _, members in groupby(sorted(parts, key=_slot_of), key=_slot_of):
        same: dict[tuple[Any, ...], _Part] = {}
        for part in members:
            if part.prompt >= 0:
                found.append(part)
                continue
            kind = part.variant, part.size, part.witness, part.context
            same[kind] = same[kind].joined(part) if kind in same else part
        found += same.values()
    return list(map(tuple, found))


def _slot_of(part: _Part) -> int:
    return part.first // SLOT_MS


class _Alike(dict[int, int]):
    """For each context one of its tool that fits the filters, or does not, as it does: always the same one."""

    def __init__(self, tools: Mapping[int, str], groups: Mapping[int, int] | None) -> None:
        super().__init__()
        self._tools, self._groups = tools, groups
        self._firsts: dict[tuple[str, bool], int] = {}

    def __missing__(self, context: int) -> int:
        fits_too = self._groups is None or self._groups[context] >= 0
        found = self[context] = self._firsts.setdefault((self._tools[context], fits_too), context)
        return found


class _Lanes:
    """The events of each tool in a period, as the sums have them where that is enough."""

    def __init__(self, ledger: Ledger, book: PriceBook | None, question: Question) -> None:
        self._ledger, self._book = ledger, book
        self._variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
        self._codes = Codes(question, self._variants, book)
        self._called = {variant for variant in self._variants if self._codes.rank(variant) >= 0}
        self._pricing = None if book is None else Pricing(book)
        # What is dated by readings is told apart from what is not, which the sums do not do.
        dated = ledger.ask("dated", since=BEGINNING, until=question.period.until)
        self._mixed = {row[:2] for row in dated}
        self._tool: Mapping[int, str] = ToolOf(ledger)
        self._groups: Mapping[int, int] | None = None
        """The group of each context, below 0 where it does not fit; None where all do."""
        if set(question.where) - set(OF_VARIANT):
            self._groups, _ = grouped(ledger, question._replace(group_by=()))
        self._alike = _Alike(self._tool, self._groups)
        first, after = question.period.slots
        # Of whole days, what they add is at hand.
        slots = first - first % _DAY, after
        self._before = before(ledger, self._tool, slots[0], question.period.zone)
        """By tool the block in which it was when the first day of the period began."""
        self.parts: defaultdict[str, list[_Part]] = defaultdict(list)
        """By tool, in order of the quarter-hours; from the beginning of that day on."""
        for part in self._parts(slots, question):
            self.parts[self._tool[part.context]].append(part)

    def _parts(self, slots: Span, question: Question) -> Iterator[_Part]:
        """Yield the parts of a time, in order of the quarter-hours, read a day at a time: a long history has many sums."""
        if KEPT.book is None:
            for span, _ in spans(self._ledger, slots):
                yield from self._of(span)
            return
        where = tuple(sorted((name, tuple(patterns)) for name, patterns in question.where.items()))
        kind = ("blocks", where, None if self._book is None else self._book.version)
        from tallystick.answers.foldbook import How

        how = How(lambda span, _: pack(list(map(tuple, self._of(span)))), self._grown)
        for packed in KEPT.book.parts(self._ledger, kind, slots, how, question.period.zone):
            yield from map(_Part._make, unpack(packed))

    def _grown(self, before: bytes, _: Span, came: "News") -> bytes | None:
        """Return the parts of a day to which more events have come."""
        found: list[_Part] = []
        for row, timed in zip(came.sums.rows, came.timed, strict=True):
            _, variant, size, seen, context, *counts, _ = row
            rank = self._codes.rank(variant)
            if seen not in _WITNESS or (context, variant) in self._mixed or rank in self._codes.uneven:
                return None
            found.append(_Part(*timed[:2], self._alike[context], variant, size, -1, tuple(counts), _WITNESS[seen], 0))
        return pack(_gathered([*map(_Part._make, unpack(before)), *found]))

    def _of(self, span: Span) -> Iterator[_Part]:
        rows = self._ledger.ask("usage_timed", since=span[0], until=span[1])
        for slot, members in groupby(rows, key=itemgetter(0)):
            yield from self._sorted_out(slot, list(members))

    def _sorted_out(self, slot: int, rows: Sequence[tuple[Any, ...]]) -> Iterator[_Part]:
        """Yield the parts of a quarter-hour: its sums, and the single events of what a sum does not tell enough of."""
        singly: set[tuple[int, int]] = set()
        for _, variant, _, seen, context, *_ in rows:
            kind = context, variant
            if seen not in _WITNESS or kind in self._mixed or self._codes.rank(variant) in self._codes.uneven:
                singly.add(kind)
        same: defaultdict[tuple[int, ...], list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            if (row[4], row[1]) not in singly:
                # What has the same price, and fits alike, is one thing here, whoever used it.
                same[self._codes[row[1] << 4 | row[2]], row[1], row[3], self._alike[row[4]]].append(row)
        for (_, variant, seen, context), members in same.items():
            _, _, sizes, _, _, firsts, lasts, *counts = zip(*members, strict=True)
            told = variant, sizes[0], -1, tuple(map(sum, counts)), _WITNESS[seen], 0
            yield _Part(min(firsts), max(lasts), context, *told)
        if singly:
            yield from self._single(slot, singly)

    def _single(
        self, slot: int, kinds: set[tuple[int, int]], alike: Mapping[int, int] | None = None
    ) -> Iterator[_Part]:
        """Yield each event of a quarter-hour that is of one of these contexts, or of one that is `alike`, and variants."""
        for row in self._ledger.ask("events", since=slot * SLOT_MS, until=(slot + 1) * SLOT_MS):
            if (row[2] if alike is None else alike[row[2]], row[3]) in kinds:
                tokens, requests = Tokens(*row[4:10]), row[18]
                prompt = tokens.prompt // requests
                counts = (requests, *tokens, row[12])
                kind = row[2], row[3], size_class(prompt)
                yield _Part(row[1], row[1], *kind, prompt, counts, row[17], row[19])

    def blocks(self, tool: str, parts: Iterable[_Part]) -> Iterator[tuple[int, int, list[_Part]]]:
        """Yield begin, end and parts of each block of a tool, first of the one that goes on; a gap has none."""
        known = tool in self._before
        begin, last = self._before[tool] if known else (0, 0)
        inside: list[_Part] = []
        for slot, members in groupby(parts, key=lambda part: part.first // SLOT_MS):
            together = sorted(members)
            if known and together[0].first == begin + BLOCK_MS:
                # What came in the last millisecond of a block is of that one, unlike the rest of the quarter-hour.
                kinds = {(self._alike[part.context], part.variant) for part in together}
                together = sorted(self._single(slot, kinds, self._alike))
            for part in together:
                time = part.first
                if known and (time - begin > BLOCK_MS or time - last > BLOCK_MS):
                    yield begin, begin + BLOCK_MS, inside
                    if time - last > BLOCK_MS:
                        yield last + BLOCK_MS, time, []
                    inside, known = [], False
                if not known:
                    begin, last, known = time - time % HOUR_MS, time, True
                inside.append(part)
                last = max(last, part.last)
        if inside:
            yield begin, begin + BLOCK_MS, inside

    def fitting(self, parts: Iterable[_Part]) -> list[_Part]:
        """Return those that fit the filters."""
        groups, called = self._groups, self._called
        return [part for part in parts if part.variant in called and (groups is None or groups[part.context] >= 0)]

    def figures(self, inside: Sequence[_Part], unpriced: Counter[str]) -> Figures:
        """Return the figures of the parts of a block; adds the tokens without a price by model."""
        if self._book is None or self._pricing is None:
            return added(part.counts for part in inside)
        figures: list[Figures] = []
        same: defaultdict[int, list[_Part]] = defaultdict(list)
        for part in inside:
            if part.prompt < 0:
                same[self._codes[part.variant << 4 | part.size]].append(part)
                continue
            quote = self._book.quote(self._variants[part.variant], part.prompt, part.first)
            tokens = Tokens(*part.counts[1:7])
            prices = (0, 0, tokens.total) if quote is None else (quote.cost(tokens, part.counts[7]), part.counts[0], 0)
            figures.append(Figures(*(*part.counts, *prices)))
            unpriced[self._variants[part.variant].model] += prices[2]
        for code, parts in same.items():
            first, last, counts = parts[0].first, parts[-1].last, added(part.counts for part in parts)
            prompt, variant = self._codes.prompt(code), self._variants[parts[0].variant]
            quote = self._pricing.quote(code, variant, prompt, first // SLOT_MS)
            if quote is not None and quote.until > last:
                prices = (quote.cost(Tokens(*counts[1:7]), counts[7]), counts[0], 0)
            else:
                rows = [(part.first // SLOT_MS, *part.counts) for part in parts]
                prices = self._pricing.cost(code, variant, prompt, rows)
            figures.append(Figures(*(*counts[:8], *prices)))
            unpriced[self._variants[parts[0].variant].model] += prices[2]
        return added(figures)

    def models(self, inside: Sequence[_Part]) -> list[str]:
        """Return the models of a block in the order in which they were called first."""
        firsts: dict[str, int] = {}
        for part in inside:
            name = self._variants[part.variant].model
            firsts[name] = min(firsts.get(name, part.first), part.first)
        if len(set(firsts.values())) == len(firsts):
            return sorted(firsts, key=firsts.__getitem__)
        # Called in the same millisecond: the ledger has an order of its own for those.
        kinds = {(self._alike[part.context], part.variant) for part in inside}
        places: dict[str, tuple[int, int]] = {}
        for time in set(firsts.values()):
            for place, row in enumerate(self._ledger.ask("events", since=time, until=time + 1)):
                if (self._alike[row[2]], row[3]) in kinds:
                    places.setdefault(self._variants[row[3]].model, (firsts[self._variants[row[3]].model], place))
        return sorted(firsts, key=places.__getitem__)


def _witnesses(counted: Iterable[_Part]) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in counted:
        found[part.witness] += part.counts[0]
    return found


def _dated(counted: Iterable[_Part]) -> tuple[int, int]:
    """Return how many tokens are dated by a difference of readings, and how many coarsely."""
    sums = {DERIVED: 0, COARSE: 0}
    for part in counted:
        if part.dated in sums:
            sums[part.dated] += sum(part.counts[1:6])
    return sums[DERIVED], sums[COARSE]
