"""Each system has its manager, and none of them is found twice."""

import pytest
from tests.service.world import DEV

from tallystick.service.service import ASK, CHECK, FORGET, REGISTER, RESTART, START, STOP, UNREGISTER
from tallystick.service.shelf import SERVICES, chosen


@pytest.mark.parametrize(
    "platform, name", [("linux", "systemd"), ("darwin", "launchd"), ("win32", "windows-task"), ("freebsd14", None)]
)
def test_the_platform_chooses(platform: str, name: str | None) -> None:
    found = chosen(platform)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("verb", [ASK, CHECK, FORGET, REGISTER, RESTART, START, STOP, UNREGISTER])
def test_every_manager_knows_every_verb(verb: str) -> None:
    for service in SERVICES:
        for command in service.commands(verb, DEV):
            assert all(command.arguments)
        assert bool(service.commands(verb, DEV)) or verb == FORGET
