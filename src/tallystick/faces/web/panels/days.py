"""Panels by day: cost or tokens, divided by model, tool or another key, and what each class of tokens and each cache did."""

from collections.abc import Mapping
from typing import Final

from tallystick.answers.answer import Answer, Figures, Row, gathered
from tallystick.answers.answers import Answers
from tallystick.answers.classes import CLASSES
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import CLASSES as BY_CLASS
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.panel import (
    Cell,
    Choice,
    Column,
    Panel,
    Source,
    Table,
    View,
    money_cell,
    name_cell,
)
from tallystick.faces.web.panels.stacked import Part, stacked
from tallystick.faces.web.state import SPLITS, UNITS, State
from tallystick.faces.web.worth import COUNTS, counts, of_class, unit, value

CLASS_NAMES: Final[Mapping[str, str]] = {
    "input": "input",
    "cache_write": "cache write",
    "cache_read": "cache read",
    "output": "output",
    "web_search": "web search",
}
NOTHING: Final = "Nothing was used on these days."
_MAIN: Final = "main line"


def show(answers: Answers, state: State) -> View:
    """Return cost or tokens by day, stacked."""
    by_class = state.split == "class"
    found = answers.ask(state.question(BY_CLASS if by_class else ANY, "" if by_class else f"day,{state.split}"))
    parts = _classes(found, state) if by_class else _keys(found, state)
    whole = {head.keys[0]: head.figures for head, _ in gathered(found.rows, 1)}
    # A class has the same place and colour whatever it comes to.
    order = tuple(CLASS_NAMES.values()) if by_class else ()
    return View(
        _table(whole, found.totals, state),
        stacked(parts, whole, state, order),
        empty="" if whole else NOTHING,
        params={"money": state.unit == "cost", **axis.params(found, state)},
        series=order,
        title=title(state),
        switches=(
            ("Unit", [Choice(name, state.address("/", unit=key), state.unit == key) for key, name in UNITS.items()]),
            ("By", [Choice(name, state.address("/", split=key), state.split == key) for key, name in SPLITS.items()]),
        ),
        coverage=covered(found),
    )


def _keys(found: Answer, state: State) -> list[Part]:
    def name(key: str) -> str:
        return (key or _MAIN) if state.split == "agent" else key or "(no name)"

    # One subagent is like another here: what matters is how much was not done on the main line.
    agents = state.split == "agent"
    return [
        (row.keys[0], "subagents" if agents and row.keys[1] else name(row.keys[1]), value(row.figures, state))
        for row in found.rows
    ]


def _classes(found: Answer, state: State) -> list[Part]:
    def amount(row: Row, name: str) -> int:
        return (row.details or {}).get(f"{name}_usd") or 0 if state.unit == "cost" else of_class(row.figures, name)

    return [(row.keys[0], CLASS_NAMES[name], amount(row, name)) for row in found.rows for name in CLASSES]


def _table(whole: Mapping[str, Figures], totals: Figures, state: State) -> Table:
    columns = [Column("Day", number=False), Column("Cost")]
    columns += [Column(name, minor=name != "Tokens") for name in COUNTS]
    most = max((figures.priced_pico for figures in whole.values()), default=0) or 1
    rows = [
        [
            name_cell(day, state.address("/", since=day, until=day)),
            money_cell(figures, state.address("/why", since=day, until=day), figures.priced_pico / most),
            *counts(figures),
        ]
        for day, figures in sorted(whole.items(), reverse=True)
    ]
    foot = [Cell("Total"), money_cell(totals, state.address("/why")), *counts(totals)]
    return Table(columns, rows, foot)


def _source(state: State) -> Source:
    if state.split == "class":
        return Source("reports/classes", "classes")
    return Source("query", "report", {"by": f"day,{state.split}"})


def title(state: State) -> str:
    """Return what the panel of the days shows in a state."""
    return f"{unit(state)} by day and {SPLITS[state.split]}"


DAYS: Final = Panel("days", "By day", show, _source, "Each day's cost or tokens, stacked.", "full")
