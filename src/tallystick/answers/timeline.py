"""One session from its beginning to its end: prompts, spans of models and tools, events with their running cost, and totals."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

from tallystick.answers.answer import Details, Figures, Moment, Money, Row, added
from tallystick.answers.as_json import measures
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Finder, Single, stretches
from tallystick.answers.tags import tagged
from tallystick.errors import NotFound
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import MODEL, TOOL, Activity, activity
from tallystick.usage.event import Context
from tallystick.usage.period import DAY_MS, Period, Zone

KINDS: Final = {MODEL: "model", TOOL: "tool"}


class Span(NamedTuple):
    """Some time in which a model or a tool was at work."""

    agent: str
    """The subagent; empty on the main line."""
    kind: int
    """`activity.MODEL` or `activity.TOOL`."""
    name: str
    """The model's or the tool's."""
    begin: int
    """Milliseconds since 1970, UTC."""
    end: int
    """The same as `begin` where no end was seen."""
    failed: bool
    event: int
    """The number of the event that it belongs to."""


class Timeline(NamedTuple):
    """What happened in one session, each list in order of time."""

    session: str
    title: str
    contexts: list[Context]
    """Where it ran, in the order in which it was first seen there; several where it changed project, branch or version."""
    prompts: list[int]
    """Milliseconds since 1970, UTC."""
    spans: list[Span]
    events: list[Single]
    costs: list[int]
    """The cost of everything up to each event, it included, in pico-dollars."""
    models: list[Row]
    """Figures by model, the costliest first."""
    agents: list[Row]
    """Figures by agent, the costliest first; the main line's name is empty."""
    totals: Figures
    active: Activity
    zone: Zone
    tags: tuple[str, ...] = ()
    """What was noted with it, each as `name=value`."""
    schema: str = "tallystick.session/1"

    @property
    def reach(self) -> tuple[int, int]:
        """First and last moment of which anything is known: milliseconds since 1970, UTC."""
        moments = [*self.prompts, *(event.time for event in self.events), *(span.begin for span in self.spans)]
        return min(moments), max(moments)

    def told(self) -> Details:
        """Return it as the details of an answer."""
        first, last = self.reach
        return {
            "session": self.session,
            "title": self.title,
            "timezone": self.zone.name,
            "first": Moment(first),
            "last": Moment(last),
            **{f"{name}_ms": value for name, value in self.active._asdict().items()},
            **{f"{key}s": _names(self.contexts, key) for key in ("tool", "project", "version", "machine", "user")},
            "branches": _names(self.contexts, "branch"),
            "tags": list(self.tags),
            "totals": dict(measures(self.totals, prices=True)),
            "models": [{"model": row.keys[0], **dict(measures(row.figures, prices=True))} for row in self.models],
            "agents": [{"agent": row.keys[0], **dict(measures(row.figures, prices=True))} for row in self.agents],
            "prompts": [Moment(time) for time in self.prompts],
            "spans": [_span(span) for span in self.spans],
            "events": [
                {**event.told(), "running_cost_usd": Money(cost)}
                for event, cost in zip(self.events, self.costs, strict=True)
            ],
        }


def session(ledger: Ledger, book: PriceBook | None, name: str, zone: Zone) -> Timeline:
    """Return the timeline of a session; raise NotFound when nothing was consumed in one of that name."""
    slots = [row[0] for row in ledger.ask("quarters", session=name)]
    if not slots:
        raise NotFound(f"There is no session {name!r}. `tally sessions --limit 0 --json` tells the names of all.")
    asked = question(ANY, Period(zone), Wish("session"), 0)
    finder = Finder(ledger, book, asked)
    rows = [
        row
        for begin, end in stretches(slots)
        for row in ledger.ask("events", since=begin, until=end)
        if finder.context(row[2]).session == name
    ]
    events = [finder.single(row) for row in rows]
    spans = sorted(
        (*_thought(events), *_ran(finder, name, rows[0][1], rows[-1][1])),
        key=lambda span: (span.begin, span.end, span.kind, span.name),
    )
    told = [(each, _figures(each, prices=book is not None)) for each in events]
    return Timeline(
        name,
        next((title for session, title in ledger.ask("titles") if session == name), ""),
        list(dict.fromkeys(finder.context(row[2]) for row in rows)),
        [time for time, _ in ledger.ask("prompts_of", session=name)],
        spans,
        events,
        list(accumulate(each.cost or 0 for each in events)),
        _by(told, lambda each: each.variant.model),
        _by(told, lambda each: each.context["agent"]),
        added(figures for _, figures in told),
        activity((span.agent, span.kind, span.begin, span.end) for span in spans if span.end > span.begin),
        zone,
        tuple(dict.fromkeys(tag for whose, tags in sorted(tagged(ledger).items()) if whose[1] == name for tag in tags)),
    )


def _thought(events: Sequence[Single]) -> Iterator[Span]:
    """Yield the spans in which models worked on events."""
    for event in events:
        if event.work_ms > 0:
            begin = event.time - event.work_ms
            yield Span(event.context["agent"], MODEL, event.variant.model, begin, event.time, False, event.number)  # noqa: FBT003


def _ran(finder: Finder, session: str, first: int, last: int) -> Iterator[Span]:
    """Yield the spans of the tools that events of a session asked for."""
    for name, number, started, ended, failed, event, _ in finder.ledger.ask("uses", since=first, until=last + 1):
        context = finder.context(number)
        # A tool begins with its event, give or take the parts of an answer that come one after another.
        if context.session == session and first - DAY_MS <= started < last + DAY_MS:
            yield Span(context.agent, TOOL, name, started, max(started, ended), bool(failed), event)


def _figures(event: Single, *, prices: bool) -> Figures:
    tokens = event.tokens
    if event.cost is None:
        return Figures(event.requests, *tokens, event.web_searches, 0, 0, tokens.total if prices else 0)
    return Figures(event.requests, *tokens, event.web_searches, event.cost, event.requests, 0)


def _by(told: Sequence[tuple[Single, Figures]], key: Callable[[Single], str]) -> list[Row]:
    groups: defaultdict[str, list[Figures]] = defaultdict(list)
    for event, figures in told:
        groups[key(event)].append(figures)
    rows = [Row((name,), added(each)) for name, each in groups.items()]
    return sorted(rows, key=lambda row: (-row.figures.priced_pico, -row.figures.total, row.keys))


def _names(contexts: Sequence[Context], key: str) -> list[str]:
    return list(dict.fromkeys(getattr(context, key) for context in contexts))


def _span(span: Span) -> dict[str, Any]:
    return {
        "agent": span.agent,
        "kind": KINDS[span.kind],
        "name": span.name,
        "begin": Moment(span.begin),
        "end": Moment(span.end) if span.end > span.begin else None,
        "failed": span.failed,
        "event": span.event,
    }
