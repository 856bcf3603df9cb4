"""What the tests of the client share: a server that receives, and a client with one log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.intake.push.clients import LOG, Client
from tests.intake.push.pythons import OLDEST
from tests.intake.push.receiving import Receiver, receiver
from tests.intake.tree import answer, write


@pytest.fixture
def server() -> Iterator[Receiver]:
    """Run a server."""
    with receiver() as made:
        yield made


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """Make a client for the oldest Python, with one log."""
    made = Client(tmp_path, OLDEST)
    write(made.home / LOG, answer(1) + answer(2, 20))
    return made
