"""What a person's settings say about the wire: which providers are known, where the gateway leads, whose runs there are."""

import os
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
