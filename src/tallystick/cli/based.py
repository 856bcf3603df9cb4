"""Base URLs of a run: the variables by which a tool is led to the gateway, with the run's token in each."""

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tallystick import settings
from tallystick.cli import background, entrance
from tallystick.errors import Unavailable
from tallystick.service import probe
from tallystick.service.status import RUNNING, status

if TYPE_CHECKING:
    from tallystick.intake.gateway.upstreams import Upstream
    from tallystick.settings import Settings

WHERE: Final = "TALLY_GATEWAY"
"""Holds the gateway's address with the run in it, for tools that are told by an option or a file."""
_VARIABLES: Final = (
    ("ANTHROPIC_BASE_URL", "anthropic", ""),
    ("OPENAI_BASE_URL", "openai", "/v1"),
    ("GOOGLE_GEMINI_BASE_URL", "google", ""),
)
"""Each with the upstream to which it leads where the person has set nothing, and what of a path stands in it."""
_WHERE_SET: Final = ("COPILOT_PROVIDER_BASE_URL", "GEMINI_API_BASE_URL")
"""As well, but setting them changes more than where a tool asks: led to the gateway only where they are there."""


def server(chosen: "Settings") -> str:
    """Return the address of the server that runs here, which has the gateway; raise Unavailable where none does."""
    served = settings.server(chosen, os.environ)
    if probe.ask(served.host, served.port).kind == probe.HEALTHY:
        return usual(chosen)
    found = status(background.grounds())
    if found.state == RUNNING:
        return found.address
    raise Unavailable("No server runs, which has the gateway: `tally up` starts it, or `tally serve`.")


def usual(chosen: "Settings") -> str:
    """Return the address at which the server is looked for on this machine."""
    served = settings.server(chosen, os.environ)
    return f"http://{'127.0.0.1' if served.everywhere else served.host}:{served.port}"


def of_run(environ: Mapping[str, str], at: str, token: str) -> dict[str, str]:
    """Return the variables that hold addresses of the gateway of a server, with a run's token in each."""
    told = urlsplit(at)
    hosts = {re.escape(told.hostname or ""), r"127\.0\.0\.1", "localhost"}
    ours = re.compile(rf"(http://(?:{'|'.join(sorted(hosts))}):{told.port}/gateway/)(?:~[^/\s\"']*/)?(?=[a-z0-9_-])")
    found = {name: ours.sub(rf"\g<1>~{token}/", value) for name, value in environ.items()}
    return {name: value for name, value in found.items() if value != environ[name]}


def given(environ: Mapping[str, str], upstreams: "Mapping[str, Upstream]", at: str, token: str) -> dict[str, str]:
    """Return what is to be set so that a tool asks the gateway of a server; what leads elsewhere is left alone, and told."""
    found = of_run(environ, at, token)
    gateway = f"{at}/gateway/~{token}"
    for name, upstream, path in (*_VARIABLES, *((name, "", "") for name in _WHERE_SET)):
        own = environ.get(name, "")
        if name in found or not (own or upstream):
            continue
        way = _way(own, upstreams) if own else f"{upstream}{path}"
        if way:
            found[name] = f"{gateway}/{way}"
        else:
            host = urlsplit(own).hostname or own[:40]
            entrance.say(
                f"{name} leads to {host}, which is no upstream of the gateway: what is asked there is not counted."
            )
    return found | {WHERE: gateway}


def _way(address: str, upstreams: "Mapping[str, Upstream]") -> str:
    """Return the upstream that leads to an address, and what is left of its path; empty where none does."""
    told = urlsplit(address)
    path = told.path.rstrip("/")
    for each in upstreams.values():
        before = each.path.decode()
        same = (told.scheme, told.netloc.lower()) == (each.scheme, each.authority.lower())
        if same and (path == before or path.startswith(f"{before}/")):
            return f"{each.name}{path[len(before) :]}"
    return ""
