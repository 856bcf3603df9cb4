"""The panel of machines: what was used on each and when it was last seen, and the cost by day and machine."""

from typing import Any, Final

from tallystick.answers.answer import Answer, Figures, Moment, gathered
from tallystick.answers.answers import Answers
from tallystick.answers.question import fits
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.places import MACHINES as BY_MACHINE
from tallystick.answers.reports.times import ACTIVITY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.names import address
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
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
from tallystick.faces.web.panels.stacked import stacked
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import moment, moment_whole, nothing, short
from tallystick.faces.web.worth import unit, value

_ASKED_MOST: Final = 20
"""As many machines as are asked for one by one."""
_ACTIVE_MS: Final = 15 * MINUTE_MS
"""Where there was a request so lately, somebody is at work."""
_DETAILS: Final = ("prompts", "tool_calls", "sessions")
_COLUMNS: Final = (
    Column("Machine", number=False),
    Column("Cost"),
    Column("Tokens", minor=True),
    Column("Requests", minor=True),
    Column("Prompts"),
    Column("Tool calls", minor=True),
    Column("Sessions", minor=True),
    Column("Last seen", about="When there was a request last"),
)


def machines(answers: Answers, state: State) -> View:
    """Return each machine, and its cost or tokens by day."""
    found = answers.ask(state.question(BY_MACHINE))
    if not found.rows:
        return View(Table(_COLUMNS, ()), empty=nothing(filtered=bool(state.where)))
    days = answers.ask(state.question(ANY, "day,machine"))
    every = [row.keys for row in found.rows]
    most = max(row.figures.priced_pico for row in found.rows) or 1
    rows = []
    for row in found.rows:
        asked = {"machine": row.keys[0]}
        cost = money_cell(row.figures, address(state, "/why", asked, every), row.figures.priced_pico / most)
        told = _told(answers, state, row.keys[0], [name for (name,) in every])
        counts = _tokens(row.figures), number_cell(row.figures.requests)
        rows.append([name_cell(row.keys[0], address(state, "/", asked, every)), cost, *counts, *told])
    foot = [
        Cell("Total"),
        money_cell(found.totals, state.address("/why")),
        _tokens(found.totals),
        number_cell(found.totals.requests),
        *[Cell("")] * 4,
    ]
    return View(
        Table(_COLUMNS, rows, foot),
        _points(days, state) if len(rows) > 1 else (),
        note=_note(len(rows)),
        params={"money": state.unit == "cost", **axis.params(days, state, axis.HALF)},
        title=f"Machines: {unit(state).lower()} by day" if len(rows) > 1 else "Machines",
        coverage=covered(found),
    )


def _tokens(figures: Figures) -> Cell:
    return Cell(short(figures.total), figures.total, "", f"{figures.total:,} tokens")


def _note(number: int) -> str:
    if number > _ASKED_MOST:
        return f"Prompts, tool calls, sessions and days are told where there are {_ASKED_MOST} machines at most."
    if number == 1:
        return ""
    return "Prompts, tool calls and sessions are those of the report `activity` with the machine as its filter."


def _told(answers: Answers, state: State, machine: str, every: list[str]) -> list[Cell]:
    """Return what only the activity of one machine tells."""
    # A filter knows no upper case, and `*` is anything: what would fit two machines tells of neither.
    if len(every) > _ASKED_MOST or sum(fits("machine", (machine,), name) for name in every) != 1:
        return [Cell("–", "", tone="faint")] * (len(_DETAILS) + 1)
    at = state._replace(where={**state.where, "machine": (machine,)})
    found = answers.ask(at.question(ACTIVITY, prices=False))
    told: Any = found.details or {}
    return [*(number_cell(told[name]) for name in _DETAILS), _seen(answers, at)]


def _seen(answers: Answers, at: State) -> Cell:
    """Return when there was anything last on a machine."""
    latest = answers.events(at.question(ANY, "day", limit=1, prices=False)).events
    if not latest:
        return Cell("–", "", tone="faint")
    time, now = latest[0].time, at.place.now
    if now - time < _ACTIVE_MS:
        return Cell("active now", Moment(time).iso(), title=moment_whole(time, at.zone), tone="good")
    return Cell(moment(time, at.zone, now), Moment(time).iso(), title=moment_whole(time, at.zone))


def _points(found: Answer, state: State) -> list[Point]:
    whole = {head.keys[0]: head.figures for head, _ in gathered(found.rows, 1)}
    return stacked([(row.keys[0], row.keys[1], value(row.figures, state)) for row in found.rows], whole, state)


MACHINES: Final = Panel(
    "machines",
    "Machines",
    machines,
    lambda _: Source("reports/machines", "machines"),
    "The cost or the tokens of each day, by machine.",
    open=True,
    step_ms=MINUTE_MS,
)
