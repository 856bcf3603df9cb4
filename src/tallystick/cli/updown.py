"""`tally up`, `down`, `open` and `logs`: the server in the background, as a service where one is installed."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from tallystick.cli import background, entrance
from tallystick.cli.service import FOLLOW, HOST, LINES, PORT, logs
from tallystick.cli.tree import COMMANDS
from tallystick.service import lifecycle

_OPEN: Final = click.Option(["--open"], is_flag=True, help="Open its page, too.")


def command(name: str) -> click.Command:
    """Return the command."""
    made: dict[str, tuple[Callable[..., Any], list[click.Parameter]]] = {
        "up": (up, [HOST, PORT, _OPEN]),
        "down": (down, []),
        "open": (show, []),
        "logs": (logs, [LINES, FOLLOW]),
    }
    callback, options = made[name]
    return click.Command(name, callback=callback, params=options, help=COMMANDS[name].help)


def up(host: str | None, port: int | None, open: bool) -> int:  # noqa: A002, FBT001  as click gives them
    """Make the server run and print its address."""
    grounds = background.grounds()
    found = lifecycle.up(grounds, background.plan(grounds.person, host, port), entrance.say)
    entrance.write(f"{found.address}\n")
    if open:
        _open(found.address)
    return 0


def down() -> int:
    """Stop the server."""
    lifecycle.down(background.grounds(), entrance.say)
    return 0


def show() -> int:
    """Print the address of the page and open it where there is a screen."""
    address = lifecycle.running_address(background.grounds())
    entrance.write(f"{address}\n")
    _open(address)
    return 0


def _open(address: str) -> None:
    if not has_screen(os.environ, sys.platform):
        entrance.say("There is no screen here: open that address in a browser.")
        return
    import webbrowser

    if not webbrowser.open(address):
        entrance.say("No browser was found: open that address in one.")


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would be seen: not over ssh, and on Linux only where there is a display (or Windows around it)."""
    if platform in {"darwin", "win32"}:
        return not environ.get("SSH_CONNECTION")
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))
