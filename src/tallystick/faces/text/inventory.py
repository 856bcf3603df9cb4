"""The inventory of tools as text: beneath the report by tool, what lies where, or one tool in full; and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tallystick.answers import as_json
from tallystick.answers.answer import Answer, Moment
from tallystick.answers.health import Place, Uncounted
from tallystick.answers.inventory import MEANINGS, Inventory, Stock
from tallystick.faces.text import words
from tallystick.faces.text.health import ago, line, path, size, some_paths, uncounted
from tallystick.faces.text.sheet import FAINT, PLAIN, STRONG, Cell

_PLACES_MOST: Final = 3
_NO_LOGS: Final = "no logs any more"
_WIDEST: Final = 120
_GAP: Final = "  "
_COUNTS: Final = len("derived")
_DOT: Final = "· "
_RIGHT: Final = ("Files", "Size", "Events")

type Line = tuple[Cell, ...]
"""Texts that stand beside one another."""


def show(lines: Sequence[Line]) -> None:
    """Print lines on a terminal, set in by one, in colours where it has them."""
    from rich.text import Text

    from tallystick.faces.text.as_table import TONES, terminal

    console = terminal()
    for each in lines:
        text = Text(" " if each else "", no_wrap=True, overflow="crop")
        for cell in each:
            text.append(cell.text, TONES.get(cell.tone, ""))
        text.rstrip()
        console.print(text)


def plain(lines: Sequence[Line]) -> str:
    """Return lines without any decoration."""
    return "".join("".join(cell.text for cell in each).rstrip() + "\n" for each in lines)


def all_of(found: Inventory, home: str, width: int) -> list[Line]:
    """Return what there is of every tool, within so many columns; paths below `home` begin with ~."""
    room = min(width, _WIDEST) - 2
    here = [tool for tool in found.tools if tool.found or tool.events]
    absent = [tool for tool in found.tools if tool not in here]
    return [*_here(here, found.now, home, room), *_absent(absent, home, room), *_unusable(found.unusable, room)]


def _here(tools: Sequence[Stock], now: int, home: str, room: int) -> Iterator[Line]:
    if not tools:
        return
    rows = [row for tool in tools for row in _rows(tool, now, home)]
    titles = ("Found here", "Counts", "Place", "Files", "Size", "Events", "Newest")
    widths = [max(words.cells(cell.text) for cell in column) for column in zip(*rows, strict=True)]
    widths = [max(width, len(title)) for width, title in zip(widths, titles, strict=True)]
    if sum(widths) + len(_GAP) * (len(widths) - 1) <= room:
        yield tuple(_padded([Cell(title, STRONG) for title in titles], widths, titles))
        yield (Cell("─" * (sum(widths) + len(_GAP) * (len(widths) - 1)), FAINT),)
        yield from (tuple(_padded(row, widths, titles)) for row in rows)
    else:
        yield (Cell("Found here", STRONG),)
        for tool in tools:
            yield from _narrow(tool, now, home, room, max(words.cells(each.title) for each in tools))
    yield ()


def _rows(tool: Stock, now: int, home: str) -> Iterator[list[Cell]]:
    """Yield a tool's rows: one for each of its places, the first of which tells the rest about the tool too."""
    about = [Cell(f"{tool.events:,}"), Cell(_newest(tool, now))]
    begin = [Cell(words.clean(tool.title)), Cell(tool.counts, FAINT)]
    for place in _shown(tool) or [(_NO_LOGS, "", "")]:
        yield [*begin, Cell(path(place[0], home), FAINT), Cell(place[1], FAINT), Cell(place[2], FAINT), *about]
        begin, about = [Cell(""), Cell("")], [Cell(""), Cell("")]


def _shown(tool: Stock) -> list[tuple[str, str, str]]:
    """Return path, files and size of the first few places that are there, and the sum of the others."""
    there = [place for place in tool.places if place.exists]
    # Places with logs tell more than empty ones.
    there.sort(key=lambda place: not place.files)
    shown = [_sums(place.path, [place]) for place in there[:_PLACES_MOST]]
    if rest := there[_PLACES_MOST:]:
        shown.append(_sums(f"and {words.counted(len(rest), 'more place')}", rest))
    return shown


def _sums(name: str, places: Sequence[Place]) -> tuple[str, str, str]:
    files = sum(place.files for place in places)
    return name, f"{files:,}", size(sum(place.bytes for place in places)) if files else ""


def _padded(row: Sequence[Cell], widths: Sequence[int], titles: Sequence[str]) -> Iterator[Cell]:
    for place, (cell, width, title) in enumerate(zip(row, widths, titles, strict=True)):
        space = " " * (width - words.cells(cell.text))
        text = space + cell.text if title in _RIGHT else cell.text + space
        yield cell._replace(text=(_GAP if place else "") + text)


def _narrow(tool: Stock, now: int, home: str, room: int, column: int) -> Iterator[Line]:
    """Yield a tool and what there is of it in a line, and each of its places in a line beneath."""
    newest = _newest(tool, now)
    events = words.counted(tool.events, "event")
    about = f"{events}, the newest {newest}" if newest else events
    if column + words.cells(about) + len(_GAP) * 2 + _COUNTS > room:
        about = words.shortened(events, room - column - len(_GAP) * 2 - _COUNTS)
    space = " " * (column - words.cells(tool.title))
    yield Cell(words.clean(tool.title) + space), Cell(f"{_GAP}{tool.counts:{_COUNTS}}", FAINT), Cell(_GAP + about)
    for name, files, total in _shown(tool) or [(_NO_LOGS, "", "")]:
        amount = f"{files:>6} {'file ' if files == '1' else 'files' if files else '':5}{total:>10}"
        left = room - len(_GAP) * 2 - words.cells(amount)
        shown = words.shortened(path(name, home), left, keep_end=True)
        yield (Cell(f"{_GAP}{shown}{' ' * (left - words.cells(shown))}{_GAP}{amount}", FAINT),)


def _newest(tool: Stock, now: int) -> str:
    return ago(now - tool.newest) if tool.newest else ""


def _absent(tools: Sequence[Stock], home: str, room: int) -> Iterator[Line]:
    if not tools:
        return
    yield (Cell("Not found", STRONG),)
    column = max(words.cells(tool.title) for tool in tools)
    for tool in tools:
        looked = some_paths([place.path for place in tool.places], home)
        space = " " * (column - words.cells(tool.title))
        left = room - column - len(_GAP)
        yield (Cell(f"{tool.title}{space}{_GAP}{words.shortened(looked, left)}", FAINT),)
    yield ()


def _unusable(tools: Sequence[Uncounted], room: int) -> Iterator[Line]:
    """Yield the tools that cannot be counted, those together for which the same is to be told."""
    if not tools:
        return
    yield (Cell("Installed, but not counted", STRONG),)
    unread = [tool.title for tool in tools if tool.keeps_counts]
    for tool in tools:
        if not tool.keeps_counts:
            yield from _paragraph(f"{tool.title}: {tool.why}", room)
            yield from _paragraph(tool.instead, room, "  → ", FAINT)
    if unread:
        verb = "keeps" if len(unread) == 1 else "keep"
        yield from _paragraph(f"{', '.join(unread)}: {verb} counts, which Tallystick does not read yet.", room)
    yield ()


def _paragraph(text: str, room: int, begin: str = "", tone: str = PLAIN) -> Iterator[Line]:
    from textwrap import wrap

    hanging = " " * (len(begin) or len(_GAP))
    text = words.clean(begin + text)
    for part in wrap(text, max(room, 20), subsequent_indent=hanging, break_on_hyphens=False):
        yield (Cell(part, tone),)


def one(found: Inventory, home: str, width: int) -> list[Line]:
    """Return everything about one tool or a few, within so many columns."""
    room = min(width, _WIDEST) - 2
    cells = [each for tool in found.tools for each in (*_readable(tool, found.now, home), Cell(""))]
    cells += [each for tool in found.unusable for each in (*_uncountable(tool, home), Cell(""))]
    return [part for cell in cells for part in _wrapped(cell, room)]


def _wrapped(cell: Cell, room: int) -> Iterator[Line]:
    """Yield the lines of a cell, later ones set in to where its text begins."""
    from textwrap import wrap

    hanging = len(line("", _DOT if _DOT in cell.text else "").text)
    for part in wrap(cell.text, room, subsequent_indent=" " * hanging, break_on_hyphens=False) or [""]:
        yield (cell._replace(text=part),) if part else ()


def _readable(tool: Stock, now: int, home: str) -> Iterator[Cell]:
    yield Cell(f"{tool.title} ({tool.tool})", STRONG)
    yield line("counts", f"{tool.counts}: {MEANINGS[tool.counts]}")
    newest = f", the newest {_newest(tool, now)}" if tool.newest else ""
    yield line("ledger", words.counted(tool.events, "event") + newest)
    if tool.cut_off:
        verb = "is" if tool.cut_off == 1 else "are"
        yield line("", f"{tool.cut_off:,} of them broke off and {verb} counted with what was known by then")
    for tokens, known in (
        (tool.derived, "the difference of two running totals"),
        (tool.coarse, "a sum over a longer time"),
    ):
        if tokens:
            yield line(
                "", f"{words.counted(tokens, 'token')} of it {'is' if tokens == 1 else 'are'} known only as {known}"
            )
    there = [place for place in tool.places if place.exists]
    for number, place in enumerate(there):
        amount = f"{words.counted(place.files, 'file')}, {size(place.bytes)}"
        yield line("" if number else "found", f"{path(place.path, home)}: {amount}")
    if not there:
        yield line("found", _NO_LOGS if tool.events else "nothing")
    for number, place in enumerate(place for place in tool.places if not place.exists):
        yield line("" if number else "not there", path(place.path, home), FAINT)
    for number, spot in enumerate(tool.blind_spots):
        yield line("" if number else "not logged", _DOT + spot)


def _uncountable(tool: Uncounted, home: str) -> Iterator[Cell]:
    yield Cell(f"{tool.title} ({tool.tool})", STRONG)
    yield line("found", path(tool.place, home))
    yield line("not counted", tool.why)
    yield line("instead", tool.instead)


def report(answer: Answer, found: Inventory) -> str:
    """Return the report by tool as JSON, with the inventory beside its rows."""
    whole = as_json.report(answer).removesuffix("}\n")
    tools = ",\n".join("  " + as_json.value(_values(tool)) for tool in found.tools)
    unusable = ",\n".join("  " + as_json.value(uncounted(tool)) for tool in found.unusable)
    return f'{whole},\n "tools": [\n{tools}],\n "unusable": [\n{unusable}]}}\n'


def _values(tool: Stock) -> dict[str, Any]:
    there = [place for place in tool.places if place.exists]
    return {
        "tool": tool.tool,
        "title": tool.title,
        "found": tool.found,
        "places": [{"path": place.path, "files": place.files, "bytes": place.bytes} for place in there],
        "looked_at": [place.path for place in tool.places if not place.exists],
        "events": tool.events,
        "cut_off": tool.cut_off,
        "newest": Moment(tool.newest) if tool.newest else None,
        "counts": tool.counts,
        "dated": {"derived": tool.derived, "coarse": tool.coarse},
        "blind_spots": list(tool.blind_spots),
    }
