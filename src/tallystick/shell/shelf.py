"""The shells that are known, in one list."""

from typing import Final

from tallystick.errors import Misused
from tallystick.shell.fish import FISH
from tallystick.shell.posix import BASH, ZSH
from tallystick.shell.powershell import POWERSHELL
from tallystick.shell.shell import Person, Shell

SHELLS: Final[tuple[Shell, ...]] = (BASH, ZSH, FISH, POWERSHELL)
"""Every shell. A new one is a line here."""
NAMES: Final = tuple(shell.name for shell in SHELLS)


def chosen(name: str, person: Person) -> Shell:
    """Return a shell by its name, or the one that a person uses; raise Misused where that is none of these."""
    # Windows sets no SHELL; PowerShell elsewhere leaves that of the person's login shell.
    wanted = name or person.environ.get("SHELL", "").replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    wanted = wanted or ("powershell" if person.platform == "win32" else "")
    shell = next((each for each in SHELLS if each.name == {"pwsh": "powershell"}.get(wanted, wanted)), None)
    if shell is None:
        told = f"{wanted!r} is none of the shells that are known" if wanted else "Which shell you use is not known"
        raise Misused(f"{told}: name one with --shell ({', '.join(NAMES)}).")
    return shell
