"""A ledger of each engine, for the tests of what all of them promise."""

from collections.abc import Iterator

import pytest
from tests.ledger.engines import ENGINES

from tallystick.ledger.ledger import Ledger


@pytest.fixture(params=ENGINES)
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Return an empty ledger."""
    made = ENGINES[request.param]()
    yield made
    made.close()
