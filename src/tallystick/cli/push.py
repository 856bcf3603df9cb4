"""`tally push`: sends what the ledger knows to the server that this machine is paired with."""

import os
import signal
import sys
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Final

import click

from tallystick import __version__
from tallystick.answers.as_json import value as as_json
from tallystick.cli import entrance, paired
from tallystick.cli.follow import end_with_input, leave_stdout
from tallystick.cli.sending import Sending
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Unavailable

if TYPE_CHECKING:
    from tallystick.cli.paired import Target
    from tallystick.house import House
    from tallystick.intake.push.sender import Outcome
    from tallystick.settings import Settings

_TRIES: Final = 5
"""Failures in a row, some seconds apart, after which who sends once gives up."""
_ERASE: Final = "\r\x1b[K"
_PARAMETERS: Final = (
    click.Option(["--follow"], is_flag=True, help="Go on with what comes, until Ctrl-C."),
    click.Option(["--show"], is_flag=True, help="Print what would leave as lines of JSON, and send nothing."),
    click.Option(["--again"], is_flag=True, help="Send once more what the server refused."),
    click.Option(
        ["--all"], is_flag=True, help="Send everything, also what was sent before, which changes nothing there."
    ),
    click.Option(["--no-refresh"], is_flag=True, help="Send what is in the ledger without looking at the logs."),
    click.Option(
        ["--build-client"],
        is_flag=False,
        flag_value="client.pyz",
        default="",
        metavar="[FILE]",
        help="Write the client that needs nothing but Python (`client.pyz`, or `-` for standard output), and send nothing.",
    ),
    click.Option(["--for-server"], is_flag=True, hidden=True, help="JSON lines; ends when its input ends."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(name, callback=run, params=[*_PARAMETERS], help=COMMANDS[name].help)


def run(follow: bool, show: bool, no_refresh: bool, build_client: str, for_server: bool, **more: bool) -> int:  # noqa: FBT001  as click gives them
    """Send what waits; `more` are `again` and `all`."""
    wanted = [name for name, said in more.items() if said]
    if sum((follow or for_server, show, bool(build_client), *more.values())) > 1:
        raise Misused("Only one of --follow, --show, --again, --all and --build-client at a time.")
    if build_client:
        return _built(build_client)
    chosen = entrance.settings()
    opened = entrance.house(chosen)
    try:
        if for_server:
            return _for_server(opened, chosen)
        found = paired.sought(opened.where.pairing, chosen, os.environ)
        if found is None and not show:
            _forget(opened)
            raise Unavailable(paired.NOT_PAIRED)
        if not no_refresh:
            entrance.refresh(opened)
        _ = opened.ledger
        if show or found is None:
            return _shown(opened, chosen, found)
        return _followed(opened, chosen) if follow else _once(opened, chosen, found, "".join(wanted))
    finally:
        opened.close()


def _forget(opened: "House") -> None:
    """Keep nothing for a server with which this machine was paired before, unless a process knows one and sends to it."""
    lock = opened.sending_lock()
    if lock.take(wait=False):
        opened.forget_outbox()
    lock.release()


def _built(target: str) -> int:
    """Write the client to a file, or to standard output for `-`."""
    from tallystick.intake.push.build import build

    made = build()
    if target == "-":
        sys.stdout.buffer.write(made)
        return 0
    try:
        with open(target, "wb") as file:
            file.write(made)
    except OSError as error:
        raise Unavailable(f"{target} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    entrance.say(f"{target} is made: `python3 {target} --help` tells what it does.")
    return 0


def _once(opened: "House", chosen: "Settings", found: "Target", more: str) -> int:
    on_terminal = sys.stderr.isatty()

    def sent(done: int, left: int) -> None:
        if on_terminal:
            share = done * 100 // max(done + left, 1)
            sys.stderr.write(f"{_ERASE}sending: {share} %, {done:,} of {done + left:,} rows")
            sys.stderr.flush()
        elif found.verbose:
            entrance.say(f"{done:,} rows are sent, {left:,} wait.")

    def tell(text: str) -> None:
        if text:
            entrance.say(text)

    sending = Sending(opened, chosen, tell, threading.Event())
    outcome = sending.once(found, _TRIES, sent, more)
    if on_terminal:
        sys.stderr.write(_ERASE)
    if outcome is None:
        return _left_to_another(opened)
    return _summed_up(opened, found, outcome)


def _left_to_another(opened: "House") -> int:
    """Tell that another one sends, and how that fares."""
    from tallystick.intake.push import record

    kept = record.read(opened.where.record)
    entrance.say("Another tally is sending already; it sends this too.")
    if kept.fault:
        entrance.say(f"Its last try failed: {kept.fault}")
    return kept.code


def _summed_up(opened: "House", found: "Target", outcome: "Outcome") -> int:
    waiting, aside = opened.outbox_standing() or (0, [])
    told = f"Sent {_rows(outcome.sent)} to {found.url}; {_rows(waiting)} {'waits' if waiting == 1 else 'wait'}.\n"
    entrance.write(told)
    if aside:
        entrance.say(
            f"{_rows(len(aside))} can never be stored there, such as {aside[0].kind} {aside[0].id}: {aside[0].reason} "
            "`tally push --again` sends what was refused once more."
        )
    return outcome.code


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"


def _followed(opened: "House", chosen: "Settings") -> int:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def tell(text: str) -> None:
        entrance.say(text or "Sending goes on.")

    try:
        outcome = Sending(opened, chosen, tell, stop).follow(patient=False)
    except KeyboardInterrupt:
        # How a person ends it.
        return 0
    return outcome.code if outcome else 0


def _for_server(opened: "House", chosen: "Settings") -> int:
    stop = threading.Event()
    # Ctrl-C in a terminal is meant for the server, which then ends this by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=end_with_input, args=(stop,), daemon=True).start()

    def tell(text: str) -> None:
        sys.stdout.write(as_json({"event": "trouble", "text": text and f"Sending to the server: {text}"}) + "\n")
        sys.stdout.flush()

    try:
        tell("")
        Sending(opened, chosen, tell, stop).follow(patient=True)
    except BrokenPipeError:
        leave_stdout()
    return 0


def _shown(opened: "House", chosen: "Settings", found: "Target | None") -> int:
    """Print what would leave: what waits for the server, or everything where there is none yet."""
    from tempfile import TemporaryDirectory

    from tallystick.intake.push.envelope import MOST_EVENTS, Client, encoded, envelope
    from tallystick.intake.push.policy import applied

    policy = paired.policy_of(opened.where.pairing, chosen)
    with TemporaryDirectory(prefix="tally-") as folder:
        # On a copy: to show changes nothing.
        copy = os.path.join(folder, "ledger.db")
        opened.backup(copy)
        with closing(opened.outbox(copy)) as outbox:
            outbox.make(found.server if found else "")
            while (portion := outbox.take(MOST_EVENTS)).marks:
                outbox.done(portion)
                batches = [applied(batch, policy) for batch in portion.batches]
                client = Client("tally", __version__, outbox.waiting())
                if batches:
                    entrance.write(encoded(envelope(batches, client, entrance.now())).decode() + "\n")
    return 0
