"""Answers as tables for a terminal, fitted to its width."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from tallystick.answers.answer import Answer
from tallystick.faces.text.sheet import FAINT, GOOD, STRONG, WARNING, Cell, Column, Sheet, sheet
from tallystick.faces.text.words import cells, listed, shortened

TONES: Final = {FAINT: "dim", STRONG: "bold", WARNING: "yellow", GOOD: "green", "bar": "cyan"}
GAP: Final = 2
_GIVES: Final = {
    "title": (24, 10),
    "models": (14, 10),
    "projects": (14, 10),
    "project": (20, 12),
    "branch": (14, 8),
    "agent": (14, 9),
    "machine": (14, 8),
    "model": (24, 10),
    "budget": (60, 16),
}
"""Columns that can be narrower than what they hold: while nothing else has to go, and at the least."""


def terminal(width: int | None = None, *, record: bool = False) -> Console:
    """Return what shows tables on the standard output, in colours where it is a terminal that has them."""
    return Console(width=width, record=record, highlight=False, soft_wrap=False, emoji=False)


def report(answer: Answer, console: Console) -> None:
    """Show an answer."""
    laid_out, widths = fitted(answer, console.width)
    console.print()
    console.print(Text.assemble(" ", (laid_out.title, "bold"), ("  " + laid_out.about, "dim")))
    if answer.rows:
        for line in lines(laid_out.columns, widths):
            console.print(line)
    else:
        console.print(Text("\n Nothing was used in this time.", "dim"))
    for note in laid_out.notes:
        say(console, note)
    console.print()


def say(console: Console, note: Cell) -> None:
    """Show a sentence, wrapped to the width and set in by one."""
    for line in Text(note.text, TONES.get(note.tone, "")).wrap(console, max(20, console.width - GAP)):
        line.rstrip()
        console.print(Text(" ") + line)


def fitted(answer: Answer, width: int) -> tuple[Sheet, list[int]]:
    """Return an answer laid out so that it fits, with the widths of its columns.

    Full figures are preferred, then a bar beside them; where there is no room, figures get units and columns go.
    """
    tried = None
    for laid_out, at_least in _layouts(answer):
        widths = _widths(laid_out.columns, width - GAP, at_least)
        tried = (laid_out, widths)
        if sum(widths) + GAP * (len(widths) - 1) <= width - GAP:
            break
    assert tried is not None  # noqa: S101  there is always a first layout
    return tried


def _layouts(answer: Answer) -> Iterator[tuple[Sheet, int]]:
    """Yield layouts, the one with the most first, each with the place of its least widths in `_GIVES`."""
    laid_out = sheet(answer, compact=False)
    yield laid_out, 0
    yield _without(laid_out, "bar"), 0
    laid_out = sheet(answer, compact=True)
    yield laid_out, 0
    laid_out = _without(laid_out, "bar")
    yield laid_out, 0
    while droppable := [column for column in laid_out.columns if column.drop]:
        yield laid_out, 1
        laid_out = _without(laid_out, max(droppable, key=lambda column: column.drop).name)
        yield laid_out, 0
    yield laid_out, 1


def _without(laid_out: Sheet, name: str) -> Sheet:
    return laid_out._replace(columns=[column for column in laid_out.columns if column.name != name])


def _widths(columns: list[Column], room: int, at_least: int) -> list[int]:
    """Return the widths of columns, those that can give narrowed as far as there is need."""
    widths = [_natural(column) for column in columns]
    excess = sum(widths) + GAP * (len(widths) - 1) - room
    for place, column in enumerate(columns):
        least = min(widths[place], _GIVES[column.name][at_least]) if column.name in _GIVES else widths[place]
        given = max(0, min(excess, widths[place] - least))
        widths[place] -= given
        excess -= given
    return widths


def _natural(column: Column) -> int:
    heading = max((len(word) for word in column.title.split()), default=0)
    return max(heading, cells(column.total.text), max((cells(cell.text) for cell in column.cells), default=0))


def table(columns: list[Column], console: Console) -> None:
    """Show columns without a total, those that can be done without left off until they fit."""
    widths = _widths(columns, console.width - GAP, 0)
    while sum(widths) + GAP * (len(widths) - 1) > console.width - GAP and any(each.drop for each in columns):
        most = max(column.drop for column in columns)
        columns = [column for column in columns if column.drop != most]
        widths = _widths(columns, console.width - GAP, 0)
    for line in lines(columns, _widths(columns, console.width - GAP, 1), total=False):
        console.print(line)


def lines(columns: list[Column], widths: list[int], *, total: bool = True) -> Iterator[Text]:
    """Yield the lines of a table."""
    headings = [_heading(column.title, width) for column, width in zip(columns, widths, strict=True)]
    for texts in zip(*headings, strict=True):
        yield _line(columns, [Cell(text, STRONG) for text in texts], widths)
    rule = Text(" " + "─" * (sum(widths) + GAP * (len(widths) - 1)), "dim")
    yield rule
    for row in zip(*(column.cells for column in columns), strict=True):
        yield _line(columns, row, widths)
    if total:
        yield rule
        yield _line(columns, [column.total for column in columns], widths)


def _heading(title: str, width: int) -> tuple[str, str]:
    """Return a heading in two lines; the lower one stands on the rule."""
    if cells(title) <= width:
        return "", title
    above, _, below = title.partition(" ")
    return (shortened(above, width), shortened(below, width)) if below else ("", shortened(title, width))


def _line(columns: list[Column], row: Sequence[Cell], widths: list[int]) -> Text:
    line = Text(" ", no_wrap=True, overflow="crop")
    for place, (column, cell, width) in enumerate(zip(columns, row, widths, strict=True)):
        text = listed(cell.more, width) if cell.more else cell.text
        text = shortened(text, width, keep_end=column.name == "project")
        space = " " * (width - cells(text))
        line.append(" " * GAP if place else "")
        line.append(space if column.right else "")
        line.append(text, TONES.get(cell.tone, ""))
        line.append("" if column.right else space)
    line.rstrip()
    return line
