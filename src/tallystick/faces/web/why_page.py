"""Why a figure is what it is: formulas with their prices, and the costliest events with their witnesses and places."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.pricing import name_of
from tallystick.answers.reports.places import ANY
from tallystick.answers.why import GRADES, Formula, Seen, View, Why
from tallystick.errors import NotFound
from tallystick.faces.web.event_page import Product
from tallystick.faces.web.event_page import formula as products_of
from tallystick.faces.web.html import Site, add, days, said, to_event, whole, worked
from tallystick.faces.web.page import Frame, rendered
from tallystick.faces.web.panels.names import Names, address, session_cell
from tallystick.faces.web.panels.panel import Card, Cell, Column, Source, Table, name_cell, number_cell
from tallystick.faces.web.session_charts import MAIN
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clock, counted, exact, fine, hours_said, money, short
from tallystick.usage.period import END, timed

PATH: Final = "/why"
FORMULAS_MOST: Final = 100
_NOTHING: Final = "Nothing was used there: no event fits the time and filters. The dashboard shows what there is."


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    async def why(request: Request) -> Response:
        at = said(request, site, closer=True).rounded()
        html = await worked(request, desk, ("why page", at.place.now, at.key), lambda answers: shown(answers, at))
        return whole(html, at, desk, site, Frame(PATH, "why"))

    add(routes, PATH, site.version, why)
    return routes


def shown(answers: Answers, at: State) -> str:
    """Return what explains the figure of a state's period and filters; raise NotFound when nothing was used."""
    found = answers.why(at.question(ANY, "day"))
    figures = found.figures
    if not figures.requests:
        raise NotFound(_NOTHING)
    source = Source("why", "why")
    tokens = Card(
        "Tokens", short(figures.total), [counted(figures.requests, "request")], title_more=f"{figures.total:,}"
    )
    left = len(found.formulas) - FORMULAS_MOST
    every = {(formula.variant.model,) for formula in found.formulas}
    return rendered(
        "why.html",
        period=_when(at),
        cards=[_cost(found), tokens, Card("Unpriced tokens", short(figures.unpriced_tokens))],
        formulas=[_formula(formula, at, every) for formula in found.formulas[:FORMULAS_MOST]],
        more=f"{counted(left, 'formula')} for lesser sums are left off: the API tells them all." if left > 0 else "",
        events=_events(found.events, at),
        left_off=found.left_off,
        all=at.address("/events"),
        cli=source.cli(at),
        api=source.api(at),
    )


def _when(at: State) -> str:
    """Return the period in words, with the hours that are chosen."""
    first, last = at.period.told
    told = days(first, last, at)
    if timed(first) or timed(last):
        begins = f"From {clock(first)}" if first else "Everything"
        ends = f" until {clock(last)}" if timed(last) else f" to the end of {last}" if last else " on"
        told = f"{begins}{ends}, in {at.zone.name}"
    only = ", ".join(text for _, text in hours_said(at.hours))
    return f"{told}; only {only}" if only else told


def _cost(found: Why) -> Card:
    figures = found.figures
    if figures.cost_usd is None:
        return Card("Cost", "no price")
    priced = sum(formula.figures.priced > 0 for formula in found.formulas)
    sums = f"the sum of {counted(priced, 'formula')}" if priced > 1 else "by one formula"
    cost = figures.priced_pico
    return Card("Cost", f"{money(cost)}{'+' if figures.unpriced_tokens else ''}", [exact(cost), sums])


def _formula(formula: Formula, at: State, every: Collection[Names]) -> Mapping[str, object]:
    variant, figures = formula.variant, formula.figures
    cost = figures.cost_usd
    terms = [Product(term.name, term.units, term.pico, term.source, term.since, term.times) for term in formula.terms]
    table, origin = products_of(terms) if terms and cost is not None else (None, "")
    said = [f"Priced as {formula.listing}.", origin] if formula.listing else [origin]
    if formula.above:
        said.append(f"These prices hold for prompts above {formula.above:,} tokens.")
    if formula.until < END:
        said.append(f"They hold until {at.zone.local(formula.until):%Y-%m-%d %H:%M}, {at.zone.name}.")
    return {
        "name": variant.model or "(no name)",
        "about": f"{variant.provider}, {name_of(variant, 'tier')}",
        "link": address(at, PATH, {"model": variant.model}, every),
        "cost": "no price" if cost is None else exact(cost),
        "counts": f"{counted(figures.requests, 'request')}, {counted(figures.total, 'token')}",
        "table": table,
        "priced": cost is not None,
        "notes": [*filter(None, said), *(f"{note[:1].upper()}{note[1:]}." for note in formula.notes)],
    }


def _events(events: Sequence[Seen], at: State) -> Table:
    columns = [
        Column("Event", number=False, minor=True),
        Column("Time", number=False),
        Column("Model", number=False),
        Column("Project", number=False, minor=True),
        Column("Session", number=False, minor=True),
        Column("On", number=False, minor=True),
        Column("Tokens"),
        Column("Cost"),
        Column("Seen by", number=False, minor=True),
        Column("Where", number=False, minor=True),
    ]
    return Table(columns, [_event(event, at) for event in events])


def _event(event: Seen, at: State) -> list[Cell]:
    link = to_event(at, event.number)
    return [
        Cell(str(event.number), link=link),
        Cell(f"{at.zone.local(event.time):%Y-%m-%d %H:%M:%S}", tone="" if event.dated == "exact" else "faint"),
        name_cell(event.variant.model),
        name_cell(event.project)._replace(title=event.project),
        session_cell(at, event.session),
        name_cell(event.agent or MAIN)._replace(tone="" if event.agent else "faint"),
        number_cell(event.tokens.total),
        Cell(fine(event.cost), link=link, tone="" if event.cost is not None else "faint"),
        Cell("; ".join(_witness(view) for view in (event.counted, *event.others))),
        Cell(f"{event.counted.path}:{event.counted.place}", tone="path"),
    ]


def _witness(view: View) -> str:
    state = GRADES.get(view.grade, "bare")
    return f"{view.witness}, {state}{', a copy' if view.copied else ''}"
