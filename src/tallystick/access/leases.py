"""Leases: what only one may do at a time, by the clock of the store, so that whoever dies is followed."""

from collections.abc import Callable
from time import monotonic
from typing import Final, NamedTuple

from tallystick.access.store import Store

_NOBODY: Final = ""


class Lease(NamedTuple):
    """Who does what only one may do."""

    name: str
    holder: str
    number: int
    left_ms: int
    """For how long it still holds."""


class Leases:
    """Gives leases; any thread may ask."""

    def __init__(self, store: Store) -> None:
        """Begin with the store in which they stand."""
        self._store = store

    def take(self, name: str, holder: str, ms: int) -> int | None:
        """Return a number for what is held for so many milliseconds from now on; None while somebody else holds it.

        The number grows with each change of holder: whoever is shown a larger one knows that a smaller one is over. Whoever
        holds it already keeps it and its number. Of two who might hold it each needs a name of its own.
        """
        with self._store.changing("", 0) as change:
            now = change.clock()
            found = change.do("SELECT holder, number, until FROM leases WHERE name = ?", name).fetchone()
            if found is None:
                change.do(
                    "INSERT INTO leases (name, holder, number, until) VALUES (?, ?, 1, ?)", name, holder, now + ms
                )
                return 1
            before, number, until = found
            is_held = until > now and before != _NOBODY
            if is_held and before != holder:
                return None
            number = int(number) if is_held else int(number) + 1
            change.do(
                "UPDATE leases SET holder = ?, number = ?, until = ? WHERE name = ?", holder, number, now + ms, name
            )
        return number

    def keep(self, name: str, holder: str, number: int, ms: int) -> bool:
        """Hold it for so long from now on; tell whether it is held still, which it is not once its time was over."""
        with self._store.changing("", 0) as change:
            now = change.clock()
            done = change.do(
                "UPDATE leases SET until = ? WHERE name = ? AND holder = ? AND number = ? AND until > ?",
                *(now + ms, name, holder, number, now),
            )
        return done.rowcount == 1

    def lift(self, name: str, holder: str, number: int, least: int) -> bool:
        """Have what is held go on under a larger number; tell whether it is held still.

        Whoever has seen larger numbers than this store gave out has seen those of one that was lost.
        """
        with self._store.changing("", 0) as change:
            done = change.do(
                "UPDATE leases SET number = ? WHERE name = ? AND holder = ? AND number = ? AND until > ?",
                *(least, name, holder, number, change.clock()),
            )
        return done.rowcount == 1

    def give_back(self, name: str, holder: str, number: int) -> None:
        """Let the next one have it at once; nothing happens where it is not held any more."""
        with self._store.changing("", 0) as change:
            change.do(
                "UPDATE leases SET holder = '', until = 0 WHERE name = ? AND holder = ? AND number = ?",
                *(name, holder, number),
            )

    def held(self) -> list[Lease]:
        """Return what is held, by name."""
        now = self._store.clock()
        rows = self._store.rows("SELECT name, holder, number, until FROM leases WHERE until > ? ORDER BY name", now)
        return [Lease(name, holder, number, until - now) for name, holder, number, until in rows]


class Turn:
    """Whose turn it is to do something again and again: takes the lease when it can, and keeps it for as long as it is asked."""

    def __init__(self, leases: Leases, name: str, holder: str, ms: int, clock: Callable[[], float] = monotonic) -> None:
        """Begin with for how long it is held each time; the clock tells seconds."""
        self._leases, self._name, self._holder, self._ms, self._clock = leases, name, holder, ms, clock
        self._number: int | None = None
        self._since = 0.0

    def mine(self) -> int | None:
        """Return the number under which it is held; None when it is somebody else's turn. Raise Unavailable where that is not known."""
        # From before it was asked: by the clock of the store it then holds longer than by this one.
        now = self._clock()
        passed = (now - self._since) * 1000
        if self._number is not None and 0 <= passed < self._ms / 3:
            return self._number
        before, self._number = self._number, None
        if before is not None and self._leases.keep(self._name, self._holder, before, self._ms):
            self._number = before
        else:
            self._number = self._leases.take(self._name, self._holder, self._ms)
        self._since = now
        return self._number

    def lift(self, least: int) -> int | None:
        """Go on under a number that is not below this one, and return it; None when it is held no more."""
        before, self._number = self._number, None
        if before is not None and self._leases.lift(self._name, self._holder, before, max(before, least)):
            self._number = max(before, least)
        return self._number

    def end(self) -> None:
        """Give it back."""
        before, self._number = self._number, None
        if before is not None:
            self._leases.give_back(self._name, self._holder, before)
