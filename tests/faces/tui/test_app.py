"""The live view under a person's hands: keys, mouse, sizes, pages, filters and zones, before the hand-made ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.faces.tui.pictures import NOW, answers, texts
from textual.pilot import Pilot
from textual.widgets import Input

from tallystick.errors import Misused
from tallystick.faces.tui import palette
from tallystick.faces.tui.app import Around, LiveApp, where
from tallystick.faces.tui.asking import Asked, Asking, Wanted
from tallystick.faces.tui.canvas import Canvas
from tallystick.faces.tui.state import CALLS, MACHINES, MODELS, SESSIONS, TOOLS, Besides, Source
from tallystick.usage.period import Zone

type Scene = Callable[[LiveApp, Pilot[None]], Awaitable[None]]


class Opened:
    """The hand-made ledger's answers."""

    def __init__(self) -> None:
        """Open them."""
        self.answers: Asked = answers()

    def news(self) -> object:
        """There are none."""
        return 0

    def besides(self, now: int) -> Besides:
        """There is one alert."""
        assert now == NOW
        return Besides(alerts=({"level": "warning", "title": "Machine silent: laptop"},))

    def close(self) -> None:
        """Nothing is held."""


def play(
    scene: Scene,
    size: tuple[int, int] = (120, 40),
    look: palette.Palette = palette.DARK,
    trouble: str = "",
    remember: Callable[[str], object] = lambda _: None,
) -> None:
    """Have a view before the ledger, and somebody who uses it."""

    async def run() -> None:
        asking = Asking(Opened, Wanted(Zone()), lambda: NOW)
        asking.start()
        assert asking.wait(10)
        app = LiveApp(asking, Around(lambda: Source("box", trouble=trouble), lambda: NOW, look, remember))
        try:
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                await scene(app, pilot)
        finally:
            asking.end()

    asyncio.run(run())


def shown(app: LiveApp) -> str:
    """Return what is on the canvas."""
    return "\n".join(texts(app.query_one(Canvas)._lines))


async def until(pilot: Pilot[None], holds: Callable[[], Any]) -> None:
    """Wait for something to hold."""
    for _ in range(500):
        await pilot.pause(0.01)
        if holds():
            return
    pytest.fail("it did not come to hold")


def test_it_shows_the_picture_and_leaves_with_q_and_with_ctrl_c() -> None:
    for key in ("q", "ctrl+c"):

        async def scene(app: LiveApp, pilot: Pilot[None], key: str = key) -> None:
            assert "Mend the till" in shown(app)
            await pilot.press(key)
            await pilot.pause()
            assert not app.is_running

        play(scene)


def test_keys_go_from_panel_to_panel_and_from_row_to_row() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        found = [app.view.panel]
        for key in ("2", "tab", "tab", "5", "tab", "shift+tab"):
            await pilot.press(key)
            found.append(app.view.panel)
        assert found == [SESSIONS, MODELS, TOOLS, MACHINES, CALLS, SESSIONS, CALLS]
        await pilot.press("1", "down", "j")
        assert app.view.rows[SESSIONS] == "s1"
        await pilot.press("down", "k")
        assert app.view.rows[SESSIONS] == "s2"
        await pilot.press("home")
        assert app.view.rows[SESSIONS] == "s3"
        await pilot.press("end")
        assert app.view.rows[SESSIONS] == "s1"

    play(scene)


def test_a_session_opens_scrolls_and_closes() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("end", "enter")
        await until(pilot, lambda: "Calls, the newest first" in shown(app))
        assert shown(app).startswith(" Session ─")
        await pilot.press("down")
        assert app.page is not None
        # All of it is shown, so that there is nothing to scroll.
        assert app.page.top == 0
        await pilot.press("escape")
        assert shown(app).startswith(" Tallystick")

    play(scene)


def test_why_is_explained_and_help_is_given() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("2", "w")
        await until(pilot, lambda: "× $1.75 a million" in shown(app))
        await pilot.press("question_mark")
        assert "Looking around" in shown(app)
        await pilot.press("escape")
        assert shown(app).startswith(" Tallystick")

    play(scene)


def test_sorting_is_by_key_and_by_a_click_on_the_title() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("s")
        assert app.view.sort(SESSIONS) == "cost"
        title = next(spot for spot in app._frame.spots if spot.panel == SESSIONS and not spot.key)
        await pilot.click(offset=(3, title.line))
        assert app.view.sort(SESSIONS) == "tokens"
        assert "by tokens" in shown(app)

    play(scene)


def test_a_click_chooses_a_row_a_second_one_opens_it_and_the_wheel_moves() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        spot = next(spot for spot in app._frame.spots if spot.key == "s2")
        await pilot.click(offset=(10, spot.line))
        assert app.view.rows[SESSIONS] == "s2"
        app.on_mouse_scroll_up()
        assert app.view.rows[SESSIONS] == "s3"
        app.on_mouse_scroll_down()
        assert app.view.rows[SESSIONS] == "s1"
        await pilot.pause(0.6)
        await pilot.click(offset=(10, spot.line), times=2)
        await until(pilot, lambda: shown(app).startswith(" Session ─"))

    play(scene)


def test_a_filter_is_typed_and_taken_back() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"tool=codex", "enter")
        await until(pilot, lambda: "only tool=codex" in shown(app))
        await until(pilot, lambda: "Mend the till" not in shown(app))
        # What is typed moves nothing.
        assert app.view.panel == SESSIONS
        await pilot.press("slash")
        assert app.query_one(Input).value == "tool=codex"
        await pilot.press("escape")
        assert not app.query_one(Input).display
        await pilot.press("slash", "ctrl+u", "enter")
        await until(pilot, lambda: "Mend the till" in shown(app))

    play(scene)


def test_what_cannot_be_filtered_by_is_said() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("slash", *"colour=red", "enter")
        await until(pilot, lambda: "'colour' is nothing to filter by" in shown(app))
        await pilot.press("z", "ctrl+u", *"Mars", "enter")
        await until(pilot, lambda: "There is no time zone 'Mars'" in shown(app))

    play(scene)


def test_another_zone_tells_its_own_time() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        assert "Mon 09:06 UTC" in shown(app)
        await pilot.press("z", "ctrl+u", *"Asia/Kolkata", "enter")
        await until(pilot, lambda: "Mon 14:36 Asia/Kolkata" in shown(app))

    play(scene)


def test_themes_go_round_unless_there_are_no_colours() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        found = []
        for _ in range(3):
            await pilot.press("t")
            found.append(app.look.name)
        assert found == remembered == ["light", "terminal", "dark"]

    async def colourless(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.press("t")
        assert app.look is palette.COLOURLESS
        assert "NO_COLOR is set" in shown(app)
        assert len(remembered) == 3

    remembered: list[str] = []
    play(scene, remember=remembered.append)
    play(colourless, look=palette.COLOURLESS, remember=remembered.append)


def test_it_follows_the_size_of_the_terminal() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        assert "Machines" in shown(app)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: "1 Sessions 2 Models" in shown(app))
        await pilot.resize_terminal(18, 4)
        await until(pilot, lambda: "today" in shown(app))
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "Machines  1 active" in shown(app))

    play(scene)


def test_nothing_is_drawn_anew_while_nothing_changes() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.pause(0.2)
        before = app.query_one(Canvas).drawn
        app.draw()
        await pilot.press("r")
        await pilot.pause(0.8)
        assert app.query_one(Canvas).drawn == before

    play(scene)


def test_trouble_is_told_above_everything() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await pilot.pause()
        assert shown(app).splitlines()[1] == " The disk is full."

    play(scene, trouble="The disk is full.")


def test_filters_are_read_as_they_are_typed() -> None:
    assert where("shop tool=codex,claude-code model=*opus*") == {
        "project": ["*shop*"],
        "tool": ["codex", "claude-code"],
        "model": ["*opus*"],
    }
    assert where("") == {}
    with pytest.raises(Misused):
        where("shape=round")


def test_what_is_in_no_ledger_stands_above_the_panels() -> None:
    async def scene(app: LiveApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "! 1 alert  Machine silent: laptop" in shown(app))

    play(scene)
