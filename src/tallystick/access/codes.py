"""Codes for pairing: short enough to be typed, too long to be guessed while they count."""

import secrets
from typing import Final

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Thirty-two, of which none looks like another."""
_LENGTH: Final = 12
"""Letters of five bits: sixty bits."""
_GROUP: Final = 4


def make() -> str:
    """Return a new code, such as ABCD-EFGH-JKLM."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(drawn[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def plain(text: str) -> str:
    """Return the one form of a code, however it was typed; empty for a text that is none."""
    found = "".join(each for each in text[:100].upper() if each not in "- \t\r\n")
    return found if len(found) == _LENGTH and set(found) <= set(_LETTERS) else ""
