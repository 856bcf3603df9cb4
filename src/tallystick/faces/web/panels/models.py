"""Panels of models: what each was used for and cost, and how its cost per hour goes with its speed."""

from collections.abc import Sequence
from typing import Any, Final

from tallystick.answers.answer import Answer, Figures, Row
from tallystick.answers.answers import Answers
from tallystick.answers.models import ENOUGH
from tallystick.answers.reports.places import MODELS as BY_MODEL
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.bars import Bar, bars
from tallystick.faces.web.panels.labels import placed
from tallystick.faces.web.panels.names import address, distinct
from tallystick.faces.web.panels.panel import (
    Cell,
    Column,
    Panel,
    Point,
    Source,
    Table,
    View,
    amount_of,
    money_cell,
    name_cell,
    number_cell,
)
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clipped, counted, dollars, duration, moment, moment_whole, money, nothing
from tallystick.faces.web.worth import unit

_COLUMNS: Final = (
    Column("Model", number=False),
    Column("Requests", minor=True),
    Column("Input", minor=True, about="Tokens that no cache had"),
    Column("Cache write", minor=True),
    Column("Cache read", minor=True),
    Column("Output"),
    Column("Reasoning", minor=True, about="Of the output"),
    Column("Cost"),
    Column("Cost/h", about="Cost of an hour in which the model worked", minor=True),
    Column("Tok/s", about="Output tokens per second of the model's work", minor=True),
    Column("Last seen", minor=True),
)
_BARS_MOST: Final = 10
_PICO: Final = 10**12


def models(answers: Answers, state: State) -> View:
    """Return each model with its tokens by class, its cost, its speed, and when it was last seen."""
    found = answers.ask(state.question(BY_MODEL))
    if not found.rows:
        return View(Table(_COLUMNS, ()), empty=nothing(filtered=bool(state.where)))
    every = [row.keys for row in found.rows]
    most = max(row.figures.priced_pico for row in found.rows) or 1
    rows = [
        [
            name_cell(row.keys[0], _only(state, "/", row, every)),
            *_cells(row.figures, row.details or {}, state, _only(state, "/why", row, every), most),
        ]
        for row in found.rows
    ]
    foot = [Cell("Total"), *_cells(found.totals, found.details or {}, state, state.address("/why"))]
    drawn = [Bar(row.keys[0], row.figures, _only(state, "/", row, every)) for row in found.rows]
    points = bars(drawn, state, _BARS_MOST)
    left_off = f"The chart shows {_BARS_MOST} of {len(rows)} models." if len(rows) > _BARS_MOST else ""
    return View(
        Table(_COLUMNS, rows, foot),
        points,
        note=left_off,
        title=f"Models: {unit(state).lower()}",
        coverage=covered(found),
    )


def _only(state: State, path: str, row: Row, every: Sequence[tuple[str, ...]]) -> str:
    return address(state, path, {"model": row.keys[0]}, every)


def _cells(figures: Figures, told: Any, state: State, why: str, most: int = 0) -> list[Cell]:  # noqa: ANN401  details of a row
    written = figures.cache_write_5m + figures.cache_write_1h
    counts = (figures.requests, figures.input, written, figures.cache_read, figures.output, figures.reasoning)
    last = told.get("last")
    seen = Cell("–", "", tone="faint")
    if last:
        seen = Cell(
            moment(last, state.zone, state.place.now), last.iso(), "", moment_whole(last, state.zone), None, "faint"
        )
    return [
        *map(number_cell, counts),
        money_cell(figures, why, figures.priced_pico / most if most else None),
        _per_hour(figures, told),
        _per_second(told),
        seen,
    ]


def _per_hour(figures: Figures, told: Any) -> Cell:  # noqa: ANN401  details of a row
    cost = told.get("cost_usd_per_hour")
    return Cell("–", "", "", _unknown(figures, told), None, "faint") if cost is None else amount_of(cost)


def _per_second(told: Any) -> Cell:  # noqa: ANN401  details of a row
    speed = told.get("output_per_second")
    if speed is None:
        return Cell("–", "", "", "No request tells how long it took", None, "faint")
    return Cell(f"{speed:,.0f}" if speed >= 100 else f"{speed:.1f}", speed)  # noqa: PLR2004  three figures are enough


def _unknown(figures: Figures, told: Any) -> str:  # noqa: ANN401  details of a row
    """Return why there is no cost per hour."""
    if figures.cost_usd is None:
        return "Nothing in here has a known price"
    if not told.get("work_ms"):
        return "No request tells how long it took"
    return f"Fewer than {ENOUGH:.0%} of the requests tell how long they took"


def speed(answers: Answers, state: State) -> View:
    """Return cost per hour against output tokens per second, for each model of which both are known."""
    found = answers.ask(state.question(BY_MODEL))
    columns = (
        Column("Model", number=False),
        Column("Cost/h", about="Cost of an hour in which the model worked"),
        Column("Tok/s", about="Output tokens per second of the model's work"),
        Column("At work", minor=True, about="The model's working time, as far as it is known"),
        Column("Requests"),
    )
    if not found.rows:
        return View(Table(columns, ()), empty=nothing(filtered=bool(state.where)))
    every = [row.keys for row in found.rows]
    rows = [
        [
            name_cell(row.keys[0], _only(state, "/", row, every)),
            _per_hour(row.figures, row.details),
            _per_second(row.details or {}),
            _work(row.details or {}),
            number_cell(row.figures.requests),
        ]
        for row in found.rows
    ]
    return View(Table(columns, rows), _points(found, state), note=_left_out(found), coverage=covered(found))


def _work(told: Any) -> Cell:  # noqa: ANN401  details of a row
    ms = told.get("work_ms")
    return (
        Cell(duration(ms), ms / 1000) if ms else Cell("–", "", "", "No request tells how long it took", None, "faint")
    )


def _points(found: Answer, state: State) -> list[Point]:
    drawn = [row for row in found.rows if row.details and row.details["cost_usd_per_hour"] is not None]
    drawn.sort(key=lambda row: (-row.figures.requests, row.keys))
    every = [row.keys for row in found.rows]
    places: list[tuple[float, float]] = []
    for row in drawn:
        told: Any = row.details
        places.append((told["output_per_second"], dollars(told["cost_usd_per_hour"])))
    names = distinct(row.keys[0] for row in drawn)
    return [
        {
            "model": name,
            "per_second": round(across, 3),
            "per_hour": up,
            "requests": row.figures.requests,
            "label": name if side else "",
            "side": side,
            "shown": f"{money(round(up * _PICO))} an hour",
            "speed": f"{across:,.1f} output tokens a second",
            "of": counted(row.figures.requests, "request"),
            "href": _only(state, "/", row, every),
        }
        for row, name, (across, up), side in zip(drawn, names, places, placed(names, places), strict=True)
    ]


def _left_out(found: Answer) -> str:
    """Say which models the chart cannot show, and why."""
    slow: dict[str, list[str]] = {}
    for row in found.rows:
        if row.details and row.details["cost_usd_per_hour"] is None:
            slow.setdefault(_unknown(row.figures, row.details), []).append(clipped(row.keys[0] or "(no name)"))
    if not slow:
        return ""
    number = sum(map(len, slow.values()))
    reasons = "; ".join(
        f"{why[:1].lower()}{why[1:]}: {', '.join(distinct(names[:_NAMED]))}"
        f"{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''}"
        for why, names in slow.items()
    )
    return f"Not drawn: {counted(number, 'model')}. {reasons[:1].upper()}{reasons[1:]}."


_NAMED: Final = 4

MODELS: Final = Panel(
    "models",
    "Models",
    models,
    lambda _: Source("reports/models", "models"),
    "The cost or the tokens of each model.",
    "full",
    open=True,
)
SPEED: Final = Panel(
    "speed",
    "Cost per hour against speed",
    speed,
    lambda _: Source("reports/models", "models"),
    "What an hour of each model's work costs, and how many tokens a second it writes.",
)
