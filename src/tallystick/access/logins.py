"""Logins of browsers: a random text in a cookie stands for a token, for a month at most and as long as that one counts."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from tallystick.access.grant import ADMIN, Grant
from tallystick.access.store import Store
from tallystick.access.tokens import digest

LASTING_MS: Final = 30 * 86_400_000
SERVER: Final = Grant("server", ADMIN)
"""Whoever shows the token that the server was started with."""


def begin(store: Store, grant: Grant, token: str, now: int) -> str:
    """Return the text of a new login of somebody whose token was recognised."""
    text = secrets.token_urlsafe(32)
    of_server = grant.id == SERVER.id
    with store.changing("", now) as change:
        change.do("DELETE FROM sessions WHERE expires <= ?", now)
        change.do(
            "INSERT INTO sessions (hash, token, proof, created, expires) VALUES (?, ?, ?, ?, ?)",
            *(digest(text), None if of_server else int(grant.id), _proof(text, token) if of_server else None),
            *(now, now + LASTING_MS),
        )
    return text


def recognised(store: Store, text: str, server_token: str, now: int) -> Grant | None:
    """Return whose login it is; None when it is over, or its token is."""
    found = store.rows(
        "SELECT s.proof, t.id, t.scope, t.name, t.user FROM sessions s LEFT JOIN tokens t ON t.id = s.token"
        " WHERE s.hash = ? AND s.expires > ? AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > ?)",
        *(digest(text), now, now),
    )
    if not found:
        return None
    proof, number, scope, name, user = found[0]
    if number is not None:
        return Grant(str(number), scope, "", name, user)
    # The server may have been started with another token since.
    return SERVER if server_token and hmac.compare_digest(proof, _proof(text, server_token)) else None


def end(store: Store, text: str, now: int) -> None:
    """End a login."""
    if store.rows("SELECT 1 FROM sessions WHERE hash = ?", digest(text)):
        with store.changing("", now) as change:
            change.do("DELETE FROM sessions WHERE hash = ?", digest(text))


def _proof(text: str, token: str) -> bytes:
    # A person may have chosen the server's token: without the cookie, this does not help to guess it.
    return hmac.new(text.encode(), token.encode(), sha256).digest()
