"""`tally ca`: the certificate of our own, by which the proxy can read what providers are sent."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from tallystick.cli import entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import NotFound, TallystickError, Unavailable
from tallystick.intake.proxy.running import asked, holder
from tallystick.service import running
from tallystick.settings import Settings
from tallystick.shell import variables
from tallystick.trust import bundle, roots
from tallystick.trust.folder import Folder, private
from tallystick.trust.stores.shelf import chosen as store_of
from tallystick.trust.stores.store import Command, Given, Store

if TYPE_CHECKING:
    from tallystick.trust.authority import Authority
    from tallystick.trust.certificates import Certificate

SCHEMA: Final = "tallystick.ca/1"
_DAY: Final = 86_400_000
_ANEW: Final = "`tally down`, then `tally up`"
_RELEASE: Final = "/etc/os-release"


class Prepared(NamedTuple):
    """All that the proxy and the programs behind it need, up to date."""

    authority: "Authority"
    bundle: bundle.Bundle


def command(name: str) -> click.Command:
    """Return the command."""
    dry_run = click.Option(["--dry-run"], is_flag=True, help="Show the commands, and change nothing.")
    json = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
    whole = click.Option(["--bundle"], is_flag=True, help="The bundle instead: all that is trusted here, and ours.")
    drop = click.Option(["--drop"], is_flag=True, help="Stop trusting those before it at once: their key may be known.")
    group = click.Group(name, help=COMMANDS[name].help)
    for verb, callback, options, text in (
        ("path", path, [whole], "Its file; it is made where there is none."),
        ("show", show, [json], "Fingerprint, hosts, when it ends."),
        ("install", install, [dry_run], "Have this system trust it."),
        ("uninstall", uninstall, [dry_run], "Take it out again."),
        ("rotate", rotate, [drop], "Make a new one."),
    ):
        group.add_command(click.Command(verb, callback=callback, params=[*options], help=text))
    return group


def folder(chosen: Settings) -> Folder:
    """Return the folder of the authority."""
    return Folder(os.path.join(chosen.data_dir, "ca"))


def hosts(chosen: Settings) -> tuple[str, ...]:
    """Return the patterns of all hosts that are read."""
    from tallystick.cli import wired

    return wired.shelf(chosen).hosts()


def prepared(
    chosen: Settings, *, anew: bool = False, keep: bool = True, tell: Callable[[str], None] = entrance.say
) -> Prepared:
    """Return authority and bundles: what is there, or new ones where that is needed, which is told, or wanted.

    Raises Unavailable where the extra is not installed, or a key is there that is open to others.
    """
    authority = _authority()
    place, now = folder(chosen), entrance.now()
    environ = variables.own(os.environ, place.extra, place.bundle)
    private(place)
    with running.alone(place.path):
        before = authority.certificate_of(place)
        if anew:
            made = authority.rotated(place, hosts(chosen), now, keep=keep)
        else:
            made = authority.ensured(place, hosts(chosen), now)
        named = bundle.Named(*variables.files(environ))
        found = bundle.refreshed(place, made.pem, named, roots.known(), forget=anew)
    for each in found.skipped:
        tell(f"{each.place} is not in the bundle: {each.reason}.")
    if made.fresh and before is not None and not anew:
        for sentence in _of_renewal(chosen, made, before):
            tell(sentence)
    return Prepared(made, found)


def _of_renewal(chosen: Settings, made: "Authority", before: "Certificate") -> Iterator[str]:
    """Yield that the authority was made anew though nobody asked for it, and what has to be done by hand."""
    others = made.certificate.hosts != before.hosts
    why = "the hosts that are read have changed" if others else f"the one before it ends on {_day(before.ends)}"
    store = _store()
    inside = store is not None and _is_in(store, _given(made, before))
    again = f"; the one before it is in {store.title}: `tally ca install` is needed again" if store and inside else ""
    yield f"{made.certificate.name} is new, as {why}{again}."
    there = holder(chosen.data_dir)
    if there is not None:
        until = (
            f"it is started anew, and reads the other hosts from then on, too: {_ANEW}"
            if others
            else f"{_day(before.ends - _DAY)}, by when whatever is started from now on trusts both"
        )
        yield f"The proxy that runs (process {there.pid}) goes on with the one before it until {until}."


def _of_proxy(chosen: Settings, made: "Authority") -> str:
    """Have the proxy that runs sign with a new authority at once, and return what came of that; empty where none runs."""
    there = holder(chosen.data_dir)
    if there is None:
        return ""
    if made.certificate.fingerprint.encode() in asked(there.port, "POST", "/authority"):
        return (
            f"The proxy that runs (process {there.pid}) signs with it from now on; connections that are open go on. "
            "A program that was started before may refuse it, and then passes unread: start it anew."
        )
    return (
        f"The proxy that runs (process {there.pid}) goes on with the one before it until it is started anew: {_ANEW}."
    )


def _authority() -> Any:  # noqa: ANN401  the module, which needs the extra
    try:
        from tallystick.trust import authority
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"The certificate needs what is not installed ({error.name}): `pip install 'tallystick[proxy]'` brings it."
        ) from None
    return authority


def path(bundle: bool) -> int:  # noqa: FBT001  as click gives it
    """Print where it is."""
    found = prepared(entrance.settings())
    entrance.write(f"{found.bundle.bundle if bundle else found.authority.folder.certificate}\n")
    return 0


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell about it."""
    chosen = entrance.settings()
    found = _found(chosen)
    store = _store()
    inside = None if store is None else _is_in(store, _given(found, found.certificate))
    told = {
        "name": found.certificate.name,
        "fingerprint": found.certificate.fingerprint,
        "hosts": found.certificate.hosts,
        "begins": _day(found.certificate.begins),
        "ends": _day(found.certificate.ends),
        "certificate": found.folder.certificate,
        "bundle": found.folder.bundle,
        "store": "" if store is None else store.name,
        "installed": inside,
        "retired": [{"fingerprint": each.fingerprint, "ends": _day(each.ends)} for each in found.retired],
    }
    if json:
        from tallystick.answers.as_json import value as as_json

        entrance.write(as_json({"schema": SCHEMA, **told}) + "\n")
        return 0
    left = (found.certificate.ends - entrance.now()) // _DAY
    rows = (
        ("fingerprint", found.certificate.fingerprint),
        ("ends", f"{_day(found.certificate.ends)}, in {left} days; a new one is made 30 days before"),
        ("certificate", found.folder.certificate),
        ("bundle", found.folder.bundle),
        ("store", "" if store is None else f"{store.title}: {'it is in there' if inside else 'it is not in there'}"),
        *(("retired", f"{each.fingerprint}, ends {_day(each.ends)}") for each in found.retired),
        ("signs for", "these hosts and all below them, and no other"),
        *(("", host) for host in found.certificate.hosts),
    )
    entrance.write(f"{found.certificate.name}\n")
    for name, text in rows:
        if text:
            entrance.write(f"  {name:12} {text}\n")
    return 0


def _found(chosen: Settings) -> "Authority":
    found: Authority | None = _authority().found(folder(chosen), entrance.now())
    if found is None:
        raise NotFound("There is no certificate yet: `tally ca path` makes one, and so does the proxy when it starts.")
    return found


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment // 1000, UTC).date().isoformat()


def install(dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Have this system trust it."""
    store = _known_store()
    found = prepared(entrance.settings()).authority
    given = _given(found, found.certificate)
    if _done(store.install(given), dry_run=dry_run):
        if not _is_in(store, given):
            raise TallystickError(f"It was put into {store.title}, and is not found in there.")
        entrance.say(f"{found.certificate.name} is in {store.title}. {store.hint} `tally ca uninstall` takes it out.")
    return 0


def uninstall(dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Take it out, and those before it."""
    store, found = _known_store(), _found(entrance.settings())
    given = [_given(found, each) for each in (found.certificate, *found.retired)]
    inside = given if dry_run else [each for each in given if _is_in(store, each)]
    if not inside:
        entrance.say(f"It is not in {store.title}.")
        return 0
    commands = dict.fromkeys(step for each in inside for step in store.uninstall(each))
    if _done(tuple(commands), dry_run=dry_run):
        entrance.say(f"It is no longer in {store.title}.")
    return 0


def rotate(drop: bool) -> int:  # noqa: FBT001  as click gives it
    """Make a new one, and tell what goes on with the old one."""
    chosen = entrance.settings()
    store = _store()
    before = _authority().certificate_of(folder(chosen))
    found = prepared(chosen, anew=True, keep=not drop).authority
    entrance.say(f"{found.certificate.name} is new. Programs that are started from now on trust it.")
    if said := _of_proxy(chosen, found):
        entrance.say(said)
    if before is not None and store is not None and _is_in(store, _given(found, before)):
        lines = [_shown(step) for step in store.uninstall(_given(found, before))]
        entrance.say(f"The one before it is still in {store.title}. To take it out:\n  " + "\n  ".join(lines))
        entrance.say("`tally ca install` puts the new one in.")
    return 0


def _given(found: "Authority", certificate: "Certificate") -> Given:
    current = certificate.fingerprint == found.certificate.fingerprint
    file = found.folder.certificate if current else found.folder.retired
    return Given(file, certificate.name, certificate.sha1, os.path.expanduser("~"))


def _store() -> Store | None:
    told = running.content(_RELEASE) or b""
    return store_of(sys.platform, told.decode(errors="replace"))


def _known_store() -> Store:
    store = _store()
    if store is None:
        raise Unavailable(
            "How this system takes a certificate in is not known here. `tally ca path` tells which file it is, "
            "and `tally shell install` needs none of that."
        )
    return store


def _is_in(store: Store, given: Given) -> bool:
    try:
        return running.run(store.asked(given).arguments, os.environ).code == 0
    except Unavailable:
        return False


def _done(steps: tuple[Command, ...], *, dry_run: bool) -> bool:
    """Run commands and tell whether they were run; what only the administrator may do is told, and never done in secret."""
    if dry_run:
        for step in steps:
            entrance.write(f"{_shown(step)}\n")
        return False
    if any(step.root for step in steps) and not _is_root():
        lines = "\n  ".join(_shown(step) for step in steps)
        raise Unavailable(f"Only the administrator may do that. These commands do it:\n  {lines}")
    for step in steps:
        # On the terminal, as the system may ask for a password.
        try:
            code = subprocess.run(step.arguments, check=False).returncode  # noqa: S603  what a store's file says
        except OSError as error:
            raise Unavailable(
                f"{step.arguments[0]} cannot be run ({(error.strerror or str(error)).lower()})."
            ) from None
        if code and step.needed:
            raise TallystickError(f"`{_shown(step)}` failed (exit code {code}).")
    return True


def _shown(step: Command) -> str:
    if sys.platform == "win32":
        return subprocess.list2cmdline(step.arguments)
    return ("sudo " if step.root and not _is_root() else "") + shlex.join(step.arguments)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
