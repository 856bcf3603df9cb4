"""The panel of what changed: a period against the one before it, and which models, projects and tools explain that."""

from typing import Final

from tallystick.answers.answer import Figures
from tallystick.answers.answers import Answers
from tallystick.answers.compare import Change, Comparison
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Source, Table, View
from tallystick.faces.web.state import EVER, State
from tallystick.faces.web.wording import change, dollars, money, short

_EVER: Final = "All time has nothing before it: choose a period to see what changed."
_NOTHING: Final = "Nothing was used in this period, nor in the one before."
_MEASURES: Final = {
    "cost_usd": "Cost",
    "total": "Tokens",
    "requests": "Requests",
    "output": "Output",
    "cache_read": "Cache read",
}
_LABEL: Final = 34
"""Characters of a name in a chart."""


def show(answers: Answers, state: State) -> View:
    """Return what changed against as many days before, the movers with the greatest differences first."""
    if state.since == EVER:
        return View(Table((), ()), empty=_EVER)
    found = answers.compare(state.question(ANY, "day"))
    if not found.now.totals.requests and not found.then.totals.requests:
        return View(Table((), ()), empty=_NOTHING)
    columns = [
        Column("What", number=False),
        Column("", number=False),
        Column("Before"),
        Column("Now"),
        Column("Difference"),
        Column("Change"),
    ]
    rows = [_measure(name, found.changes()[name]) for name in _MEASURES if name in found.changes()]
    rows += [row for movers in found.movers for row in _movers(movers.key, found, state)]
    points = [
        {
            "key": movers.key,
            "name": f"{_label(movers.key, mover.name)}",
            "by": dollars(mover.by) if found.measure == "cost_usd" else mover.by,
            "shown": _signed(mover.by, found.measure),
            "tone": "more" if mover.by > 0 else "less",
        }
        for movers in found.movers
        for mover in movers.rows
    ]
    days = found.before.days
    note = f"Against {days[0]} to {days[1]}{', up to this time of the last day' if found.cut else ''}."
    return View(
        Table(columns, rows),
        points,
        note=note,
        params={"money": found.measure == "cost_usd"},
        coverage=covered(found.now),
    )


def _measure(name: str, found: Change) -> list[Cell]:
    cells = [_amount(value, name) for value in (found.before, found.now)]
    by = Cell("–") if found.by is None else Cell(_signed(found.by, name), _raw(found.by, name))
    return [Cell(_MEASURES[name]), Cell(""), *cells, by, Cell(change(found.share), found.share)]


def _movers(key: str, found: Comparison, state: State) -> list[list[Cell]]:
    rows = []
    for mover in next(each.rows for each in found.movers if each.key == key):
        before, now = (_of(figures, found.measure) for figures in (mover.before, mover.now))
        share = mover.by / before if before else None
        link = state.address("/", **{key: mover.name}) if mover.name else ""
        name = Cell(_short(key, mover.name), mover.name, link, mover.name)
        rows.append(
            [
                name,
                Cell(key, tone="faint"),
                _amount(before, found.measure),
                _amount(now, found.measure),
                Cell(_signed(mover.by, found.measure), _raw(mover.by, found.measure)),
                Cell("new" if not before else "gone" if not now else change(share), share),
            ]
        )
    return rows


def _of(figures: Figures, measure: str) -> int:
    return figures.priced_pico if measure == "cost_usd" else figures.total


def _raw(value: int, measure: str) -> float:
    return dollars(value) if measure == "cost_usd" else value


def _amount(value: int | None, measure: str) -> Cell:
    if measure == "cost_usd":
        return Cell(money(value), None if value is None else dollars(value))
    return Cell(short(value or 0), value)


def _signed(by: int, measure: str) -> str:
    text = money(abs(by)) if measure == "cost_usd" else short(abs(by))
    return f"{'+' if by > 0 else '−' if by < 0 else '±'}{text}"


def _short(key: str, name: str) -> str:
    if not name:
        return "(no name)"
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or name if key == "project" else name


def _label(key: str, name: str) -> str:
    text = _short(key, name)
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"


CHANGE: Final = Panel(
    "change",
    "Against the period before",
    show,
    lambda _: Source("compare", "compare"),
    "Which models, projects and tools explain the difference to the period before.",
    "full",
    open=True,
)
