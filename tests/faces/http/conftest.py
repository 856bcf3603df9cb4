"""What the tests of the HTTP face share: one server for each file of tests that only ask."""

from collections.abc import Iterator

import pytest
from tests.faces.http.live import Live, serving


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server before the sample's ledger."""
    with serving(tmp_path_factory.mktemp("live")) as made:
        yield made
