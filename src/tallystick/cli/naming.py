"""`tally server machines` and `users`: names of those who send, in the access and in the ledger at once."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from tallystick.access import machines
from tallystick.access.machines import MACHINE, USER
from tallystick.access.store import Store
from tallystick.answers.names import names
from tallystick.cli import control, entrance
from tallystick.cli.bookshelf import kept_at
from tallystick.errors import Misused, NotFound, Refused
from tallystick.settings import Settings
from tallystick.usage.names import checked
from tallystick.usage.period import Zone

if TYPE_CHECKING:
    from tallystick.house import House

SCHEMA: Final = "tallystick.paired/1"
WHO: Final = "cli"
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
_YES: Final = click.Option(["--yes"], is_flag=True, help="Do not ask.")


class Names(NamedTuple):
    """Where names stand."""

    store: Store
    house: "House"
    what: str

    def known(self) -> set[str]:
        """Return every name that somebody was paired under or that stands in the ledger."""
        return machines.names(self.store, self.what) | set(names(self.house.ledger, (self.what,))[self.what])

    def existing(self, name: str) -> None:
        """Raise NotFound when nobody is called so."""
        if name not in self.known():
            raise NotFound(f"No {self.what} is called {name!r}: `tally {self.what}s` tells who is known.")


def group(what: str) -> click.Group:
    """Return the commands about machines, or about users."""
    found = click.Group(
        f"{what}s", help=f"Names of {what}s: {'list, ' if what == MACHINE else ''}rename, merge, remove."
    )

    def add(verb: str, callback: Callable[..., Any], params: Sequence[click.Parameter], text: str) -> None:
        found.add_command(click.Command(verb, callback=callback, params=list(params), help=text))

    old, new = (click.Argument([each], metavar=each.upper()) for each in ("old", "new"))
    of, into = (click.Argument([each], metavar=told) for each, told in (("old", "FROM"), ("new", "INTO")))
    if what == MACHINE:
        add("list", show, [_JSON], "Machines that were paired, and whether their tokens count.")
    add("rename", lambda old, new: rename(what, old, new), [old, new], f"Show a {what} under another name.")
    add("merge", lambda old, new: merge(what, old, new), [of, into], f"Show a {what} as part of another.")
    name = click.Argument(["name"], metavar="NAME")
    text = f"Put a {what} out, and take what nobody else told out of the ledger."
    add("remove", lambda name, yes: remove(what, name, yes=yes), [name, _YES], text)
    return found


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """List the machines that were paired."""
    chosen, now = entrance.settings(), entrance.now()
    with opened(chosen) as store:
        found = machines.listed(store, now)
    if json:
        rows = [{**each._asdict(), "joined": moment(each.joined), "used": moment(each.used)} for each in found]
        print_json({"schema": SCHEMA, "machines": rows})
        return 0
    zone = entrance.zone(chosen)
    cells = [
        (
            *(each.name, "" if each.id == each.name else each.id, each.user, "yes" if each.valid else "no"),
            *(local(time, zone) for time in (each.joined, each.used)),
        )
        for each in found
    ]
    if cells:
        table([("machine", "paired as", "user", "may send", "joined", "last seen"), *cells])
    else:
        entrance.say("No machine was paired yet: `tally server invite` prints the command that does so.")
    return 0


def rename(what: str, old: str, new: str) -> int:
    """Show somebody under another name, which nobody has."""
    new = checked(new, what)
    with _places(what) as at:
        at.existing(old)
        if new in at.known():
            raise Misused(f"There is a {what} {new!r} already: `tally server {what}s merge` puts two together.")
        _named(at, f"rename {what}", old, new)
    entrance.say(f"{old} is {new} from now on.")
    return 0


def merge(what: str, old: str, new: str) -> int:
    """Show somebody as part of somebody else."""
    with _places(what) as at:
        at.existing(old)
        at.existing(new)
        if old == new:
            raise Misused(f"These two are one {what} already.")
        _named(at, f"merge {what}", old, new)
    entrance.say(f"{old} is part of {new} from now on.")
    return 0


def _named(at: Names, action: str, old: str, new: str) -> None:
    # The ledger may be waited for, the access may not: who is asked for a token meanwhile could not be let in.
    # One that has sent nothing yet stands in no ledger. What fails there is not done here either.
    with suppress(NotFound):
        at.house.rename(at.what, old, new)
    with at.store.changing(WHO, entrance.now()) as change:
        machines.rename(change, at.what, old, new)
        change.note(action, f"{old} to {new}")
    # What was sent between the two came under the old name.
    with suppress(NotFound):
        at.house.rename(at.what, old, new)


def remove(what: str, name: str, *, yes: bool) -> int:
    """Put a machine or a user out, and take out of the ledger what only they told."""
    with _places(what) as at:
        at.existing(name)
        own = at.house.where.machine if what == MACHINE else at.house.where.user
        if name == own and at.house.has_logs():
            raise Refused(f"{name} is this {what} itself: its logs would be read in again.")
        if not yes:
            if not sys.stdin.isatty():
                raise Misused("Removing takes figures out of the ledger for good: say `--yes`.")
            click.confirm(f"Take everything that only {name} told out of the ledger, for good?", abort=True, err=True)
        # Before all else: whoever is out of the ledger cannot come back.
        with at.store.changing(WHO, entrance.now()) as change:
            machines.put_out(change, what, name)
            change.note(f"remove {what}", name)
        # What was let in before is stored before this, or is refused as it is (intake/push/taking.py).
        events = _taken_out(at, name)
        # Names stand in what was worked out for the next start, too.
        with suppress(OSError):
            os.remove(kept_at(at.house.where.data))
    entrance.say(f"{name} is put out, and {events:,} events are gone from the ledger.")
    return 0


def _taken_out(at: Names, name: str) -> int:
    """Take a machine or a user out of the ledger; return how many events that were."""
    try:
        return at.house.remove(at.what, name).events
    except NotFound:
        return 0


@contextmanager
def _places(what: str) -> Iterator[Names]:
    chosen = entrance.settings()
    house = entrance.house(chosen)
    try:
        with opened(chosen) as store:
            yield Names(store, house, what)
    finally:
        house.close()


@contextmanager
def opened(chosen: Settings) -> Iterator[Store]:
    """Give the store for as long as it is needed."""
    store = control.store(chosen)
    try:
        yield store
    finally:
        store.close()


def moment(time: int | None) -> Any:  # noqa: ANN401  what becomes a text in JSON
    """Return a moment (milliseconds since 1970, UTC) as JSON has it."""
    from tallystick.answers.answer import Moment

    return None if time is None else Moment(time)


def local(time: int | None, zone: Zone) -> str:
    """Return a moment as a person reads it, in their zone."""
    return "" if time is None else zone.local(time).strftime("%Y-%m-%d %H:%M")


def print_json(told: dict[str, Any]) -> None:
    """Write JSON."""
    from tallystick.answers.as_json import value

    entrance.write(value(told) + "\n")


def table(rows: Sequence[Sequence[str]]) -> None:
    """Write rows, of which the first holds the headings, in columns; nothing in them steers a terminal."""
    rows = [[entrance.steerless(cell.replace("\n", " ")) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        entrance.write("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


__all__ = ["MACHINE", "USER", "WHO", "group", "local", "moment", "opened", "print_json", "table"]
