"""`tally live`: what goes on right now, on a terminal that is drawn anew as it changes; or once, as text or JSON."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.foldbook import close_book, open_book
from tallystick.cli import entrance, remembered, reporting
from tallystick.cli.options import ELSEWHERE, OF_CLOSER, Option, Values
from tallystick.cli.tree import COMMANDS, parameters, said
from tallystick.errors import Unavailable
from tallystick.faces.tui import palette
from tallystick.faces.tui.asking import Asking, Wanted
from tallystick.faces.tui.draw import said as plain
from tallystick.faces.tui.frame import frame, whole
from tallystick.faces.tui.state import Source, View

if TYPE_CHECKING:
    from tallystick.answers.live import Live
    from tallystick.cli.watched import Watched
    from tallystick.settings import Settings

_EXTRA: Final = "`tally live` needs what is not installed ({}): `pip install 'tallystick[live]'` brings it. `tally live --once` works without."
_ONCE: Final = Option("--once", "Print it once, as plain text; so it is where the output is no terminal.")
_THEME: Final = Option("--theme", "What it looks like.", "NAME", choices=tuple(each.name for each in palette.PALETTES))
_FIRST_S: Final = 0.35
"""For so long the first picture is waited for before the view itself is loaded, which takes as long again."""
_TURN_S: Final = 0.0005
_WIDTH: Final = 110
OPTIONS: Final = (_ONCE, _THEME, *OF_CLOSER[2:], *ELSEWHERE)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(
        name,
        callback=_called,
        params=parameters(OPTIONS),
        help=f"{COMMANDS[name].help} Keys: ? tells them, q leaves.",
        epilog="Example: tally live --project shop",
    )


def _called(**given: Any) -> int:  # noqa: ANN401  as click gives them
    return run(said(given))


def run(values: Values) -> int:
    """Show what goes on until somebody leaves; print it once where that is wished for, or where nobody could see more."""
    chosen = entrance.settings({"timezone": values.get("timezone", "")})
    wanted = Wanted(entrance.zone(chosen), reporting.where(values), not values.get("no_cost"))
    once = values.get("json") or values.get("once") or not is_terminal()
    if not once and find_spec("textual") is None:
        raise Unavailable(_EXTRA.format("textual"))
    # What is worked out of each day is kept, so that the next picture only needs what has come.
    open_book()
    try:
        if once:
            return _once(chosen, values, wanted)
        file = remembered.path(chosen.data_dir)
        look = palette.chosen(values.get("theme") or remembered.read(file), os.environ)
        return _view(_watched(chosen, values), wanted, look, lambda name: remembered.write(file, name))
    finally:
        close_book()


def is_terminal() -> bool:
    """Tell whether somebody sits before a terminal that can be drawn on."""
    return sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM") not in {"dumb", "unknown"}


def _once(chosen: "Settings", values: Values, wanted: Wanted) -> int:
    """Print the picture as it is now."""
    from tallystick.cli import watched

    now = entrance.now()
    if values.get("json"):
        from tallystick.answers.as_json import document

        entrance.write(document(entrance.answered(chosen, values, lambda answers: answers.live(wanted.asked(now)))))
        return 0
    source = Source(chosen.machine)
    if entrance.is_remote(chosen, values):
        from tallystick.cli.remote import reach

        there = reach(chosen, values, os.environ)
        found: Live = entrance.answered(chosen, values, lambda answers: answers.live(wanted.asked(now)))
        source = Source(there.server.partition("://")[2], besides=watched.beside_there(there))
    else:
        found, besides = entrance.answered(
            chosen,
            values,
            lambda answers: (answers.live(wanted.asked(now)), watched.beside_here(chosen, answers, now)),
        )
        source = source._replace(besides=besides)
    width = shutil.get_terminal_size((_WIDTH, 0)).columns
    for line in whole(found, View(), source, width):
        entrance.write(plain(line) + "\n")
    return 0


def _watched(chosen: "Settings", values: Values) -> "Watched":
    from tallystick.cli.watched import Here, There

    if entrance.is_remote(chosen, values):
        from tallystick.cli.remote import reach

        return There(reach(chosen, values, os.environ))
    return Here(chosen, follow=not values.get("no_refresh"))


def _view(watched: "Watched", wanted: Wanted, look: palette.Palette, remember: Callable[[str], object]) -> int:
    """Draw the first picture at once, then load what follows keys and news, and hand over to it."""
    # Keys get their turn while a picture is being worked out; by default they would wait ten times as long.
    sys.setswitchinterval(_TURN_S)
    asking = Asking(watched.open, wanted, entrance.now)
    asking.start()
    try:
        with _screen(look):
            asking.wait(_FIRST_S)
            _draw(asking, watched, look)
            from tallystick.faces.tui.app import Around, LiveApp

            watched.start(asking.again)
            LiveApp(asking, Around(lambda: watched.source, entrance.now, look, remember)).run()
    except KeyboardInterrupt:
        # Before the view itself was there.
        pass
    finally:
        watched.end()
        asking.end()
    return 0


@contextmanager
def _screen(look: palette.Palette) -> Iterator[None]:
    """Take the terminal's other screen and show no keys; the view itself, once it runs, gives the screen back."""
    before, state = signal.signal(signal.SIGTERM, _ended), _quiet()
    ground = palette.escaped(((" ", ""),), look, true_colour=_true_colour())
    try:
        _write(f"\x1b[?1049h\x1b[?25l{ground}\x1b[2J\x1b[H")
        yield
    except BaseException:
        _write("\x1b[0m\x1b[?25h\x1b[?1049l")
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
        if state is not None:
            import termios

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, state)


def _ended(*_: object) -> None:
    raise KeyboardInterrupt


def _quiet() -> list[Any] | None:
    """Have keys not shown but kept as they are, and return what the terminal did before; None where there is no such thing."""
    try:
        import termios
    except ImportError:
        return None
    state = termios.tcgetattr(sys.stdin)
    quiet = [*state]
    quiet[0] &= ~termios.ICRNL
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, quiet)
    return state


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _true_colour() -> bool:
    return os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}


def _draw(asking: Asking, watched: "Watched", look: palette.Palette) -> None:
    """Draw a picture by hand."""
    size = shutil.get_terminal_size()
    source = watched.source._replace(besides=asking.besides)
    source = source._replace(trouble=asking.trouble) if asking.trouble else source
    made = frame(asking.live, View(), source, (size.columns, size.lines), entrance.now())
    drawn = (palette.escaped(line, look, true_colour=_true_colour()) for line in made.lines)
    _write("\x1b[H" + "\r\n".join(drawn))
