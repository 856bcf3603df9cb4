"""What a terminal shows, as a picture (SVG) that needs nothing from the network."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme

_FONT: Final = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
"""Rich would have the reader's browser fetch a font; any monospaced one does."""
_PAPER: Final = TerminalTheme(
    (27, 31, 36),
    (220, 224, 229),
    [
        (40, 44, 52),
        (224, 108, 117),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (171, 178, 191),
    ],
)
"""Background, text, and the eight colours of a terminal."""


def svg(draw: Callable[[Console], None], width: int, title: str) -> str:
    """Return as SVG what is drawn on a console so many characters wide."""
    console = Console(
        width=width,
        record=True,
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        highlight=False,
        emoji=False,
    )
    draw(console)
    # A name of its own for each picture would change with every character in it.
    made = console.export_svg(title=title, theme=_PAPER, unique_id="tally")
    return _FONT.sub("", made)
