"""Commands under the names that tokentap has for them."""

from typing import Any

import click

from tallystick.cli import entrance
from tallystick.cli.tree import HIDDEN
from tallystick.errors import Unavailable


def command(name: str) -> click.Command:
    """Return the command."""
    from tallystick.cli import ca, shell, updown

    if name == "start":
        up = updown.command("up")
        found = click.Command(name, callback=_started, params=up.params)
    elif name == "install-cert":
        found = _within(ca.command("ca"), "install")
    else:
        found = _within(shell.command("shell"), name.removeprefix("shell-"))
    return click.Command(name, callback=found.callback, params=found.params, help=HIDDEN[name].help)


def _started(**given: Any) -> int:  # noqa: ANN401  as click gives them
    """Run server and proxy in the background, and show what goes on where that can be seen."""
    from tallystick.cli import live, updown

    code = updown.up(**given)
    if live.is_terminal():
        try:
            return live.run({})
        except Unavailable as error:
            # What was to be started runs all the same.
            entrance.say(str(error))
    return code


def _within(group: click.Command, verb: str) -> click.Command:
    if not isinstance(group, click.Group):
        raise TypeError
    return group.commands[verb]
