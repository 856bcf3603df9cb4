"""The live view itself: takes pictures as they come, draws what has changed, and follows keys and mouse."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar, Final, NamedTuple, override

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Input

from tallystick.answers.question import patterns
from tallystick.errors import Misused, TallystickError
from tallystick.faces.tui import opening
from tallystick.faces.tui.asking import Asking
from tallystick.faces.tui.canvas import Canvas
from tallystick.faces.tui.draw import ACCENT, BAD, fitted
from tallystick.faces.tui.frame import Frame, frame
from tallystick.faces.tui.opening import Page
from tallystick.faces.tui.palette import PALETTES, Palette
from tallystick.faces.tui.state import PANELS, Source, View
from tallystick.usage.period import Zone

_TICK_S: Final = 5.0
_SAID_S: Final = 6.0
_FILTERS: Final = ("tool", "project", "machine", "model", "session", "branch", "agent", "user", "tag")


class Around(NamedTuple):
    """What the view needs of the world."""

    source: Callable[[], Source]
    """Tells how the place that is asked fares just now."""
    clock: Callable[[], int]
    """Milliseconds since 1970, UTC."""
    palette: Palette
    remember: Callable[[str], object] = lambda _: None
    """Is told the name of the palette that a person has chosen."""


class LiveApp(App[None]):
    """The live view."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    AUTO_FOCUS = None
    CSS = """
    Screen { layers: below above; overflow: hidden; }
    Canvas { layer: below; width: 100%; height: 100%; }
    Input { layer: above; dock: bottom; height: 1; border: none; padding: 0 1; display: none; }
    Input:focus { border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c,ctrl+q", "quit"),
        *(Binding(str(number), f"panel('{name}')") for number, name in enumerate(PANELS, 1)),
        Binding("tab", "turn(1)", priority=True),
        Binding("shift+tab", "turn(-1)", priority=True),
        Binding("up,k", "move(-1)"),
        Binding("down,j", "move(1)"),
        Binding("pageup", "move(-10)"),
        Binding("pagedown,space", "move(10)"),
        Binding("home,g", "move(-100000)"),
        Binding("end,G", "move(100000)"),
        Binding("enter", "open"),
        Binding("w", "why"),
        Binding("escape,backspace", "leave"),
        # What is typed at once behind these must not be taken for other keys: they count before anything else has its turn.
        Binding("slash", "ask('filter')", priority=True),
        Binding("z", "ask('zone')", priority=True),
        Binding("s", "sort"),
        Binding("t", "theme"),
        Binding("r", "again"),
        Binding("question_mark,h", "help"),
    ]

    class Came(Message):
        """There is a new picture, or a new page."""

    def __init__(self, asking: Asking, around: Around, view: View | None = None) -> None:
        """Begin with who asks and with the world."""
        super().__init__(ansi_color=None)
        self._asking, self._around = asking, around
        self.view = view or View()
        self.page: Page | None = None
        self.look = around.palette
        self._frame = Frame([], [], {})
        self._said = ""
        self._purpose = ""
        self._pages: list[Page] = []

    @override
    def compose(self) -> ComposeResult:
        yield Canvas()
        yield Input(compact=True)

    def on_mount(self) -> None:
        """Begin to listen."""
        for palette in (*PALETTES, self.look):
            self.register_theme(_theme(palette))
        self.theme = _name(self.look)
        self.screen.set_focus(self.query_one(Canvas))
        # Where a loop takes no signals, as on Windows and beside the main thread, textual's own end has to do.
        with suppress(NotImplementedError, RuntimeError, ValueError):
            # Ended from outside, too, the terminal is to be as it was.
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self.set_interval(_TICK_S, self.draw)
        self._asking.listen(lambda: self.post_message(self.Came()))
        self.draw()

    def on_live_app_came(self) -> None:
        """Draw what is new."""
        self._asking.taken()
        if self._pages:
            self.page = self._pages.pop()
            self._pages.clear()
        self.draw()

    def on_resize(self) -> None:
        """Draw everything at the new size."""
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        """Draw what has changed."""
        canvas = self.query_one(Canvas)
        width, height = self.size
        source = self._around.source()._replace(besides=self._asking.besides)
        if self._asking.trouble:
            source = source._replace(trouble=self._asking.trouble)
        self._frame = frame(self._asking.live, self.view, source, (width, height), self._around.clock())
        lines = self._frame.lines
        if self.page is not None:
            self.page = self.page.within(width, height)
            lines = self.page.drawn(width, height)
        if self._said and lines:
            lines = [*lines[:-1], fitted(((f" {self._said}", BAD),), width)]
        canvas.show(lines, self.look)

    def say(self, sentence: str) -> None:
        """Say something in the last line, for a while."""
        self._said = sentence
        self.draw()
        self.set_timer(_SAID_S, self._say_no_more)

    def _say_no_more(self) -> None:
        self._said = ""
        self.draw()

    def action_panel(self, name: str) -> None:
        """Go to a panel."""
        self.page, self.view = None, self.view._replace(panel=name)
        self.draw()

    def action_turn(self, by: int) -> None:
        """Go to the panel that comes next."""
        self.action_panel(PANELS[(PANELS.index(self.view.panel) + by) % len(PANELS)])

    def action_move(self, by: int) -> None:
        """Choose another row; within a page, scroll."""
        if self.page is not None:
            self.page = self.page._replace(top=self.page.top + by)
        elif rows := self._frame.keys.get(self.view.panel):
            at = self.view.rows.get(self.view.panel, "")
            place = rows.index(at) if at in rows else 0
            self.view = self.view.at(rows[min(max(place + by, 0), len(rows) - 1)])
        self.draw()

    def action_sort(self) -> None:
        """Sort the panel in another way."""
        self.view = self.view.sorted_next()
        self.draw()

    def action_theme(self) -> None:
        """Take the next palette."""
        if self.look in PALETTES:
            self.look = PALETTES[(PALETTES.index(self.look) + 1) % len(PALETTES)]
            self.theme = _name(self.look)
            self._around.remember(self.look.name)
            self.draw()
        else:
            self.say("NO_COLOR is set, so that there are no colours to choose.")

    def action_again(self) -> None:
        """Ask anew."""
        self._asking.again()

    def action_help(self) -> None:
        """Show what the keys do."""
        self.page = opening.help_page()
        self.draw()

    def action_leave(self) -> None:
        """Leave a page, or the line in which something is typed."""
        if self._purpose:
            self._typed_no_more()
        self.page = None
        self.draw()

    def action_open(self) -> None:
        """Open the row that is chosen."""
        self._ask_for(opening.opened)

    def action_why(self) -> None:
        """Explain the row that is chosen."""
        self._ask_for(opening.explained)

    def _ask_for(self, what: Callable[..., Any]) -> None:
        live, panel = self._asking.live, self.view.panel
        rows = self._frame.keys.get(panel) or ()
        if live is None or not rows or self.page is not None:
            return
        at = self.view.rows.get(panel, "")
        work = what(live, panel, at if at in rows else rows[0])
        self.page = opening.waiting()
        self._asking.do(work, self._brought)
        self.draw()

    def _brought(self, found: Page | TallystickError) -> None:
        """Take a page, from the thread that asks."""
        self._pages.append(opening.refused(found) if isinstance(found, TallystickError) else found)
        self.post_message(self.Came())

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Take keys for what they say where something is typed."""
        return not (self._purpose and action in {"ask", "turn"})

    def action_ask(self, what: str) -> None:
        """Have a person type a filter or a zone."""
        line = self.query_one(Input)
        wanted = self._asking.wanted
        self._purpose = what
        if what == "filter":
            line.placeholder = "Only: shop, tool=codex, model=*opus*, machine=laptop; nothing for all"
            line.value = _worded(wanted.where)
        else:
            line.placeholder = "Zone: Europe/Berlin, UTC"
            line.value = wanted.zone.name
        line.display = True
        self.screen.set_focus(line)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take what was typed."""
        purpose, text = self._purpose, event.value.strip()
        self._typed_no_more()
        wanted = self._asking.wanted
        try:
            self._asking.want(
                wanted._replace(where=where(text)) if purpose == "filter" else wanted._replace(zone=Zone(text or "UTC"))
            )
        except Misused as error:
            self.say(str(error))

    def _typed_no_more(self) -> None:
        self._purpose = ""
        self.query_one(Input).display = False
        self.screen.set_focus(self.query_one(Canvas))

    def on_key(self, event: events.Key) -> None:
        """Leave the line in which something is typed; other keys are bound."""
        if self._purpose and event.key == "escape":
            event.stop()
            self.action_leave()

    def on_click(self, event: events.Click) -> None:
        """Go where a click leads: to a panel, to a row, and with a second click into it."""
        if self.page is not None:
            return
        for spot in self._frame.spots:
            if spot.line == event.screen_y and spot.left <= event.screen_x < spot.right:
                again = spot.panel == self.view.panel
                self.action_panel(spot.panel)
                if spot.key:
                    self.view = self.view.at(spot.key)
                elif again:
                    self.action_sort()
                self.draw()
                if spot.key and event.chain > 1:
                    self.action_open()
                return

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.action_move(3)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.action_move(-3)


def where(text: str) -> Mapping[str, Sequence[str]]:
    """Return the filters that a person typed, with blanks between them; a word without a name is part of a project's."""
    found: dict[str, list[str]] = {}
    for word in text.split():
        name, equals, pattern = word.partition("=")
        if not equals:
            name, pattern = "project", f"*{word.strip('*')}*"
        if name not in _FILTERS:
            raise Misused(f"{name!r} is nothing to filter by: choose among {', '.join(_FILTERS)}.")
        found.setdefault(name, []).extend(patterns([pattern]))
    return found


def _worded(filters: Mapping[str, Sequence[str]]) -> str:
    return " ".join(f"{name}={','.join(given)}" for name, given in filters.items())


def _theme(palette: Palette) -> Theme:
    """Return what textual draws the rest by: the ground, and the line in which something is typed."""
    if not palette.ground:
        return replace(BUILTIN_THEMES["ansi-dark"], name=_name(palette))
    accent = palette.tones[ACCENT].split()[-1]
    return Theme(
        _name(palette),
        accent,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.ground,
        panel=palette.row,
        dark=palette.dark,
    )


def _name(palette: Palette) -> str:
    return f"tally-{palette.name}"
