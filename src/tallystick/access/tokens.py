"""The text of a token: a kind, a secret and a checksum, so that a slip is seen without asking anybody."""

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final
from zlib import crc32

from tallystick.access.grant import ADMIN, INGEST, READ

_KINDS: Final[Mapping[str, str]] = {INGEST: "i", READ: "r", ADMIN: "a"}
_SCOPES: Final = {letter: scope for scope, letter in _KINDS.items()}
_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET: Final = 32
"""Letters that are drawn: 62³² are more than 2¹⁹⁰."""
_CHECK: Final = 6
"""Letters that hold 32 bits."""
_HEAD: Final = len("tally_i_")
_SHOWN: Final = _HEAD + 4
"""Letters of a token that lists show: enough to tell one from another, and of no use to anybody."""


def make(scope: str) -> str:
    """Return a new token for a scope."""
    body = f"tally_{_KINDS[scope]}_{''.join(secrets.choice(_LETTERS) for _ in range(_SECRET))}"
    return body + _check(body)


def scope_of(text: str) -> str:
    """Return the scope that a token names; empty for a text that is no token, or has a slip in it."""
    body, check = text[:-_CHECK], text[-_CHECK:]
    if len(text) != _HEAD + _SECRET + _CHECK or not body.isascii() or check != _check(body):
        return ""
    kind = body[_HEAD - 2]
    return _SCOPES.get(kind, "") if body.startswith(f"tally_{kind}_") else ""


def digest(text: str) -> bytes:
    """Return what is kept instead of a secret: a fast hash is enough for one that nobody can guess."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def prefix(text: str) -> str:
    """Return the part of a token that may be shown."""
    return text[:_SHOWN]


def _check(body: str) -> str:
    rest, letters = crc32(body.encode()), ""
    for _ in range(_CHECK):
        rest, place = divmod(rest, len(_LETTERS))
        letters = _LETTERS[place] + letters
    return letters
