"""`tally proxy`: the proxy in the foreground; and how other commands have it run in the background."""

import logging
import os
import sys
import time
from collections.abc import Mapping, Sequence
from ssl import DER_cert_to_PEM_cert
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from tallystick.cli import ca, entrance, wired
from tallystick.cli.background import PROGRAM
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Unavailable
from tallystick.intake.proxy import plan as planning
from tallystick.intake.proxy import running
from tallystick.intake.proxy.plan import PORT, Plan
from tallystick.intake.proxy.running import Running
from tallystick.settings import Settings, state_folder
from tallystick.shell import variables

if TYPE_CHECKING:
    import subprocess

_EXTRA: Final = "`tally proxy` needs what is not installed ({}): `pip install 'tallystick[proxy]'` brings it."
_BEHIND: Final = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""Variables by which a person says that there is a proxy on the way out, the first that is set."""
_TRUSTED: Final = ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
"""Variables by which a person says whose certificates count besides the system's."""
_PARAMETERS: Final = (
    click.Option(
        ["--port"],
        type=click.IntRange(0, 65535),
        default=PORT,
        metavar="PORT",
        help=f"The port on 127.0.0.1, 0 for any that is free; by default {PORT}.",
    ),
    click.Option(["--upstream"], metavar="URL", help="Go through this proxy; by default the one in HTTPS_PROXY."),
    click.Option(["--direct"], is_flag=True, help="Go through no proxy, whatever HTTPS_PROXY says."),
    click.Option(["--reverse"], metavar="URL", help="Stand for this server instead of being a proxy."),
    click.Option(
        ["--connect-to"],
        multiple=True,
        metavar="HOST=ADDRESS:PORT",
        help="Send what goes to a host there; its name and certificate stay the same.",
    ),
    click.Option(
        ["--upstream-ca"],
        multiple=True,
        metavar="FILE",
        help="Know servers by these certificates too (PEM).",
    ),
    click.Option(["--archive"], metavar="DIR", help="Write whole exchanges, prompts included, into this folder."),
    click.Option(["--log"], metavar="FILE", help="Write messages to this file, which is begun anew when it is large."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(name, callback=run, params=[*_PARAMETERS], help=COMMANDS[name].help)


def run(**given: Any) -> int:  # noqa: ANN401  as click gives them
    """Pass traffic on until somebody ends it."""
    chosen = entrance.settings()
    place = ca.folder(chosen)
    # Within our own shell, what leads through a proxy and trusts our certificate is ours.
    plan = planned(chosen, given, variables.own(os.environ, place.extra, place.bundle))
    try:
        from tallystick.intake.proxy import process
    except ImportError as error:
        raise Unavailable(_EXTRA.format(error.name)) from None
    from tallystick.trust import subtrees

    shelf = wired.shelf(chosen)
    plan = plan._replace(hosts=subtrees.readable(shelf.hosts()))
    ca.prepared(chosen)
    if plan.archive:
        entrance.say(
            f"WHOLE EXCHANGES, PROMPTS AND ANSWERS INCLUDED, ARE WRITTEN TO {plan.archive}. Remove it afterwards."
        )
    _log_to(given.get("log"))
    process.run(plan, shelf, time.time, _ready)
    return 0


def begin(chosen: Settings, port: int = PORT) -> Running:
    """Return the proxy that runs for these settings, after starting it in the background where none does.

    Raises Unavailable, saying what to do, where it cannot be started.
    """
    from tallystick.service.running import begin as started

    log = log_of(os.environ, os.path.expanduser("~"))
    # Places in full: it works in another folder.
    environ = {**os.environ, "TALLY_DATA_DIR": os.path.abspath(chosen.data_dir)}
    if environ.get("TALLY_CONFIG"):
        environ["TALLY_CONFIG"] = os.path.abspath(chosen.config)
    arguments = (sys.executable, *PROGRAM, "proxy", "--port", str(port), "--log", log)
    # What it says before it has a log, such as that the extra is missing, is what a person needs to hear.
    words = f"{log}.first"

    begun: list[subprocess.Popen[bytes]] = []

    def start() -> running.Started:
        begun.append(started(arguments, os.path.expanduser("~"), words, environ))
        return begun[0]

    try:
        found = running.begin(chosen.data_dir, start)
    except Unavailable as error:
        raise Unavailable(_last(words) or str(error)) from None
    for process in begun:
        # It goes on when this process ends, and is asked about by its folder from here on.
        process.returncode = 0
    return found


def log_of(environ: Mapping[str, str], home: str) -> str:
    """Return the file into which a proxy in the background writes its messages."""
    return os.path.join(state_folder(environ, home), "log", "proxy.log")


def planned(chosen: Settings, given: Mapping[str, Any], environ: Mapping[str, str]) -> Plan:
    """Return how the proxy is to run; raise Misused for options that make no sense, or not together."""
    ways = planning.ways(given.get("connect_to") or ())
    apart = [name for name in ("upstream", "reverse", "direct") if given.get(name)]
    if len(apart) > 1 or (ways and given.get("upstream")):
        both = apart if len(apart) > 1 else ["connect-to", "upstream"]
        raise Misused(f"--{both[0]} and --{both[1]} exclude each other.")
    upstream = str(given.get("upstream") or "")
    if not (apart or ways):
        upstream = _behind(environ, {given.get("port"), PORT})
    address, auth = planning.behind(upstream) if upstream else ("", "")
    files, stored = _roots(given.get("upstream_ca") or (), environ)
    return Plan(
        data_dir=chosen.data_dir,
        port=PORT if given.get("port") is None else int(given["port"]),
        upstream=address,
        upstream_auth=auth,
        reverse=planning.stands_for(given["reverse"]) if given.get("reverse") else "",
        ways=ways,
        trusted=files,
        stored=stored,
        archive=os.path.abspath(given["archive"]) if given.get("archive") else "",
    )


def _behind(environ: Mapping[str, str], own: set[int | None]) -> str:
    """Return the proxy that a person's environment names; none where it names this one."""
    said = next((environ[name] for name in _BEHIND if environ.get(name)), "")
    address = said if "://" in said or not said else f"http://{said}"
    try:
        told = urlsplit(address)
        if told.scheme not in {"http", "https"} or (
            told.hostname in {"127.0.0.1", "localhost", "::1"} and told.port in own
        ):
            return ""
    except ValueError:
        return ""
    return address


def _roots(named: Sequence[str], environ: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Return files with certificates by which servers are known, and further ones as PEM; raise Misused for a missing file."""
    from tallystick.trust.roots import known

    for path in named:
        if not os.path.isfile(path):
            raise Misused(f"--upstream-ca {path} is no file.")
    roots = known()
    own = (environ[name] for name in _TRUSTED if environ.get(name))
    return tuple(dict.fromkeys((*roots.files, *own, *named))), "".join(map(DER_cert_to_PEM_cert, roots.stored))


def _ready(found: Running) -> None:
    logging.getLogger("tallystick").info("Passing traffic on at %s", found.address)
    entrance.write(f"Tallystick passes traffic on at {found.address} (Ctrl-C ends it).\n")
    sys.stdout.flush()


def _log_to(path: str | None) -> None:
    """Send messages to a file that is kept small; without one, what is wrong goes where messages go."""
    root = logging.getLogger()
    if path is None:
        handler: logging.Handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("tally: %(message)s"))
        root.addHandler(handler)
        return
    from tallystick.service import log_file

    try:
        if sys.stdout is None:
            # A program without a window (pythonw): what it prints goes into the log as well.
            log_file.begin(os.path.abspath(path))
        else:
            root.addHandler(log_file.handler(os.path.abspath(path)))
    except OSError as error:
        raise Unavailable(f"The log {path} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    logging.getLogger("tallystick").setLevel(logging.INFO)


def _last(path: str) -> str:
    """Return the last sentence in a file, without the name of the program before it."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.startswith("tally: ")]
    except OSError:
        return ""
    return lines[-1].removeprefix("tally: ") if lines else ""
