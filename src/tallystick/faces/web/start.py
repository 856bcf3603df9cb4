"""The first run: what stands on the dashboard while the ledger is empty, and how one knows that it is."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.page import rendered
from tallystick.faces.web.panels.panel import Cell, Column, Table
from tallystick.faces.web.wording import counted
from tallystick.usage.period import Zone, period


class Looked(NamedTuple):
    """A place in which a tool's logs are looked for."""

    tool: str
    """As people call it."""
    path: str
    exists: bool


type Look = Callable[[], Sequence[Looked]]
"""Looks at all places, which may take a moment."""


def nowhere() -> Sequence[Looked]:
    """Return no places, where nobody knows them."""
    return ()


def is_empty(answers: Answers, now: int) -> bool:
    """Tell whether there is no event in the ledger, of any day; `now` is in milliseconds since 1970, UTC."""
    asked = question(ANY, period(Zone("UTC"), now, "", ""), Wish("day", limit=1, prices=False), now)
    if answers.events(asked).events:
        return False
    # Some tools keep sums of their calls only.
    return not any(tool.events or tool.derived or tool.coarse for tool in answers.tools(now).inventory.tools)


def panel(looked: Sequence[Looked]) -> str:
    """Return the one panel of a first run: where was looked, and what to do."""
    by_tool: dict[str, list[Looked]] = {}
    for each in looked:
        by_tool.setdefault(each.tool, []).append(each)
    # What is there comes first: that is where a person knows whether there should be something.
    rows = sorted(map(_row, by_tool.values()), key=lambda row: bool(row[1].tone))
    columns = [Column(title, number=False) for title in ("Tool", "Found", "Looked in")]
    return rendered("start.html", table=Table(columns, rows), found=any(each.exists for each in looked))


def _row(places: Sequence[Looked]) -> list[Cell]:
    there = [place for place in places if place.exists]
    told = (there or places)[0].path
    more = f" and {counted(len(places) - 1, 'place')} more" if len(places) > 1 else ""
    found = Cell("there, nothing in it yet") if there else Cell("not there", tone="faint")
    return [Cell(places[0].tool), found, Cell(f"{told}{more}", title="\n".join(place.path for place in places))]
