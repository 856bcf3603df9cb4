"""What usage took of electricity and water, estimated as ranges, and how that is worked out."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from tallystick.answers.answers import Answers
from tallystick.answers.desk import Desk
from tallystick.answers.energy import KINDS, SOURCES, WATER, WATT_HOURS, Energy, Estimate, Range
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.event_page import UNITS
from tallystick.faces.web.html import Site, Worked, add, days, said, whole, worked
from tallystick.faces.web.page import Frame, rendered
from tallystick.faces.web.panels.names import address
from tallystick.faces.web.panels.panel import Card, Cell, Column, Source, Table, name_cell, number_cell
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, nothing, short

PATH: Final = "/energy"


class Measure(NamedTuple):
    """A unit, and from how much on amounts are told in it."""

    unit: str
    size: float


class Thing(NamedTuple):
    """Something of which people know how much it takes."""

    name: str
    many: str
    size: float
    """In watt-hours, or in litres."""
    about: str


_ENERGY: Final = (Measure("MWh", 1e6), Measure("kWh", 1e3), Measure("Wh", 1.0))
"""In watt-hours, the greatest first."""
_WATER: Final = (Measure("m³", 1e3), Measure("L", 1.0), Measure("mL", 1e-3))
"""In litres."""
# Water takes 4.186 kJ per litre and kelvin, which is 1.163 Wh.
ENERGY_THINGS: Final = (
    Thing("100 km in an electric car", "times 100 km in an electric car", 17_000.0, "at 17 kWh each"),
    Thing("warm shower", "warm showers", 1_744.0, "60 litres, warmed by 25 °C: 1.74 kWh each"),
    Thing("kettle of water", "kettles of water", 98.8, "1 litre brought to the boil from 15 °C: 0.1 kWh each"),
    Thing("hour of a lamp", "hours of a lamp", 10.0, "10 W"),
)
"""The greatest first."""
WATER_THINGS: Final = (
    Thing("bath", "baths", 150.0, "150 litres each"),
    Thing("shower", "showers", 60.0, "60 litres each"),
    Thing("bucket", "buckets", 10.0, "10 litres each"),
    Thing("glass of water", "glasses of water", 0.25, "a quarter of a litre each"),
)
_LEAST: Final = 0.01
_TELLING: Final = 2.0
"""So many of a thing tell more than a part of a greater one."""


def router(desk: Desk, site: Site) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    async def energy(request: Request) -> Response:
        at = said(request, site).rounded()
        if site.energy:
            html = await worked(
                request, desk, ("energy page", at.place.now, at.key), lambda answers: shown(answers, at)
            )
        else:
            html = Worked(rendered("energy.html", on=False, **_method()))
        on = site.energy
        return whole(html, at, desk, site, Frame(PATH, "energy", dated=on, form=on, live=on))

    add(routes, PATH, site.version, energy)
    return routes


def shown(answers: Answers, at: State) -> str:
    """Return the estimate for a state's period and filters, and its method."""
    found = answers.energy(at.question(ANY, "model"))
    source = Source("energy", "energy")
    first, last = found.days
    return rendered(
        "energy.html",
        on=True,
        period=days(first, last, at),
        empty="" if found.models else nothing(filtered=bool(at.where)),
        cards=_cards(found),
        models=models(found, at),
        kinds=kinds(found.total),
        cli=source.cli(at),
        api=source.api(at),
        **_method(),
    )


def _method() -> Mapping[str, object]:
    rates = [[Cell(UNITS[kind]), *(number_cell(end) for end in WATT_HOURS[kind])] for kind in KINDS]
    columns = [Column("Kind of token", number=False), Column("Low"), Column("High")]
    return {"rates": Table(columns, rates), "litres": WATER, "sources": SOURCES}


def _cards(found: Energy) -> Sequence[Card]:
    energy, water = found.total.energy, found.total.water
    return [
        Card("Electricity", ends(energy, _ENERGY), likened(energy, ENERGY_THINGS)),
        Card("Water", ends(water, _WATER), likened(water, WATER_THINGS)),
        Card("Tokens", short(found.total.figures.total), [counted(found.total.figures.requests, "request")]),
    ]


def ends(amount: Range, measures: Sequence[Measure]) -> str:
    """Return both ends of an estimate in the unit that suits the high one."""
    measure = _measure(amount, measures)
    return f"{_figure(amount.low / measure.size)} to {_figure(amount.high / measure.size)} {measure.unit}"


def _measure(amount: Range, measures: Sequence[Measure]) -> Measure:
    return next((measure for measure in measures if amount.high >= measure.size), measures[-1])


def _figure(number: float) -> str:
    """Return an estimate with three figures at most: more would be a lie."""
    for most, digits in ((10, 2), (100, 1)):
        if number < most:
            return f"{number:.{digits}f}"
    return f"{number:,.0f}"


def _column(number: float) -> Cell:
    """Return an amount as it stands below others, all with as many decimals."""
    text = f"{number:,.2f}" if not number or number >= _LEAST else f"< {_LEAST}"
    return Cell(text, number, tone="" if number else "faint")


def likened(amount: Range, things: Sequence[Thing]) -> list[str]:
    """Return what people know that takes as much, as two lines; none where there is nothing to liken."""
    if not amount.high:
        return []
    thing = next((each for each in things if amount.high >= _TELLING * each.size), things[-1])
    low, high = (_figure(end / thing.size) for end in amount)
    return [f"as much as {low} to {high} {thing.many}", thing.about]


def models(found: Energy, at: State) -> Table:
    """Return the estimate by model, all in the units of the sum."""
    energy, water = _measure(found.total.energy, _ENERGY), _measure(found.total.water, _WATER)
    columns = [
        Column("Model", number=False),
        Column("Tokens", minor=True),
        *(Column(f"{end}, {energy.unit}") for end in ("Low", "High")),
        *(Column(f"Water {end}, {water.unit}", minor=True) for end in ("low", "high")),
    ]
    most = found.total.energy.high or 1.0

    def row(each: Estimate, name: Cell) -> list[Cell]:
        parts = [*((end, energy) for end in each.energy), *((end, water) for end in each.water)]
        cells = [_column(end / measure.size) for end, measure in parts]
        return [name, number_cell(each.figures.total), *cells]

    rows, every = [], {(each.name,) for each in found.models}
    for each in found.models:
        cells = row(each, name_cell(each.name, address(at, "/", {"model": each.name}, every)))
        cells[3] = cells[3]._replace(share=each.energy.high / most)
        rows.append(cells)
    return Table(columns, rows, row(found.total, Cell("Total")) if len(rows) > 1 else ())


def kinds(total: Estimate) -> Table:
    """Return the estimate by kind of token."""
    measure = _measure(total.energy, _ENERGY)
    columns = [Column("Kind of token", number=False), Column("Tokens", minor=True)]
    columns += [Column(f"{end}, {measure.unit}") for end in ("Low", "High")]
    most = total.energy.high or 1.0
    rows = []
    for kind in KINDS:
        low, high = (end / measure.size for end in total.watt_hours[kind])
        share = total.watt_hours[kind].high / most
        cells = [_column(low), _column(high)._replace(share=share)]
        rows.append([Cell(UNITS[kind]), number_cell(getattr(total.figures, kind)), *cells])
    return Table(columns, rows)
