"""The panel of what changed: a period against the one before it, and which models, projects and tools explain that."""

from collections.abc import Collection, Mapping
from typing import Final

from tallystick.answers.answer import Figures, Money
from tallystick.answers.answers import Answers
from tallystick.answers.compare import Change, Comparison, Movers
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.names import Names, address, called, distinct
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Point, Source, Table, View, amount_of, name_cell
from tallystick.faces.web.state import EVER, State
from tallystick.faces.web.wording import change, dollars, money, short, span

_EVER: Final = "All time has nothing before it: choose a period to see what changed."
_NOTHING: Final = "Nothing was used in this period, nor in the one before."
_MEASURES: Final = {
    "cost_usd": "Cost",
    "total": "Tokens",
    "requests": "Requests",
    "output": "Output",
    "cache_read": "Cache read",
}
_NAME, _HEAD = "-", "#"
"""How a line of the chart begins, before the number of its group and what is shown: each line differs from all others."""


def show(answers: Answers, state: State) -> View:
    """Return what changed against as many days before, the movers with the greatest differences first."""
    if state.since == EVER:
        return View(Table((), ()), empty=_EVER)
    # Without prices, movers are told in tokens.
    found = answers.compare(state.question(ANY, "day", prices=state.unit == "cost"))
    if not found.now.totals.requests and not found.then.totals.requests:
        return View(Table((), ()), empty=_NOTHING)
    columns = [
        Column("What", number=False),
        Column("", number=False, minor=True),
        Column("Before", minor=True),
        Column("Now"),
        Column("Difference"),
        Column("Change"),
    ]
    changes = found.changes()
    rows = [_measure(name, changes[name], state.address("/why")) for name in _MEASURES if name in changes]
    rows += [row for movers in found.movers for row in _movers(movers, found, state)]
    cut = ", up to this time of the last day" if found.cut else ""
    in_money = found.measure == "cost_usd"
    return View(
        Table(columns, rows),
        [point for place, movers in enumerate(found.movers) for point in _bars(place, movers, found.measure)],
        note=f"Against {span(*found.before.days)}{cut}.",
        params={"money": in_money},
        title=f"{'Cost' if in_money else 'Tokens'} against the period before",
        coverage=covered(found.now),
    )


def _bars(place: int, movers: Movers, measure: str) -> list[Point]:
    """Return the lines of one kind: its name, and below it each mover."""
    if not movers.rows:
        return []
    head = {
        "line": f"{_HEAD}{place}{movers.key}",
        "name": f"by {movers.key}",
        "key": "",
        "by": 0,
        "shown": "",
        "tone": "more",
    }
    names = _called(movers)
    return [
        head,
        *(
            {
                "line": f"{_NAME}{place}{name}",
                "name": name,
                "key": movers.key,
                "by": dollars(mover.by) if measure == "cost_usd" else mover.by,
                "shown": _signed(mover.by, measure),
                "tone": "more" if mover.by > 0 else "less",
            }
            for name, mover in zip(distinct(names[mover.name] for mover in movers.rows), movers.rows, strict=True)
        ),
    ]


def _called(movers: Movers) -> Mapping[str, str]:
    names = [mover.name for mover in movers.rows]
    return called(names) if movers.key == "project" else {name: name for name in names}


def _measure(name: str, found: Change, why: str) -> list[Cell]:
    cells = [_amount(found.before, name), _amount(found.now, name)._replace(link=why if found.now else "")]
    by = Cell("–") if found.by is None else _difference(found.by, name)
    return [Cell(_MEASURES[name]), Cell(""), *cells, by, Cell(change(found.share), found.share)]


def _movers(movers: Movers, found: Comparison, state: State) -> list[list[Cell]]:
    place = found.now.question.group_by.index(movers.key)
    every = {(row.keys[place],) for row in (*found.now.rows, *found.then.rows)}
    names, rows = _called(movers), []
    for mover in movers.rows:
        before, now = (_of(figures, found.measure) for figures in (mover.before, mover.now))
        share = mover.by / before if before else None
        link = address(state, "/", {movers.key: mover.name}, every)
        rows.append(
            [
                name_cell(names[mover.name], link, mover.name)._replace(raw=mover.name),
                Cell(movers.key, tone="faint"),
                _amount(before, found.measure)._replace(link=_before(mover.name, movers.key, every, found, state)),
                _amount(now, found.measure)._replace(
                    link=address(state, "/why", {movers.key: mover.name}, every) if now else ""
                ),
                _difference(mover.by, found.measure),
                Cell("new" if not before else "gone" if not now else change(share), share),
            ]
        )
    return rows


def _before(name: str, key: str, every: Collection[Names], found: Comparison, state: State) -> str:
    """Return where a figure of the period before is explained; of a part of its last day nothing is."""
    figures = next(
        mover.before for each in found.movers for mover in each.rows if (each.key, mover.name) == (key, name)
    )
    if found.cut or not figures.requests:
        return ""
    first, last = found.before.days
    return address(state._replace(since=first, until=last), "/why", {key: name}, every)


def _of(figures: Figures, measure: str) -> int:
    return figures.priced_pico if measure == "cost_usd" else figures.total


def _amount(value: int | None, measure: str) -> Cell:
    if measure == "cost_usd":
        return amount_of(value)
    return Cell(short(value or 0), value)


def _difference(by: int, measure: str) -> Cell:
    return Cell(_signed(by, measure), Money(by) if measure == "cost_usd" else by)


def _signed(by: int, measure: str) -> str:
    text = money(abs(by)) if measure == "cost_usd" else short(abs(by))
    return f"{'+' if by > 0 else '−' if by < 0 else '±'}{text}"


CHANGE: Final = Panel(
    "change",
    "Against the period before",
    show,
    lambda state: Source("compare", "compare", {} if state.unit == "cost" else {"no_cost": "true"}),
    "Which models, projects and tools explain the difference to the period before.",
    "full",
    open=True,
)
