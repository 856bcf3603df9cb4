"""Stacked bars: the points of a chart that divides the cost or the tokens of each day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tallystick.answers.answer import Figures
from tallystick.faces.web.panels.names import distinct
from tallystick.faces.web.panels.panel import Point
from tallystick.faces.web.series import ranked, series
from tallystick.faces.web.state import State
from tallystick.faces.web.worth import brief, drawn, value

type Part = tuple[str, str, int]
"""A day, a name, and pico-dollars or tokens."""


def stacked(
    parts: Sequence[Part], whole: Mapping[str, Figures], state: State, order: Sequence[str] = ()
) -> list[Point]:
    """Return the points, series by series; `whole` are the figures of each day.

    The greatest series come first, unless an order is given, which then holds all names.
    """
    sums: defaultdict[str, int] = defaultdict(int)
    for _, name, amount in parts:
        sums[name] += amount
    ranks = list(order) or ranked(sums)
    cells: defaultdict[tuple[int, str], int] = defaultdict(int)
    for day, name, amount in parts:
        cells[ranks.index(series(name, ranks)), day] += amount
    labels = distinct(ranks)
    return [
        {
            "day": day,
            "series": labels[rank],
            "rank": rank,
            "value": drawn(amount, state),
            "shown": brief(amount, state),
            "whole": brief(value(whole[day], state), state),
            "href": state.address("/", since=day, until=day),
        }
        for (rank, day), amount in sorted(cells.items())
        if amount
    ]
