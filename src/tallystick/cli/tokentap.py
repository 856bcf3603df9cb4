"""Commands under the names that tokentap has for them."""

import click

from tallystick.cli.tree import HIDDEN


def command(name: str) -> click.Command:
    """Return the command."""
    from tallystick.cli import ca, shell, updown

    if name == "start":
        found = updown.command("up")
    elif name == "install-cert":
        found = _within(ca.command("ca"), "install")
    else:
        found = _within(shell.command("shell"), name.removeprefix("shell-"))
    return click.Command(name, callback=found.callback, params=found.params, help=HIDDEN[name].help)


def _within(group: click.Command, verb: str) -> click.Command:
    if not isinstance(group, click.Group):
        raise TypeError
    return group.commands[verb]
