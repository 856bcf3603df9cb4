"""What a store of trusted certificates promises: the commands that put ours in, take it out and look for it."""

from collections.abc import Callable
from typing import NamedTuple


class Given(NamedTuple):
    """The certificate that is put in or taken out, and whose store it is."""

    path: str
    """The file that holds it."""
    name: str
    """Its common name."""
    sha1: str
    home: str

    @property
    def word(self) -> str:
        """A name for its file in a folder that several people share."""
        return self.name.lower().replace(" ", "-")


class Command(NamedTuple):
    """A command to be run."""

    arguments: tuple[str, ...]
    root: bool = False
    """Whether only the administrator may run it."""
    needed: bool = True
    """Whether everything ends when it fails."""


class Store(NamedTuple):
    """One kind of store."""

    name: str
    title: str
    systems: tuple[str, ...]
    """Where it is used: as `sys.platform` begins, or an ID of /etc/os-release (os-release(5))."""
    install: Callable[[Given], tuple[Command, ...]]
    uninstall: Callable[[Given], tuple[Command, ...]]
    """Does no harm where it is not in there."""
    asked: Callable[[Given], Command]
    """Exits with 0 when it is in there."""
    hint: str
    """What is good to know once it is in."""
