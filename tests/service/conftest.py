"""What the tests of the service share: somebody with a home of their own, whose servers end with the test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.service.tiny import TINY
from tests.service.world import person

from tallystick.service import detached, running
from tallystick.service.planning import uninstalling
from tallystick.service.status import Grounds


@pytest.fixture
def grounds(tmp_path: Path) -> Iterator[Grounds]:
    """Return the grounds of somebody who has the tiny manager; whatever still runs in the end is stopped."""
    found = Grounds(person(tmp_path), TINY, {"PATH": os.defpath})
    yield found
    running.perform(uninstalling(TINY, found.person), found.environ)
    server = detached.alive(found.person)
    if server is not None:
        detached.stop(server, found.person)
