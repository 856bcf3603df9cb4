"""`tally ledger`: where the ledger lies, copies of it, and checks."""

import os
from typing import TYPE_CHECKING

import click

from tallystick.cli import entrance, ledger_copies
from tallystick.cli.tree import COMMANDS
from tallystick.prices.moments import date

if TYPE_CHECKING:
    from tallystick.house import House


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    target = click.Argument(["target"], required=False, metavar="[FILE]")
    against = click.Option(["--against"], default="", metavar="LEDGER", help="Compare with another one, day by day.")
    for each in (
        click.Command("path", callback=path, help="The ledger's file."),
        click.Command(
            "backup", callback=backup, params=[target], help="Write a whole copy, by default beside the ledger."
        ),
        click.Command(
            "verify",
            callback=verify,
            params=[against],
            help="Check the file and all its sums; exits with 1 if something is wrong.",
        ),
        click.Command(
            "copy",
            callback=ledger_copies.copy,
            params=_places(),
            help="Copy everything into another ledger, or go on with that.",
        ),
        click.Command("vacuum", callback=vacuum, help="Give back the room that nothing in it needs."),
    ):
        group.add_command(each)
    return group


def path() -> int:
    """Print the path of the ledger."""
    entrance.write(f"{_house().where.ledger}\n")
    return 0


def backup(target: str | None) -> int:
    """Write a copy and print its path."""
    opened = _house()
    file = os.path.abspath(target) if target else f"{opened.where.ledger}.backup-{date(entrance.now())}"
    if os.path.isdir(file):
        file = os.path.join(file, os.path.basename(opened.where.ledger))
    opened.backup(file)
    entrance.write(f"{file}\n")
    return 0


def _places() -> list[click.Parameter]:
    to = click.Option(
        ["--to"], required=True, metavar="LEDGER", help="A path, sqlite:///path or clickhouse://host/database."
    )
    since = click.Option(
        ["--from", "origin"], default="", metavar="LEDGER", help="By default the ledger that is in use."
    )
    return [to, since]


def verify(against: str) -> int:
    """Check everything, or compare with another ledger; return 1 when something is wrong."""
    if against:
        return ledger_copies.verify(against)
    opened = _house()
    problems = opened.verify()
    for problem in problems:
        entrance.write(f"{problem}\n")
    if problems:
        entrance.say(
            f"{opened.where.ledger} is not sound. Move it away and the next question makes it anew from the logs that are left; "
            "what is gone from those is in its copies only."
        )
        return 1
    entrance.write("The ledger is sound: the file is whole, and every sum is that of its events.\n")
    return 0


def vacuum() -> int:
    """Write the file anew without its empty pages."""
    saved = _house().vacuum()
    entrance.write(f"{saved:,} bytes given back.\n" if saved > 0 else "There was nothing to give back.\n")
    return 0


def _house() -> "House":
    return entrance.house(entrance.settings())
