"""Panels of where usage went: projects, branches, coding tools, and the main line beside its subagents."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Answer, Figures, Row, added, gathered
from tallystick.answers.answers import Answers
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.places import BRANCHES as BY_BRANCH
from tallystick.answers.reports.places import PROJECTS as BY_PROJECT
from tallystick.answers.reports.places import TOOLS as BY_TOOL
from tallystick.answers.reports.work import SESSIONS
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.bars import MOST, Bar, bars
from tallystick.faces.web.panels.names import Names, address, called
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Source, Table, View, money_cell, number_cell
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import nothing, percent
from tallystick.faces.web.worth import unit

_NONE: Final = "(none)"
_COUNTS: Final = (Column("Cost"), Column("Tokens", minor=True), Column("Requests", minor=True))
_MINUTE: Final = 60_000
_SUMS: Final = "A sum over the sessions of a project: sessions side by side add up, and one that moved counts where most of its tokens went"


class _Work(NamedTuple):
    """What the sessions of a project say."""

    active_ms: int = 0
    prompts: int = 0


def projects(answers: Answers, state: State) -> View:
    """Return the costliest projects, with their active minutes and prompts."""
    columns = (
        Column("Project", number=False),
        *_COUNTS,
        Column("Active min", about=f"Minutes in which a model or a tool was at work. {_SUMS}", minor=True),
        Column("Prompts", about=_SUMS),
    )
    found = answers.ask(state.question(BY_PROJECT))
    if not found.rows:
        return View(Table(columns, ()), empty=nothing(filtered=bool(state.where)))
    work = _worked(answers, state)
    names = called(row.keys[0] for row in found.rows)
    rows = [
        [_named(found, row, names[row.keys[0]], state), *_figures(found, row, state), *_work(work[row.keys[0]])]
        for row in found.rows
    ]
    whole = _Work(sum(each.active_ms for each in work.values()), sum(each.prompts for each in work.values()))
    foot = [Cell("Total"), *_totals(found.totals, state), *_work(whole)]
    points = bars(
        [Bar(names[row.keys[0]] or _NONE, row.figures, _link(found, row, state)) for row in found.rows], state
    )
    return View(
        Table(columns, rows, foot, _more(len(found.rows)), MOST),
        points,
        title=f"Projects: {unit(state).lower()}",
        coverage=covered(found),
    )


def _worked(answers: Answers, state: State) -> Mapping[str, _Work]:
    work: defaultdict[str, _Work] = defaultdict(_Work)
    for row in answers.ask(state.question(SESSIONS, limit=0, prices=False)).rows:
        told = row.details or {}
        before = work[told["project"]]
        work[told["project"]] = _Work(before.active_ms + told["active_ms"], before.prompts + told["prompts"])
    return work


def _work(work: _Work) -> list[Cell]:
    minutes = work.active_ms // _MINUTE
    tone = "" if work.active_ms else "faint"
    text = f"{minutes:,}" if minutes or not work.active_ms else "< 1"
    return [Cell(text, round(work.active_ms / _MINUTE, 3), tone=tone), number_cell(work.prompts)]


def branches(answers: Answers, state: State) -> View:
    """Return the costliest branches, each with its project."""
    columns = (Column("Branch", number=False), Column("Project", number=False), *_COUNTS)
    found = answers.ask(state.question(BY_BRANCH))
    if not found.rows:
        return View(Table(columns, ()), empty=nothing(filtered=bool(state.where)))
    names = called({row.keys[0] for row in found.rows})
    rows = [
        [
            _named(found, row, row.keys[1], state),
            Cell(names[row.keys[0]] or _NONE, row.keys[0], _project(found, row, state), row.keys[0]),
            *_figures(found, row, state),
        ]
        for row in found.rows
    ]
    foot = [Cell("Total"), Cell(""), *_totals(found.totals, state)]
    return View(Table(columns, rows, foot, _more(len(found.rows)), MOST), coverage=covered(found))


def _project(found: Answer, row: Row, state: State) -> str:
    return address(state, "/", {"project": row.keys[0]}, {each.keys[:1] for each in found.rows})


def tools(answers: Answers, state: State) -> View:
    """Return each coding tool."""
    columns = (Column("Tool", number=False), *_COUNTS, Column("Share of cost"))
    found = answers.ask(state.question(BY_TOOL))
    if not found.rows:
        return View(Table(columns, ()), empty=nothing(filtered=bool(state.where)))
    rows = [
        [
            _named(found, row, row.keys[0], state),
            *_figures(found, row, state),
            _share(row.figures, found.totals),
        ]
        for row in found.rows
    ]
    foot = [Cell("Total"), *_totals(found.totals, state), Cell("")]
    return View(Table(columns, rows, foot), coverage=covered(found))


def agents(answers: Answers, state: State) -> View:
    """Return the main line against the subagents, and these by their names."""
    columns = (Column("Who", number=False), *_COUNTS, Column("Share of cost"), Column("Sessions", minor=True))
    found = answers.ask(state.question(ANY, "agent,session", limit=0))
    if not found.rows:
        return View(Table(columns, ()), empty=nothing(filtered=bool(state.where)))
    main = [row for row in found.rows if not row.keys[0]]
    others = [row for row in found.rows if row.keys[0]]
    named = sorted(gathered(others, 1), key=lambda each: (-each[0].figures.priced_pico, each[0].keys))
    groups = [("Main line", "main line", main), ("Subagents", "subagents", others)]
    groups += [(f"of which {head.keys[0]}", head.keys[0], parts) for head, parts in named]
    every = {row.keys[:1] for row in found.rows}
    rows = [_agent(group, found.totals, every, state) for group in groups]
    sessions = len({row.keys[1] for row in found.rows})
    foot = [Cell("Total"), *_totals(found.totals, state), Cell(""), number_cell(sessions)]
    return View(
        Table(columns, rows, foot, _more(len(named)), MOST + 2),
        note="" if others else "No subagent was at work.",
        coverage=covered(found),
    )


def _agent(
    group: tuple[str, str, Sequence[Row]], totals: Figures, every: Collection[Names], state: State
) -> list[Cell]:
    name, raw, parts = group
    figures = added(row.figures for row in parts)
    inner = name.startswith("of which")
    # The main line has no name by which a filter could ask for it, and subagents together have none.
    links = [address(state, path, {"agent": raw}, every) if inner else "" for path in ("/", "/why")]
    sessions = number_cell(len({row.keys[1] for row in parts}))
    share = _share(figures, totals)
    return [
        # In a CSV, too, these are told from what they are a part of.
        Cell(name, name if inner else raw, links[0], raw, None, "faint" if inner else ""),
        money_cell(figures, links[1]),
        number_cell(figures.total),
        number_cell(figures.requests),
        share,
        sessions,
    ]


def _share(figures: Figures, totals: Figures) -> Cell:
    if figures.cost_usd is None or not totals.priced_pico:
        return Cell("–", "", "", "Nothing in here has a known price", None, "faint")
    share = figures.priced_pico / totals.priced_pico
    return Cell(percent(share), share, "", "", share)


def _link(found: Answer, row: Row, state: State, path: str = "/") -> str:
    """Return the address of what is in a row, and in no other."""
    keys = found.question.group_by
    return address(state, path, dict(zip(keys, row.keys, strict=True)), (each.keys for each in found.rows))


def _named(found: Answer, row: Row, name: str, state: State) -> Cell:
    return Cell(name or _NONE, row.keys[-1], _link(found, row, state), row.keys[-1], None, "" if name else "faint")


def _figures(found: Answer, row: Row, state: State) -> list[Cell]:
    most = max(each.figures.priced_pico for each in found.rows) or 1
    figures = row.figures
    cost = money_cell(figures, _link(found, row, state, "/why"), figures.priced_pico / most)
    return [cost, number_cell(figures.total), number_cell(figures.requests)]


def _totals(totals: Figures, state: State) -> list[Cell]:
    return [money_cell(totals, state.address("/why")), number_cell(totals.total), number_cell(totals.requests)]


def _more(number: int) -> str:
    return f"… and {number - MOST:,} more" if number > MOST else ""


PROJECTS: Final = Panel(
    "projects",
    "Projects",
    projects,
    lambda _: Source("reports/projects", "projects"),
    "The cost or the tokens of each project.",
)
BRANCHES: Final = Panel(
    "branches",
    "Branches",
    branches,
    lambda _: Source("reports/branches", "branches"),
    "What each branch of each project cost.",
    chart=False,
)
TOOLS: Final = Panel(
    "tools",
    "Coding tools",
    tools,
    lambda _: Source("reports/tools", "tools"),
    "What was used by way of each tool.",
    chart=False,
)
AGENTS: Final = Panel(
    "agents",
    "Main line and subagents",
    agents,
    lambda _: Source("query", "report", {"by": "agent"}),
    "What the main line used, and what its subagents did.",
    chart=False,
)
