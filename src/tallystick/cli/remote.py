"""Asking a server instead of this machine's ledger: which one, by which token, and what is said of that."""

import os
from collections.abc import Mapping
from typing import Final

from tallystick.answers.reaching import Reach, address
from tallystick.answers.remote import Remote
from tallystick.cli import entrance
from tallystick.cli.options import Values
from tallystick.errors import Misused
from tallystick.settings import Settings

TOKEN: Final = "TALLY_SERVER_READ_TOKEN"  # noqa: S105  the name of a variable
SERVER: Final = "TALLY_REMOTE_SERVER"
_DATA: Final = frozenset(("json", "csv", "ccusage"))


def remote(chosen: Settings, values: Values) -> Remote:
    """Return what answers from the server that a command line or the settings name, and say, besides text, which that is."""
    found = reach(chosen, values, os.environ)
    if not _DATA & {values.get("format"), *(name for name in ("json", "csv") if values.get(name))}:
        entrance.say(f"Answered by {found.server}.")
    return Remote(found, _still_reading)


def reach(chosen: Settings, values: Values, environ: Mapping[str, str]) -> Reach:
    """Return where a server is and what it is shown: a token of the config is for the server of the config only."""
    by_default = _named(chosen, environ)
    server = address(*((values["server"], "--server") if values.get("server") else by_default))
    token, where = environ.get(TOKEN, "").strip(), f"{TOKEN} in the environment"
    ours = chosen.remote.get("server")
    if not token and ours and server == address(ours, chosen.config):
        token, where = chosen.remote.get("token", ""), chosen.config
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise Misused(f"The token from {where} is none: it holds what no token has in it.")
    hint = (
        f"Set a token for reading as {TOKEN}, or as `token` beside `server` under [remote] in {chosen.config}; "
        "whoever runs the server makes one with `tally server tokens create`."
    )
    return Reach(server, token, where if token else "", hint)


def _named(chosen: Settings, environ: Mapping[str, str]) -> tuple[str, str]:
    if environ.get(SERVER):
        return environ[SERVER], f"{SERVER} in the environment"
    return chosen.remote.get("server", ""), chosen.config


def _still_reading(part: float) -> None:
    entrance.say(f"The server is still reading logs in ({part:.0%}): this is what it knew so far.")
