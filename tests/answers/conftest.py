"""What the tests of answers share: the shipped price book."""

import pytest
from tests.answers.sample import book_of

from tallystick.prices.price_book import PriceBook


@pytest.fixture(scope="session")
def book() -> PriceBook:
    """Return the shipped price book."""
    return book_of()
