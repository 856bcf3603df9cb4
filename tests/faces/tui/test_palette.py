"""Palettes: every tone has a look that can be read, and without colours there are none."""

import re

import pytest

from tallystick.faces.tui.draw import BAR, CHOSEN, FAINT, PLAIN, TONES, TRACK
from tallystick.faces.tui.palette import COLOURLESS, DARK, LIGHT, PALETTES, TERMINAL, Palette, chosen, escaped


def light(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=lambda each: each.name)
@pytest.mark.parametrize("tone", [tone for tone in TONES if tone not in {TRACK, BAR}])
@pytest.mark.parametrize("within", ["", CHOSEN])
def test_text_stands_out_from_its_ground(palette: Palette, tone: str, within: str) -> None:
    ink, ground = re.findall("#[0-9a-f]{6}", palette.style(tone + within))
    high, low = sorted((light(ink), light(ground)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("palette", [COLOURLESS, TERMINAL], ids=lambda each: each.name)
def test_a_terminals_own_ground_is_left_as_it_is(palette: Palette) -> None:
    for tone in TONES:
        assert "on " not in palette.style(tone)
        assert "reverse" in palette.style(tone + CHOSEN)


def test_without_colours_there_are_none() -> None:
    looks = " ".join(COLOURLESS.style(tone + within) for tone in TONES for within in ("", CHOSEN))
    assert set(looks.split()) <= {"none", "bold", "dim", "underline", "reverse"}


@pytest.mark.parametrize(
    "name, environ, expected",
    [
        ("", {}, DARK),
        ("", {"COLORFGBG": "0;15"}, LIGHT),
        ("", {"COLORFGBG": "15;default;0"}, DARK),
        ("light", {}, LIGHT),
        ("terminal", {}, TERMINAL),
        ("light", {"NO_COLOR": "1"}, COLOURLESS),
        ("", {"NO_COLOR": ""}, DARK),
    ],
)
def test_a_palette_is_chosen(name: str, environ: dict[str, str], expected: Palette) -> None:
    assert chosen(name, environ) == expected


def test_each_palette_has_a_name_of_its_own() -> None:
    assert len({palette.name for palette in (*PALETTES, COLOURLESS)}) == 4


def test_lines_are_drawn_with_codes_that_the_terminal_knows() -> None:
    line = (("a", PLAIN), ("b", FAINT))
    assert escaped(line, COLOURLESS, true_colour=True) == "\x1b[0ma\x1b[0;2mb"
    assert escaped((("a", PLAIN),), DARK, true_colour=True) == "\x1b[0;38;2;213;217;224;48;2;20;23;28ma"
    # 213 is nearest to 215, 217 to 215, 224 to 215; 20, 23 and 28 to 0.
    assert escaped((("a", PLAIN),), DARK, true_colour=False) == "\x1b[0;38;5;188;48;5;16ma"
    assert escaped((("a", BAR),), TERMINAL, true_colour=False) == "\x1b[0;34ma"
