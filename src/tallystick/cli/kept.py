"""`tally kept`: another command, as a part that is kept running: it ends with the process that started it, however that ends."""

import os
import signal
import threading
from typing import Final

import click

from tallystick.cli.tree import HIDDEN

_TO_END_S: Final = 10.0
"""How long it may take to end by itself."""


def command(name: str) -> click.Command:
    """Return the command."""
    arguments = click.Argument(["arguments"], nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND…")
    settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    return click.Command(name, callback=run, params=[arguments], help=HIDDEN[name].help, context_settings=settings)


def run(arguments: tuple[str, ...]) -> int:
    """Run a command until it ends, or until the input does, which is a pipe that its keeper holds."""
    from tallystick.cli import main

    threading.Thread(target=_end_with_input, name="kept", daemon=True).start()
    return main(arguments)


def _end_with_input() -> None:
    try:
        while os.read(0, 4_096):
            pass
    except OSError:
        # Without an input there is nobody who could hold it.
        return
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_TO_END_S)
    os._exit(1)
