"""`tally service`: the server as a background service of this system."""

import shlex
from typing import Any, Final

import click

from tallystick.cli import background, entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Unavailable
from tallystick.service import lifecycle
from tallystick.service.planning import installing, uninstalling
from tallystick.service.service import RESTART, START, STOP, Remove, Run, Step, Write, beside
from tallystick.service.status import ABSENT, RUNNING, STOPPED, Status, installed, plan_of, status

SCHEMA: Final = "tallystick.service/1"
DOWN: Final = 3
"""The exit code of `status` when nothing runs, which managers of services use for that too."""

DRY_RUN: Final = click.Option(["--dry-run"], is_flag=True, help="Show the files and commands, and change nothing.")
HOST: Final = click.Option(["--host"], metavar="HOST", help="The address to listen on; by default 127.0.0.1.")
PORT: Final = click.Option(
    ["--port"],
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="The port; by default PORT in the environment or 3847.",
)
LINES: Final = click.Option(
    ["-n", "--lines"], type=click.IntRange(min=0), default=50, show_default=True, metavar="N", help="How many lines."
)
FOLLOW: Final = click.Option(["-f", "--follow"], is_flag=True, help="Go on with each further line until Ctrl-C.")
WHICH: Final = click.Argument(
    ["part"], type=click.Choice(("server", "proxy", "keeper")), default="server", metavar="[server|proxy]"
)
_WITH_PROXY: Final = click.Option(
    ["--with-proxy/--without-proxy"], default=None, help="Have it run the proxy, too; by default as it is installed."
)
_JSON: Final = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")


def command(name: str) -> click.Command:
    """Return the command."""
    group = click.Group(name, help=COMMANDS[name].help)
    for verb, callback, options, text in (
        ("install", install, [HOST, PORT, _WITH_PROXY, DRY_RUN], "Install it, or bring what is installed up to date, and start it."),
        ("uninstall", uninstall, [DRY_RUN], "Stop and remove it; the ledger and the log stay."),
        ("start", _verb(START), [DRY_RUN], "Start it."),
        ("stop", _verb(STOP), [DRY_RUN], "Stop it until you log in again."),
        ("restart", _verb(RESTART), [DRY_RUN], "Stop and start it."),
        ("status", show, [_JSON], "How it fares. Exits with 0 when it answers, 1 when something is wrong, 3 when it does not run."),
        ("logs", logs, [LINES, FOLLOW], "What it has to say."),
    ):  # fmt: skip
        group.add_command(click.Command(verb, callback=callback, params=[*options], help=text))
    group.add_command(click.Command("run", callback=run, hidden=True, help="Run what was installed (for Windows)."))
    return group


def install(host: str | None, port: int | None, dry_run: bool, with_proxy: bool | None = None) -> int:  # noqa: FBT001  as click gives it
    """Install the service."""
    grounds = background.grounds()
    service = lifecycle.manager(grounds)
    if with_proxy is None:
        before = plan_of(grounds) if installed(grounds) else None
        with_proxy = before is not None and before.arguments[:1] == ("keep",)
    if with_proxy and not background.has_proxy():
        raise Unavailable(background.NO_PROXY)
    plan = background.plan(grounds.person, host, port, background.WITH_PROXY if with_proxy else "")
    if dry_run:
        return _show(installing(service, plan, grounds.person))
    lifecycle.install(grounds, plan, entrance.say)
    return 0


def uninstall(dry_run: bool) -> int:  # noqa: FBT001  as click gives it
    """Remove the service."""
    grounds = background.grounds()
    if dry_run:
        return _show(uninstalling(lifecycle.manager(grounds), grounds.person))
    lifecycle.uninstall(grounds, entrance.say)
    return 0


def _verb(verb: str) -> Any:  # noqa: ANN401  what click calls
    def called(dry_run: bool) -> int:  # noqa: FBT001  as click gives it
        grounds = background.grounds()
        if dry_run:
            return _show(lifecycle.manager(grounds).commands(verb, grounds.person))
        {START: lifecycle.start, STOP: lifecycle.stop, RESTART: lifecycle.restart}[verb](grounds, entrance.say)
        return 0

    return called


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Tell how the service fares; return 0 when it answers, 1 when something is wrong, 3 when it does not run."""
    found = status(background.grounds())
    if json:
        from tallystick.answers.as_json import value as as_json

        entrance.write(as_json({"schema": SCHEMA, **found._asdict()}) + "\n")
    else:
        _tell(found)
    # A server without a service answers too; what was asked for is the service.
    if found.state == RUNNING and found.installed:
        return 0
    return DOWN if found.state in {STOPPED, ABSENT, RUNNING} else 1


def _tell(found: Status) -> None:
    without = found.address and not found.installed
    entrance.write(f"{ABSENT}; a server without a service: {found.state}\n" if without else f"{found.state}\n")
    rows = (
        ("address", found.address),
        ("process", str(found.pid or "")),
        ("version", found.version),
        ("up for", "" if found.uptime_seconds is None else duration(found.uptime_seconds)),
        ("manager", ": ".join(filter(None, (found.manager, found.words)))),
        ("log", found.log),
    )
    for name, value in rows:
        if value:
            entrance.write(f"  {name:8} {value}\n")
    todo = found.todo or ("`tally service install` installs it." if found.state == ABSENT else "")
    if todo:
        entrance.say(todo)


def duration(seconds: float) -> str:
    """Return a duration in its two largest units."""
    left = int(seconds)
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        number, left = divmod(left, size)
        if number or parts or unit == "s":
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2])


def _show(steps: tuple[Step, ...]) -> int:
    """Print steps: a shell could run the commands, and files are shown whole."""
    for step in steps:
        match step:
            case Write(path, content, mode):
                coding = "utf-16" if content.startswith(b"\xff\xfe") else "utf-8"
                text = content.decode(coding).replace("\r\n", "\n")
                entrance.write(f"# write {path} (mode {mode:o})\n{text}\n")
            case Remove(path):
                entrance.write(f"# remove {path}\n")
            case Run(arguments):
                entrance.write(f"{shlex.join(arguments)}\n")
    return 0


def logs(lines: int, follow: bool, part: str = "server") -> int:  # noqa: FBT001  as click gives it
    """Print the end of a log, and go on with it if that is wanted."""
    from tallystick.service import log_file

    grounds = background.grounds()
    found = status(grounds)
    log = found.log or background.plan(grounds.person, None, None).log
    if part != "server":
        log = beside(log, f"{part}.log")
    if follow:
        for line in log_file.follow(log, lines):
            entrance.write(f"{line}\n")
            import sys

            sys.stdout.flush()
    said = log_file.tail(log, lines)
    for line in said:
        entrance.write(f"{line}\n")
    if not said:
        raise Unavailable(f"There is no log yet ({log}).")
    return 0


def run() -> int:
    """Run what was installed, in the environment that was kept for it."""
    import os

    from tallystick.cli import main

    grounds = background.grounds()
    plan = plan_of(grounds)
    if plan is None or not installed(grounds):
        raise Unavailable("The service is not installed: `tally service install` does that.")
    os.environ.update(plan.environment)
    return main(plan.arguments)
