"""The canvas draws anew what has changed, and nothing else."""

import asyncio
from typing import override

from textual.app import App, ComposeResult

from tallystick.faces.tui.canvas import Canvas
from tallystick.faces.tui.draw import FAINT, PLAIN, Line
from tallystick.faces.tui.palette import DARK, LIGHT


class Easel(App[None]):
    """An app with a canvas."""

    @override
    def compose(self) -> ComposeResult:
        yield Canvas()


def line(text: str) -> Line:
    """Return a line of 20 columns."""
    return ((f"{text:<20}", PLAIN),)


def test_only_lines_that_changed_are_drawn() -> None:
    async def drawn() -> list[int]:
        app = Easel()
        async with app.run_test(size=(20, 4)) as pilot:
            canvas, found = app.query_one(Canvas), []
            for lines, palette in (
                ([line("a"), line("b")], DARK),
                ([line("a"), line("b")], DARK),
                ([line("a"), line("c")], DARK),
                ([line("a"), line("c"), line("d")], DARK),
                ([line("a"), line("c"), line("d")], LIGHT),
                ([line("a")], LIGHT),
            ):
                before = canvas.drawn
                canvas.show(lines, palette)
                await pilot.pause()
                found.append(canvas.drawn - before)
            return found

    assert asyncio.run(drawn()) == [2, 0, 1, 1, 3, 2]


def test_a_line_is_drawn_in_the_looks_of_its_tones() -> None:
    async def strip() -> list[tuple[str, str]]:
        app = Easel()
        async with app.run_test(size=(6, 2)):
            canvas = app.query_one(Canvas)
            canvas.show([(("ab", PLAIN), ("c", FAINT))], DARK)
            return [(segment.text, str(segment.style)) for segment in canvas.render_line(0)]

    assert asyncio.run(strip()) == [
        ("ab", "#d5d9e0 on #14171c"),
        ("c", "#98a1b0 on #14171c"),
        ("   ", "#d5d9e0 on #14171c"),
    ]
