"""A kind of push: what a server is told by others in one of several shapes, as batches of the ledger."""

from collections.abc import Callable
from typing import NamedTuple

from tallystick.ledger.ledger import Arrival, Batch, Ledger


class Sender(NamedTuple):
    """Who sends, as the token says that was shown."""

    machine: str
    """The name under which the machine was paired, which never changes."""
    name: str
    """The name under which it is shown."""
    user: str = ""
    """Whose machine it is; empty when it tells that itself."""
    token: str = ""
    """The id of the token; empty for who came without one."""


class Taken(NamedTuple):
    """What was understood of a push, and what is to be answered once it is committed."""

    batches: list[Batch]
    arrival: Arrival | None
    answer: tuple[int, bytes]
    """A status and JSON."""


type Kind = Callable[[bytes, Sender, int, Ledger], Taken]
"""From a body (inflated), who sent it, this moment (milliseconds since 1970, UTC) and the ledger, to what was understood;
raises `Unacceptable`."""


class Unacceptable(Exception):
    """A body that cannot be taken in: the status of the answer, and why in one sentence."""

    def __init__(self, status: int, message: str) -> None:
        """Begin with what is answered."""
        super().__init__(message)
        self.status, self.message = status, message


def source_of(sender: Sender, path: str) -> str:
    """Return the name under which the ledger keeps a source of another machine."""
    return f"push:{sender.machine}:{path}"
