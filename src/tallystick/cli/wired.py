"""What a person's settings say about the wire: which providers are known, where the gateway leads, through whom, how much may be held."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tallystick.errors import Misused
from tallystick.settings import Settings

if TYPE_CHECKING:
    from tallystick.intake.gateway.upstreams import Upstream
    from tallystick.providers.shelf import Shelf


def shelf(chosen: Settings) -> "Shelf":
    """Return all providers: those that are known, and those that the config declares; raise Misused for what makes no sense."""
    from tallystick.providers.declared import Declared, declared
    from tallystick.providers.shelf import Shelf

    found: list[Declared] = []
    for name, table in chosen.providers.items():
        if not isinstance(table, dict):
            raise Misused(f"The config file {chosen.config} sets {name} under [providers]: write [providers.{name}].")
        made = declared({"name": name, **table})
        if isinstance(made, str):
            raise Misused(f"The config file {chosen.config} declares a provider wrongly. {made}")
        found.append(made)
    return Shelf(found)


def upstreams(chosen: Settings) -> "dict[str, Upstream]":
    """Return where the gateway leads, by name; raise Misused for what makes no sense."""
    from tallystick.intake.gateway.upstreams import upstreams as of

    return of(chosen.gateway.get("upstreams", {}), os.environ, f"The config file {chosen.config}")


def trusted(chosen: Settings) -> str:
    """Return the file of certificates that upstreams are checked by besides the system's; empty for none."""
    said = os.environ.get("TALLY_GATEWAY_UPSTREAM_CA") or chosen.gateway.get("upstream_ca", "")
    return os.path.join(os.path.dirname(chosen.config), os.path.expanduser(said)) if said else ""


def memory(chosen: Settings) -> int:
    """Return how many bytes the proxy may hold before something is wrong; raise Misused for what is no number."""
    from tallystick.intake.proxy.memory import MOST

    said = os.environ.get("TALLY_PROXY_MEMORY_MIB") or str(chosen.proxy.get("memory_mib", MOST >> 20))
    if not (said.isascii() and said.isdecimal() and int(said)):
        raise Misused(f"TALLY_PROXY_MEMORY_MIB in the environment is {said!r}: give a number of MiB, such as 600.")
    return int(said) << 20


def unspoken(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return that the proxy which is named for the way out cannot be used, such as SOCKS, and what to do; else nothing."""
    from tallystick.intake.gateway.upstreams import NAMES, is_spoken

    name = next((each for each in NAMES if environ.get(each)), "")
    if not name or is_spoken(environ[name]):
        return "", ""
    kind = environ[name].partition("://")[0][:20]
    return (
        f"{name} names a proxy of the kind {kind}, which is not spoken here: providers are asked directly.",
        "Set HTTPS_PROXY to an HTTP proxy if there is one; `tally proxy` takes --upstream or --direct.",
    )
