"""Linux: a folder for certificates of one's own, and a command that makes the system's bundles anew."""

from collections.abc import Callable
from typing import Final

from tallystick.trust.stores.store import Command, Given, Store

_HINT: Final = (
    "Programs that bring their own list, such as Firefox, Node and much of Python, go on without it: the variables of "
    "`tally shell` reach them."
)


def _install(folder: str, ending: str, update: tuple[str, ...]) -> Callable[[Given], tuple[Command, ...]]:
    def commands(given: Given) -> tuple[Command, ...]:
        place = f"{folder}/{given.word}.{ending}"
        return Command(("install", "-D", "-m", "644", given.path, place), root=True), Command(update, root=True)

    return commands


def _uninstall(folder: str, ending: str, update: tuple[str, ...]) -> Callable[[Given], tuple[Command, ...]]:
    def commands(given: Given) -> tuple[Command, ...]:
        return Command(("rm", "-f", f"{folder}/{given.word}.{ending}"), root=True), Command(update, root=True)

    return commands


def _store(name: str, systems: tuple[str, ...], place: tuple[str, str], update: tuple[tuple[str, ...], ...]) -> Store:
    folder, ending = place
    return Store(
        name=name,
        title=f"{name.capitalize()}'s bundle, for everybody on this machine",
        systems=systems,
        install=_install(folder, ending, update[0]),
        uninstall=_uninstall(folder, ending, update[-1]),
        asked=lambda given: Command(("test", "-f", f"{folder}/{given.word}.{ending}")),
        hint=_HINT,
    )


# update-ca-certificates(8): files must end in .crt; only --fresh takes away the links of those that are gone.
DEBIAN: Final = _store(
    "debian",
    ("debian", "ubuntu", "alpine"),
    ("/usr/local/share/ca-certificates", "crt"),
    (("update-ca-certificates",), ("update-ca-certificates", "--fresh")),
)
# update-ca-trust(8).
FEDORA: Final = _store(
    "fedora",
    ("fedora", "rhel", "centos", "amzn"),
    ("/etc/pki/ca-trust/source/anchors", "pem"),
    (("update-ca-trust", "extract"),),
)
# The same program, another folder.
ARCH: Final = _store(
    "arch",
    ("arch", "manjaro"),
    ("/etc/ca-certificates/trust-source/anchors", "crt"),
    (("update-ca-trust",),),
)
