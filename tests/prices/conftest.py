"""What the tests of prices share: the compiled book, made once, and moments written as people write them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tallystick.prices.book import Unusable
from tallystick.prices.compile import fresh
from tallystick.prices.price_book import PriceBook, read

type At = Callable[[str], int]


@pytest.fixture(scope="session")
def data() -> bytes:
    """Return the file of a book compiled from the installed genai-prices."""
    return fresh()


@pytest.fixture(scope="session")
def book(data: bytes) -> PriceBook:
    """Return that book."""
    opened = read(data)
    assert not isinstance(opened, Unusable)
    return opened


@pytest.fixture(scope="session")
def at() -> At:
    """Return what turns `2026-03-13` or `2026-03-13T12:00` (UTC) into milliseconds."""
    return lambda text: int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
