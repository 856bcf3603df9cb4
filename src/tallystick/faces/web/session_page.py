"""One session's page: what it took, when its models and tools were at work, and every call in order."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from json import dumps
from shlex import quote as quoted
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answer import Figures, Row
from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.single import Single
from tallystick.answers.timeline import Span, Timeline
from tallystick.errors import Misused, NotFound
from tallystick.faces.web import charts
from tallystick.faces.web.html import FRESH, Site, Worked, add, asked, said, to_event, whole, worked
from tallystick.faces.web.page import Frame, mark, rendered
from tallystick.faces.web.panels.names import address, lone_address
from tallystick.faces.web.panels.panel import (
    Card,
    Cell,
    Column,
    Table,
    View,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.session_charts import MAIN, failed_cell, running, timeline
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clipped, counted, duration, fine, money, points, short
from tallystick.faces.web.worth import COUNTS, counts
from tallystick.usage.activity import TOOL
from tallystick.usage.period import iso

ROWS: Final = 200
"""Calls on one page."""
_HOLDS_MS: Final = 300_000
_WINDOWS_MOST: Final = 4
"""To work out what a session used takes a while for each."""
_PAGES_LONGEST: Final = 9
"""Digits."""


class Part(NamedTuple):
    """One part of the page."""

    name: str
    title: str
    view: Callable[[Timeline, State], View]
    about: str = ""
    size: str = "half"
    chart: bool = False
    open: bool = False


class Step(NamedTuple):
    """One thing that happened."""

    time: int
    agent: str
    what: str
    ms: int | None
    event: Single | None = None
    number: int = 0
    """The event's."""
    failed: bool = False
    prompt: bool = False


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    async def session(request: Request) -> Response:
        name, at = request.path_params["name"], _at(said(request, site))
        number = _number(request.query_params.get("page", ""))
        # What it used of windows that run is of now.
        now = site.now() // _HOLDS_MS * _HOLDS_MS
        key = ("session page", name, at.key, number, now)
        found = await worked(request, desk, key, lambda answers: _page(answers, name, at, number, now))
        title, html = found.made
        frame = Frame(_path(name), title, dated=False)
        return whole(Worked(html, found.ms, found.version), at, desk, site, frame)

    async def chart(request: Request) -> Response:
        name, at = request.path_params["name"], _at(said(request, site))
        part = CHARTS.get(request.query_params.get("chart", "timeline"))
        if part is None:
            raise Misused(f"There is no such chart of a session: choose among {', '.join(CHARTS)}.")
        theme = request.query_params.get("theme", "light")
        key = ("session chart", name, at.key, part.name, theme)
        text = await asked(request, desk, key, lambda answers: _chart(answers, name, at, part, theme))
        return Response(text, headers=FRESH, media_type="application/json")

    add(routes, "/sessions/{name:any}", site.version, session)
    add(routes, "/charts/session/{name:any}", site.version, chart)
    return routes


def _chart(answers: Answers, name: str, at: State, part: Part, theme: str) -> str:
    view = part.view(answers.session(name, at.zone), at)
    return dumps(charts.specification(part, view, theme), separators=(",", ":"))


def _at(state: State) -> State:
    # A session is shown whole, whatever period and filters were chosen before.
    return State(state.place._replace(now=0), timezone=state.timezone)


def _path(name: str) -> str:
    return f"/sessions/{quote(name, safe='', errors='replace')}"


def _number(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and len(text) <= _PAGES_LONGEST and int(text)):
        raise Misused(f"page {text[:40]!r} is none: give 1 or more.")
    return int(text)


def _page(answers: Answers, name: str, at: State, number: int, now: int) -> tuple[str, str]:
    """Return title and content of a session's page; what it used of windows is told as of a moment (milliseconds since 1970, UTC)."""
    found = answers.session(name, at.zone)
    steps = steps_of(found)
    pages = max(-(-len(steps) // ROWS), 1)
    if number > pages:
        raise NotFound(f"There is no page {number}: the last one is {pages}.")
    shown = View(calls(steps[(number - 1) * ROWS : number * ROWS], found, at))
    title = found.title or f"Session {name or '(no name)'}"
    html = rendered(
        "session.html",
        title=title,
        name=name if found.title else "",
        cards=cards(found, at),
        facts=[*facts(found, at), *windows(answers, found, now)],
        sections=[
            *(
                {
                    "name": name_,
                    "title": title_,
                    "parts": [_part(part, part.view(found, at), at, name) for part in parts],
                }
                for name_, title_, parts in SECTIONS
            ),
            {"name": "each", "title": "What happened, one after another?", "parts": [_part(CALLS, shown, at, name)]},
        ],
        pages=_pages(at, name, number, pages),
        cli=f"tally session {quoted(name)}" + (f" --timezone {quoted(at.timezone)}" if at.timezone else ""),
        api=f"/api/v1{_path(name)}" + (f"?{urlencode({'timezone': at.timezone})}" if at.timezone else ""),
    )
    return clipped(title), html


def _part(part: Part, view: View, at: State, name: str) -> Mapping[str, object]:
    """Return a part as the template takes it."""
    return {
        "panel": part,
        "view": view,
        "chart": at.address(f"/charts{_path(name).replace('sessions', 'session', 1)}", chart=part.name),
        "mark": mark(view),
        "height": charts.height(part, view) if part.chart else 0,
    }


def _pages(at: State, name: str, number: int, pages: int) -> Mapping[str, str | int]:
    def address(page: int) -> str:
        return at.address(_path(name), page=str(page)) if 1 <= page <= pages else ""

    return {"number": number, "pages": pages, "before": address(number - 1), "after": address(number + 1)}


def cards(found: Timeline, at: State) -> Sequence[Card]:
    """Return the figures that stand out."""
    totals, active = found.totals, found.active
    cost = money(totals.cost_usd) + ("+" if totals.priced and totals.unpriced_tokens else "")
    runs = [span for span in found.spans if span.kind == TOOL]
    failed = sum(span.failed for span in runs)
    agents = active.agent_model + active.agent_tool
    times = [f"model {duration(active.model)} · tools {duration(active.tool)}"]
    unpriced = [f"{counted(totals.unpriced_tokens, 'token')} without a price"] if totals.unpriced_tokens else []
    return [
        Card("Cost", cost, unpriced, _why(found, at)),
        Card("Tokens", short(totals.total), [counted(totals.requests, "request")], title_more=f"{totals.total:,}"),
        Card("At work", duration(active.active), [*times, *([f"subagents {duration(agents)}"] if agents else [])]),
        Card(
            "Prompts",
            f"{len(found.prompts):,}",
            [counted(len(runs), "tool call"), *([f"{failed:,} failed"] if failed else [])],
        ),
    ]


def _why(found: Timeline, at: State) -> str:
    if not found.session:
        return ""
    first, last = (iso(found.zone.day(time)) for time in (found.events[0].time, found.events[-1].time))
    return lone_address(at._replace(since=first, until=last), "/why", {"session": found.session})


def facts(found: Timeline, at: State) -> list[tuple[str, list[Cell]]]:
    """Return what is told of a session besides figures: a name, and what there is of it."""
    first, last = found.reach
    local = found.zone.local(last)
    same = found.zone.day(first) == found.zone.day(last)
    moments = [
        f"{found.zone.local(first):%Y-%m-%d %H:%M:%S}",
        f"{local:%H:%M:%S}" if same else f"{local:%Y-%m-%d %H:%M:%S}",
    ]
    there = at._replace(since=iso(found.zone.day(first)), until=iso(found.zone.day(last)))

    def names(column: str, *, plain: bool = False) -> list[Cell]:
        every = dict.fromkeys(getattr(context, column) for context in found.contexts)
        return [Cell(each, link="" if plain else _filtered(there, column, each, every)) for each in every if each]

    models = [row.keys[0] for row in found.models]
    told = [
        ("When", [Cell(f"{moments[0]} to {moments[1]}, {found.zone.name}")]),
        ("Project", names("project")),
        ("Branch", names("branch")),
        ("Tool", names("tool")),
        ("Version", names("version", plain=True)),
        ("Machine", names("machine")),
        ("User", names("user", plain=True)),
        ("Models", [Cell(name, link=_filtered(there, "model", name, models)) for name in models]),
    ]
    return [(name, cells) for name, cells in told if cells]


def windows(answers: Answers, found: Timeline, now: int) -> list[tuple[str, list[Cell]]]:
    """Return how much it used of each window that runs now, where that can be told: an estimate."""
    _, last = found.reach
    asked_of = {event.variant.provider for event in found.events}
    known = [
        each
        for each in answers.limits(now).windows
        if each.provider in asked_of and not each.over(now) and each.resets_at - each.minutes * 60_000 <= last
    ][:_WINDOWS_MOST]
    spent = answers.spent([found.session], known, now)[found.session] if found.session and known else ()
    cells = [
        Cell(
            f"about {points(each.points.points)} of {clipped(each.name)}",
            title=f"Used of a window that runs: an estimate, {each.points.low:.0f} to {each.points.high:.0f}; by all {each.used_percent:.0f} %",
        )
        for each in spent
        if each.points.points
    ]
    return [("Used", cells)] if cells else []


def _filtered(at: State, name: str, value: str, every: Iterable[str]) -> str:
    # Other sessions of these days may have names that a pattern fits as well.
    return "" if "*" in value else address(at, "/", {name: value}, ((each,) for each in every))


def _rows(title: str, rows: Sequence[Row], totals: Figures, *, agents: bool = False) -> Table:
    minor = ("Input", "Cache write", "Cache read", "Output", "Requests")
    columns = [Column(title, number=False), Column("Cost"), *(Column(name, minor=name in minor) for name in COUNTS)]
    most = max((row.figures.priced_pico for row in rows), default=0) or 1
    return Table(
        columns,
        [
            [
                name_cell(row.keys[0] or (MAIN if agents else "")),
                money_cell(row.figures, "", row.figures.priced_pico / most),
                *counts(row.figures),
            ]
            for row in rows
        ],
        [Cell("Total"), money_cell(totals), *counts(totals)] if len(rows) > 1 else (),
    )


def models(found: Timeline, _: State) -> View:
    """Return what each model took."""
    return View(_rows("Model", found.models, found.totals))


def agents(found: Timeline, _: State) -> View:
    """Return what the main line and each subagent took."""
    return View(_rows("On", found.agents, found.totals, agents=True))


def tools(found: Timeline, _: State) -> View:
    """Return the uses of tools by name, the one used most first."""
    uses: defaultdict[str, list[Span]] = defaultdict(list)
    for span in found.spans:
        if span.kind == TOOL:
            uses[span.name].append(span)
    rows = []
    for name, spans in sorted(uses.items(), key=lambda each: (-len(each[1]), each[0])):
        # An end that was not seen is no length.
        lengths = [span.end - span.begin for span in spans if span.end > span.begin]
        times = [Cell(duration(each), each) for each in ((sum(lengths), max(lengths)) if lengths else (None, None))]
        rows.append([name_cell(name), number_cell(len(spans)), failed_cell(sum(span.failed for span in spans)), *times])
    names = ("Calls", "Failed", "Together", "Longest")
    columns = [Column("Tool", number=False), *(Column(name, minor=name == "Longest") for name in names)]
    return View(Table(columns, rows), empty="" if rows else "No tool was used.")


def steps_of(found: Timeline) -> list[Step]:
    """Return prompts, events and runs of tools in the order in which they began."""
    steps = [Step(time, "", "prompt", None, prompt=True) for time in found.prompts]
    for event in found.events:
        ms = event.work_ms if event.work_ms > 0 else None
        begin = event.time - (ms or 0)
        steps.append(Step(begin, event.context["agent"], event.variant.model, ms, event, event.number))
    for span in found.spans:
        if span.kind == TOOL:
            length = span.end - span.begin if span.end > span.begin else None
            steps.append(Step(span.begin, span.agent, span.name, length, None, span.event, span.failed))
    return sorted(steps, key=lambda step: (step.time, not step.prompt, step.event is None, step.number))


def calls(steps: Sequence[Step], found: Timeline, at: State) -> Table:
    """Return some of what happened, a row for each."""
    names = ("Length", "Tokens", "Cost")
    columns = [Column("Began", number=False), Column("On", number=False, minor=True), Column("What", number=False)]
    columns += [*(Column(name, minor=name == "Length") for name in names), Column("Event", minor=True)]
    return Table(columns, [_row(step, found, at) for step in steps])


def _row(step: Step, found: Timeline, at: State) -> list[Cell]:
    local = found.zone.local(step.time)
    one_day = len({found.zone.day(moment) for moment in found.reach}) == 1
    whole_time = f"{local:%Y-%m-%d %H:%M:%S}"
    time = Cell(f"{local:%H:%M:%S}" if one_day else f"{local:%m-%d %H:%M:%S}", whole_time, title=whole_time)
    if step.prompt:
        return [time, Cell(""), Cell("prompt", tone="good"), *[Cell("")] * 4]
    link = to_event(at, step.number)
    event = step.event
    what = name_cell(f"{clipped(step.what)} failed" if step.failed else clipped(step.what), link)
    return [
        time,
        name_cell(clipped(step.agent) or MAIN)._replace(tone="" if step.agent else "faint"),
        what._replace(tone="bad" if step.failed else "" if event else "faint"),
        Cell(duration(step.ms), step.ms, tone="" if step.ms else "faint"),
        number_cell(event.tokens.total) if event else Cell(""),
        Cell(fine(event.cost), link=link, tone="" if event.cost is not None else "faint") if event else Cell(""),
        Cell(str(step.number), link=link),
    ]


TIMELINE: Final = Part(
    "timeline",
    "Timeline",
    timeline,
    "When models and tools were at work, a lane for the main line and for each subagent.",
    "full",
    chart=True,
)
RUNNING: Final = Part("running", "Cost so far", running, "What it had cost by each moment.", "full", chart=True)
SECTIONS: Final = (
    ("when", "When was what at work?", (TIMELINE, RUNNING)),
    (
        "where",
        "What took it?",
        (
            Part("models", "Models", models, size="full"),
            Part("agents", "Main line and subagents", agents, size="full"),
            Part("tools", "Tool calls", tools, size="full"),
        ),
    ),
)
CHARTS: Final = {part.name: part for part in (TIMELINE, RUNNING)}
CALLS: Final = Part("calls", "Call by call", models, size="full", open=True)
