"""What the commands about the background share: for whom, under which manager, and what is to run."""

import os
import sys
from collections.abc import Mapping
from typing import Final

from tallystick import __version__
from tallystick.cli import ca, control, entrance
from tallystick.errors import Misused
from tallystick.service import planning
from tallystick.service.service import Person, Plan
from tallystick.service.shelf import chosen as manager_of
from tallystick.service.status import Grounds
from tallystick.settings import Settings, load, server, state_folder
from tallystick.shell import variables

PROGRAM: Final = ("-P", "-m", "tallystick")
"""What the interpreter is given to run `tally`, from whatever folder."""
ALONE: Final = "alone"
WITH_PROXY: Final = "with-proxy"
NO_PROXY: Final = "The proxy needs what is not installed (mitmproxy): `pip install 'tallystick[proxy]'` brings it."


def grounds() -> Grounds:
    """Return where servers of this person run."""
    environ = dict(os.environ)
    uid = os.getuid() if hasattr(os, "getuid") else 0
    session = f"/run/user/{uid}"
    if "XDG_RUNTIME_DIR" not in environ and os.path.isdir(session):
        # Under su or cron nobody sets it; systemctl finds the person's systemd by it.
        environ["XDG_RUNTIME_DIR"] = session
    home = os.path.expanduser("~")
    person = Person(
        home=home,
        config=environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"),
        state=state_folder(environ, home),
        uid=uid,
        account="\\".join(environ[name] for name in ("USERDOMAIN", "USERNAME") if environ.get(name)),
    )
    return Grounds(person, manager_of(sys.platform), environ)


def plan(person: Person, host: str | None, port: int | None, kept: str = "") -> Plan:
    """Return what is to run; an option counts before the environment, and that before the config file.

    With `kept` it is a process that keeps the server running, `ALONE` or `WITH_PROXY`; without, the server itself.
    """
    from tallystick.tools.shelf import TOOLS

    chosen = entrance.settings()
    environ = own(chosen)
    entrance.zone(chosen)
    wanted = server(chosen, environ, {"host": host or "", "port": str(port or "")})
    if not wanted.port:
        raise Misused(
            f"{wanted.sources['port']} sets the port to 0: in the background it must be one that can be found again."
        )
    number, address = wanted.port, wanted.host
    roots = [lambda given, tool=tool: tool.roots(chosen.home, given) for tool in TOOLS]
    found = planning.kept(
        environ | _in_full(environ, person.home) | ({"PORT": str(number)} if environ.get("PORT") else {}),
        [*roots, lambda given: load(given, person.home), lambda given: control.place(chosen, given)],
    )
    if found.dropped:
        entrance.say(f"{', '.join(found.dropped)} cannot be kept for the service: there is a control character in it.")
    log = os.path.join(person.state, "log", "server.log")
    return Plan(
        interpreter=os.path.abspath(sys.executable),
        program=PROGRAM,
        arguments=(*_begun(kept), "--host", address, "--port", str(number), "--log", log, *_besides(kept)),
        environment=found.environment,
        folder=person.home,
        log=log,
        host=address,
        port=number,
        version=__version__,
    )


def _begun(kept: str) -> tuple[str, ...]:
    return ("keep",) if kept else ("serve",)


def _besides(kept: str) -> tuple[str, ...]:
    return ("--without-proxy",) if kept == ALONE else ()


def own(chosen: Settings) -> dict[str, str]:
    """Return the environment without what leads programs through our own proxy."""
    place = ca.folder(chosen)
    return variables.own(os.environ, place.extra, place.bundle)


def has_proxy() -> bool:
    """Tell whether what the proxy needs is installed."""
    from importlib.util import find_spec

    return find_spec("mitmproxy") is not None


def _in_full(environ: Mapping[str, str], home: str) -> dict[str, str]:
    """Return our variables that name places, with the places in full: the service works in another folder."""
    chosen = load(environ, home)
    places = {
        "TALLY_HOME": chosen.home,
        "TALLY_DATA_DIR": chosen.data_dir,
        "TALLY_CONFIG": os.path.abspath(chosen.config),
        "TALLY_HOMES": ",".join(chosen.homes),
    }
    return {name: place for name, place in places.items() if environ.get(name)}
