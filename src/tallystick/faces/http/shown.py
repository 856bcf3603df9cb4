"""What a request shows of who it is from: a token, a password, or the cookie of a login."""

import binascii
from collections.abc import Mapping
from typing import Final, NamedTuple

COOKIE: Final = "tally_session"
_COOKIE_LONGEST: Final = 200


class Shown(NamedTuple):
    """What was shown; empty where nothing was."""

    token: bytes = b""
    """As a bearer's, or as the key of an API."""
    password: bytes = b""
    login: str = ""

    @property
    def secret(self) -> bytes:
        """What may have been guessed."""
        return self.token or self.password


def shown(told: Mapping[bytes, bytes], *, key: bool = False) -> Shown:
    """Return what headers show; with `key`, X-API-Key counts where there is no `Authorization`."""
    kind, _, rest = told.get(b"authorization", b"").partition(b" ")
    token = rest.strip() if kind.lower() == b"bearer" else b""
    if key and not kind:
        token = told.get(b"x-api-key", b"").strip()
    password = _password(rest) if kind.lower() == b"basic" else b""
    return Shown(token, password, _login(told.get(b"cookie", b"")))


def _password(packed: bytes) -> bytes:
    try:
        # A user name has no colon in it, a token may.
        return binascii.a2b_base64(packed.strip(), strict_mode=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _login(cookies: bytes) -> str:
    for each in cookies.split(b";"):
        name, _, value = each.strip().partition(b"=")
        if name == COOKIE.encode() and value.isascii() and len(value) <= _COOKIE_LONGEST:
            return value.decode()
    return ""
