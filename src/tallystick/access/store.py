"""The store: a small SQLite file or a PostgreSQL database, which servers and commands use at once; every change is noted in it."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, NamedTuple

from tallystick.access.address import Address
from tallystick.access.engine import Doing, Engine, Found, Part, Value
from tallystick.errors import Unavailable

_STEPS: Final = os.path.join(os.path.dirname(__file__), "steps")
ACCESS: Final = Part(
    "access", tuple(os.path.join(_STEPS, f"{name}.sql") for name in ("1_access", "2_budgets", "3_leases", "4_books"))
)


class Noted(NamedTuple):
    """One administrative change."""

    time: int
    """Milliseconds since 1970, UTC."""
    who: str
    """`cli`, or whose token or invitation it was: `token 3`, `invite 4`."""
    action: str
    subject: str


class Change:
    """A transaction that is under way, by whom and when."""

    def __init__(self, doing: Doing, who: str, now: int, clock: str) -> None:
        """Begin with what was begun, and the statement that tells the moment."""
        self._doing, self.who, self.now, self._clock = doing, who, now, clock

    def do(self, sql: str, *values: Value) -> Found:
        """Carry out a statement."""
        return self._doing.execute(sql, values)

    def clock(self) -> int:
        """Return the moment by the clock of the store: milliseconds since 1970, UTC."""
        return int(self.do(self._clock).fetchone()[0])

    def note(self, action: str, subject: str, who: str = "") -> None:
        """Note what is changed, together with the change."""
        self.do("INSERT INTO audit (time, who, action, subject) VALUES (?, ?, ?, ?)", self.now, who or self.who, action, subject)  # fmt: skip


class Store:
    """Where it is kept, opened when it is asked for; any thread may use it."""

    def __init__(self, place: str | Address, part: Part = ACCESS) -> None:
        """Name the file, which is made by the first change, or the database."""
        self.path = place if isinstance(place, str) else ""
        self.engine = _engine(place, part)

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where there is no file yet. Raise Unavailable for a store that cannot be used."""
        return self.engine.rows(sql, values)

    @contextmanager
    def changing(self, who: str, now: int) -> Iterator[Change]:
        """Give a transaction that is committed when all goes well, and leaves nothing when it does not."""
        with self.engine.changing() as doing:
            yield Change(doing, who, now, self.engine.clock)

    def in_passing(self, sql: str, *values: Value) -> None:
        """Change what nobody would miss, without waiting for anybody or for the disk."""
        self.engine.in_passing(sql, values)

    def noted(self) -> list[Noted]:
        """Return every change, the oldest first."""
        return [Noted(*row) for row in self.rows("SELECT time, who, action, subject FROM audit ORDER BY id")]

    def clock(self) -> int:
        """Return the moment by the clock of the store; 0 where there is no file yet."""
        found = self.rows(self.engine.clock)
        return int(found[0][0]) if found else 0

    def close(self) -> None:
        """Let go of it."""
        self.engine.close()


class Tables:
    """Tables of another room in the same database, which does not note who changes them."""

    def __init__(self, place: Address, part: Part) -> None:
        """Name the database, and what is kept there."""
        self._engine = _engine(place, part)

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return what a question finds; raise Unavailable where it cannot be asked."""
        return self._engine.rows(sql, values)

    def changing(self) -> AbstractContextManager[Doing]:
        """Give a transaction that is committed when all goes well, and leaves nothing when it does not."""
        return self._engine.changing()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.close()


def _engine(place: str | Address, part: Part) -> Engine:
    if isinstance(place, str):
        from tallystick.access.file import SqliteFile

        return SqliteFile(place, part)
    try:
        from tallystick.access.postgres import Postgres
    except ImportError as error:
        raise Unavailable(
            f"What PostgreSQL needs is not installed ({(error.name or '').partition('.')[0]}): `pip install 'tallystick[postgres]'` brings it."
        ) from None
    return Postgres(place, part)


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "access.db")
