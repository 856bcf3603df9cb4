"""The picture as a whole: which panel lies where at a terminal's size, as lines, and what a click on each place means."""

from typing import Final, NamedTuple

from tallystick.answers.live import Live
from tallystick.faces.tui import summary, words
from tallystick.faces.tui.draw import ACCENT, FAINT, PLAIN, TITLE, TRACK, Layout, Line, beside, chosen, fitted, spread
from tallystick.faces.tui.panels import Panel, panel
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, PANELS, SESSIONS, TOOLS, Source, View

WIDE: Final = 96
"""From so many columns on all panels are side by side; below, one is shown at a time."""
_HIGH: Final = 20
"""Fewer lines have no room for all panels."""
_TINY: Final = (34, 9)
_TODAY_MOST: Final = 6
_LISTED: Final = 20
"""Rows of a panel that are printed."""
_GAP: Final = 3

type Extent = tuple[int, int]
"""Columns and lines."""


class Spot(NamedTuple):
    """A place on the picture that can be clicked."""

    line: int
    left: int
    right: int
    """The first column that belongs to it no longer."""
    panel: str
    key: str = ""
    """Of a row; empty for a panel's title."""


class Frame(NamedTuple):
    """A picture."""

    lines: list[Line]
    spots: list[Spot]
    keys: dict[str, list[str]]
    """By panel the keys of its rows, in their order."""


class _Block(NamedTuple):
    """A panel that is laid out: its lines, and the keys of those that are rows."""

    lines: list[Line]
    keys: list[str]


def frame(live: Live | None, view: View, source: Source, extent: Extent, now: int) -> Frame:
    """Return the picture at a size; without figures it says that they are on their way."""
    width, height = extent
    if live is None:
        lines = [summary.header(None, source, width, now), (), ((f" {summary.awaited(source)}", FAINT),)]
        return Frame([fitted(line, width) for line in (lines + [()] * height)[:height]], [], {})
    live = live._replace(question=live.question._replace(now=max(now, live.question.now)))
    if width < _TINY[0] or height < _TINY[1]:
        lines = summary.brief(live, source, width)
        return Frame([fitted(line, width) for line in (lines + [()] * height)[:height]], [], _keys(live, view))
    top = summary.top(live, source, width, most=max(height // 3, 3))
    if width >= WIDE and height >= _HIGH:
        return _framed(live, view, top, extent)
    return _narrow(live, view, top, extent)


def whole(live: Live, view: View, source: Source, width: int) -> list[Line]:
    """Return everything that there is, one panel below the other, for whoever reads it as text."""
    lines = summary.top(live, source, width, most=len(live.limits) + _HIGH)
    for name in PANELS:
        made = panel(name, live, view)
        entries = made.entries[:_LISTED]
        block = _block(made._replace(entries=entries), view, name, (width - 2, len(entries) * 2 + 2))
        lines += [(), *(((" ", PLAIN), *line) for line in block.lines)]
    return lines


def _keys(live: Live, view: View) -> dict[str, list[str]]:
    return {name: [entry.key for entry in panel(name, live, view).entries] for name in PANELS}


def _narrow(live: Live, view: View, top: list[Line], extent: Extent) -> Frame:
    """Return the picture with one panel, and tabs for the others."""
    width, height = extent
    tabs, spots, left = [], [], 1
    for number, name in enumerate(PANELS, 1):
        text = f"{number} {name.capitalize()}"
        tone = TITLE if name == view.panel else FAINT
        tabs += [(" ", PLAIN), (text, tone)]
        spots.append(Spot(len(top), left, left + len(text), name))
        left += len(text) + 1
    room = height - len(top) - 2
    block = _block(panel(view.panel, live, view), view, view.panel, (width - 2, room + 1))
    body = [((" ", PLAIN), *line, (" ", PLAIN)) for line in block.lines[1:]]
    spots += [Spot(len(top) + 1 + place, 0, width, view.panel, key) for place, key in enumerate(block.keys[1:]) if key]
    lines = [*top, tuple(tabs), *body[:room]]
    lines += [()] * (height - 1 - len(lines))
    return Frame([*(fitted(line, width) for line in lines), summary.footer(live, width)], spots, _keys(live, view))


def _framed(live: Live, view: View, top: list[Line], extent: Extent) -> Frame:
    """Return the picture with all panels."""
    width, height = extent
    inner, room = width - 2, height - len(top) - 1
    thirds = [(inner - 2 * _GAP) // 3] * 2
    thirds.append(inner - 2 * _GAP - sum(thirds))
    made = {name: panel(name, live, view) for name in PANELS}
    today = [made[name] for name in (MODELS, TOOLS, MACHINES)]
    middle = min(max(len(each.entries) for each in today), _TODAY_MOST, max(room // 4, 2))
    middle = max(middle, 1) + 2
    sessions = min(3 + sum(1 + bool(each.note) for each in made[SESSIONS].entries), max((room - middle) // 2, 4))
    sessions = max(sessions, 4)
    calls = room - middle - sessions
    lines, spots = list(top), []
    blocks = [
        _block(made[name], view, name, (wide, middle - 1))
        for name, wide in zip((MODELS, TOOLS, MACHINES), thirds, strict=True)
    ]
    left = 1
    for name, block, wide in zip((MODELS, TOOLS, MACHINES), blocks, thirds, strict=True):
        spots += _spots(name, block, len(lines), (left, left + wide))
        left += wide + _GAP
    lines += [((" ", PLAIN), *line) for line in beside([each.lines for each in blocks], thirds, _GAP)]
    lines += [()] * (len(top) + middle - len(lines))
    for name, high in ((SESSIONS, sessions), (CALLS, calls)):
        block = _block(made[name], view, name, (inner, high - (name == SESSIONS)))
        spots += _spots(name, block, len(lines), (1, width))
        lines += [((" ", PLAIN), *line, (" ", PLAIN)) for line in block.lines]
        lines += [()] * (name == SESSIONS)
    lines = (lines + [()] * height)[: height - 1]
    keys = {name: [entry.key for entry in made[name].entries] for name in PANELS}
    return Frame([*(fitted(line, width) for line in lines), summary.footer(live, width)], spots, keys)


def _spots(name: str, block: _Block, line: int, edges: tuple[int, int]) -> list[Spot]:
    return [Spot(line + place, *edges, name, key) for place, key in enumerate(block.keys) if key or not place]


def _block(made: Panel, view: View, name: str, extent: Extent) -> _Block:
    """Lay a panel out: its title, the titles of its columns, and as many rows as there is room for, the chosen one among them."""
    width, height = extent
    focused = name == view.panel
    more = f"by {made.sort}" if made.sort else ""
    title = _title(made.title, more, width, focused=focused)
    if not made.entries:
        return _Block([title, fitted(((made.empty, FAINT),), width)][:height], ["", ""][:height])
    layout = Layout(made.columns, made.entries, width)
    heads = any(column.title for column in made.columns) and name in {SESSIONS, CALLS}
    lines, keys = ([title, layout.head()], ["", ""]) if heads else ([title], [""])
    rows = [entry.key for entry in made.entries]
    at = rows.index(view.rows.get(name, "")) if view.rows.get(name, "") in rows else 0
    room = height - len(lines)
    for place in range(_first(made, at, room), len(made.entries)):
        entry = made.entries[place]
        line = fitted(layout.line(entry), width)
        lines.append(chosen(line) if focused and place == at else line)
        keys.append(entry.key)
        if entry.note:
            note = fitted((("   ", PLAIN), *entry.note), width)
            lines.append(chosen(note) if focused and place == at else note)
            keys.append(entry.key)
        if len(lines) >= height:
            break
    return _Block(lines[:height], keys[:height])


def _first(made: Panel, at: int, room: int) -> int:
    """Return the first row that is shown, so that the one at a place is the last one at the latest."""
    first = at
    room -= 1 + bool(made.entries[at].note)
    while first and room >= (needed := 1 + bool(made.entries[first - 1].note)):
        room -= needed
        first -= 1
    return first


def _title(text: str, more: str, width: int, *, focused: bool) -> Line:
    head, _, rest = text.partition("  ")
    left: Line = ((head, ACCENT if focused else TITLE), (f"  {rest}" if rest else "", FAINT), (" ", PLAIN))
    right: Line = ((f" {more}", FAINT),) if more else ()
    rule = max(width - sum(words.cells(piece) for piece, _ in (*left, *right)), 0)
    return spread((*left, ("─" * rule, TRACK)), right, width)
