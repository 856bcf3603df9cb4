"""Panels that a person looks at first: what today, the week and the month cost, and the period in eight figures."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from tallystick.answers.answer import Answer, Figures
from tallystick.answers.answers import Answers
from tallystick.answers.compare import Change
from tallystick.answers.events import Page
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY, MODELS
from tallystick.answers.reports.times import ACTIVITY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Card,
    Cell,
    Column,
    Panel,
    Source,
    Table,
    View,
    money_cell,
    number_cell,
)
from tallystick.faces.web.state import EVER, State
from tallystick.faces.web.wording import ago, change, counted, duration, money, percent, short
from tallystick.usage.period import iso, period

_NO_LOGS: Final = (
    "Nothing yet: no log of a coding tool was found. `tally doctor` says where was looked, "
    "`tally demo` shows what this looks like with work in it."
)


def spans(answers: Answers, state: State) -> View:
    """Return what today, seven days, the month and all time cost, and how that has changed."""
    rows, cards = [], []
    whole = answers.ask(state._replace(since=EVER, until="").question(ANY, "month"))
    if not whole.totals.requests:
        return View(Table((), ()), empty=_NO_LOGS if not state.where else "Nothing fits these filters, on any day.")
    for title, since in _spans(state):
        if since == EVER:
            figures, share, before = whole.totals, None, f"since {whole.days[0]}"
        else:
            figures, share, before = _compared(answers, state, since)
        chosen = state.since == since and not state.until
        link = state.address("/", since=since, until="")
        why = state.address("/why", since=since, until="") if figures.requests else ""
        cards.append(_card(title, figures, before, link, chosen=chosen)._replace(why=why))
        # How the change is told in a table: as a number, and as a person says it.
        told = Cell("–" if share is None or share.share is None else change(share.share), share and share.share)
        rows.append([Cell(title, None, link), money_cell(figures, why), *_counts(figures), told])
    columns = [Column("Span", number=False), *map(Column, ("Cost", "Tokens"))]
    columns += [Column("Requests", minor=True), Column("Change of cost")]
    latest = answers.events(state._replace(since=EVER, until="").question(ANY, "day", limit=1, prices=False))
    return View(Table(columns, rows), (), cards, _pulse(latest, whole, state), coverage=covered(whole))


def _spans(state: State) -> Sequence[tuple[str, str]]:
    month = f"{iso(state.zone.day(state.place.now))[:7]}-01"
    return (("Today", "today"), ("7 days", "7d"), ("This month", month), ("All time", EVER))


def _compared(answers: Answers, state: State, since: str) -> tuple[Figures, Change | None, str]:
    """Return the figures of a span, its change of cost, and that in words."""
    span = period(state.zone, state.place.now, since, "today")
    found = answers.compare(question(ANY, span, Wish("day", state.where), state.place.now))
    cost = found.changes()["cost_usd"]
    if cost.share is None:
        return found.now.totals, cost, "nothing to compare with" if not found.then.totals.requests else "–"
    days = _days(found.now.days)
    when = "the day before" if days == 1 else f"the {days} days before"
    # What is not over is held against as much of what was.
    cut = " to this time" if found.cut else ""
    return found.now.totals, cost, f"{change(cost.share)} on {when}{cut}"


def _days(days: tuple[str, str]) -> int:
    return (date.fromisoformat(days[1]) - date.fromisoformat(days[0])).days + 1 if all(days) else 0


def _card(title: str, figures: Figures, before: str, link: str, *, chosen: bool) -> Card:
    cost = figures.cost_usd
    mark = "+" if figures.unpriced_tokens and cost is not None else ""
    lines = [before, f"{short(figures.total)} tokens · {counted(figures.requests, 'request')}"]
    if figures.unpriced_tokens:
        lines.append(f"{short(figures.unpriced_tokens)} tokens without a price")
    return Card(title, f"{money(cost)}{mark}", lines, link, chosen, f"{figures.total:,} tokens")


def _counts(figures: Figures) -> list[Cell]:
    return [number_cell(figures.total), number_cell(figures.requests)]


def _pulse(latest: Page, whole: Answer, state: State) -> str:
    """Tell when there was something last, and since when there is anything."""
    if not latest.events:
        return ""
    event = latest.events[0]
    where = " on ".join(part for part in (event.context["tool"], event.context["machine"]) if part)
    where += f" for {event.context['user']}" if event.context["user"] else ""
    return f"Last request {ago(max(state.place.now - event.time, 0))}, {where} · counted since {whole.days[0]}"


def facts(answers: Answers, state: State) -> View:
    """Return the period in eight figures."""
    work = answers.ask(state.question(ACTIVITY))
    models = answers.ask(state.question(MODELS))
    calls = answers.calls(state.question(ANY, "day"))
    if not work.totals.requests or not work.details or not models.rows:
        return View(Table((), ()), empty="Nothing was used on these days.")
    told, totals = work.details, work.totals
    days = max(_days(work.days), 1)
    agents_ms = told["agent_model_ms"] + told["agent_tool_ms"]
    top = models.rows[0]
    failed = calls.totals.failed / calls.totals.calls if calls.totals.calls else None
    cards = [
        Card("Sessions", f"{told['sessions']:,}", [f"{told['prompts'] / max(told['sessions'], 1):.1f} prompts each"]),
        Card("Prompts", f"{told['prompts']:,}", [f"{told['prompts'] / days:.1f} a day"]),
        *_tokens(totals, state.address("/why")),
        Card("Active time", duration(told["active_ms"]), [f"{duration(told['active_ms'] / days)} a day"]),
        Card("Subagents", duration(agents_ms), [_part(told["agents_cost_usd"], totals.cost_usd)]),
        Card(
            "Tool calls",
            f"{calls.totals.calls:,}",
            [f"mostly {calls.names[0].name}, {percent(failed)} failed" if calls.names else "none were seen"],
        ),
        Card("Models", f"{len(models.rows):,}", [f"mostly {top.keys[0] or '(no name)'}"]),
    ]
    table = Table(
        [Column("What", number=False), Column("Figure"), Column("And", number=False)],
        [[Cell(card.title), Cell(card.figure, link=card.why), Cell(" · ".join(card.lines))] for card in cards],
    )
    return View(table, (), cards, coverage=covered(work))


def _tokens(totals: Figures, why: str) -> list[Card]:
    """Return the figures of tokens and requests, which can be explained."""
    prompt = totals.total - totals.output
    lines = [
        f"{short(prompt)} in, {short(totals.output)} out",
        f"{percent(totals.cache_read / prompt if prompt else None)} of prompts from caches",
    ]
    each = [f"{short(totals.total / max(totals.requests, 1))} tokens each"]
    return [
        Card("Tokens", short(totals.total), lines, title_more=f"{totals.total:,}", why=why),
        Card("Requests", f"{totals.requests:,}", each, why=why),
    ]


def _sources(state: State) -> Source:
    """Return where each of the spans is told."""
    spans = [since for _, since in _spans(state) if since != EVER]
    whole = Source("reports/monthly", "monthly", undated=True)
    first, *others = [Source("compare", "compare", {"since": since, "until": "today"}, undated=True) for since in spans]
    return first._replace(others=(*others, whole))


def _part(cost: int | None, whole: int | None) -> str:
    return "no price" if cost is None or whole is None else f"{money(cost)} of {money(whole)}"


SPANS: Final = Panel(
    "spans",
    "Spent",
    spans,
    _sources,
    "What today, seven days, the month and all time cost, each against the span before.",
    "full",
    chart=False,
    step_ms=MINUTE_MS,
)
FACTS: Final = Panel(
    "facts",
    "The period in figures",
    facts,
    lambda _: Source("reports/activity", "activity"),
    "Sessions, prompts, tokens, time at work, uses of tools and models.",
    "full",
    chart=False,
)
