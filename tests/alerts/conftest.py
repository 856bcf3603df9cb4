"""What the tests of alerts share: where they are kept, once in a file and once in PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.postgres import Server

from tallystick.access.engine import Part
from tallystick.access.store import Tables
from tallystick.alerts.file import SCHEMA, File, path
from tallystick.alerts.keeper import Keeper


@pytest.fixture(params=["file", "postgres"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keeper]:
    """Give what keeps alerts, in which nothing is yet."""
    if request.param == "file":
        yield File(path(str(tmp_path)))
        return
    server: Server = request.getfixturevalue("postgres")
    with closing(Tables(server.address, Part("alerts", (SCHEMA,)))) as tables:
        yield tables
