"""Lines of a terminal as values: pieces of text, each with the tone in which it is said, and tables that fit a width."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from tallystick.faces.tui.words import cells, shortened

PLAIN: Final = ""
FAINT: Final = "faint"
STRONG: Final = "strong"
TITLE: Final = "title"
ACCENT: Final = "accent"
BAR: Final = "bar"
TRACK: Final = "track"
GOOD: Final = "good"
WARNING: Final = "warning"
BAD: Final = "bad"
TONES: Final = (PLAIN, FAINT, STRONG, TITLE, ACCENT, BAR, TRACK, GOOD, WARNING, BAD)
CHOSEN: Final = "+"
"""What ends a tone within the row that is chosen."""

_GAP: Final = 2
_FLEXIBLE_LEAST: Final = 10

type Piece = tuple[str, str]
"""Text and tone."""
type Line = tuple[Piece, ...]


class Column(NamedTuple):
    """One column of a table."""

    title: str
    most: int = 0
    """How wide it may be; 0 takes what the others leave."""
    right: bool = False
    rank: int = 0
    """Where there is no room for all columns, that of the highest rank is left off first; 0 never is."""


class Entry(NamedTuple):
    """One row of a table."""

    key: str
    """What it is of, so that the one that is chosen stays so whatever comes."""
    cells: tuple[Piece, ...]
    note: Line = ()
    """A second line, where there is something to add."""


def width_of(line: Line) -> int:
    """Return how many columns of a terminal a line takes."""
    return sum(cells(text) for text, _ in line)


def fitted(line: Iterable[Piece], width: int) -> Line:
    """Return a line that takes exactly so many columns."""
    found: list[Piece] = []
    room = width
    for text, tone in line:
        short = shortened(text, room)
        if short:
            found.append((short, tone))
        room -= cells(short)
        if short != text or room <= 0:
            break
    return (*found, (" " * room, PLAIN)) if room > 0 else tuple(found)


def spread(left: Line, right: Line, width: int) -> Line:
    """Return a line with one part at each end; where both do not fit, the left one is cut."""
    room = width - width_of(right)
    if room < 1:
        return fitted(right, width)
    return (*fitted(left, room), *right)


def chosen(line: Line) -> Line:
    """Return a line as it looks where it is the one that is chosen."""
    return tuple((text, tone + CHOSEN) for text, tone in line)


def said(line: Line) -> str:
    """Return what a line says, without tones and without blanks behind it."""
    return "".join(text for text, _ in line).rstrip()


def beside(parts: Sequence[Sequence[Line]], widths: Sequence[int], gap: int) -> list[Line]:
    """Return columns of lines beside one another."""
    height = max(map(len, parts), default=0)
    found = []
    for place in range(height):
        line: list[Piece] = []
        for number, (lines, width) in enumerate(zip(parts, widths, strict=True)):
            line += [(" " * gap, PLAIN)] if number else []
            line += fitted(lines[place] if place < len(lines) else (), width)
        found.append(tuple(line))
    return found


class Layout:
    """The columns of a table that fit a width, and how wide each is."""

    def __init__(self, columns: Sequence[Column], entries: Sequence[Entry], width: int) -> None:
        """Leave off what does not fit, and give the flexible columns what is left."""
        self._columns = columns
        self._wide = [self._natural(place, entries) for place in range(len(columns))]
        self._shown = list(range(len(columns)))
        while self._needed() > width and (droppable := [each for each in self._shown if columns[each].rank]):
            self._shown.remove(max(droppable, key=lambda each: (columns[each].rank, each)))
        self._give(width)

    def _natural(self, place: int, entries: Sequence[Entry]) -> int:
        column = self._columns[place]
        widest = max((cells(entry.cells[place][0]) for entry in entries), default=0)
        widest = max(widest, cells(column.title))
        return min(widest, column.most) if column.most else widest

    def _needed(self) -> int:
        least = (
            self._wide[each] if self._columns[each].most else min(self._wide[each], _FLEXIBLE_LEAST)
            for each in self._shown
        )
        return sum(least) + _GAP * (len(self._shown) - 1)

    def _give(self, width: int) -> None:
        flexible = [each for each in self._shown if not self._columns[each].most]
        fixed = sum(self._wide[each] for each in self._shown if self._columns[each].most)
        room = max(width - fixed - _GAP * (len(self._shown) - 1), 0)
        for left, each in zip(range(len(flexible), 0, -1), flexible, strict=True):
            # The last one pushes what is behind it to the edge.
            self._wide[each] = room if left == 1 else min(self._wide[each], max(room // left, 0))
            room -= self._wide[each]

    def head(self) -> Line:
        """Return the line with the titles."""
        return self._line([(column.title, FAINT) for column in self._columns])

    def line(self, entry: Entry) -> Line:
        """Return the line of a row."""
        return self._line(entry.cells)

    def _line(self, row: Sequence[Piece]) -> Line:
        found: list[Piece] = []
        for each in self._shown:
            text, tone = row[each]
            short = shortened(text, self._wide[each])
            blank = " " * (self._wide[each] - cells(short))
            if found:
                found.append((" " * _GAP, PLAIN))
            found += [(blank, PLAIN), (short, tone)] if self._columns[each].right else [(short, tone), (blank, PLAIN)]
        return tuple(piece for piece in found if piece[0])
