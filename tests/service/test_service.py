"""Paths of files are those of the system that they are meant for, whichever system this is."""

import pytest
from tests.service.world import ODD

from tallystick.service.service import beside, under


@pytest.mark.parametrize(
    "folder, path",
    [
        ("/home/dev/state", "/home/dev/state/a.json"),
        ("/home/dev/back\\slash", "/home/dev/back\\slash/a.json"),
        ("C:\\Users\\dev", "C:\\Users\\dev\\a.json"),
        ("C:\\", "C:\\a.json"),
    ],
)
def test_a_file_in_a_folder(folder: str, path: str) -> None:
    assert under(folder, "a.json") == path


def test_a_file_beside_another() -> None:
    assert beside("/a/b\\c/d.log", "e") == "/a/b\\c/e"
    assert beside("C:\\a\\d.log", "e") == "C:\\a\\e"


def test_a_plan_is_one_command_line() -> None:
    assert ODD.command[:4] == (ODD.interpreter, "-P", "-m", "tallystick")
    assert ODD.command[4:] == ODD.arguments
    assert ODD._replace(log="/s/log/server.log").first_words == "/s/log/start.log"
