"""Databases that are empty and ready to be written to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.tools.opencode.stored import Base


@pytest.fixture
def another(tmp_path: Path) -> Iterator[Callable[..., Base]]:
    """Return what makes a database of a name."""
    made: list[Base] = []

    def make(name: str, *schema: str) -> Base:
        made.append(Base(tmp_path / name, *schema))
        return made[-1]

    yield make
    for each in made:
        each.db.close()


@pytest.fixture
def base(another: Callable[..., Base]) -> Base:
    """Return a database with the tables of both versions."""
    return another("opencode.db")
