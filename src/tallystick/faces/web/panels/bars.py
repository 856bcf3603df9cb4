"""Lying bars: the points of a chart that holds the cost or the tokens of several against one another."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tallystick.answers.answer import Figures
from tallystick.faces.web.panels.names import distinct
from tallystick.faces.web.panels.panel import Point
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, money, short
from tallystick.faces.web.worth import drawn, value

MOST: Final = 15
"""As many bars as can be read."""


class Bar(NamedTuple):
    """One bar."""

    name: str
    figures: Figures
    link: str = ""


def bars(every: Sequence[Bar], state: State, most: int = MOST) -> list[Point]:
    """Return the points of a chart, the greatest first; what has no price has no bar, but says so."""
    shown = sorted(every, key=lambda bar: (-value(bar.figures, state), bar.name))[:most]
    return [
        {
            "label": label,
            "value": drawn(value(bar.figures, state), state),
            "shown": money(bar.figures.cost_usd) if state.unit == "cost" else short(bar.figures.total),
            "more": f"{short(bar.figures.total)} tokens in {counted(bar.figures.requests, 'request')}",
            "href": bar.link,
        }
        for label, bar in zip(distinct(bar.name for bar in shown), shown, strict=True)
    ]
