"""The door: everything that a server asks about who may come in."""

import hmac
from collections.abc import Callable

from tallystick.access import invites, keys, logins
from tallystick.access.grant import INGEST, Grant
from tallystick.access.invites import Joined
from tallystick.access.store import Store


class Door:
    """Answers a server that is running; any thread may ask."""

    def __init__(self, store: Store, now: Callable[[], int], token: str = "") -> None:
        """Begin with the clock (milliseconds since 1970, UTC) and the token that the server was started with, if any."""
        self._store, self._now, self._token = store, now, token
        self._guarded = False

    def admit(self, token: str) -> Grant | None:
        """Return whose token is shown, other than the server's own."""
        return keys.admit(self._store, token, self._now())

    def still(self, number: str) -> Grant | None:
        """Return whose token it is that was admitted a while ago, by its id; None where it counts no more."""
        return keys.still(self._store, int(number), self._now())

    def guarded(self) -> bool:
        """Tell whether there are tokens to read with, so that reading needs one; from then on it does."""
        self._guarded = self._guarded or keys.is_guarded(self._store)
        return self._guarded

    def log_in(self, token: str) -> str:
        """Return the text of a login; empty for a token with which nothing can be read."""
        own = self._token and hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())
        grant = logins.SERVER if own else self.admit(token)
        if grant is None or grant.scope == INGEST:
            return ""
        return logins.begin(self._store, grant, token, self._now())

    def logged_in(self, text: str) -> Grant | None:
        """Return whose login it is."""
        return logins.recognised(self._store, text, self._token, self._now())

    def log_out(self, text: str) -> None:
        """End a login."""
        logins.end(self._store, text, self._now())

    def join(self, code: str, machine: str) -> Joined | str:
        """Exchange a code for a machine's token, or say in a word why not."""
        return invites.join(self._store, code, machine, self._now())

    def leave(self, token: str) -> None:
        """Revoke a token at the wish of whoever has it, by its id."""
        keys.revoke(self._store, int(token), f"token {token}", self._now())

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()
