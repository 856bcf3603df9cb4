"""`tally shell`: the environment of coding tools, set by the person's shell as long as the proxy answers."""

import os
import sys
from typing import Final

import click

from tallystick.cli import ca, entrance, env
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Unavailable
from tallystick.intake.proxy.running import running
from tallystick.settings import Settings
from tallystick.shell import block, files
from tallystick.shell.files import Change
from tallystick.shell.shelf import NAMES, SHELLS, chosen
from tallystick.shell.shell import Person, Places, Shell

_SHELL: Final = click.Option(
    ["--shell"], type=click.Choice(NAMES), help="Which shell; by default yours, as SHELL tells."
)
_FILE: Final = click.Option(
    ["--file"], metavar="FILE", help="The file that your shell reads when it starts, if it is another."
)
_DRY_RUN: Final = click.Option(["--dry-run"], is_flag=True, help="Show what would be written, and change nothing.")


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    which = click.Argument(["shell"], type=click.Choice(NAMES), required=False)
    for verb, callback, options, text in (
        (
            "install",
            install,
            [_SHELL, _FILE, _DRY_RUN],
            "Have your shell do so at each prompt.",
        ),
        ("uninstall", uninstall, [_SHELL, _FILE, _DRY_RUN], "Take that out of its file again."),
        ("init", init, [which], "Print the script that your shell runs."),
        ("env", export, [_SHELL], 'Print the variables, once: eval "$(tally shell env)".'),
    ):
        group.add_command(click.Command(verb, callback=callback, params=[*options], help=text))
    return group


def person() -> Person:
    """Return whose shell it is."""
    return Person(os.path.expanduser("~"), sys.platform, os.environ)


def init(shell: str | None) -> int:
    """Print the script."""
    entrance.write(script(entrance.settings(), chosen(shell or "", person())))
    return 0


def script(settings: Settings, shell: Shell) -> str:
    """Return the script for a shell."""
    place = ca.folder(settings)
    return shell.script(Places(env.proxy_file(settings), place.extra, place.bundle, place.named))


def install(shell: str | None, file: str | None, dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Write the script and have the shell run it."""
    settings, wanted = entrance.settings(), chosen(shell or "", person())
    path = _script_of(settings, wanted)
    text = script(settings, wanted).encode()
    changes = (
        Change(path, files.read(path), text),
        files.with_block(file or wanted.file(person()), wanted.line(path)),
    )
    if dry_run:
        _show(changes[0], text.decode())
        _show(changes[1], wanted.line(path) + "\n")
        return 0
    # What the person's own variables name must be in the bundle before a shell puts that in their place.
    ca.prepared(settings)
    # The one that calls comes last, so that it never calls what is not there.
    done = [files.perform(change) for change in changes]
    if any(done):
        entrance.say(
            f"{changes[1].path} has {wanted.title} look for the proxy from now on. Open a new one, or run:\n  {wanted.line(path)}"
        )
    else:
        entrance.say(f"{changes[1].path} is as it should be.")
    return 0


def uninstall(shell: str | None, file: str | None, dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Take it out of the file of a shell, or of every shell's."""
    settings, somebody = entrance.settings(), person()
    shells = [chosen(shell, somebody)] if shell else SHELLS if not file else [chosen("", somebody)]
    found = False
    for each in shells:
        path = file or each.file(somebody)
        if not block.holds(files.read(path) or b""):
            continue
        # The other way round than it was put in.
        changes = (files.without_block(path), Change(_script_of(settings, each), b"", None))
        for change in changes:
            if dry_run:
                _show(change, "")
            elif change.after is not None or os.path.lexists(change.path):
                files.perform(change)
        found = True
        if not dry_run:
            entrance.say(f"{path} is as it was. Shells that are open go on until they are closed.")
    if not found:
        entrance.say("It is not installed.")
    return 0


def export(shell: str | None) -> int:
    """Print lines that set the variables, as long as the proxy answers."""
    settings, wanted = entrance.settings(), chosen(shell or "", person())
    there = running(settings.data_dir)
    if there is None:
        raise Unavailable("The proxy does not run, so that there is nothing to lead anything through.")
    for name, value in env.given(settings, there.address).items():
        entrance.write(wanted.export(name, value) + "\n")
    return 0


def _script_of(settings: Settings, shell: Shell) -> str:
    return os.path.join(settings.data_dir, "shell", f"{shell.name}.{shell.ending}")


def _show(change: Change, text: str) -> None:
    entrance.write(f"# {'remove' if change.after is None else 'change'} {change.path}\n{text}")
