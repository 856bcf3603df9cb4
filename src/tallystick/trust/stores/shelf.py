"""The stores of trusted certificates that are known, in one list."""

import shlex
from typing import Final

from tallystick.trust.stores.linux import ARCH, DEBIAN, FEDORA
from tallystick.trust.stores.macos import MACOS
from tallystick.trust.stores.store import Store
from tallystick.trust.stores.windows import WINDOWS

STORES: Final[tuple[Store, ...]] = (DEBIAN, FEDORA, ARCH, MACOS, WINDOWS)
"""Every store. A new one is a line here."""


def chosen(platform: str, os_release: str = "") -> Store | None:
    """Return the store of a system by `sys.platform` and, on Linux, the text of /etc/os-release; None where none is known."""
    for system in (platform, *_identities(os_release)) if platform.startswith("linux") else (platform,):
        for store in STORES:
            if system in store.systems:
                return store
    return None


def _identities(os_release: str) -> list[str]:
    """Return what a Linux calls itself and then what it is like, the nearest first."""
    said = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line and not line.startswith("#"))
    try:
        return [word for name in ("ID", "ID_LIKE") for each in shlex.split(said.get(name, "")) for word in each.split()]
    except ValueError:
        return []
