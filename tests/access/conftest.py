"""What the tests of access share: a store of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.access.store import Store, path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store that does not exist yet."""
    made = Store(path(str(tmp_path / "data")))
    yield made
    made.close()
