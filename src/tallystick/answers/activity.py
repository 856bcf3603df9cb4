"""Activity by day: prompts, sessions, uses of tools, the time at work of models and tools, and the main line beside the subagents."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.answers.answer import Answer, Details, Figures, Row, added, gathered
from tallystick.answers.book import BOOK
from tallystick.answers.fold import LocalDays, answered, fold, grouped
from tallystick.answers.pages import Everyone, Whose, people
from tallystick.answers.parts import KEPT, Span, Sums
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.uses import prompted, used
from tallystick.answers.work import Groups, Spell, work_by_day
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import MODEL, TOOL, Activity, activity
from tallystick.usage.period import DAY_MS, SLOT_MS, Period

if TYPE_CHECKING:
    from tallystick.answers.growth import News


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
    if asked.where:
        groups, names = grouped(ledger, asked)
        who = _Who(ledger, groups, people(ledger, groups, names))
    else:
        who = _Who(ledger, None, Everyone(ledger))
    period = question.period
    named = LocalDays(period.zone)
    for day, sessions in _present(ledger, period, who, named):
        days[day].sessions |= sessions
    booked = BOOK.worth(ledger, period)
    for (slot, context), prompts in prompted(ledger, period, booked=booked):
        if who.fits(context):
            days[named[slot]].prompts += prompts.number
    spans = _booked(period, who, (days, named)) if booked else _single(period, who, (days, named))
    for context, kind, begin, end in spans:
        if who.fits(context) and (span := _cut(period, kind, begin, end)):
            _add(days, named, (kind, *who.whose[context]), *span)


class _Who(NamedTuple):
    """Which contexts count, and whose they are."""

    ledger: Ledger
    groups: Groups
    whose: Whose

    def fits(self, context: int) -> bool:
        """Tell whether a context counts."""
        return self.groups is None or self.groups[context] >= 0


def _present(ledger: Ledger, period: Period, who: _Who, named: LocalDays) -> Iterator[tuple[str, set[str]]]:
    """Yield the sessions that consumed something on each day; a day may come several times."""
    if KEPT.book is not None and who.groups is None:
        from tallystick.answers.foldbook import How

        how = How(partial(_of_day, named), partial(_grown, named))
        parts = KEPT.book.parts(ledger, ("present", period.zone.name), period.slots, how, period.zone)
        for part in parts:
            yield from part.items()
        return
    found: defaultdict[str, set[str]] = defaultdict(set)
    first, after = period.slots
    whose = who.whose if who.groups is not None else people(ledger)
    for slot, context in ledger.ask("presence", since=first, until=after):
        if who.fits(context):
            found[named[slot]].add(whose[context][0])
    yield from found.items()


def _of_day(named: LocalDays, _: Span, sums: Callable[[], Sums]) -> dict[str, set[str]]:
    rows, contexts = sums()
    sessions = {context[0]: context[2] for context in contexts}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[named[row[0]]].add(sessions[row[4]])
    return dict(found)


def _grown(named: LocalDays, before: dict[str, set[str]], span: Span, came: "News") -> dict[str, set[str]]:
    found = _of_day(named, span, lambda: came.sums)
    return {day: before.get(day, set()) | found.get(day, set()) for day in before | found}


def _booked(period: Period, who: _Who, told: tuple[defaultdict[str, _Day], LocalDays]) -> Iterable[Spell]:
    """Add uses and times from the daybook; return the spans that are still to be added."""
    days, named = told
    for (slot, context), uses in used(who.ledger, period):
        if who.fits(context):
            days[named[slot]].calls += len(uses.names)
    found, others = work_by_day(who.ledger, period, who.groups, who.whose)
    for day, more in found:
        times = days[day].times
        times[:] = map(add, times, more)
    return others


def _single(period: Period, who: _Who, told: tuple[defaultdict[str, _Day], LocalDays]) -> Iterator[Spell]:
    """Add uses one by one; yield all spans that may lie in the period."""
    (days, named), ledger = told, who.ledger
    for context, begin, end in ledger.ask("model_spans", since=period.since, until=period.until):
        yield context, MODEL, begin, end
    # A use may have begun on the day before the period and still have run in it.
    for _, context, started, ended, _, _ in ledger.ask("runs", since=period.since - DAY_MS, until=period.until):
        if started >= period.since and who.fits(context):
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
