"""Which price book counts: the one that was fetched, until an installation brings newer facts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tallystick import house as tied
from tallystick.house import House, Where
from tallystick.prices.book import Unusable, pack, unpack
from tallystick.prices.compile import fresh
from tallystick.prices.price_book import PriceBook, read
from tallystick.usage.event import Variant

NOW = 1_795_321_182_597
MODEL = Variant("", "house-model-1")
TABLE = json.dumps({MODEL.model: {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}).encode()

type Install = Callable[[bytes], None]


@pytest.fixture(scope="module")
def book() -> bytes:
    """Return a compiled book."""
    return fresh()


@pytest.fixture
def opened(tmp_path: Path) -> House:
    """Return a house without a ledger."""
    return House(Where(str(tmp_path / "data"), str(tmp_path), {}, "box", "dev"))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what puts a book where an installation has it."""

    def put(content: bytes) -> None:
        (tmp_path / "book.bin").write_bytes(content)
        monkeypatch.setattr(tied, "BOOK", str(tmp_path / "book.bin"))

    return put


def as_of(book: bytes, overlay: str) -> bytes:
    """Return a book whose facts are of another date."""
    unpacked = unpack(book)
    assert not isinstance(unpacked, Unusable)
    return pack(unpacked[1] | {"overlay": overlay})


def knows(opened: House) -> bool:
    """Tell whether the table's model has a price."""
    return opened.book.quote(MODEL, 1, NOW) is not None


def test_what_was_fetched_counts_at_once(opened: House, install: Install, book: bytes) -> None:
    install(book)
    assert not knows(opened)
    assert opened.replace_prices(TABLE, "a file", "2026-11-22").refused == ""
    assert knows(opened)


def test_a_newer_installation_counts_before_an_older_fetch(opened: House, install: Install, book: bytes) -> None:
    install(as_of(book, "2026-11-01"))
    opened.replace_prices(TABLE, "a file", "2026-11-22")
    install(as_of(book, "2027-01-15"))
    again = House(opened.where)
    assert not knows(again)
    # A table that is fetched then is put on the newer facts.
    again.replace_prices(TABLE, "a file", "2027-01-16")
    assert knows(again)
    assert again.book.edition.overlay_as_of == "2027-01-15"


def test_a_damaged_fetch_gives_way(opened: House, install: Install, book: bytes) -> None:
    install(book)
    opened.replace_prices(TABLE, "a file", "2026-11-22")
    Path(opened.where.fetched_book).write_bytes(b"no book")
    assert House(opened.where).book.edition.litellm_models == 0


def test_what_is_refused_changes_nothing(opened: House, install: Install, book: bytes) -> None:
    install(book)
    opened.replace_prices(TABLE, "a file", "2026-11-22")
    assert opened.replace_prices(b"{}", "a file", "2026-11-23").refused
    assert knows(opened)


def test_an_installation_without_a_book_makes_one(
    opened: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tied, "BOOK", str(tmp_path / "none.bin"))
    assert isinstance(opened.book, PriceBook)
    assert isinstance(read(Path(opened.where.fetched_book).read_bytes()), PriceBook)
