"""Which shell a person uses."""

import pytest

from tallystick.errors import Misused
from tallystick.shell.shelf import NAMES, SHELLS, chosen
from tallystick.shell.shell import Person


@pytest.mark.parametrize(
    "name, platform, environ, found",
    [
        ("", "linux", {"SHELL": "/usr/bin/zsh"}, "zsh"),
        ("", "linux", {"SHELL": "bash"}, "bash"),
        ("", "darwin", {"SHELL": "/opt/homebrew/bin/fish"}, "fish"),
        ("", "linux", {"SHELL": "/usr/bin/pwsh"}, "powershell"),
        ("", "win32", {}, "powershell"),
        # As Git for Windows sets it.
        ("", "win32", {"SHELL": "C:\\Program Files\\Git\\usr\\bin\\bash.exe"}, "bash"),
        ("fish", "linux", {"SHELL": "/bin/bash"}, "fish"),
    ],
)
def test_a_person_has_a_shell(name: str, platform: str, environ: dict[str, str], found: str) -> None:
    assert chosen(name, Person("/home/dev", platform, environ)).name == found


@pytest.mark.parametrize(
    "name, environ, said",
    [("", {}, "Which shell you use"), ("", {"SHELL": "/bin/dash"}, "'dash' is none"), ("tcsh", {}, "'tcsh' is none")],
)
def test_one_that_is_not_known_is_told(name: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(Misused, match=f"{said}.*--shell \\(bash, zsh, fish, powershell\\)"):
        chosen(name, Person("/home/dev", "linux", environ))


def test_each_shell_has_a_name_of_its_own() -> None:
    assert NAMES == ("bash", "zsh", "fish", "powershell")
    assert len({shell.ending for shell in SHELLS}) == len(SHELLS)
