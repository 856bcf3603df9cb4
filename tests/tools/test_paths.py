"""Paths in variables: tildes, slashes and commas."""

import pytest

from tallystick.tools.paths import expanded, listed


@pytest.mark.parametrize(
    "path, expected",
    [
        ("~", "/home/dev"),
        ("~/logs/", "/home/dev/logs"),
        (r"~\\logs\\", r"/home/dev\\logs"),
        ("/srv/logs//", "/srv/logs"),
        (" /srv/a b ", "/srv/a b"),
        ("~other/logs", "~other/logs"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_a_tilde_is_home_and_the_last_slash_nothing(path: str, expected: str) -> None:
    assert expanded(path, "/home/dev") == expected


def test_a_list_is_divided_by_commas() -> None:
    assert listed({"DIRS": "~/a, /b/ ,,"}, "DIRS", "/home/dev") == ["/home/dev/a", "/b"]
    assert listed({}, "DIRS", "/home/dev") == []
