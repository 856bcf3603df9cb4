"""`tally import`: what other programs kept, and logs from other machines, into the ledger."""

import os
import sys
from collections.abc import Callable
from typing import Final

import click

from tallystick.cli import entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, NotFound, Unavailable
from tallystick.intake.logs import Progress, bring_in
from tallystick.intake.packing import pack
from tallystick.ledger.ledger import Batch, Ledger, Receipt, Source
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.tool import Found

_WORTH_A_TRANSACTION: Final = 20_000
"""Events."""
_WITHOUT_LOGS: Final = (
    "There are no logs of any tool that can be read in {}: give a copied home, or a folder with its transcripts."
)


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    user = click.Option(["--user"], default="", metavar="NAME", help="Whose they are.")
    machine = click.Option(["--machine"], required=True, metavar="NAME", help="The machine that they are from.")
    for each in (
        click.Command(
            "tokenfold",
            callback=tokenfold,
            params=[click.Argument(["file"]), user],
            help="Take over an existing database of tokenfold; it is only read.",
        ),
        click.Command(
            "jsonl",
            callback=jsonl,
            params=[click.Argument(["folder"]), machine, user],
            help="Read the logs of another machine: a home that was copied, or a bare folder of transcripts.",
        ),
    ):
        group.add_command(each)
    return group


def tokenfold(file: str, user: str) -> int:
    """Take over a database of tokenfold."""
    from tallystick.intake.databases import consult
    from tallystick.intake.tokenfold_database import TokenfoldDatabase

    path = os.path.abspath(file)
    if not os.path.isfile(path):
        raise NotFound(f"There is no file {path}.")
    opened = entrance.house(entrance.settings())
    taking, told = _Taking(opened.writing()), _listener()
    size = os.path.getsize(path)

    def tell(done: int, all_of: int) -> None:
        if told is not None:
            told(Progress(0, 1, size * done // max(all_of, 1), size, taking.events))

    reader = TokenfoldDatabase(taking.take, user, tell)
    try:
        fault = consult(path, reader)
        if not fault:
            taking.take(_done(path))
        taking.flush()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read now: {str(error).rstrip('.')}.") from None
    finally:
        _ended(told)
        opened.close()
    if fault:
        raise Unavailable(f"{path} was not taken over: {fault.rstrip('.')}.")
    machines = f"{len(reader.machines)} {'machine' if len(reader.machines) == 1 else 'machines'}"
    entrance.write(f"{reader.rows:,} rows of {machines} read from {path}: {_outcome(taking.receipt)}.\n")
    return 0


def _done(path: str) -> Batch:
    """Return by what a server knows that there is nothing to take over from a database any more."""
    from tallystick.intake.tokenfold_database import mark_of

    return pack(Found(), Source(mark_of(path), CLAUDE_CODE.name, "push"), fresh=True, machine="", user="")


def jsonl(folder: str, machine: str, user: str) -> int:
    """Read the logs of another machine."""
    from tallystick.intake.brought import brought
    from tallystick.tools.shelf import TOOLS

    path = os.path.abspath(folder)
    if not os.path.isdir(path):
        raise NotFound(f"There is no folder {path}.")
    if not machine.strip() or not machine.isprintable():
        raise Misused("--machine must be a name.")
    opened = entrance.house(entrance.settings())
    ledger, told = opened.writing(), _listener()
    try:
        news, troubles = brought(path, TOOLS, ledger)
        known = any(row[0].startswith(f"{path}{os.sep}") for row in ledger.ask("marks"))
        summary = bring_in(news, ledger, (machine, user), told)
    finally:
        _ended(told)
        opened.close()
    if not news and not known:
        raise NotFound(_WITHOUT_LOGS.format(path))
    for trouble in (*troubles, *summary.troubles):
        entrance.say(f"{trouble.path} could not be read: {trouble.reason}.")
    files = f"{len(news):,} {'file' if len(news) == 1 else 'files'}"
    entrance.write(f"{files} read as of {machine} from {path}: {_outcome(summary.receipt)}.\n")
    return 1 if troubles or summary.troubles else 0


class _Taking:
    """Adds batches to a ledger, many in one transaction."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._batches: list[Batch] = []
        self._waiting = self.events = 0
        self.receipt = Receipt()

    def take(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._waiting += len(batch.events)
        self.events += len(batch.events)
        if self._waiting >= _WORTH_A_TRANSACTION:
            self.flush()

    def flush(self) -> None:
        if self._batches:
            self.receipt = Receipt(*map(sum, zip(self.receipt, self._ledger.add(self._batches), strict=True)))
        self._batches, self._waiting = [], 0


def _outcome(receipt: Receipt) -> str:
    return f"{receipt.new:,} events new, {receipt.changed:,} better known than before, {receipt.known:,} known already"


def _listener() -> Callable[[Progress], None] | None:
    """Return what shows how far it has come; None where nobody looks."""
    if not sys.stderr.isatty():
        return None
    from tallystick.faces.text.progress import listener

    return listener(sys.stderr, os.environ)


def _ended(told: Callable[[Progress], None] | None) -> None:
    if (close := getattr(told, "close", None)) is not None:
        close()
