"""`tally env`: the variables for a project's .env file, and what other commands give to the programs that they start."""

import os

import click

from tallystick.cli import ca, entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused
from tallystick.intake.proxy.running import running
from tallystick.settings import Settings
from tallystick.shell import files, variables

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:/@%+=")


def command(name: str) -> click.Command:
    """Return the command."""
    output = click.Option(
        ["-o", "--output"], metavar="FILE", help="Put them into a file, such as .env; all else in it stays."
    )
    remove = click.Option(["--remove"], is_flag=True, help="Take them out of that file again.")
    return click.Command(name, callback=run, params=[output, remove], help=COMMANDS[name].help)


def run(output: str | None, remove: bool) -> int:  # noqa: FBT001  as click gives it
    """Print the variables, or put them into a file."""
    if remove:
        if not output:
            raise Misused("--remove needs -o FILE.")
        if not files.perform(files.without_block(output)):
            entrance.say(f"There is nothing of ours in {output}.")
        return 0
    chosen = entrance.settings()
    there = running(chosen.data_dir)
    lines = written(variables.plain(given(chosen, there.address if there else address())))
    if output:
        change = files.with_block(output, lines)
        files.perform(change)
        _tell_of_doubles(change, output)
    else:
        entrance.write(lines)
    if not there:
        entrance.say("The proxy does not run: until it does, programs with these variables reach nothing.")
    return 0


def proxy_file(chosen: Settings) -> str:
    """Return the file that tells where the proxy is, as long as it runs."""
    return os.path.join(chosen.data_dir, "proxy.json")


def address(port: int = variables.PROXY_PORT) -> str:
    """Return the address of the proxy at a port."""
    return f"http://127.0.0.1:{port}"


def given(chosen: Settings, proxy: str) -> dict[str, str]:
    """Return what is to be set for a program that goes through the proxy at an address; certificates are brought up to date."""
    found = ca.prepared(chosen).bundle
    return variables.of(proxy, found.extra, found.bundle, os.environ)


def written(values: dict[str, str]) -> str:
    """Return variables as lines of a .env file; in quotes only where it must be, as not everybody takes them off."""
    return "".join(f"{name}={_value(value)}\n" for name, value in values.items())


def _value(text: str) -> str:
    if set(text) <= _SAFE:
        return text
    return '"' + "".join(f"\\{sign}" if sign in '\\"$`' else sign for sign in text) + '"'


def _tell_of_doubles(change: files.Change, path: str) -> None:
    """Tell of variables that the person's own part of a file sets too: which one counts differs from program to program."""
    rest = files.without_block(path).after or b""
    lines = rest.decode(errors="replace").splitlines()
    names = {line.removeprefix("export ").partition("=")[0].strip() for line in lines if "=" in line}
    if doubles := sorted(names & set(variables.NAMES)):
        entrance.say(f"{change.path} sets {', '.join(doubles)} besides: only one of the two counts.")
