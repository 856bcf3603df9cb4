"""Palettes: what each tone looks like, on dark and on light ground, in the terminal's own colours, and without any."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from tallystick.faces.tui.draw import (
    ACCENT,
    BAD,
    BAR,
    CHOSEN,
    FAINT,
    GOOD,
    STRONG,
    TITLE,
    TONES,
    TRACK,
    WARNING,
    Line,
)


class Palette(NamedTuple):
    """What the tones look like."""

    name: str
    dark: bool
    ground: str
    """Of the whole picture; empty for the terminal's own."""
    text: str
    row: str
    """The ground of the row that is chosen; empty where that is reversed."""
    tones: Mapping[str, str]
    """By tone: `bold` or `dim`, and a colour as `#rrggbb` or by name."""

    def style(self, tone: str) -> str:
        """Return what a tone looks like, as rich has it."""
        name, within = tone.removesuffix(CHOSEN), tone.endswith(CHOSEN)
        look = self.tones[name]
        if not self.ground:
            return f"{look} reverse".strip() if within else look or "none"
        colour = "" if "#" in look else f" {self.text}"
        return f"{look}{colour} on {self.row if within else self.ground}".strip()


def _palette(name: str, grounds: tuple[str, str, str], looks: Mapping[str, str], *, dark: bool) -> Palette:
    return Palette(name, dark, *grounds, MappingProxyType({tone: looks.get(tone, "") for tone in TONES}))


DARK: Final = _palette(
    "dark",
    ("#14171c", "#d5d9e0", "#263040"),
    {
        FAINT: "#98a1b0",
        STRONG: "bold #f2f4f8",
        TITLE: "bold #d5d9e0",
        ACCENT: "bold #8fb4f2",
        BAR: "#6f9be0",
        TRACK: "#3a424f",
        GOOD: "#86c28b",
        WARNING: "#dfb25b",
        BAD: "bold #ee8277",
    },
    dark=True,
)
LIGHT: Final = _palette(
    "light",
    ("#fbfbf9", "#2a2f36", "#e6edf7"),
    {
        FAINT: "#5b636e",
        STRONG: "bold #10141a",
        TITLE: "bold #2a2f36",
        ACCENT: "bold #1d56b0",
        BAR: "#3f78cc",
        TRACK: "#c3c8cf",
        GOOD: "#276f38",
        WARNING: "#8f5b00",
        BAD: "bold #b3261e",
    },
    dark=False,
)
TERMINAL: Final = _palette(
    "terminal",
    ("", "", ""),
    {
        FAINT: "dim",
        STRONG: "bold",
        TITLE: "bold",
        ACCENT: "bold cyan",
        BAR: "blue",
        TRACK: "dim",
        GOOD: "green",
        WARNING: "yellow",
        BAD: "bold red",
    },
    dark=True,
)
COLOURLESS: Final = _palette(
    "plain",
    ("", "", ""),
    {FAINT: "dim", STRONG: "bold", TITLE: "bold", ACCENT: "bold underline", TRACK: "dim", WARNING: "bold", BAD: "bold"},
    dark=True,
)
PALETTES: Final = (DARK, LIGHT, TERMINAL)
"""Those that a person can choose, in the order of the key."""
_LIGHT_GROUNDS: Final = frozenset(("7", "15"))
_BRIGHT: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_CUBE: Final = (0, 95, 135, 175, 215, 255)


def chosen(name: str, environ: Mapping[str, str]) -> Palette:
    """Return the palette of a name; without one, that which fits the terminal as far as it tells, and none with NO_COLOR."""
    if environ.get("NO_COLOR"):
        return COLOURLESS
    named = next((each for each in PALETTES if each.name == name), None)
    if named is not None:
        return named
    # Some terminals tell text and ground so, by their numbers among sixteen colours.
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if ground in _LIGHT_GROUNDS else DARK


def escaped(line: Line, palette: Palette, *, true_colour: bool) -> str:
    """Return a line with the codes by which a terminal draws it."""
    return "".join(f"\x1b[0{_codes(palette.style(tone), true_colour=true_colour)}m{text}" for text, tone in line)


def _codes(style: str, *, true_colour: bool) -> str:
    attributes = {"bold": ";1", "dim": ";2", "underline": ";4", "reverse": ";7"}
    found, kind = "", 38
    for word in style.split():
        if word == "on":
            kind = 48
        elif word.startswith("#"):
            found += _colour(word, kind, true_colour=true_colour)
        elif word in attributes:
            found += attributes[word]
        elif word in _BRIGHT:
            found += f";{kind - 8 + _BRIGHT.index(word)}"
    return found


def _colour(text: str, kind: int, *, true_colour: bool) -> str:
    parts = [int(text[place : place + 2], 16) for place in (1, 3, 5)]
    if true_colour:
        return f";{kind};2;{parts[0]};{parts[1]};{parts[2]}"
    nearest = [min(range(6), key=lambda each: abs(_CUBE[each] - part)) for part in parts]
    return f";{kind};5;{16 + 36 * nearest[0] + 6 * nearest[1] + nearest[2]}"
