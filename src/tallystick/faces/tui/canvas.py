"""The canvas: draws lines on the terminal, those anew that have changed."""

from functools import lru_cache
from typing import override

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tallystick.faces.tui.draw import PLAIN, Line
from tallystick.faces.tui.palette import DARK, Palette


class Canvas(Widget, can_focus=True):
    """Shows lines as they are."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._lines: list[Line] = []
        self._palette = DARK
        self.drawn = 0
        """How many lines were drawn anew, ever."""

    def show(self, lines: list[Line], palette: Palette) -> None:
        """Show other lines; those that are as they were are left as they are."""
        before, again = self._lines, palette is not self._palette
        self._lines, self._palette = lines, palette
        height = max(len(before), len(lines))
        changed = [
            place
            for place in range(height)
            if again or place >= len(before) or place >= len(lines) or before[place] != lines[place]
        ]
        self.drawn += len(changed)
        if changed:
            self.refresh(*(Region(0, place, self.size.width, 1) for place in changed))

    @override
    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        strip = Strip([Segment(text, _style(self._palette.style(tone))) for text, tone in line])
        return strip.adjust_cell_length(self.size.width, _style(self._palette.style(PLAIN)))


@lru_cache(256)
def _style(look: str) -> Style:
    return Style.parse(look)
