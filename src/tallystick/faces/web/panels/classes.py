"""Panels of what tokens there were: classes by tokens and by money, and what caches did."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from tallystick.answers.answer import Details, Figures
from tallystick.answers.answers import Answers
from tallystick.answers.classes import CLASSES as CLASSES_OF
from tallystick.answers.reports.times import CACHE as BY_CACHE
from tallystick.answers.reports.times import CLASSES as BY_CLASS
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels import axis
from tallystick.faces.web.panels.days import CLASS_NAMES, NOTHING
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
from tallystick.faces.web.wording import money, percent, short
from tallystick.faces.web.worth import of_class


def classes(answers: Answers, state: State) -> View:
    """Return each class of tokens: how many, and what they cost."""
    found = answers.ask(state.question(BY_CLASS))
    totals, told = found.totals, found.details
    if not totals.requests or told is None:
        return View(Table((), ()), empty=NOTHING)
    # Why a class is that much is told by the terms of the formulas of all.
    why = state.address("/why")
    rows, points = [], []
    for rank, (name, own) in enumerate(CLASSES_OF.items()):
        tokens, cost = of_class(totals, name), told[f"{name}_usd"]
        if not tokens and not cost:
            continue
        parts = (
            ("tokens", tokens, tokens / totals.total if totals.total else 0, short(tokens)),
            ("cost", cost or 0, (cost or 0) / totals.priced_pico if totals.priced_pico else 0, money(cost)),
        )
        points += [
            {"of": of, "class": CLASS_NAMES[name], "rank": rank, "share": share, "shown": f"{shown} ({percent(share)})"}
            for of, _, share, shown in parts
        ]
        rows.append(_row(CLASS_NAMES[name], parts, cost, why))
        if "reasoning" in own and totals.reasoning:
            rows.append(
                [Cell("of which reasoning", "reasoning", tone="faint"), number_cell(totals.reasoning), *[Cell("")] * 3]
            )
    columns = [
        Column("Class", number=False),
        *(Column(name, minor=name.startswith("Share")) for name in ("Tokens", "Share", "Cost", "Share of cost")),
    ]
    foot = [Cell("Total"), number_cell(totals.total), Cell(""), money_cell(totals, why), Cell("")]
    series = tuple(CLASS_NAMES.values())
    return View(Table(columns, rows, foot), points, series=series, coverage=covered(found))


type _Part = tuple[str, int, float, str]


def _row(name: str, parts: tuple[_Part, _Part], pico: int | None, why: str) -> list[Cell]:
    tokens, cost = parts
    return [
        Cell(name),
        number_cell(tokens[1], why if tokens[1] else ""),
        Cell(percent(tokens[2]), tokens[2], share=tokens[2]),
        Cell("no price", tone="faint") if pico is None else amount_of(pico)._replace(link=why if pico else ""),
        Cell(percent(cost[2]), cost[2], share=cost[2]),
    ]


def cache(answers: Answers, state: State) -> View:
    """Return by day the part of prompts that came from caches, and what that saved."""
    found = answers.ask(state.question(BY_CACHE))
    told = found.details
    if not found.totals.requests or told is None:
        return View(Table((), ()), empty=NOTHING)
    days = [(row.keys[0], row.figures, row.details or {}) for row in found.rows]
    names = ("From caches", "Read", "Written", "Uncached", "Saved")
    columns = [Column("Day", number=False), *(Column(name, minor=name in {"Written", "Uncached"}) for name in names)]
    rows = [
        _cached(day, figures, details["cache_share"], details["saved_usd"], state)
        for day, figures, details in reversed(days)
    ]
    foot = _cached("", found.totals, told["cache_share"], told["saved_usd"], state)
    saved = told["saved_usd"]
    note = f"{percent(told['cache_share'])} of all prompt tokens came from caches"
    if saved is not None:
        note += f", which {'saved' if saved >= 0 else 'cost'} {money(abs(saved))} against the same work without any"
    return View(
        Table(columns, rows, foot),
        _line({day: details for day, _, details in days if details["cache_share"] is not None}),
        note=f"{note}.",
        params=axis.params(found, state, axis.HALF),
        coverage=covered(found),
    )


def _line(told: Mapping[str, Details]) -> list[Point]:
    """Return a point for each day of which something is told, and one without a value where days are missing."""
    points: list[Point] = []
    for day, details in sorted(told.items()):
        before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        if points and points[-1]["day"] != before:
            # The line breaks there: nobody knows what lies between.
            points.append({"day": before, "share": None})
        share: Any = details["cache_share"]
        texts = {"shown": percent(share), "saved": money(details["saved_usd"])}
        points.append({"day": day, "share": share * 100, **texts})
    return points


def _cached(day: str, figures: Figures, share: float | None, saved: int | None, state: State) -> list[Cell]:
    """Return the cells of a day, or without one those of all days."""
    span = {"since": day, "until": day} if day else {}
    why = state.address("/why", **span)
    tokens = (figures.cache_read, figures.cache_write_5m + figures.cache_write_1h, figures.input)
    return [
        name_cell(day, state.address("/", **span)) if day else Cell("Total"),
        Cell(percent(share), share, share=share),
        *(number_cell(count, why if count else "") for count in tokens),
        amount_of(saved),
    ]


CLASSES: Final = Panel(
    "classes",
    "Classes of tokens",
    classes,
    lambda _: Source("reports/classes", "classes"),
    "Each class of tokens as a part of all tokens, and as a part of the cost.",
    open=True,
)
CACHE: Final = Panel(
    "cache",
    "From caches",
    cache,
    lambda _: Source("reports/cache", "cache"),
    "The part of prompts that came from caches, by day.",
)
