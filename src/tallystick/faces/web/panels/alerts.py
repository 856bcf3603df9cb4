"""The panel on alerts: those that are open, then those that were, each with since when, what, and what to do."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from tallystick.answers.answers import Answers
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Source, Table, View
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import clipped, counted, duration, lately, moment_whole

_MOST: Final = 100
_ROWS_MOST: Final = 6
_HOLDS_MS: Final = 10_000
NONE: Final = (
    "No alert is open, and none ever was. A running server looks every minute for budgets that are used up, windows that "
    "will run out, unusual spend, silent machines, logs about to be deleted and models without a price. Where alerts go is "
    "set under `[alerts]`; `tally alert test` tries it."
)
_TO_DO: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "budget": ("To do: `tally budget override`, or use less.", "#budgets"),
        "window": ("To do: pause until the reset, or take a smaller model.", "#limits"),
        "spend": ("To do: see which requests those were.", "#sessions"),
        "machine": ("To do: run `tally doctor` there.", "#machines"),
        "logs": ("To do: run `tally doctor`.", "#coverage"),
        "unpriced": ("", "#unpriced"),
    }
)
"""By rule: what a person can do, and where the page tells more of it."""
_WHY: Final = {"fine": "fine again", "term": "over", "off": "switched off"}
_TEXT_MOST: Final = 200


def alerts(answers: Answers, state: State) -> View:
    """Return the alerts that are open, and the log of those that were."""
    return shown(state.place.beside.alerts(answers, _MOST), state)


def shown(told: Mapping[str, Any], state: State) -> View:
    """Return what is told of alerts as a table."""
    opened, past = told["open"], told["past"]
    note = _note(told)
    if not opened and not past:
        return View(Table((), ()), empty=NONE, note=note)
    columns = [
        Column("Alert", number=False),
        Column("What, and what to do", number=False, minor=True),
        Column("Since"),
        Column("State", number=False),
    ]
    rows = [_row(each, state) for each in (*opened, *past)]
    most = max(_ROWS_MOST, len(opened))
    more = "" if len(rows) <= most else f"The latest {most:,} of {len(rows):,}; the CSV has all of these."
    title = f"Alerts: {len(opened):,} open" if opened else ""
    return View(Table(columns, rows, more=more, most=most), note=note, title=title)


def _row(each: Mapping[str, Any], state: State) -> list[Cell]:
    zone, now = state.zone, state.place.now
    began, ended = int(each["began"]), each["ended"]
    do, place = _TO_DO.get(each["rule"], ("", ""))
    text = each["text"].replace("`", "")
    # What is over needs no more than its name; the CSV has the text.
    told = "" if ended else " ".join(filter(None, (clipped(text, _TEXT_MOST), do.replace("`", ""))))
    title = clipped(each["title"], _TEXT_MOST)
    if ended:
        lasted = duration(max(int(ended) - began, 0))
        over = Cell(_WHY.get(each["why"] or "", "over"), zone.iso(int(ended)), title=f"After {lasted}", tone="faint")
    else:
        over = Cell("open", "open", title=each["level"], tone="bad" if each["level"] == "critical" else "")
    since = moment_whole(began, zone)
    return [
        Cell(title, each["title"], "" if ended or not place else place, each["title"], tone="faint" if ended else ""),
        Cell(told, text, title=text),
        Cell(lately(max(now - began, 0)), zone.iso(began), title=since),
        over,
    ]


def _note(told: Mapping[str, Any]) -> str:
    muted: Sequence[Mapping[str, Any]] = told["muted"]
    places: Sequence[Mapping[str, Any]] = told["to"]
    parts = ["Whatever the period and the filters."]
    if places:
        parts.append(f"Told to {', '.join(clipped(each['name'], 30) for each in places)}.")
    else:
        parts.append("They are told nowhere but here: set `[[alerts.to]]`.")
    if muted:
        parts.append(f"Muted: {', '.join(clipped(each['what'], 30) for each in muted)}.")
    troubled = [each["name"] for each in places if each["trouble"]]
    if troubled:
        parts.append(f"{counted(len(troubled), 'way')} out cannot be used: {', '.join(troubled)}.")
    return " ".join(parts)


ALERTS: Final = Panel(
    "alerts",
    "Alerts",
    alerts,
    lambda _: Source("alerts", "alert list", bare=True),
    "Alerts that are open, then those that were: since when, what, and what to do.",
    chart=False,
    step_ms=_HOLDS_MS,
)
