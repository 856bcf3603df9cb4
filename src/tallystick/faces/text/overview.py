"""The overview: what a person sees who types `tally` and nothing else."""

from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from tallystick.answers.answer import Row
from tallystick.answers.heard import ages
from tallystick.answers.overview import Overview
from tallystick.faces.text import words
from tallystick.faces.text.as_table import TONES, say
from tallystick.faces.text.sheet import FAINT, GOOD, STRONG, WARNING, Cell, cost, late, unpriced
from tallystick.usage.period import Period

_NARROW: Final = 72
_WIDE: Final = 110
_HEIGHT: Final = 4
_FROM: Final = {"log": "logs", "wire": "the wire", "otlp": "telemetry", "push": "other machines"}


def show(found: Overview, console: Console, *, demo: bool = False) -> None:
    """Show the overview; demo data is marked as such at its beginning and end."""
    width = min(console.width, _WIDE) - 2
    now = found.zone.local(found.now)
    console.print()
    console.print(Text.assemble(" ", ("Tallystick", "bold"), (f"  {now:%A %Y-%m-%d %H:%M} · {found.zone.name}", "dim")))
    _say_demo(console, demo=demo)
    console.print()
    _figures(found, console, width)
    console.print()
    if found.total.requests:
        _recent(found, console, width)
        _tops(found, console, width)
        console.print()
    _coverage(found, console)
    _say_demo(console, demo=demo)
    console.print()


def _say_demo(console: Console, *, demo: bool) -> None:
    if demo:
        say(
            console,
            Cell(
                "Demo data: made up, to show what answers look like. Nothing here was read from this machine.", WARNING
            ),
        )


def _figures(found: Overview, console: Console, width: int) -> None:
    month = f"{found.zone.local(found.now):%B}"
    periods = (("Today", found.today), ("Last 7 days", found.week), (month, found.month))
    room = width // 3
    for tone, texts in (
        (FAINT, [title for title, _ in periods]),
        (STRONG, [cost(figures).text.strip() for _, figures in periods]),
        (
            "",
            [
                f"{words.number(figures.total, compact=True)} tokens" if figures.requests else "nothing"
                for _, figures in periods
            ],
        ),
        (FAINT, [words.counted(figures.requests, "request") if figures.requests else "" for _, figures in periods]),
    ):
        console.print(_line([(Cell(text, tone), room) for text in texts]))


def _recent(found: Overview, console: Console, width: int) -> None:
    first, last = found.span
    spent = cost(found.total).text.strip()
    if first != found.recent[0][0]:
        console.print(Text.assemble(" ", (f"{words.days(first, last)}  ", "dim"), (spent, "bold")))
        say(console, Cell("Nothing was used in the last 30 days.", FAINT))
        console.print()
        return
    days = len(found.recent)
    wide = max(1, min(3, width // days))
    console.print(Text.assemble(" ", (f"Last {days} days  ", "dim"), (spent, "bold")))
    for line in words.columns([figures.priced_pico for _, figures in found.recent], _HEIGHT, wide):
        console.print(Text(f" {line}", TONES["bar"], no_wrap=True))
    # The dates stand under the first and the last column.
    console.print(Text(f" {first[5:]}{last[5:]:>{days * wide - (wide > 1) - 5}}", "dim", no_wrap=True))
    console.print()


def _tops(found: Overview, console: Console, width: int) -> None:
    half = width if console.width < _NARROW else (width - 3) // 2
    projects = _top("Top projects", found.projects, words.tail, half)
    models = _top("Top models", found.models, words.undated, half)
    if half == width:
        for line in (*projects, Text(), *models):
            console.print(Text(" ") + line)
        return
    for place in range(max(len(projects), len(models))):
        left, right = (lines[place] if place < len(lines) else Text() for lines in (projects, models))
        console.print(Text.assemble(" ", left, " " * (half + 3 - words.cells(left.plain)), right, no_wrap=True))


def _top(title: str, rows: Sequence[Row], short: Callable[[str], str], width: int) -> list[Text]:
    most = max((row.figures.priced_pico for row in rows), default=0)
    amounts = [cost(row.figures).text.strip() for row in rows]
    room = max((len(amount) for amount in amounts), default=0)
    names = max(8, width - room - 4 - 8)
    lines = [Text(title, "bold")]
    for row, amount in zip(rows, amounts, strict=True):
        name = words.shortened(words.clean(short(row.keys[0])) or "(none)", names)
        bar = words.bar(row.figures.priced_pico, most, 8)
        tone = TONES[WARNING] if row.figures.cost_usd is None else ""
        lines.append(
            Text.assemble(
                name, " " * (names - words.cells(name) + 2), (f"{amount:>{room}}", tone), "  ", (bar, TONES["bar"])
            )
        )
    return lines


def _coverage(found: Overview, console: Console) -> None:
    witnesses = found.coverage.witnesses
    parts = [] if found.priced_share is None else [f"{_percent(found.priced_share)} of the tokens have a price"]
    if witnesses:
        told = " and ".join(
            f"{words.counted(count, 'request')} from {_FROM[name]}" for name, count in witnesses.items()
        )
        parts.append(told)
    if parts:
        say(console, Cell(f"Coverage: {'; '.join(parts)}.", GOOD if found.priced_share == 1 else FAINT))
    if found.coverage.unpriced:
        say(console, Cell(unpriced(found.coverage.unpriced), WARNING))
    if lacking := ages(found.coverage, Period(found.zone, found.now), found.now):
        say(console, Cell(late(lacking), WARNING))
    if found.coverage.skipped:
        pieces = words.counted(found.coverage.skipped, "piece")
        say(console, Cell(f"{pieces} of input could not be understood: `tally doctor` tells which, and why.", WARNING))
    say(
        console,
        Cell("Costs are list prices; a plan may charge otherwise. `tally daily` and `tally why` tell more.", FAINT),
    )


def _percent(share: float) -> str:
    # Rounded down already: 100 % is said only of all.
    return f"{share * 100:.2f}".rstrip("0").rstrip(".") + " %"


def _line(cells: Sequence[tuple[Cell, int]]) -> Text:
    line = Text(" ", no_wrap=True, overflow="crop")
    for cell, room in cells:
        text = words.shortened(cell.text, room)
        line.append(text, TONES.get(cell.tone, ""))
        line.append(" " * (room - words.cells(text)))
    line.rstrip()
    return line
