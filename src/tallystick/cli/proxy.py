"""`tally proxy`: the proxy in the foreground; and how other commands have it run in the background."""

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from ssl import DER_cert_to_PEM_cert
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from tallystick.cli import background, ca, entrance, messages, wired
from tallystick.cli.background import PROGRAM
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Unavailable
from tallystick.intake.gateway.upstreams import NAMES, is_spoken
from tallystick.intake.proxy import plan as planning
from tallystick.intake.proxy import running
from tallystick.intake.proxy.plan import AGAIN, PORT, Plan
from tallystick.intake.proxy.running import Running
from tallystick.settings import Settings

if TYPE_CHECKING:
    import subprocess

_LOG: Final = logging.getLogger("tallystick")
_EXTRA: Final = "`tally proxy` needs what is not installed ({}): `pip install 'tallystick[proxy]'` brings it."
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
    click.Option(["--kept"], is_flag=True, hidden=True, help="Somebody starts it anew when it ends."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(name, callback=run, params=[*_PARAMETERS], help=COMMANDS[name].help)


def run(**given: Any) -> int:  # noqa: ANN401  as click gives them
    """Pass traffic on until somebody ends it."""
    chosen = entrance.settings()
    # Within our own shell, what leads through a proxy and trusts our certificate is ours.
    plan = planned(chosen, given, background.own(chosen))
    try:
        from tallystick.intake.proxy import process
    except ImportError as error:
        raise Unavailable(_EXTRA.format(error.name)) from None
    from tallystick.trust import subtrees

    shelf = wired.shelf(chosen)
    plan = plan._replace(hosts=subtrees.readable(shelf.hosts()), memory=wired.memory(chosen))
    messages.go_to(given.get("log"))
    tell = partial(_tell, logged=bool(given.get("log")))
    if not (given.get("upstream") or given.get("direct") or given.get("reverse") or plan.ways):
        _tell_of_unspoken(chosen, tell)
    ca.prepared(chosen, tell=tell)
    if plan.archive:
        tell(f"WHOLE EXCHANGES, PROMPTS AND ANSWERS INCLUDED, ARE WRITTEN TO {plan.archive}. Remove it afterwards.")
    code = process.run(plan, shelf, process.Around(time.time, _ready, _renew))
    if code == AGAIN:
        tell(f"It held more than {plan.memory >> 20} MiB.")
    return code


def _tell(sentence: str, *, logged: bool) -> None:
    """Tell something, which whoever reads the log later is to find there, too."""
    entrance.say(sentence)
    if logged:
        _LOG.warning("%s", sentence)


def _tell_of_unspoken(chosen: Settings, tell: Callable[[str], None]) -> None:
    if any(said := wired.unspoken(background.own(chosen))):
        tell(" ".join(said))


def _renew() -> None:
    """Have the authority made anew before it ends, by the config as it is now."""
    ca.prepared(entrance.settings(), tell=lambda sentence: _LOG.warning("%s", sentence))


def begin(chosen: Settings, port: int = PORT) -> Running:
    """Return the proxy that runs for these settings, after starting it in the background where none does.

    Raises Unavailable, saying what to do, where it cannot be started.
    """
    from tallystick.service.running import begin as started

    log = messages.proxy_log(os.environ, os.path.expanduser("~"))
    # Places in full: it works in another folder.
    environ = {**os.environ, "TALLY_DATA_DIR": os.path.abspath(chosen.data_dir)}
    if environ.get("TALLY_CONFIG"):
        environ["TALLY_CONFIG"] = os.path.abspath(chosen.config)
    arguments = (sys.executable, *PROGRAM, "proxy", "--port", str(port), "--log", log)
    # What it says before it has a log, such as that the extra is missing, is what a person needs to hear.
    words = messages.first_words_of(log)
    begun: list[subprocess.Popen[bytes]] = []

    def start() -> running.Started:
        begun.append(started(arguments, os.path.expanduser("~"), words, environ))
        return begun[0]

    try:
        found = running.begin(chosen.data_dir, start)
    except Unavailable as error:
        raise Unavailable((messages.first_words(log) or [str(error)])[-1]) from None
    for process in begun:
        # It goes on when this process ends, and is asked about by its folder from here on.
        process.returncode = 0
        for sentence in messages.first_words(log):
            entrance.say(sentence)
    return found


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
        kept=bool(given.get("kept")),
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
    said = next((environ[name] for name in NAMES if environ.get(name)), "")
    if not said or not is_spoken(said):
        return ""
    address = said if "://" in said else f"http://{said}"
    try:
        told = urlsplit(address)
        if told.hostname in {"127.0.0.1", "localhost", "::1"} and told.port in own:
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
    _LOG.info("Passing traffic on at %s", found.address)
    entrance.write(f"Tallystick passes traffic on at {found.address} (Ctrl-C ends it).\n")
    sys.stdout.flush()
