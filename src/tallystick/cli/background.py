"""What the commands about the background share: for whom, under which manager, and what is to run."""

import os
import sys
from collections.abc import Mapping
from typing import Final

from tallystick import __version__
from tallystick.cli import entrance
from tallystick.errors import Misused
from tallystick.service.planning import kept
from tallystick.service.service import Person, Plan
from tallystick.service.shelf import chosen as manager_of
from tallystick.service.status import Grounds
from tallystick.settings import load, server, state_folder

PROGRAM: Final = ("-P", "-m", "tallystick")
"""What the interpreter is given to run `tally`, from whatever folder."""


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


def plan(person: Person, host: str | None, port: int | None) -> Plan:
    """Return what is to run; an option counts before the environment, and that before the config file."""
    from tallystick.tools.shelf import TOOLS

    environ, chosen = os.environ, entrance.settings()
    entrance.zone(chosen)
    wanted = server(chosen, environ, {"host": host or "", "port": str(port or "")})
    if not wanted.port:
        raise Misused(
            f"{wanted.sources['port']} sets the port to 0: in the background it must be one that can be found again."
        )
    number, address = wanted.port, wanted.host
    roots = [lambda given, tool=tool: tool.roots(chosen.home, given) for tool in TOOLS]
    found = kept(
        environ | _in_full(environ, person.home) | ({"PORT": str(number)} if environ.get("PORT") else {}),
        [*roots, lambda given: load(given, person.home)],
    )
    if found.dropped:
        entrance.say(f"{', '.join(found.dropped)} cannot be kept for the service: there is a control character in it.")
    log = os.path.join(person.state, "log", "server.log")
    return Plan(
        interpreter=os.path.abspath(sys.executable),
        program=PROGRAM,
        arguments=("serve", "--host", address, "--port", str(number), "--log", log),
        environment=found.environment,
        folder=person.home,
        log=log,
        host=address,
        port=number,
        version=__version__,
    )


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
