"""An empty ledger on ClickHouse, for the tests of what is behind its promise."""

from collections.abc import Iterator

import pytest
from tests.ledger.engines import ENGINES, OfTests


@pytest.fixture
def ledger() -> Iterator[OfTests]:
    """Return an empty ledger; where the engine is not installed, the test is passed over."""
    if "clickhouse" not in ENGINES:
        pytest.skip("chdb is not installed: make engine")
    made = ENGINES["clickhouse"]()
    assert isinstance(made, OfTests)
    yield made
    made.close()
