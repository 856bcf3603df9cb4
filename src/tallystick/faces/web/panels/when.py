"""Panels of when: hours of the week, the last day hour by hour, and a year of days."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from tallystick.answers.answer import Answer, Figures, added
from tallystick.answers.answers import Answers
from tallystick.answers.punchcard import Cell as HourOfWeek
from tallystick.answers.punchcard import Punchcard
from tallystick.answers.reports.places import ANY
from tallystick.answers.year import Year
from tallystick.faces.web.coverage import covered
from tallystick.faces.web.panels.panel import (
    MINUTE_MS,
    Cell,
    Column,
    Panel,
    Point,
    Source,
    Table,
    View,
    money_cell,
    number_cell,
)
from tallystick.faces.web.state import State
from tallystick.faces.web.wording import counted, nothing
from tallystick.faces.web.worth import amount_cell, drawn, said, shown, sign, unit, worth
from tallystick.usage.hours import WEEKDAYS
from tallystick.usage.period import SLOT_MS

NEVER: Final = "·"
"""The sign of an hour that did not come, and of a day of which nothing is known."""
STRONGER: Final = "The stronger the colour, the more was used."
UNPRICED: Final = "Nothing in here has a known price."
NOTHING_TODAY: Final = "Nothing was used in the last 24 hours."
NOTHING_THIS_YEAR: Final = "Nothing was used on the 365 days up to today: use one of your tools, or leave out a filter."
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS: Final = 24


def punchcard(answers: Answers, state: State) -> View:
    """Return usage by weekday and hour of the day."""
    found = answers.punchcard(state.question(ANY, "day"))
    missing = any(not cell.times for cell in found.cells)
    points = [_hour_of_week(cell, state) for cell in found.cells]
    return View(
        _week(found, state),
        points,
        note=_read(found.totals, state) + (" A dot marks an hour that did not come in this period." if missing else ""),
        empty="" if found.totals.requests else nothing(filtered=bool(state.where)),
        params={"money": state.unit == "cost", "most": _most(points)},
        title=f"{unit(state)} by weekday and hour",
        coverage=covered(Answer(found.question, [], found.totals, found.coverage)),
    )


def _most(points: Sequence[Point]) -> float:
    """Return the greatest value, up to which the colours go; 0 where none is known, of which no scale can be made."""
    most: float = max((point["value"] or 0 for point in points), default=0)
    return most


def _read(totals: Figures, state: State) -> str:
    """Say how colours are to be read."""
    return STRONGER if worth(totals, state) is not None or not totals.requests else UNPRICED


def _hour_of_week(cell: HourOfWeek, state: State) -> Point:
    amount = worth(cell.figures, state)
    return {
        "weekday": _WEEKDAYS[cell.weekday],
        "hour": cell.hour,
        "label": f"{_WEEKDAYS[cell.weekday]}, {cell.hour:02}:00 to {cell.hour + 1:02}:00",
        "value": drawn(amount, state),
        "shown": shown(cell.figures, state) if cell.times else "did not come",
        "came": counted(cell.times, "time"),
        "mean": "–" if amount is None else said(round(amount / cell.times), state),
        "sign": sign(cell.figures, state) if cell.times else NEVER,
    }


def _week(found: Punchcard, state: State) -> Table:
    columns = [Column("Hour", number=False), *(Column(name) for name in _WEEKDAYS), Column("All")]
    rows = [
        [
            Cell(f"{hour:02}:00"),
            *(
                amount_cell(cell.figures, state, _why(state, cell.weekday, hour))
                if cell.times
                else Cell("–", "", title="This hour did not come", tone="faint")
                for cell in found.cells
                if cell.hour == hour
            ),
            amount_cell(figures, state, _why(state, None, hour)),
        ]
        for hour, _, figures in found.hours()
    ]
    days = [added(cell.figures for cell in found.cells if cell.weekday == weekday) for weekday in range(7)]
    foot = [Cell("Total"), *(amount_cell(day, state, _why(state, number)) for number, day in enumerate(days))]
    return Table(columns, rows, [*foot, amount_cell(found.totals, state, state.address("/why"))])


def _why(state: State, weekday: int | None, hour: int | None = None) -> str:
    """Return where the figures of an hour of the week, of an hour or of a weekday are explained."""
    said = {} if weekday is None else {"weekday": WEEKDAYS[weekday]}
    return state.address("/why", **said, **({} if hour is None else {"hour": str(hour)}))


def strip(answers: Answers, state: State) -> View:
    """Return the last 24 hours one by one."""
    found = answers.punchcard(state.question(ANY, "day"))
    whole = added(hour.figures for hour in found.strip)
    present = found.strip[-1].name
    rows, points = [], []
    twice = Counter(name[:16] for name, _, _ in found.strip)
    for name, begin, figures in found.strip:
        day = name[:10]
        # The hour that clocks show twice in a night is told apart by how far they are ahead.
        time = name[11:16] if twice[name[:16]] == 1 else f"{name[11:16]} ({name[16:]})"
        link = state.address("/", since=day, until=day)
        counts = (number_cell(figures.total), number_cell(figures.requests))
        why = state.stretch(begin, _end(begin, state)).address("/why") if figures.requests else ""
        rows.append([Cell(f"{_day(day)}, {time}", name, link, name), money_cell(figures, why), *counts])
        told = {
            "hour": name,
            "label": f"{_day(day)}, {time}{', not over yet' if name == present else ''}",
            "day": "today" if day == present[:10] else "yesterday",
            "sign": "now" if name == present else sign(figures, state),
            "href": link,
        }
        points.append({**told, **_bar(figures, state)})
    columns = [Column("Hour", number=False), Column("Cost"), Column("Tokens"), Column("Requests", minor=True)]
    why = state.stretch(found.strip[0].begin, _end(found.strip[-1].begin, state)).address("/why")
    foot = [Cell("Total"), money_cell(whole, why), number_cell(whole.total), number_cell(whole.requests)]
    return View(
        Table(columns, rows[::-1], foot),
        points,
        note=f"Whatever the period. Hours of {found.question.period.zone.name}; those of yesterday are paler."
        if whole.requests
        else "",
        empty="" if whole.requests else NOTHING_TODAY,
        params={"money": state.unit == "cost"},
        title=f"{unit(state)} in the last 24 hours" + (f": {shown(whole, state)}" if whole.requests else ""),
        coverage=covered(Answer(found.question, [], whole, found.of_strip)),
    )


def _bar(figures: Figures, state: State) -> Point:
    amount = drawn(worth(figures, state), state) or 0
    return {"value": amount, "shown": shown(figures, state), "requests": f"{figures.requests:,}"}


def _end(begin: int, state: State) -> int:
    """Return when the local hour ends that begins at a moment."""
    return state.zone.span("hour", begin // SLOT_MS)[1] * SLOT_MS


def calendar(answers: Answers, state: State) -> View:
    """Return the 365 days up to today."""
    found = answers.year(state.question(ANY, "day"))
    points = [_day_of_year(day, figures, state) for day, figures in found.days]
    unknown = f" A dot marks a day before {found.first}, of which nothing is known."
    return View(
        _months(found, state),
        points,
        note=f"Whatever the period. {_read(found.totals, state)}" + (unknown if found.first > found.days[0][0] else ""),
        empty="" if found.totals.requests else NOTHING_THIS_YEAR,
        params={"money": state.unit == "cost", "most": _most(points)},
        title=f"{unit(state)} on the last 365 days"
        + (f": {shown(found.totals, state)}" if found.totals.requests else ""),
        coverage=covered(Answer(found.question, [], found.totals, found.coverage)),
    )


def _day_of_year(day: str, figures: Figures | None, state: State) -> Point:
    moment = date.fromisoformat(day)
    known = figures or Figures()
    return {
        "week": (moment - timedelta(days=moment.weekday())).isoformat(),
        "weekday": _WEEKDAYS[moment.weekday()],
        "label": f"{_day(day)} {day[:4]}",
        "value": drawn(worth(known, state), state),
        "shown": "not known" if figures is None else shown(figures, state),
        "sign": NEVER if figures is None else sign(figures, state),
        "href": state.address("/", since=day, until=day),
    }


def _months(found: Year, state: State) -> Table:
    columns = [
        Column("Month", number=False),
        Column("Days with use", about="Of the days of which something can be known"),
        Column("Greatest day", number=False, minor=True),
        Column("Requests", minor=True),
        Column("Tokens", minor=True),
        Column("Cost"),
    ]
    months: dict[str, list[tuple[str, Figures]]] = {}
    for day, figures in found.days:
        if figures is not None:
            months.setdefault(day[:7], []).append((day, figures))
    most = max((added(day for _, day in days).priced_pico for days in months.values()), default=0) or 1
    rows = [
        [Cell(f"{date.fromisoformat(days[0][0]):%B %Y}", month, _span("/", days, state)), *_sums(days, state, most)]
        for month, days in reversed(months.items())
    ]
    every = [day for days in months.values() for day in days]
    return Table(columns, rows, [Cell("Total"), *_sums(every, state, 0)] if every else ())


def _sums(days: list[tuple[str, Figures]], state: State, most: int) -> list[Cell]:
    whole = added(figures for _, figures in days)
    used = [(worth(figures, state) or 0, day, figures) for day, figures in days if figures.requests]
    _, peak, figures = max(used, default=(0, "", Figures()))
    return [
        Cell(f"{len(used)} of {len(days)}", len(used)),
        Cell(f"{_day(peak)}: {shown(figures, state)}", peak, state.address("/", since=peak, until=peak))
        if peak
        else Cell("–", ""),
        number_cell(whole.requests),
        number_cell(whole.total),
        money_cell(whole, _span("/why", days, state), whole.priced_pico / most if most else None),
    ]


def _span(path: str, days: list[tuple[str, Figures]], state: State) -> str:
    return state.address(path, since=days[0][0], until=days[-1][0])


def _day(day: str) -> str:
    moment = date.fromisoformat(day)
    return f"{_WEEKDAYS[moment.weekday()]} {moment.day} {moment:%b}"


def _source(_: State) -> Source:
    return Source("punchcard", "punchcard")


PUNCHCARD: Final = Panel(
    "punchcard",
    "By weekday and hour",
    punchcard,
    _source,
    "A square for each hour of the week, the stronger its colour, the more was used in it.",
)
STRIP: Final = Panel(
    "strip",
    "The last 24 hours",
    strip,
    _source,
    "A bar for each of the last 24 hours, the present one last.",
    step_ms=MINUTE_MS,
)
CALENDAR: Final = Panel(
    "calendar",
    "The last 365 days",
    calendar,
    lambda _: Source("year", "year", undated=True),
    "A square for each day of a year, the stronger its colour, the more was used on it.",
    "full",
)
