"""Homes: whose tools are read besides the person's own: those that the config names, and those across the border between Windows and WSL."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

_NOBODYS: Final = frozenset(
    ("all users", "default", "default user", "defaultuser0", "defaultapppool", "public", "wdagutilityaccount")
)
"""Folders in `Users` that Windows makes for itself."""
_WITHOUT_PEOPLE: Final = "docker-desktop"
"""How the names of distributions begin in which nobody works."""
_LXSS: Final = r"Software\Microsoft\Windows\CurrentVersion\Lxss"


class World(NamedTuple):
    """The system that this runs on."""

    platform: str
    """As `sys.platform` has it."""
    kernel: str = ""
    """The kernel's release, as `uname` tells it."""
    mounts: tuple[str, ...] = ("/mnt", "/")
    """Where WSL shows the drives of Windows: there by default, or at the root where wsl.conf says so."""
    shares: tuple[str, ...] = (r"\\wsl.localhost", r"\\wsl$")
    """Where Windows shows the files of its distributions: now, and before Windows 11."""
    distributions: tuple[str, ...] = ()
    """The distributions of WSL that Windows knows; a share cannot be asked for them (microsoft/WSL#5333)."""


def others(own: str, named: Sequence[str], environ: Mapping[str, str], world: World) -> tuple[str, ...]:
    """Return the homes to read besides a person's own: those that are named, there or not, then those across the border.

    One real directory comes once, whatever paths lead to it.
    """
    known = {_real(own)}
    found = []
    for home in (*named, *_across(environ, world)):
        real = _real(home)
        if real not in known:
            known.add(real)
            found.append(home)
    return tuple(found)


def distributions() -> tuple[str, ...]:
    """Return the names of the distributions of WSL that are registered for whoever runs this; none elsewhere than on Windows."""
    found: list[str] = []
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _LXSS) as all_of_them:
                for place in range(winreg.QueryInfoKey(all_of_them)[0]):
                    with winreg.OpenKey(all_of_them, winreg.EnumKey(all_of_them, place)) as one:
                        try:
                            found.append(str(winreg.QueryValueEx(one, "DistributionName")[0]))
                        except OSError:
                            # Beside the distributions lies a cache of their installer, which has no name.
                            continue
        except OSError:
            pass
    return tuple(found)


def _across(environ: Mapping[str, str], world: World) -> Iterator[str]:
    if world.platform == "win32":
        yield from _of_wsl(world)
    elif world.platform == "linux" and (environ.get("WSL_DISTRO_NAME") or "microsoft" in world.kernel.lower()):
        yield from _of_windows(world)


def _of_windows(world: World) -> Iterator[str]:
    for mount in world.mounts:
        for drive in _listed(mount) or ():
            if len(drive) != 1 or not drive.isalpha():
                continue
            users = os.path.join(mount, drive, "Users")
            for name in _listed(users) or ():
                home = os.path.join(users, name)
                if name.lower() not in _NOBODYS and _listed(home) is not None:
                    yield home


def _of_wsl(world: World) -> Iterator[str]:
    for name in world.distributions:
        if name.startswith(_WITHOUT_PEOPLE):
            continue
        for share in world.shares:
            top = os.path.join(share, name)
            people = os.path.join(top, "home")
            homes = [os.path.join(people, each) for each in _listed(people) or ()]
            found = [home for home in (*homes, os.path.join(top, "root")) if _listed(home) is not None]
            yield from found
            if found:
                # The other share shows the same once more.
                break


def _listed(folder: str) -> list[str] | None:
    """Return the names in a folder; None where there is none, or none that may be read."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return None


def _real(home: str) -> str:
    return os.path.normcase(os.path.realpath(home))
