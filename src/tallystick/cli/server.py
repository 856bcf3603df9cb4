"""`tally server`: who may send to the server here, read it and administer it: invitations, tokens, and what was changed."""

import os
import socket
from shlex import quote
from typing import Any, Final
from urllib.parse import urlsplit

import click

from tallystick.access import invites, keys, machines
from tallystick.access.grant import INGEST, SCOPES
from tallystick.access.keys import Key, Made, Wanted
from tallystick.cli import entrance, naming, reach
from tallystick.cli.naming import WHO, local, moment, opened, print_json, table
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused
from tallystick.settings import Server, server

SCHEMA_TOKENS: Final = "tallystick.tokens/1"
SCHEMA_TOKEN: Final = "tallystick.token/1"  # noqa: S105  the name of a shape
SCHEMA_INVITE: Final = "tallystick.invite/1"
SCHEMA_AUDIT: Final = "tallystick.audit/1"
_UNITS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONGEST_MS: Final = 100 * 366 * 86_400_000
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
_MACHINE: Final = click.Option(["--machine"], metavar="NAME", help="The machine that it is for.")
_USER: Final = click.Option(["--user"], metavar="NAME", help="Whose it is.")
_URL: Final = click.Option(["--url"], metavar="URL", help="The address under which the machine reaches this server.")
_SCOPE: Final = click.Option(
    ["--scope"],
    type=click.Choice(SCOPES),
    required=True,
    help="read: to ask; admin: to ask and change; ingest: to send, for a machine.",
)
_NAME: Final = click.Option(["--name"], metavar="NAME", help="What it is called in lists.")
_NUMBER: Final = click.Argument(["number"], type=click.IntRange(min=1), metavar="ID")


def _expires(default: str | None) -> click.Option:
    told = f"by default {default}" if default else "by default it lasts"
    return click.Option(
        ["--expires"], metavar="TIME", default=default, help=f"How long it counts: 30m, 12h, 90d; {told}."
    )


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    group.add_command(
        click.Command(
            "invite",
            callback=invite,
            params=[_USER, _MACHINE, _expires("1h"), _URL, _JSON],
            help="Print the command with which another machine joins; it counts once.",
        )
    )
    group.add_command(_tokens())
    for each in (machines.MACHINE, machines.USER):
        group.add_command(naming.group(each))
    group.add_command(
        click.Command("audit", callback=audit, params=[_JSON], help="What was changed, when and by whom.")
    )
    return group


def _tokens() -> click.Group:
    group = click.Group("tokens", help="Tokens: list, create, revoke, rotate.")
    create_options: list[click.Parameter] = [_SCOPE, _MACHINE, _USER, _NAME, _expires(None), _JSON]
    for verb, callback, params, text in (
        ("list", show, [_JSON], "Every token there ever was, without its secret."),
        ("create", create, create_options, "Make a token and print it, this once."),
        ("revoke", revoke, [_NUMBER], "Have a token count no more, nor the logins made with it."),
        ("rotate", rotate, [_NUMBER, _JSON], "Give a token another text, at once, and print that."),
    ):
        group.add_command(click.Command(verb, callback=callback, params=list(params), help=text))
    return group


def invite(user: str | None, machine: str | None, expires: str, url: str | None, json: bool) -> int:  # noqa: FBT001  as click gives it
    """Print the command with which another machine joins."""
    chosen, now = entrance.settings(), entrance.now()
    until = _until(expires, now)
    there = _url(url, server(chosen, os.environ))
    with opened(chosen) as store:
        code = invites.invite(store, Wanted("ingest", machine or "", user or "", expires=until), WHO, now)
    line = f"tally join {there} {code}"
    if json:
        print_json({"schema": SCHEMA_INVITE, "url": there, "code": code, "command": line, "expires": moment(until)})
    else:
        entrance.write(f"{line}\n")
    entrance.say(f"It counts once, until {local(until, entrance.zone(chosen))}.")
    if reach.is_here(urlsplit(there).hostname or ""):
        entrance.say("Only this machine reaches that address: give another one with `--url` for others.")
    elif there.startswith("http://"):
        entrance.say(
            "Over http:// code and token can be read on the way: put something that encrypts in front and give `--url https://…`,"
            " or say `--insecure` there, in a network that you trust."
        )
    return 0


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """List the tokens."""
    chosen, now = entrance.settings(), entrance.now()
    with opened(chosen) as store:
        found = keys.listed(store)
    if json:
        print_json({"schema": SCHEMA_TOKENS, "tokens": [_as_json(key, now) for key in found]})
        return 0
    zone = entrance.zone(chosen)
    rows = [
        (
            *(str(key.id), f"{key.prefix}…", key.scope, key.state(now), key.machine or key.name, key.user),
            *(local(each, zone) for each in (key.created, key.used, key.expires)),
        )
        for key in found
    ]
    if rows:
        table([("id", "token", "scope", "state", "machine", "user", "created", "last used", "expires"), *rows])
    else:
        entrance.say(
            "There is no token yet: `tally server tokens create` makes one, `tally server invite` one for a machine."
        )
    return 0


def create(
    scope: str,
    machine: str | None,
    user: str | None,
    name: str | None,
    expires: str | None,
    json: bool,  # noqa: FBT001  as click gives it
) -> int:
    """Make a token."""
    chosen, now = entrance.settings(), entrance.now()
    until = _until(expires, now) if expires else None
    with opened(chosen) as store:
        made = keys.create(store, Wanted(scope, machine or "", user or "", name or "", until), WHO, now)
    return _made(made, json=json)


def rotate(number: int, json: bool) -> int:  # noqa: FBT001  as click gives it
    """Give a token another text."""
    with opened(entrance.settings()) as store:
        made = keys.rotate(store, number, WHO, entrance.now())
        machine = next((key.machine for key in keys.listed(store) if key.id == number and key.scope == INGEST), "")
    _made(made, json=json)
    if machine:
        entrance.say(
            f"{machine} can send nothing until it has a new one: `tally server invite --machine {quote(machine)}` prints the"
            " `tally join …` that is to be run there."
        )
    return 0


def _made(made: Made, *, json: bool) -> int:
    if json:
        print_json({"schema": SCHEMA_TOKEN, "id": made.id, "token": made.text})
    else:
        entrance.write(f"{made.text}\n")
    entrance.say(f"This is token {made.id}. It is shown only now: keep it where nobody else reads it.")
    return 0


def revoke(number: int) -> int:
    """Have a token count no more."""
    with opened(entrance.settings()) as store:
        keys.revoke(store, number, WHO, entrance.now())
    entrance.say(f"Token {number} counts no more.")
    return 0


def audit(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell what was changed."""
    chosen = entrance.settings()
    with opened(chosen) as store:
        found = store.noted()
    if json:
        print_json(
            {"schema": SCHEMA_AUDIT, "changes": [{**each._asdict(), "time": moment(each.time)} for each in found]}
        )
    elif found:
        zone = entrance.zone(chosen)
        table([("time", "who", "what", "subject"), *((local(each.time, zone), *each[1:]) for each in found)])
    else:
        entrance.say("Nothing was changed yet.")
    return 0


def _until(text: str, now: int) -> int:
    """Return the moment that lies a stretch of time ahead; raise Misused for a text that is none."""
    number, unit = text[:-1], text[-1:]
    # More digits than that are more than a century in any unit.
    if not (number.isascii() and number.isdecimal() and len(number) <= 10 and unit in _UNITS):  # noqa: PLR2004
        raise Misused(f"--expires {text[:40]!r} is no stretch of time: give one such as 30m, 12h, 90d or 4w.")
    length = int(number) * _UNITS[unit]
    if not 0 < length <= _LONGEST_MS:
        raise Misused(f"--expires {text[:40]!r} is too short or too long: give a second to a hundred years.")
    return now + length


def _url(said: str | None, served: Server) -> str:
    """Return the address of the server for others, as it was said or else as it seems to be."""
    if said:
        from tallystick.answers.reaching import address

        return address(said, "--url")
    if served.hosts and not reach.goes_beyond(served):
        # What is called by other names, and only from here, has a proxy in front.
        return f"https://{served.hosts[0]}"
    host = socket.gethostname() if served.everywhere else served.host
    return reach.url_of(served.hosts[0] if served.hosts and served.everywhere else host, served.port)


def _as_json(key: Key, now: int) -> dict[str, Any]:
    moments = {name: moment(getattr(key, name)) for name in ("created", "expires", "used", "revoked")}
    return {**key._asdict(), **moments, "state": key.state(now)}
