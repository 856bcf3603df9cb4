"""Activity by day: prompts, sessions, uses of tools, the time at work of models and tools, and the main line beside the subagents."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from tallystick.answers.answer import Answer, Details, Figures, Row, added, gathered
from tallystick.answers.fold import answered, fold, grouped
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import MODEL, TOOL, Activity, activity
from tallystick.usage.period import DAY_MS, SLOT_MS, Zone, iso


class _Day:
    """What is told of one day."""

    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.prompts = 0
        self.calls = 0
        self.spans: defaultdict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
        """By session: agent, kind, begin, end."""
        self.main = Figures()
        self.agents = Figures()

    @property
    def work(self) -> Activity:
        """How long its sessions were at work; those side by side add up."""
        every = [activity(spans) for spans in self.spans.values()]
        return Activity(*map(sum, zip(*every, strict=True))) if every else Activity()


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
    work = {name: day.work for name, day in days.items()}
    rows = [
        Row((name,), heads.get(name, Figures()), _told([day], work[name], prices=question.prices))
        for name, day in days.items()
    ]
    whole = Activity(*map(sum, zip(*work.values(), strict=True))) if work else Activity()
    found = answered(ledger, question, folded._replace(rows=rows))
    return found._replace(details=_told(days.values(), whole, prices=question.prices))


def _tell(ledger: Ledger, question: Question, days: defaultdict[str, _Day]) -> None:
    """Add what the ledger knows of each day besides its sums; filters by model do not divide that."""
    whose = question._replace(
        group_by=("session", "agent"),
        where={key: value for key, value in question.where.items() if key not in OF_VARIANT},
    )
    groups, names = grouped(ledger, whose)
    period = question.period
    named = _Names(period.zone)
    first, after = period.slots
    for slot, context in ledger.ask("presence", since=first, until=after):
        if groups[context] >= 0:
            days[named[slot]].sessions.add(names[groups[context]][0])
    for time, context in ledger.ask("prompts", since=period.since, until=period.until):
        if groups[context] >= 0:
            days[named[time // SLOT_MS]].prompts += 1
    for context, begin, end in ledger.ask("model_spans", since=period.since, until=period.until):
        if (group := groups[context]) >= 0:
            _add(days, named, (MODEL, names[group][0], names[group][1]), max(begin, period.since), end)
    # A use may have begun on the day before the period and still have run in it.
    for _, context, started, ended, _, _ in ledger.ask("runs", since=period.since - DAY_MS, until=period.until):
        if (group := groups[context]) >= 0:
            if started >= period.since:
                days[named[started // SLOT_MS]].calls += 1
            _add(
                days,
                named,
                (TOOL, names[group][0], names[group][1]),
                max(started, period.since),
                min(ended, period.until),
            )


class _Names(dict[int, str]):
    """The local day of each quarter-hour."""

    def __init__(self, zone: Zone) -> None:
        super().__init__()
        self.zone = zone

    def __missing__(self, slot: int) -> str:
        self[slot] = name = iso(self.zone.day(slot * SLOT_MS))
        return name


def _add(days: defaultdict[str, _Day], named: _Names, whose: tuple[int, str, str], begin: int, end: int) -> None:
    """Add a span, kind, session and agent of which are given, to each of the days that it lies in."""
    kind, session, agent = whose
    while begin < end:
        name, cut = named[begin // SLOT_MS], end
        if named[(end - 1) // SLOT_MS] != name:
            cut = min(end, named.zone.midnight(named.zone.day(begin) + 1))
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
