"""Panels by day: cost or tokens, divided by model, tool or another key, and what each class of tokens and each cache did."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Final

from tallystick.answers.answer import Answer, Figures, gathered
from tallystick.answers.answers import Answers
from tallystick.answers.classes import CLASSES
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import CLASSES as BY_CLASS
from tallystick.faces.web.coverage import covered
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
    number_cell,
)
from tallystick.faces.web.series import ranked, series
from tallystick.faces.web.state import SPLITS, UNITS, State
from tallystick.faces.web.wording import dollars, money, short

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
    sums: defaultdict[str, int] = defaultdict(int)
    for _, name, value in parts:
        sums[name] += value
    ranks = ranked(sums)
    cells: defaultdict[tuple[str, str], int] = defaultdict(int)
    for day, name, value in parts:
        cells[series(name, ranks), day] += value
    whole = {head.keys[0]: head.figures for head, _ in gathered(found.rows, 1)}
    shown = _shown(state)
    points = [
        {
            "day": day,
            "series": name,
            "rank": ranks.index(name),
            "value": dollars(value) if state.unit == "cost" else value,
            "shown": shown(value),
            "whole": shown(_value(whole[day], state)),
            "href": state.address("/", since=day, until=day),
        }
        for (name, day), value in sorted(cells.items(), key=lambda each: (ranks.index(each[0][0]), each[0][1]))
        if value
    ]
    return View(
        _table(whole, found.totals, state),
        points,
        empty="" if whole else NOTHING,
        params={"money": state.unit == "cost"},
        title=title(state),
        switches=(
            ("Unit", [Choice(name, state.address("/", unit=key), state.unit == key) for key, name in UNITS.items()]),
            ("By", [Choice(name, state.address("/", split=key), state.split == key) for key, name in SPLITS.items()]),
        ),
        coverage=covered(found),
    )


def _keys(found: Answer, state: State) -> list[tuple[str, str, int]]:
    def name(key: str) -> str:
        return (key or _MAIN) if state.split == "agent" else key or "(no name)"

    # One subagent is like another here: what matters is how much was not done on the main line.
    agents = state.split == "agent"
    return [
        (row.keys[0], "subagents" if agents and row.keys[1] else name(row.keys[1]), _value(row.figures, state))
        for row in found.rows
    ]


def _classes(found: Answer, state: State) -> list[tuple[str, str, int]]:
    parts = []
    for row in found.rows:
        for name in CLASSES:
            if state.unit == "cost":
                value = (row.details or {}).get(f"{name}_usd") or 0
            else:
                value = sum(
                    getattr(row.figures, field) for field in CLASSES[name] if field not in {"reasoning", "web_search"}
                )
            parts.append((row.keys[0], CLASS_NAMES[name], value))
    return parts


def _value(figures: Figures, state: State) -> int:
    return figures.priced_pico if state.unit == "cost" else figures.total


def _shown(state: State) -> Callable[[int], str]:
    return money if state.unit == "cost" else short


def _table(whole: Mapping[str, Figures], totals: Figures, state: State) -> Table:
    columns = [
        Column("Day", number=False),
        Column("Cost"),
        Column("Tokens"),
        Column("Input", minor=True),
        Column("Cache write", minor=True),
        Column("Cache read", minor=True),
        Column("Output", minor=True),
        Column("Requests"),
    ]
    most = max((figures.priced_pico for figures in whole.values()), default=0) or 1
    rows = [
        [
            name_cell(day, state.address("/", since=day, until=day)),
            money_cell(figures, state.address("/why", since=day, until=day), figures.priced_pico / most),
            *_counts(figures),
        ]
        for day, figures in sorted(whole.items(), reverse=True)
    ]
    foot = [Cell("Total"), money_cell(totals, state.address("/why")), *_counts(totals)]
    return Table(columns, rows, foot)


def _counts(figures: Figures) -> list[Cell]:
    written = figures.cache_write_5m + figures.cache_write_1h
    counts = (figures.total, figures.input, written, figures.cache_read, figures.output, figures.requests)
    return [number_cell(count) for count in counts]


def _source(state: State) -> Source:
    if state.split == "class":
        return Source("reports/classes", "classes")
    return Source("query", "report", {"by": f"day,{state.split}"})


def title(state: State) -> str:
    """Return what the panel of the days shows in a state."""
    return f"{'Cost' if state.unit == 'cost' else 'Tokens'} by day and {SPLITS[state.split]}"


DAYS: Final = Panel("days", "By day", show, _source, "Each day's cost or tokens, stacked.", "full")
