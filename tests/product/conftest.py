"""What tests of several machines share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.product.fleet import Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Return a server that runs, and that has ended afterwards."""
    made = Server(tmp_path, "hub")
    made.serve()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.kill()
