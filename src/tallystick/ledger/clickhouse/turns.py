"""Turns: one settles at a time, and what is written by somebody whose turn was over loses against what was written since."""

from typing import Final, Protocol

from tallystick.ledger.ledger import Turn

BITS: Final = 22
"""Rounds of one turn stand in so many low bits of their numbers, and above them the number of the turn."""


class Lock(Protocol):
    """What one process of a machine has at a time, and the system takes from it when it ends."""

    def take(self, *, wait: bool) -> bool:
        """Take it; tell False where another one has it."""

    def release(self) -> None:
        """Let go of it."""


class Alone:
    """The turn where nobody else settles."""

    def mine(self) -> int | None:
        """Return no number: there is nobody to be told from."""
        return 0

    def lift(self, least: int) -> int | None:
        """Return no number."""
        del least
        return 0

    def end(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Let the next one have it."""
        self.end()


class OnThisMachine(Alone):
    """The turn among processes of one machine. Whoever is only paused keeps it, so that no number is needed either."""

    def __init__(self, lock: Lock) -> None:
        """Begin with a lock that is not held."""
        self._lock, self._held = lock, False

    def mine(self) -> int | None:
        """Return no number where it is this one's turn."""
        self._held = self._held or self._lock.take(wait=False)
        return 0 if self._held else None

    def end(self) -> None:
        """Let the next one have it."""
        if self._held:
            self._held = False
            self._lock.release()


class OvertakenError(Exception):
    """It has become somebody else's turn meanwhile."""

    def __init__(self) -> None:
        """Begin with nothing written."""
        super().__init__()
        self.again: list[int] = []
        """Numbers of additions by which is settled once more what may have been written too late."""


class Held:
    """A turn for as long as it is held."""

    def __init__(self, turn: Turn, number: int) -> None:
        """Begin with a turn that is held under a number."""
        self._turn, self._number = turn, number

    def after(self, last: int) -> int:
        """Return the number of the round after one; no earlier holder has one as high."""
        if 0 < self._number < last >> BITS:
            # Only numbers of a store that was lost, and begun anew, are lower than what it once gave out.
            lifted = self._turn.lift((last >> BITS) + 1)
            if lifted is None:
                raise OvertakenError
            self._number = lifted
        return max(last + 1, self._number << BITS)

    def check(self) -> None:
        """Raise `OvertakenError` unless it is held still."""
        if self._turn.mine() != self._number:
            raise OvertakenError
