"""The promise of an engine that keeps a store, and the parts of which a store is made, step by step."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

type Value = str | int | bytes | None
type Values = tuple[Value, ...]


class Found(Protocol):
    """What a statement found or did; the rows come once."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:  # noqa: ANN401  a row, or None
        """Return the next row."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""


class Doing(Protocol):
    """A transaction that is under way."""

    def execute(self, sql: str, values: Values = (), /) -> Found:
        """Carry out a statement in which each `?` stands for a value."""


class Engine(Protocol):
    """Keeps one part; any thread may use it. Whatever goes wrong with it is raised as Unavailable."""

    clock: str
    """The statement that tells the moment by the clock of the store: milliseconds since 1970, UTC."""

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Return what a question finds; nothing where there is no store yet."""

    def changing(self) -> AbstractContextManager[Doing]:
        """Give a transaction beside which there is no other; it is committed when all goes well, and leaves nothing when it does not."""

    def in_passing(self, sql: str, values: Values) -> None:
        """Change what nobody would miss, without waiting for anybody or for the disk."""

    def close(self) -> None:
        """Let go of the store."""


class Part(NamedTuple):
    """What is kept in one file, or beside other parts in one database."""

    name: str
    steps: tuple[str, ...]
    """Files with the statements that lead from each version to the next, the first from nothing."""
