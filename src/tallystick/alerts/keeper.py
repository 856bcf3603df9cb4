"""The promise of what keeps alerts: a file of one machine, or a database that several servers share."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

type Value = str | int


class Found(Protocol):
    """What a statement found or did; the rows come once."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:  # noqa: ANN401  a row, or None
        """Return the next row."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""


class Changing(Protocol):
    """A transaction in which nobody else changes anything."""

    def execute(self, sql: str, values: tuple[Value, ...] = (), /) -> Found:
        """Carry out a statement, of which SQLite and PostgreSQL understand the same; each `?` stands for a value."""


class Keeper(Protocol):
    """Keeps episodes, what is to be told of them, and what is muted."""

    def rows(self, sql: str, *values: Value) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where nothing was kept yet. Raise Unavailable where it cannot be asked."""

    def changing(self) -> AbstractContextManager[Changing]:
        """Give a transaction; it is committed when all goes well."""
