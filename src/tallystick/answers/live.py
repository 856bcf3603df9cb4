"""The live picture: what may stop a person, how fast it goes, what today came to, and who is at work, all as of one moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.answers.answer import Coverage, Details, Figures, Moment, Money, Row, added, gathered
from tallystick.answers.as_json import measures
from tallystick.answers.limits import Window
from tallystick.answers.machines import ACTIVE_MS, Machine, machines
from tallystick.answers.pages import counted
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.answers.single import Single
from tallystick.answers.story import Story
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Context
from tallystick.usage.period import END, HOUR_MS, SLOT_MS, Period, Zone, period

if TYPE_CHECKING:
    from tallystick.answers.answers import Answers

PACE_MS: Final = 10 * 60_000
"""The last minutes of which the pace is."""
CALLS: Final = 200
"""Calls that are shown at most, the newest."""
SESSIONS_MOST: Final = 40
_HOURS: Final = 24
_BACK: Final = "2d"
"""Sessions are told with what they consumed since yesterday began: a day more than today, for work that goes on at midnight.
Farther back a large ledger would have to be looked through at length."""

type Place = tuple[Ledger, PriceBook | None, str]
"""A ledger, the prices, and the machine on which it lies."""


class Pace(NamedTuple):
    """What the last minutes consumed."""

    since: int
    """Milliseconds since 1970, UTC: ten minutes ago, or the quarter-hour in which that was where there were too many calls."""
    until: int
    figures: Figures

    @property
    def tokens(self) -> int:
        """Tokens an hour."""
        return self._hourly(self.figures.total)

    @property
    def cost(self) -> int | None:
        """Pico-dollars an hour; None when nothing has a price."""
        return None if self.figures.cost_usd is None else self._hourly(self.figures.cost_usd)

    def _hourly(self, amount: int) -> int:
        return amount * HOUR_MS // max(self.until - self.since, 1)


class Live(NamedTuple):
    """What goes on at a moment: that of the question, whose filters count for everything but limits."""

    question: Question
    limits: list[Window]
    pace: Pace
    today: Figures
    models: list[Row]
    """Today's, the costliest first; so are tools."""
    tools: list[Row]
    hours: list[Figures]
    """The last 24 hours on the clock, the running one last."""
    sessions: list[Row]
    """As the report tells them, as far as it is known so soon, with what they consumed since yesterday began; the one that was at work last
    first."""
    machines: list[Machine]
    """With what was used there today."""
    calls: list[Single]
    """The newest first."""
    coverage: Coverage
    schema: str = "tallystick.live/1"

    def at_work(self, session: Row) -> bool:
        """Tell whether a session was at work just now."""
        last = (session.details or {}).get("last")
        return last is not None and last > self.question.now - ACTIVE_MS

    def told(self) -> Details:
        """Return it as the details of an answer."""
        asked, pace, cost = self.question, self.pace, self.pace.cost
        prices = asked.prices
        hourly = {"tokens_per_hour": pace.tokens}
        if prices:
            hourly["cost_usd_per_hour"] = None if cost is None else Money(cost)  # type: ignore[assignment]  # null in JSON
        return {
            "now": Moment(asked.now),
            "timezone": asked.period.zone.name,
            "where": {name: list(patterns) for name, patterns in asked.where.items()},
            "limits": [window.told(asked.now) for window in self.limits],
            "pace": {"since": Moment(pace.since), **hourly, **dict(measures(pace.figures, prices=prices))},
            "today": dict(measures(self.today, prices=prices)),
            "models": [{"model": row.keys[0], **dict(measures(row.figures, prices=prices))} for row in self.models],
            "tools": [{"tool": row.keys[0], **dict(measures(row.figures, prices=prices))} for row in self.tools],
            "hours": [dict(measures(figures, prices=prices)) for figures in self.hours],
            "sessions": [
                {
                    "session": row.keys[0],
                    "at_work": self.at_work(row),
                    **(row.details or {}),
                    **dict(measures(row.figures, prices=prices)),
                }
                for row in self.sessions
            ],
            "machines": [
                {
                    "machine": each.name,
                    "here": each.here,
                    "state": each.state,
                    "active": each.active,
                    "newest": Moment(each.newest) if each.newest else None,
                    **dict(measures(each.figures, prices=prices)),
                }
                for each in self.machines
            ],
            "calls": [each.told(prices=prices) for each in self.calls],
        }


def live(answers: "Answers", place: Place, asked: Question) -> Live:
    """Return what goes on at the moment of a question, in its zone, of what fits its filters; `answers` are of the same place."""
    zone, now = asked.period.zone, asked.now
    day, lately = period(zone, now, "today", "today"), period(zone, now, _BACK, "today")
    today = answers.ask(_about(asked, "tool,model", day))
    calls = answers.events(_about(asked, "day", Period(zone), CALLS))
    reached = _reached(place[0], lately)
    newest: dict[tuple[str, str], int] = {}
    for context, _, last, _ in reached.values():
        where = context.machine, context.user
        newest[where] = max(last, newest.get(where, last))
    return Live(
        asked,
        answers.limits(now).windows,
        _pace(answers, asked, calls.events, whole=not calls.after),
        today.totals,
        _most_first(today.rows, 1),
        _most_first(today.rows, 0),
        _hours(answers, asked),
        _sessions(answers, place[0], asked, reached),
        machines(*place[:2], _about(asked, "machine", day), place[2], newest).machines,
        calls.events,
        today.coverage,
    )


type _Reached = Mapping[int, tuple[Context, int, int, int]]
"""Contexts by their numbers, with their first and last moment in a time, and their tokens."""


def _reached(ledger: Ledger, span: Period) -> _Reached:
    """Return where there was work in a time."""
    first, _ = span.slots
    found = {}
    for number, earliest, latest, tokens in ledger.ask("reach", since=first, until=END):
        ((_, *values),) = ledger.ask("context", context=number)
        found[number] = Context(*values), earliest, latest, tokens
    return found


def _sessions(answers: "Answers", ledger: Ledger, asked: Question, reached: _Reached) -> list[Row]:
    """Return the sessions that were at work last."""
    span = period(asked.period.zone, asked.now, _BACK, "today")
    rows = gathered(answers.ask(_about(asked, "session", span)).rows, 1)
    figures = {head.keys[0]: head.figures for head, _ in rows}
    stories: defaultdict[str, Story] = defaultdict(Story)
    for context, earliest, latest, tokens in reached.values():
        if context.session in figures:
            story = stories[context.session]
            story.moments += (earliest, latest)
            story.places[context.tool, context.project, context.branch] += tokens
    shown = sorted(stories, key=lambda name: (-max(stories[name].moments), name))[:SESSIONS_MOST]
    some = set(shown)
    for session, title in ledger.ask("titles"):
        if session in some:
            stories[session].title = title
    for (_, number), prompted in counted(ledger.ask("prompts", since=span.since, until=span.until)).items():
        if number in reached and (name := reached[number][0].session) in some:
            stories[name].prompts += prompted.number
    return [Row((name,), figures[name], _told(stories[name])) for name in shown]


def _told(story: Story) -> Details:
    """Return what is told of a session; for how long it was at work would take longer to find out than there is."""
    told = story.details()
    return {name: told[name] for name in ("tool", "title", "project", "branch", "first", "last", "prompts")}


def _about(asked: Question, by: str, span: Period, limit: int = 0) -> Question:
    return question(ANY, span, Wish(by, asked.where, "", limit, asked.prices), asked.now)


def _most_first(rows: Iterable[Row], place: int) -> list[Row]:
    """Return rows by one of their keys, those first that cost most."""
    found = [head for head, _ in gathered([Row((row.keys[place],), row.figures) for row in rows], 1)]
    return sorted(found, key=lambda row: (-row.figures.priced_pico, -row.figures.total, row.keys))


def _pace(answers: "Answers", asked: Question, calls: Sequence[Single], *, whole: bool) -> Pace:
    """Return the pace from single calls where all of the last minutes are there, else from whole quarter-hours."""
    since = asked.now - PACE_MS
    if whole or calls[-1].time < since:
        lately = [call for call in calls if since <= call.time <= asked.now]
        return Pace(since, asked.now, added(_figures(call, prices=asked.prices) for call in lately))
    since -= since % SLOT_MS
    found = answers.ask(_about(asked, "tool", Period(asked.period.zone, since, asked.now + 1)))
    return Pace(since, asked.now, found.totals)


def _figures(call: Single, *, prices: bool) -> Figures:
    if call.cost is None:
        unpriced = call.tokens.total if prices else 0
        return Figures(call.requests, *call.tokens, call.web_searches, 0, 0, unpriced)
    return Figures(call.requests, *call.tokens, call.web_searches, call.cost, call.requests, 0)


def _hours(answers: "Answers", asked: Question) -> list[Figures]:
    """Return each of the last hours, those without usage too; one that comes twice or is cut short is one of its own."""
    zone = asked.period.zone
    names = _names(zone, asked.now)
    first = (asked.now - (_HOURS - 1) * HOUR_MS) // SLOT_MS * SLOT_MS
    span = Period(zone, first - HOUR_MS, asked.now + 1)
    found = {row.keys[0]: row.figures for row in answers.ask(_about(asked, "hour", span)).rows}
    return [found.get(name, Figures()) for name in names]


def _names(zone: Zone, now: int) -> list[str]:
    slot, names = (now - (_HOURS + 1) * HOUR_MS) // SLOT_MS, []
    while slot * SLOT_MS <= now:
        name, slot = zone.span("hour", slot)
        names.append(name)
    return names[-_HOURS:]
