"""`tally up`, `down`, `status`, `open` and `logs`: server and proxy in the background, as a service where one is installed."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.answer import Moment
from tallystick.cli import background, entrance, messages
from tallystick.cli.service import DOWN, FOLLOW, HOST, LINES, PORT, WHICH, duration, logs
from tallystick.cli.tree import COMMANDS
from tallystick.service import lifecycle, parts, process
from tallystick.service.parts import PROXY, SERVER, Part
from tallystick.service.status import ABSENT, RUNNING, STOPPED, Grounds, Status, installed, plan_of, status

if TYPE_CHECKING:
    from tallystick.intake.proxy.running import Running

SCHEMA: Final = "tallystick.status/1"
_PATIENCE_S: Final = 20.0
_OF_HUNG_S: Final = 2.0
"""Seconds that one has to end by itself that does not even answer."""
_STEP_S: Final = 0.05
_HANGS: Final = "It is there and does not answer: `tally down`, then `tally up`."
_OPEN: Final = click.Option(["--open"], is_flag=True, help="Open its page, too.")
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")


def command(name: str) -> click.Command:
    """Return the command."""
    made: dict[str, tuple[Callable[..., Any], list[click.Parameter]]] = {
        "up": (up, [HOST, PORT, _OPEN]),
        "down": (down, []),
        "status": (show_status, [_JSON]),
        "open": (show, []),
        "logs": (logs, [WHICH, LINES, FOLLOW]),
    }
    callback, options = made[name]
    return click.Command(name, callback=callback, params=options, help=COMMANDS[name].help)


def up(host: str | None, port: int | None, open: bool) -> int:  # noqa: A002, FBT001  as click gives them
    """Make server and proxy run and print the server's address."""
    grounds = background.grounds()
    kept = background.WITH_PROXY if background.has_proxy() else background.ALONE
    plan = background.plan(grounds.person, host, port, kept)
    # The person's shell may lead programs through our proxy: what is started here is not to go through itself.
    gone = set(os.environ) - set(background.own(entrance.settings()))
    theirs = {name: value for name, value in grounds.environ.items() if name not in gone}
    begun = entrance.now()
    found = lifecycle.up(grounds._replace(environ=theirs), plan, entrance.say)
    _tell_of_proxy(grounds, kept, begun)
    entrance.write(f"{found.address}\n")
    if open:
        _open(found.address)
    return 0


def _tell_of_proxy(grounds: Grounds, kept: str, begun: int) -> None:
    """Tell where the proxy is and what it said if it was started since a moment (milliseconds since 1970), or why there is none."""
    plan = plan_of(grounds) if installed(grounds) else None
    if kept == background.ALONE:
        entrance.say(f"{background.NO_PROXY} Until then the server runs alone.")
    elif plan is not None and "keep" not in plan.arguments:
        entrance.say(
            "The service runs the server alone: `tally service install --with-proxy` has it run the proxy, too."
        )
    else:
        deadline = time.monotonic() + _PATIENCE_S
        part = _kept(grounds, PROXY)
        while part is not None and part.port is None and not part.trouble and time.monotonic() < deadline:
            time.sleep(_STEP_S)
            part = _kept(grounds, PROXY)
        if part is not None and part.port is not None:
            if (part.since or 0) >= begun:
                # What it had to say before it wrote its log, such as that the certificate is new.
                for sentence in messages.first_words(messages.proxy_log(os.environ, os.path.expanduser("~"))):
                    entrance.say(sentence)
            entrance.say(f"The proxy runs: http://127.0.0.1:{part.port}")
        elif part is not None:
            entrance.say(f"The proxy does not run. {part.trouble} `tally logs proxy` tells more.")


def _kept(grounds: Grounds, name: str) -> Part | None:
    keeper = parts.told(grounds.person.state)
    return keeper.part(name) if keeper is not None else None


def down() -> int:
    """Stop server and proxy."""
    grounds = background.grounds()
    stopped = lifecycle.down(grounds, entrance.say)
    # One that somebody started by hand, or `tally run` did, is nobody's part; one that hangs is ended, too.
    alone = _proxy()
    if alone is not None:
        process.end(alone.pid, process.identity(alone.pid) or "", _PATIENCE_S if _answers() else _OF_HUNG_S)
        entrance.say(f"The proxy was stopped (process {alone.pid}).")
    elif not stopped:
        entrance.say("Nothing runs in the background.")
    return 0


def _proxy() -> "Running | None":
    """Return the proxy whose process is there, whoever started it."""
    from tallystick.intake.proxy.running import holder

    return holder(entrance.settings().data_dir)


def _answers() -> bool:
    from tallystick.intake.proxy.running import running

    return running(entrance.settings().data_dir) is not None


def show_status(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell how server and proxy fare; return 0 when all answer, 1 when something is wrong, 3 when nothing runs."""
    grounds = background.grounds()
    found = status(grounds)
    rows = _rows(grounds, found)
    if json:
        from tallystick.answers.as_json import value as as_json

        told = [{**row._asdict(), "since": Moment(row.since) if row.since else None} for row in rows]
        entrance.write(as_json({"schema": SCHEMA, **found._asdict(), "parts": told}) + "\n")
    else:
        _tell(found, rows)
    if found.state in {STOPPED, ABSENT} and not any(row.pid for row in rows):
        return DOWN
    is_well = found.state == RUNNING or (found.state == ABSENT and not any(row.name == SERVER for row in rows))
    return 0 if is_well and all(row.pid and row.port for row in rows) else 1


def _rows(grounds: Grounds, found: Status) -> list[Part]:
    """Return the parts that run, or should."""
    keeper = parts.told(grounds.person.state)
    if keeper is not None:
        return [_as_it_answers(part) for part in keeper.parts]
    rows = []
    if found.state not in {STOPPED, ABSENT}:
        since = None if found.uptime_seconds is None else entrance.now() - int(found.uptime_seconds * 1000)
        port = int(found.address.rpartition(":")[2]) if found.state == RUNNING else None
        rows.append(Part(SERVER, found.pid, port, since))
    alone = _proxy()
    if alone is None:
        return rows
    answers = _answers()
    trouble = "" if answers else _HANGS
    return [*rows, Part(PROXY, alone.pid, alone.port if answers else None, alone.started, trouble=trouble)]


def _as_it_answers(part: Part) -> Part:
    """Return a part that is kept; the keeper knows that its process is there, and not whether it hangs by now."""
    if part.name != PROXY or part.port is None or _answers():
        return part
    # Where there is no process any more, the keeper is about to take notice.
    return part._replace(port=None, trouble=_HANGS if _proxy() is not None else part.trouble)


def _tell(found: Status, rows: list[Part]) -> None:
    if not rows:
        entrance.say(found.todo or "Nothing runs in the background: `tally up` starts it.")
        return
    for name, value in (("address", found.address), ("version", found.version), ("manager", found.manager)):
        if value:
            entrance.write(f"{name:8} {value}\n")
    entrance.write(f"{'part':8} {'process':>8} {'port':>6} {'up for':>12} {'restarts':>9}\n")
    now = entrance.now()
    for row in rows:
        state = (str(row.pid or "none"), str(row.port or "none"))
        lasts = duration(max(now - row.since, 0) / 1000) if row.pid and row.since else ""
        entrance.write(f"{row.name:8} {state[0]:>8} {state[1]:>6} {lasts:>12} {row.restarts:>9}\n")
        if row.trouble:
            entrance.write(f"         last trouble: {row.trouble}\n")
    if found.todo:
        entrance.say(found.todo)


def show() -> int:
    """Print the address of the page and open it where there is a screen."""
    address = lifecycle.running_address(background.grounds())
    entrance.write(f"{address}\n")
    _open(address)
    return 0


def _open(address: str) -> None:
    if not has_screen(os.environ, sys.platform):
        entrance.say("There is no screen here: open that address in a browser.")
        return
    import webbrowser

    if not webbrowser.open(address):
        entrance.say("No browser was found: open that address in one.")


def has_screen(environ: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would be seen: not over ssh, and on Linux only where there is a display (or Windows around it)."""
    if platform in {"darwin", "win32"}:
        return not environ.get("SSH_CONNECTION")
    return any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"))
