"""The way in from a command: settings, the house, what is new in the logs, and where to write."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from tallystick.answers.answers import Answers
from tallystick.errors import Misused
from tallystick.settings import Settings, load
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from tallystick.answers.remote import Remote
    from tallystick.house import House, Where
    from tallystick.ledger.ledger import Turn


def settings(flags: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of who runs this; flags are by the settings' names."""
    return load(os.environ, os.path.expanduser("~"), flags or {})


def zone(chosen: Settings) -> Zone:
    """Return the time zone that is set; raise Misused, saying where it was set, when there is none such."""
    try:
        return Zone(chosen.timezone)
    except Misused as error:
        raise Misused(f"{error} It was set by {chosen.sources['timezone']}.") from None


def now() -> int:
    """Return this moment: milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def where(chosen: Settings) -> "Where":
    """Return the world for the house."""
    from tallystick.house import Where

    url = os.environ.get("TALLY_LEDGER_URL") or chosen.ledger.get("url", "")
    return Where(chosen.data_dir, chosen.home, os.environ, chosen.machine, chosen.user, chosen.homes, url)


def house(chosen: Settings) -> "House":
    """Return the house; nothing in it is opened yet."""
    from tallystick.house import House

    if chosen.prices:
        from tallystick.prices.overrides import read

        made = House(where(chosen), read(chosen.prices))
    else:
        made = House(where(chosen))
    made.turn = partial(turn, chosen)
    return made


def turn(chosen: Settings) -> "Turn":
    """Return whose turn it is to settle a ledger that servers keep: one of all who share what stands in a database, or of this machine's processes."""
    from tallystick.cli import control
    from tallystick.house import turn_here

    return control.settling(chosen) or turn_here(chosen.data_dir)


def refresh(opened: "House") -> None:
    """Bring what is new in the logs into the ledger; on a terminal a long import shows how far it has come."""
    if not sys.stderr.isatty():
        summary = opened.refresh()
    else:
        from tallystick.faces.text.progress import listener

        line = listener(sys.stderr, os.environ)
        try:
            summary = opened.refresh(line)
        finally:
            if line is not None:
                line.close()
    if opened.busy:
        say("Another tally is reading the logs; this is what was known before.")
    if summary.troubles:
        count = len(summary.troubles)
        say(
            f"{count} {'file or folder' if count == 1 else 'files or folders'} could not be read; `tally doctor` tells which."
        )


def is_remote(chosen: Settings, values: Mapping[str, Any]) -> bool:
    """Tell whether a server is to be asked, instead of this machine's ledger."""
    if values.get("local"):
        if values.get("server"):
            raise Misused("--server and --local exclude each other.")
        return False
    return bool(values.get("server") or os.environ.get("TALLY_REMOTE_SERVER") or chosen.remote.get("server"))


def answered[T](chosen: Settings, values: Mapping[str, Any], work: "Callable[[Answers | Remote], T]") -> T:
    """Return what some work gives with answers from a server, or from the ledger here, in which everything new then is."""
    if is_remote(chosen, values):
        from tallystick.cli.remote import remote

        return work(remote(chosen, values))
    opened = house(chosen)
    try:
        if not values.get("no_refresh"):
            refresh(opened)
        return work(answers(opened))
    finally:
        opened.close()


def afterwards(chosen: Settings) -> None:
    """Do what nobody waits for, now that the answer has been given: fetch new prices daily, where the config wants that."""
    if chosen.prices.get("refresh") is True:
        from tallystick.cli.behind import refresh_prices

        sys.stdout.flush()
        refresh_prices(chosen, now())


def answers(opened: "House") -> Answers:
    """Return what answers from a house's ledger."""
    return Answers(opened.ledger, lambda: opened.book, opened.where.machine)


def say(sentence: str) -> None:
    """Write a message, apart from the data; what would steer a terminal, in a name that it repeats, is replaced."""
    print(f"tally: {steerless(sentence)}", file=sys.stderr)


def steerless(text: str) -> str:
    """Return a text of several lines without characters that steer a terminal."""
    return "".join(each if each.isprintable() or each == "\n" else "\ufffd" for each in text)


def write(text: str) -> None:
    """Write data; what the terminal's encoding lacks is written as an escape."""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
