"""Names of machines and users: what may stand in a list, a page and an address without harm."""

from typing import Final
from unicodedata import normalize

from tallystick.errors import Misused

LONGEST: Final = 64
_BESIDES: Final = frozenset(" ._-+@()")
"""What a name may hold besides letters and digits. No colon: the names of sources are put together with it."""


def checked(name: str, what: str = "machine") -> str:
    """Return a name in its one form; raise Misused for what can be none."""
    found = normalize("NFC", name.strip()) if len(name) <= 4 * LONGEST else name
    if not found:
        raise Misused(f"The {what} needs a name.")
    if len(found) > LONGEST or not all(each.isalnum() or each in _BESIDES for each in found):
        raise Misused(
            f"This name of a {what} cannot be used: give {LONGEST} characters at most,"
            " only letters, digits, spaces and . _ - + @ ( )."
        )
    return found


def fitted(name: str) -> str:
    """Return a name that somebody else's program gave as one that can be used: `_` for each letter that no name has, cut off at the length.

    Raise Misused where nothing is left of it.
    """
    whole = normalize("NFC", name.strip()[: 4 * LONGEST])
    return checked("".join(each if each.isalnum() or each in _BESIDES else "_" for each in whole)[:LONGEST])


def unpaired(by: str, name: str) -> str:
    """Return the id of a machine that only names itself: none that was paired has it, since no name has a slash in it."""
    return f"{by}/{name}"
