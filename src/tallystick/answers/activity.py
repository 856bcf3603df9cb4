"""Activity by day: prompts, sessions, uses of tools, the time at work of models and tools, and the main line beside the subagents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import add
from typing import Any

from tallystick.answers.answer import Answer, Details, Figures, Row, added, gathered
from tallystick.answers.fold import LocalDays, answered, fold, grouped
from tallystick.answers.pages import BOOK, Whose, people
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.uses import prompted, used
from tallystick.answers.work import Spell, work
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import MODEL, TOOL, Activity, activity
from tallystick.usage.period import DAY_MS, SLOT_MS, Period


class _Day:
    """What is told of one day."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.prompts = 0
        self.calls = 0
        self.times = [0, 0, 0, 0, 0]
        """As the fields of `Activity`: of sessions that count as a whole."""
        self.spans: defaultdict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
        """Of the others, by session: agent, kind, begin, end."""
        self.main = Figures()
        self.agents = Figures()

    @property
    def work(self) -> Activity:
        """How long its sessions were at work; those side by side add up."""
        every = [activity(spans) for spans in self.spans.values()]
        return Activity(*map(sum, zip(self.times, *every, strict=True)))


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer by day, with details where nothing else divides a day."""
    if question.group_by != question.report.group_by:
        return answered(ledger, question, fold(ledger, book, question))
    folded = fold(ledger, book, question._replace(group_by=("day", "agent")))
    days: defaultdict[str, _Day] = defaultdict(_Day)
    for row in folded.rows:
        day = days[row.keys[0]]
        if row.keys[1]:
            day.agents = added((day.agents, row.figures))
        else:
            day.main = added((day.main, row.figures))
    _tell(ledger, question, days)
    heads = {head.keys[0]: head.figures for head, _ in gathered(folded.rows, 1)}
    times = {name: day.work for name, day in days.items()}
    rows = [
        Row((name,), heads.get(name, Figures()), _told([day], times[name], prices=question.prices))
        for name, day in days.items()
    ]
    whole = Activity(*map(sum, zip(*times.values(), strict=True))) if times else Activity()
    found = answered(ledger, question, folded._replace(rows=rows))
    return found._replace(details=_told(days.values(), whole, prices=question.prices))


def _tell(ledger: Ledger, question: Question, days: defaultdict[str, _Day]) -> None:
    """Add what the ledger knows of each day besides its sums; filters by model do not divide that."""
    asked = question._replace(
        group_by=("session", "agent"),
        where={key: value for key, value in question.where.items() if key not in OF_VARIANT},
    )
    groups, names = grouped(ledger, asked)
    period = question.period
    named = LocalDays(period.zone)
    first, after = period.slots
    for slot, context in ledger.ask("presence", since=first, until=after):
        if groups[context] >= 0:
            days[named[slot]].sessions.add(names[groups[context]][0])
    booked = BOOK.worth(ledger)
    for (slot, context), prompts in prompted(ledger, period, booked=booked):
        if groups[context] >= 0:
            days[named[slot]].prompts += prompts.number
    whose = people(ledger, groups, names)
    spans = (
        _booked(ledger, period, (groups, whose), (days, named))
        if booked
        else _single(ledger, period, groups, (days, named))
    )
    for context, kind, begin, end in spans:
        if groups[context] >= 0 and (span := _cut(period, kind, begin, end)):
            _add(days, named, (kind, *whose[context]), *span)


def _booked(
    ledger: Ledger,
    period: Period,
    fitting: tuple[Mapping[int, int], Whose],
    told: tuple[defaultdict[str, _Day], LocalDays],
) -> Iterable[Spell]:
    """Add uses and times from the daybook; return the spans that are still to be added."""
    (groups, whose), (days, named) = fitting, told
    for (slot, context), uses in used(ledger, period):
        if groups[context] >= 0:
            days[named[slot]].calls += len(uses.names)
    found = work(ledger, period, groups, whose)
    for (slot, _), cell in found.cells:
        times = days[named[slot]].times
        times[:] = map(add, times, cell.times)
    return found.spans


def _single(
    ledger: Ledger, period: Period, groups: Mapping[int, int], told: tuple[defaultdict[str, _Day], LocalDays]
) -> Iterator[Spell]:
    """Add uses one by one; yield all spans that may lie in the period."""
    days, named = told
    for context, begin, end in ledger.ask("model_spans", since=period.since, until=period.until):
        yield context, MODEL, begin, end
    # A use may have begun on the day before the period and still have run in it.
    for _, context, started, ended, _, _ in ledger.ask("runs", since=period.since - DAY_MS, until=period.until):
        if started >= period.since and groups[context] >= 0:
            days[named[started // SLOT_MS]].calls += 1
        yield context, TOOL, started, ended


def _cut(period: Period, kind: int, begin: int, end: int) -> tuple[int, int] | None:
    """Return what of a span counts in a period: models by when they ended, tools by when they began, a day before it at most."""
    if kind == MODEL:
        return (max(begin, period.since), end) if period.since <= end < period.until else None
    if not period.since - DAY_MS <= begin < period.until:
        return None
    return max(begin, period.since), min(end, period.until)


def _add(days: defaultdict[str, _Day], named: LocalDays, whose: tuple[int, str, str], begin: int, end: int) -> None:
    """Add a span, kind, session and agent of which are given, to each of the days that it lies in."""
    kind, session, agent = whose
    zone = named.zone
    while begin < end:
        name, cut = named[begin // SLOT_MS], end
        if named[(end - 1) // SLOT_MS] != name:
            cut = min(end, zone.midnight(zone.day(begin) + 1))
        days[name].spans[session].append((agent, kind, begin, cut))
        begin = cut


def _told(days: Collection[_Day], work: Activity, *, prices: bool) -> Details:
    main, agents = added(day.main for day in days), added(day.agents for day in days)
    told: dict[str, Any] = {
        "sessions": len(set[str]().union(*(day.sessions for day in days))),
        "prompts": sum(day.prompts for day in days),
        "tool_calls": sum(day.calls for day in days),
        **{f"{name}_ms": value for name, value in work._asdict().items()},
        "main_total": main.total,
        "main_cost_usd": main.cost_usd,
        "agents_total": agents.total,
        "agents_cost_usd": agents.cost_usd,
    }
    return told if prices else {name: value for name, value in told.items() if not name.endswith("_usd")}
