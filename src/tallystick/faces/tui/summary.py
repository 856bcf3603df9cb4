"""What stands above the panels: where the figures are from, the windows, the pace and today; and the keys below them."""

from collections.abc import Mapping, Sequence
from typing import Final

from tallystick.answers.answer import Figures
from tallystick.answers.live import PACE_MS, Live
from tallystick.answers.question import worded
from tallystick.faces.tui import notices, windows, words
from tallystick.faces.tui.draw import (
    BAD,
    BAR,
    FAINT,
    GOOD,
    PLAIN,
    STRONG,
    TITLE,
    WARNING,
    Line,
    Piece,
    fitted,
    spread,
    width_of,
)
from tallystick.faces.tui.state import Source

_WIDE: Final = 96
_NO_WINDOWS: Final = "No tool has told of a limit in the last two months."
_KEYS: Final[tuple[tuple[str, str], ...]] = (
    ("?", "help"),
    ("q", "quit"),
    ("⏎", "open"),
    ("w", "why"),
    ("/", "filter"),
    ("s", "sort"),
    ("tab", "panel"),
    ("z", "zone"),
    ("t", "theme"),
)
"""Those first that are shown where not all have room."""


def awaited(source: Source) -> str:
    """Return what is said before there are figures."""
    if source.trouble:
        return words.clean(source.trouble)
    if source.importing is not None:
        return f"Reading the logs: {source.importing:.0%}."
    return f"Asking {words.clean(source.name)} …" if source.remote else "Opening the ledger …"


def header(live: Live | None, source: Source, width: int, now: int) -> Line:
    """Return the first line: what this is, what it is of, and when."""
    left: Line = ((" Tallystick", TITLE), (f"  {words.clean(source.name)}", FAINT))
    if source.note:
        left += ((f"  {source.note}", WARNING),)
    right: list[Piece] = []
    if live is not None:
        zone = live.question.period.zone
        if live.question.where:
            right += [(f"only {filters(live.question.where)}", WARNING), ("  ", PLAIN)]
        right += [(f"{zone.local(now):%a %H:%M}", STRONG), (f" {zone.name}", FAINT), ("  ", PLAIN)]
    right += [_standing(source), (" ", PLAIN)]
    if width_of((*left, *right)) > width:
        left = left[:1]
    return spread(left, tuple(right), width)


def _standing(source: Source) -> Piece:
    if source.trouble:
        return "! trouble", BAD
    if source.importing is not None:
        return f"◌ reading logs {source.importing:.0%}", WARNING
    return "● live", GOOD


def filters(where: Mapping[str, Sequence[str]]) -> str:
    """Return filters the way a person says them."""
    return " ".join(f"{key}={','.join(map(worded, patterns))}" for key, patterns in where.items())


def top(live: Live, source: Source, width: int, most: int) -> list[Line]:
    """Return everything above the panels, of windows at most so many lines."""
    now, zone = live.question.now, live.question.period.zone
    lines = [header(live, source, width, now)]
    if source.trouble:
        lines.append(fitted(((f" {words.clean(source.trouble)}", BAD),), width))
    gauges = windows.lines(windows.worst(windows.every(live.limits, now, zone), most), width - 2)
    roomy = width >= _WIDE and most > 6  # noqa: PLR2004  lines, of which some can be left empty
    lines += [()] if roomy else []
    lines += [((" ", PLAIN), *line) for line in gauges]
    if not gauges:
        lines.append(((f" {_NO_WINDOWS}", FAINT),))
    lines += [()] if roomy else []
    lines += _figures(live, width)
    lines += notices.lines(source.besides, width, now)
    lines += [()] if roomy or (most > 4 and width < _WIDE) else []  # noqa: PLR2004  the same
    return lines


def _figures(live: Live, width: int) -> list[Line]:
    """Return the pace and today, one below the other so that their columns can be compared."""
    pace, today = live.pace, live.today
    minutes = (pace.until - pace.since) // 60_000
    hourly = words.money(pace.cost) if pace.figures.requests else "–"
    rows = [
        (
            "Pace",
            f"{hourly}/h",
            f"{words.number(pace.tokens)} tokens/h",
            words.counted(pace.figures.requests, "call"),
            f"last {minutes} min" if pace.until - pace.since >= PACE_MS else "",
        ),
        ("Today", _cost(today), f"{words.number(today.total)} tokens", words.counted(today.requests, "call"), ""),
    ]
    wide = [max(words.cells(row[place]) for row in rows) for place in range(4)]
    found: list[Line] = []
    for row in rows:
        line: Line = (
            (f" {row[0]:<{wide[0]}}  ", FAINT),
            (f"{row[1]:>{wide[1]}}", STRONG),
            (f"  {row[2]:>{wide[2]}}", PLAIN),
            (f"  {row[3]:>{wide[3]}}", FAINT),
            (f"  {row[4]}", FAINT),
        )
        found.append(line)
    hours = [figures.priced_pico for figures in live.hours]
    hours = hours if any(hours) else [figures.total for figures in live.hours]
    chart: Line = ((words.spark(hours), BAR), (" 24 h ", FAINT))
    room = width - width_of(found[1])
    found[1] = spread(found[1], chart, width) if room > width_of(chart) else fitted(found[1], width)
    if unpriced := today.unpriced_tokens:
        note: Line = ((f"{words.number(unpriced)} tokens without a price ", WARNING),)
        if width - width_of(found[0]) > width_of(note):
            found[0] = spread(found[0], note, width)
    return found


def _cost(figures: Figures) -> str:
    if not figures.requests:
        return "nothing"
    return words.money(figures.cost_usd) + ("+" if figures.unpriced_tokens and figures.priced else "")


def brief(live: Live, source: Source, width: int) -> list[Line]:
    """Return what matters most, a few words in each line, for a terminal that has room for little."""
    now, zone = live.question.now, live.question.period.zone
    lines: list[Line] = []
    if source.trouble:
        lines.append(((words.clean(source.trouble), BAD),))
    for each in sorted(windows.every(live.limits, now, zone), key=lambda each: -(each.used or 0)):
        used = "–" if each.used is None else f"{each.used:.0f} %"
        lines.append(((f"{used} ", each.tone), (each.name, PLAIN)))
    lines.insert(min(len(lines), 1), ((_cost(live.today), STRONG), (" today", FAINT)))
    pace = words.money(live.pace.cost) if live.pace.figures.requests else "–"
    lines.append(((pace, STRONG), (" an hour", FAINT)))
    lines[1:1] = notices.brief(source.besides)
    return [fitted(line, width) for line in lines]


def footer(live: Live, width: int) -> Line:
    """Return the last line: the keys, as many as have room."""
    line: list[Piece] = [(" ", PLAIN)]
    for key, what in _KEYS:
        if width_of((*line, (f"{key} {what}  ", FAINT))) > width:
            break
        line += [(key, STRONG), (f" {what}   ", FAINT)]
    right: Line = ()
    if live.coverage.skipped:
        right = ((f"{words.counted(live.coverage.skipped, 'piece')} not understood: tally doctor ", FAINT),)
    if width_of(tuple(line)) + width_of(right) > width:
        right = ()
    return spread(tuple(line), right, width)
