"""What the tests of access share: a store of their own, once in a file and once in PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.postgres import Server

from tallystick.access.address import Address
from tallystick.access.store import Store, path

FILE, POSTGRES = "file", "postgres"


@pytest.fixture(params=[FILE, POSTGRES])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Address:
    """Return where a store is to be that does not exist yet."""
    if request.param == FILE:
        return path(str(tmp_path / "data"))
    server: Server = request.getfixturevalue("postgres")
    return server.address


@pytest.fixture
def store(place: str | Address) -> Iterator[Store]:
    """Return a store that does not exist yet."""
    made = Store(place)
    yield made
    made.close()


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[Store]:
    """Return a store in a file that does not exist yet."""
    made = Store(path(str(tmp_path / "data")))
    yield made
    made.close()


@pytest.fixture
def content(place: str | Address, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """Return what tells everything that is kept, as it lies there."""

    def of_files() -> bytes:
        return b"".join(file.read_bytes() for file in Path(str(place)).parent.iterdir())

    def of_tables() -> bytes:
        server: Server = request.getfixturevalue("postgres")
        tables = ("machines", "tokens", "invites", "sessions", "audit")
        rows = [server.run(f"SELECT t::text FROM tallystick.{table} t") for table in tables]  # noqa: S608  names of tables
        return repr(rows).encode()

    return of_files if isinstance(place, str) else of_tables
