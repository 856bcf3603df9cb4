"""Panels of work: how long models and tools were at it, by day and in all, which tools models use, and the latest sessions."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from tallystick.answers.answer import Answer, Row
from tallystick.answers.answers import Answers
from tallystick.answers.calls import Name, Uses
from tallystick.answers.question import OF_VARIANT
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import ACTIVITY as REPORT
from tallystick.answers.reports.work import SESSIONS as LATEST
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.names import address, called, distinct, session_address
from tallystick.faces.web.panels.panel import (
    Cell,
    Column,
    Panel,
    Point,
    Source,
    Table,
    View,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, duration, moment, moment_whole, nothing, percent
from tallystick.usage.period import HOUR_MS

NO_CALLS: Final = "No model used a tool in this period: choose a longer one, or leave out a filter."
WHOLE: Final = "Time and prompts are of no model: a filter by model leaves them whole."
SIDE_BY_SIDE: Final = (
    "Parts overlap: subagents work side by side and while the tool that started them runs. "
    "Sessions side by side add up, and a tool that waits for a permission counts as running."
)
NO_NAME: Final = "(no name)"
CALLS_MOST: Final = 20
SESSIONS_MOST: Final = 20
_DAYS_MOST: Final = 4_000
"""Days back from the last one for which a chart is told that nothing was."""
_DOT, _DOTS_MOST = 12, 150
"""How large a dot on the line of prompts is, and how many points it may have so that each has one."""
_SPANS: Final[Mapping[str, str]] = {
    "model_ms": "Model",
    "tool_ms": "Tools",
    "agent_model_ms": "Subagents: model",
    "agent_tool_ms": "Subagents: tools",
}
_COUNTS: Final[Mapping[str, str]] = {"sessions": "Sessions", "prompts": "Prompts", "tool_calls": "Tool uses"}


def activity(answers: Answers, state: State) -> View:
    """Return what was done on each day, and for how long."""
    found = answers.ask(state.question(REPORT))
    columns = [
        Column("Day", number=False),
        *(Column(title, minor=name != "prompts") for name, title in _COUNTS.items()),
        Column("Active", about="A model or a tool of a session was at work, each moment counted once", unit="ms"),
        *(Column(title, minor=True, unit="ms") for title in _SPANS.values()),
        Column("Cost"),
    ]
    rows = [
        [
            Cell(row.keys[0], link=state.address("/", since=row.keys[0], until=row.keys[0])),
            *_done(_told(row.details)),
            money_cell(row.figures, state.address("/why", since=row.keys[0], until=row.keys[0])),
        ]
        for row in sorted(found.rows, key=lambda row: row.keys, reverse=True)
    ]
    foot = [Cell("Total"), *_done(_told(found.details)), money_cell(found.totals, state.address("/why"))]
    points = _days({row.keys[0]: _told(row.details) for row in found.rows}, state)
    return View(
        Table(columns, rows, foot),
        points,
        note=_note(state, "Each moment of a session counts once; sessions side by side add up."),
        empty="" if found.rows else nothing(filtered=bool(state.where)),
        params={"dots": _DOT if len(points) <= _DOTS_MOST else 0, **axis.params(found, state)},
        coverage=covered(found),
    )


def _done(told: Mapping[str, Any]) -> list[Cell]:
    return [
        *(number_cell(told.get(name, 0)) for name in _COUNTS),
        *(length_cell(told.get(name, 0)) for name in ("active_ms", *_SPANS)),
    ]


def _days(told: Mapping[str, Mapping[str, Any]], state: State) -> list[Point]:
    """Return two points for each day, and what was asked on it: also for days between without anything."""
    if not told:
        return []
    points: list[Point] = []
    last = date.fromisoformat(max(told))
    first = max(date.fromisoformat(min(told)), last - timedelta(days=_DAYS_MOST))
    for number in range((last - first).days + 1):
        day = (first + timedelta(days=number)).isoformat()
        done = told.get(day, {})
        active, model = done.get("active_ms", 0), done.get("model_ms", 0)
        prompts = done.get("prompts", 0)
        shared = {
            "day": day,
            "active": duration(active) if active else "nothing",
            "asked": counted(prompts, "prompt"),
            "href": state.address("/", since=day, until=day),
        }
        # The model's time lies within the active time, so that these two add up to it; no other two parts do.
        main = {"part": "model", "rank": 0, "hours": model / HOUR_MS, "shown": duration(model), "prompts": prompts}
        rest = {"part": "only tools or subagents", "rank": 1, "hours": (active - model) / HOUR_MS}
        points.append({**shared, **main})
        if active > model:
            points.append({**shared, **rest, "shown": duration(active - model), "prompts": None})
    return points


def time(answers: Answers, state: State) -> View:
    """Return where the active time of the whole period went."""
    found = answers.ask(state.question(REPORT))
    told = _told(found.details)
    active = told.get("active_ms", 0)
    parts = [(title, told.get(name, 0)) for name, title in _SPANS.items()]
    rows = [
        [Cell(title), length_cell(length), Cell(percent(length / active), length / active)]
        for title, length in parts
        if active
    ]
    points: list[Point] = [
        {
            "part": title,
            "hours": length / HOUR_MS,
            "shown": duration(length),
            "share": percent(length / active),
        }
        for title, length in parts
        if active
    ]
    columns = [Column("At work", number=False), Column("Time", unit="ms"), Column("Share", about="Of the active time")]
    return View(
        Table(columns, rows, [Cell("Active"), length_cell(active), Cell(percent(1.0), 1.0)]),
        points,
        note=_note(state, SIDE_BY_SIDE),
        empty="" if active else nothing(filtered=bool(state.where)),
        params={"most": max((length for _, length in parts), default=0) / HOUR_MS},
        title=f"Active time: {duration(active)}" if active else "",
        coverage=covered(found),
    )


def calls(answers: Answers, state: State) -> View:
    """Return which tools models used most, and how often they failed."""
    found = answers.calls(state.question(ANY, "day"))
    names, left_off = found.names[:CALLS_MOST], found.names[CALLS_MOST:]
    columns = [
        Column("Tool of the model", number=False),
        Column("Uses"),
        Column("Share", minor=True),
        Column("Failed"),
        Column("Of uses", about="The part of its uses that failed", minor=True),
        Column("Median", about="The middle length of those whose end was seen", unit="ms"),
        Column("Longest", unit="ms", minor=True),
    ]
    most = found.names[0].uses.calls if found.names else 1
    foot = [Cell("Total"), *_uses(found.totals, 1.0, None)]
    more = f"{counted(sum(each.uses.calls for each in left_off), 'use')} of {counted(len(left_off), 'more tool')}."
    rows = [[name_cell(each.name), *_uses(each.uses, each.share, each.uses.calls / most)] for each in names]
    model = [name for name in OF_VARIANT if state.where.get(name)]
    # A use was told by whoever told of the request that asked for it, whatever the model.
    around = answers.ask(
        state._replace(where={key: state.where[key] for key in state.where if key not in model}).question(REPORT)
    )
    return View(
        Table(columns, rows, foot, more if left_off else ""),
        [
            point
            for each, name in zip(names, distinct(each.name for each in names), strict=True)
            for point in _bars(each, name)
        ],
        note="A use is of no model: a filter by model leaves all in." if model else "",
        empty="" if found.names else NO_CALLS,
        title=f"Tools that models used: {counted(found.totals.calls, 'use')}" if found.names else "",
        coverage=_seen(found.totals, covered(around, prices=False)),
    )


def _seen(uses: Uses, around: str) -> str:
    """Return how far the figures of uses can be relied on, in one line."""
    if not uses.calls:
        return ""
    ends = "all ends seen" if uses.ended == uses.calls else f"{uses.ended:,} of {counted(uses.calls, 'end')} seen"
    return " · ".join(filter(None, (ends, around)))


def _uses(uses: Uses, share: float, bar: float | None) -> list[Cell]:
    failed = uses.failed / uses.calls if uses.calls else 0.0
    return [
        number_cell(uses.calls, share=bar),
        Cell(percent(share), share),
        number_cell(uses.failed),
        Cell(percent(failed), failed, tone="" if uses.failed else "faint"),
        length_cell(uses.median_ms),
        length_cell(uses.longest_ms),
    ]


def _bars(each: Name, name: str) -> list[Point]:
    uses = each.uses
    shared = {
        "name": name,
        "calls": counted(uses.calls, "use"),
        "failed": f"{uses.failed:,} ({percent(uses.failed / uses.calls)})",
        "median": duration(uses.median_ms),
        "longest": duration(uses.longest_ms),
    }
    parts = [("not failed", 0, uses.calls - uses.failed), ("failed", 1, uses.failed)]
    return [{**shared, "part": part, "rank": rank, "value": value} for part, rank, value in parts if value]


def sessions(answers: Answers, state: State) -> View:
    """Return the latest sessions."""
    found = answers.ask(state.question(LATEST, limit=SESSIONS_MOST))
    columns = [
        Column("Last", number=False),
        Column("Session", number=False),
        Column("Project", number=False, minor=True),
        Column("Tool", number=False, minor=True),
        Column("Prompts", minor=True),
        Column("Tool uses", minor=True),
        Column("Active", minor=True, unit="ms"),
        Column("Tokens", minor=True),
        Column("Cost"),
    ]
    more = f"{counted(found.left_off, 'earlier session')} in this period." if found.left_off else ""
    rows = [_session(row, found, state) for row in found.rows]
    return View(
        Table(columns, rows, more=more),
        note=_note(state, ""),
        empty="" if rows else nothing(filtered=bool(state.where)),
        coverage=covered(found),
    )


def _session(row: Row, found: Answer, state: State) -> list[Cell]:
    name, told = row.keys[0], _told(row.details)
    title, project, tool, last = told["title"], told["project"], told["tool"], told["last"]
    names = called(_of(found, "project"))
    zone = found.question.period.zone
    return [
        Cell("–", "")
        if last is None
        else Cell(moment(last, zone, state.place.now), last.iso(), title=moment_whole(last, zone)),
        Cell(title or name or NO_NAME, name, session_address(name, state), f"{title} · {name}" if title else name),
        _only(found, "project", project, state)._replace(text=names[project] or NO_NAME),
        _only(found, "tool", tool, state),
        number_cell(told["prompts"]),
        number_cell(told["tool_calls"]),
        length_cell(told["active_ms"]),
        number_cell(row.figures.total),
        money_cell(row.figures, address(state, "/why", {"session": name}, (each.keys for each in found.rows))),
    ]


def _of(found: Answer, key: str) -> set[str]:
    return {_told(row.details)[key] for row in found.rows}


def _only(found: Answer, key: str, value: str, state: State) -> Cell:
    """Return a name that leads to what is of it only."""
    link = address(state, "/", {key: value}, ((each,) for each in _of(found, key)))
    return Cell(value or NO_NAME, value, link, value, tone="" if value else "faint")


def length_cell(ms: int | None) -> Cell:
    """Return a length of time; none at all is faint, and one that is not known is a dash."""
    if ms is None:
        return Cell("–", "", title="Not known", tone="faint")
    return Cell(duration(ms), ms) if ms else Cell("0 s", 0, tone="faint")


def _told(details: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return details or {}


def _note(state: State, how: str) -> str:
    whole = WHOLE if any(state.where.get(name) for name in OF_VARIANT) else ""
    return " ".join(sentence for sentence in (how, whole) if sentence)


def _source(_: State) -> Source:
    return Source("reports/activity", "activity")


ACTIVITY: Final = Panel(
    "activity",
    "Active time and prompts by day",
    activity,
    _source,
    "Each day's active time in hours, and its prompts below.",
    "full",
)
TIME: Final = Panel(
    "time", "Active time", time, _source, "A bar for models, for tools, and for what subagents did.", open=True
)
CALLS: Final = Panel(
    "calls",
    "Tools that models used",
    calls,
    lambda _: Source("calls", "calls"),
    "A bar for each tool that models used, with the uses that failed.",
)
SESSIONS: Final = Panel(
    "sessions",
    "The latest sessions",
    sessions,
    lambda _: Source("reports/sessions", "sessions", {"limit": str(SESSIONS_MOST)}),
    "What was done last, a row for each session.",
    "full",
    chart=False,
)
