"""`tally join` and `tally leave`: this machine belongs to a server, to which it sends what it counts, or no longer."""

import os
import sys
from json import dumps, loads
from typing import Any, Final
from urllib.parse import urlsplit

import click

from tallystick.access import codes, tokens
from tallystick.access.grant import INGEST
from tallystick.cli import entrance, reach
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable
from tallystick.intake.push import pairing
from tallystick.intake.push.delivering import Answer, Unreachable, delivery
from tallystick.settings import Settings
from tallystick.usage.names import checked

_JOIN: Final = "/api/v1/join"
_LEAVE: Final = "/api/v1/leave"
_HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "tallystick"}
_TIMES: Final = (10.0, 30.0)
_TIMES_TO_LEAVE: Final = (3.0, 5.0)
_DONE, _MISDIRECTED, _WAIT, _BUSY = 200, 421, 429, 503
_MISUSED: Final = frozenset(("nameless", "malformed"))
_REFUSED: Final = frozenset(("wrong", "expired", "used", "taken"))

_OF_JOIN: Final = (
    click.Argument(["url"], metavar="URL"),
    click.Argument(["code"], metavar="CODE"),
    click.Option(["--machine"], metavar="NAME", help="The name of this machine; by default the one it has."),
    click.Option(
        ["--insecure"],
        is_flag=True,
        help="Go over http:// to another machine, where anybody on the way can read along.",
    ),
    click.Option(
        ["--service/--no-service", " /-n"], default=None, help="Install the background service, or do not ask."
    ),
    click.Option(["--yes"], is_flag=True, help="Say yes to whatever is asked."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    if name == "leave":
        return click.Command(name, callback=leave, help=f"{COMMANDS[name].help} What was sent stays there.")
    text = f"{COMMANDS[name].help}\n\nThe server prints the whole line: `tally server invite`. With - as CODE it is read from the input."
    return click.Command(name, callback=run, params=[*_OF_JOIN], help=text)


def run(
    url: str,
    code: str,
    machine: str | None,
    insecure: bool,  # noqa: FBT001  as click gives it
    service: bool | None,  # noqa: FBT001  as click gives it
    yes: bool,  # noqa: FBT001  as click gives it
) -> int:
    """Pair this machine with a server."""
    from tallystick.answers.reaching import address

    chosen = entrance.settings()
    there = address(url, "The command line")
    if there.startswith("http://") and not reach.is_here(urlsplit(there).hostname or "") and not insecure:
        raise Refused(
            f"Over {there} the code and the token of this machine could be read on the way. Use https://, or say `--insecure`"
            " in a network that you trust, such as a VPN."
        )
    name = checked(machine or chosen.machine or "")
    asked = {"code": _code(code), "machine": name}
    file = entrance.where(chosen).pairing
    _writable(chosen.data_dir)
    told = _exchanged(there, asked)
    before = _before(file)
    made = pairing.write(file, pairing.Pairing(there, told["token"], told["machine"], told["user"]))
    _begin_anew(chosen)
    if before and before.url not in {"", there}:
        entrance.say(f"It was paired with {before.url} before, and sends nothing there any more.")
    whose = f", of {made.user}" if made.user else ""
    called = f" ({told['server']})" if told["server"] else ""
    entrance.write(f"This machine is {made.machine}{whose}, and belongs to {there}{called}.\n")
    _offer(True if yes else service)
    return 0


def _begin_anew(chosen: Settings) -> None:
    """Have everything sent, also what was before: the server may have forgotten this machine, or be another one by now."""
    try:
        entrance.house(chosen).forget_outbox()
    except Unavailable as error:
        entrance.say(f"{error} Afterwards `tally push --all` sends what was sent before, too.")


def _code(said: str) -> str:
    """Return the code, from the input where that is said; raise Misused for what can be none."""
    if said == "-":
        if sys.stdin.isatty():
            from getpass import getpass

            said = getpass("Code: ")
        else:
            said = sys.stdin.readline(200)
    plain = codes.plain(said)
    if not plain:
        raise Misused("That is no code: one has twelve letters and digits, such as ABCD-EFGH-JKLM.")
    return plain


def _writable(folder: str) -> None:
    """Make sure that a token can be kept before a code is spent on it."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The folder {folder} cannot be made ({(error.strerror or str(error)).lower()}).") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unavailable(f"Nothing can be written to {folder}: give yourself the right to. The code was not used.")


def _before(file: str) -> pairing.Pairing | None:
    try:
        return pairing.read(file)
    except Unavailable:
        return None


def _exchanged(there: str, asked: dict[str, str]) -> dict[str, str]:
    """Return what the server tells for a code; raise, with what to do, when it tells something else."""
    try:
        answer = delivery(there + _JOIN, _HEADERS, os.environ, _TIMES)(dumps(asked).encode())
    except Unreachable as error:
        raise Unavailable(
            f"{error} See whether the server runs, and whether this is its address. Where only its answer was lost, the code"
            " is used up: `tally server invite` makes another one."
        ) from None
    told = _object(answer.body)
    if answer.status == _DONE:
        found = {name: told[name] for name in ("token", "machine", "user", "server") if isinstance(told.get(name), str)}
        if _fits(found):
            return found
    raise _fault(there, answer, told)


def _fits(found: dict[str, str]) -> bool:
    try:
        fits = tokens.scope_of(found["token"]) == INGEST and checked(found["machine"]) == found["machine"]
        return fits and (found["user"] + found["server"]).isprintable()
    except (Misused, KeyError):
        return False


def _fault(there: str, answer: Answer, told: dict[str, Any]) -> TallystickError:
    """Return what an answer means that has no token in it."""
    error = told.get("error")
    said = error if isinstance(error, dict) else {}
    code, message = (str(said.get(name, ""))[:600] for name in ("code", "message"))
    again = f" in {answer.retry_after} s" if answer.retry_after.isdecimal() else " later"
    if code in _REFUSED:
        more = " `--machine NAME` gives another name." if code == "taken" else ""
        return Refused(message + more)
    if code in _MISUSED:
        return Misused(message)
    if answer.status == _MISDIRECTED and code:
        return Unavailable(
            f"{there} does not know that it is called so: have that name added to TALLY_SERVER_HOSTS there."
        )
    if answer.status in {_WAIT, _BUSY} and code:
        return Unavailable(f"{there} takes nobody in now ({message.rstrip('.')}): try again{again}.")
    if answer.location:
        return Unavailable(f"{there} sends to {answer.location[:200]}: if that is the server, join there.")
    return Unavailable(f"What answers at {there} (status {answer.status}) is no Tallystick server, or an older one.")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _offer(wanted: bool | None) -> None:  # noqa: FBT001  None where nobody has said
    """Install the background service, ask whether to, or tell how."""
    if wanted is None and sys.stdin.isatty() and sys.stdout.isatty():
        wanted = click.confirm("Install the background service, which sends what is new by itself?", default=True)
    if wanted:
        from tallystick.cli.service import install

        install(None, None, dry_run=False)
    elif wanted is None:
        entrance.say("`tally service install` has what is new sent by itself, in the background.")


def leave() -> int:
    """Forget the server; its token counts no more, if it can be reached."""
    file = entrance.where(entrance.settings()).pairing
    found = pairing.read(file)
    if found is None or not found.url:
        raise NotFound("This machine belongs to no server.")
    headers = {**_HEADERS, "Authorization": f"Bearer {found.token}"}
    try:
        status = delivery(found.url + _LEAVE, headers, os.environ, _TIMES_TO_LEAVE)(b"").status
    except Unreachable as error:
        status, why = 0, str(error)
    else:
        why = f"{found.url} answers with {status}."
    # What pseudonyms are made with stays: joined again, the machine goes on under the same.
    pairing.write(file, pairing.Pairing("", "", "", "", found.key))
    entrance.house(entrance.settings()).forget_outbox()
    entrance.write(f"This machine no longer belongs to {found.url}.\n")
    if status not in {_DONE, 401}:
        entrance.say(
            f"{why} Its token counts there until somebody revokes it: `tally server tokens list` shows it as {tokens.prefix(found.token)}…."
        )
    return 0
