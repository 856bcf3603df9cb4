"""Blocks of five hours, as ccusage reckons them: inferred from when work was done, and not the vendor's own windows.

A block begins with the hour (UTC) of its first event and lasts five hours; an event more than five hours after the
block's beginning or after the event before it begins a new one. A pause of more than five hours is a block of its own,
a gap, from five hours after the last event to the next one. Each tool has its own blocks, and all of a tool's events
decide where they begin, whatever is filtered: a window knows no projects.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from tallystick.answers.answer import Answer, Coverage, Figures, Moment, Money, Row, added, arranged, days
from tallystick.answers.fold import WITNESSES, grouped
from tallystick.answers.pricing import Codes
from tallystick.answers.question import Question, fits
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.readings import COARSE, DERIVED
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.period import BEGINNING, HOUR_MS, SLOT_MS
from tallystick.usage.tokens import Tokens

BLOCK_MS: Final = 5 * HOUR_MS
_MINUTE_MS: Final = 60_000

type _Event = tuple[Any, ...]


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer with the blocks that begin in the period."""
    variants = {row[0]: Variant(*row[1:]) for row in ledger.ask("variants")}
    codes = Codes(question, variants, book)
    groups, _ = grouped(ledger, question._replace(group_by=()))
    rows: list[Row] = []
    counted: list[tuple[_Event, Figures]] = []
    for tool, events in _lanes(ledger, question).items():
        # A pause is told of a tool as a whole: with other filters, nobody asked for it.
        pauses = set(question.where) <= {"tool"} and fits("tool", question.where.get("tool", ("*",)), tool)
        for begin, end, members in _blocks(events):
            if begin < question.period.since:
                continue
            inside = [
                (event, _figures(event, variants, book))
                for event in members
                if groups[event[2]] >= 0 and codes.rank(event[3]) >= 0
            ]
            if inside:
                counted += inside
                rows.append(_row(tool, begin, inside, variants, question.now))
            elif not members and pauses:
                rows.append(_gap(tool, begin, end))
    ordered, left_off = arranged(question, rows)
    ((skipped,),) = ledger.ask("skipped_total")
    coverage = Coverage(skipped, _witnesses(counted), _unpriced(counted, variants), *_dated(counted))
    slots = [event[1] // SLOT_MS for event, _ in counted]
    found = days(question, (min(slots), max(slots)) if slots else None)
    return Answer(question, ordered, added(row.figures for row in rows), coverage, found, left_off)


def _lanes(ledger: Ledger, question: Question) -> dict[str, list[_Event]]:
    """Return the events of each tool up to the end of the period, in order of time."""
    tools, names = grouped(ledger, question._replace(group_by=("tool",), where={}))
    lanes: defaultdict[str, list[_Event]] = defaultdict(list)
    for event in ledger.ask("events", since=BEGINNING, until=question.period.until):
        lanes[names[tools[event[2]]][0]].append(event)
    return lanes


def _blocks(events: Iterable[_Event]) -> Iterator[tuple[int, int, list[_Event]]]:
    """Yield begin, end and events of each block of events in order of time; a gap has none."""
    begin, last = 0, 0
    inside: list[_Event] = []
    for event in events:
        time = event[1]
        if inside and (time - begin > BLOCK_MS or time - last > BLOCK_MS):
            yield begin, begin + BLOCK_MS, inside
            if time - last > BLOCK_MS:
                yield last + BLOCK_MS, time, []
            inside = []
        if not inside:
            begin = time - time % HOUR_MS
        inside.append(event)
        last = time
    if inside:
        yield begin, begin + BLOCK_MS, inside


def _row(tool: str, begin: int, inside: list[tuple[_Event, Figures]], variants: dict[int, Variant], now: int) -> Row:
    figures = added(each for _, each in inside)
    first, last, end = inside[0][0][1], inside[-1][0][1], begin + BLOCK_MS
    active = now < end
    models = dict.fromkeys(variants[event[3]].model for event, _ in inside)
    details: dict[str, Any] = {
        "start": Moment(begin),
        "end": Moment(end),
        "last": Moment(last),
        "gap": False,
        "active": active,
        "inferred": True,
        "models": list(models),
        "burn_rate": None,
        "projection": None,
    }
    if active and last > first:
        details |= _ahead(figures, last - first, end - now)
    return Row((Moment(begin).iso(), tool), figures, details)


def _ahead(figures: Figures, span: int, left: int) -> dict[str, Any]:
    """Tell how fast an active block consumes, and where it ends at that pace."""
    # As ccusage shows them: the pace is reckoned between first and last event, the rest of the block in whole minutes.
    minutes = left // _MINUTE_MS
    cost = figures.cost_usd
    return {
        "burn_rate": {
            "tokens_per_minute": figures.total * _MINUTE_MS / span,
            "cost_usd_per_hour": None if cost is None else Money(cost * HOUR_MS // span),
        },
        "projection": {
            "remaining_minutes": minutes,
            "total": figures.total + round(figures.total * _MINUTE_MS * minutes / span),
            "cost_usd": None if cost is None else Money(cost + cost * _MINUTE_MS * minutes // span),
        },
    }


def _gap(tool: str, begin: int, end: int) -> Row:
    details: dict[str, Any] = {
        "start": Moment(begin),
        "end": Moment(end),
        "last": None,
        "gap": True,
        "active": False,
        "inferred": True,
        "models": [],
        "burn_rate": None,
        "projection": None,
    }
    return Row((Moment(begin).iso(), tool), Figures(), details)


def _figures(event: _Event, variants: dict[int, Variant], book: PriceBook | None) -> Figures:
    tokens, requests = Tokens(*event[4:10]), event[18]
    quote = None if book is None else book.quote(variants[event[3]], tokens.prompt // requests, event[1])
    if quote is None:
        return Figures(requests, *tokens, event[12], 0, 0, 0 if book is None else tokens.total)
    return Figures(requests, *tokens, event[12], quote.cost(tokens, event[12]), requests, 0)


def _witnesses(counted: list[tuple[_Event, Figures]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for event, figures in counted:
        found[event[17]] += figures.requests
    return {name: found[name] for name in WITNESSES if found[name]}


def _dated(counted: list[tuple[_Event, Figures]]) -> tuple[int, int]:
    """Return how many tokens are dated by a difference of readings, and how many coarsely."""
    sums = [sum(figures.total for event, figures in counted if event[19] == dated) for dated in (DERIVED, COARSE)]
    return sums[0], sums[1]


def _unpriced(counted: list[tuple[_Event, Figures]], variants: dict[int, Variant]) -> tuple[tuple[str, int], ...]:
    found: Counter[str] = Counter()
    for event, figures in counted:
        if figures.unpriced_tokens:
            found[variants[event[3]].model] += figures.unpriced_tokens
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))
