"""Tokens as they are kept: made, listed, revoked, given another text, and recognised when they are shown."""

import hmac
from typing import Final, NamedTuple

from tallystick.access import tokens
from tallystick.access.grant import INGEST, Grant
from tallystick.access.store import Change, Store
from tallystick.errors import Misused, NotFound
from tallystick.usage.names import checked

VALID: Final = "valid"
_USED_STEP_MS: Final = 60_000
"""That a token was used is written once a minute at most."""
_KEYS: Final = (
    "SELECT t.id, prefix, scope, CASE WHEN t.name = '' THEN coalesce(m.name, '') ELSE t.name END, coalesce(t.machine, ''),"
    " t.user, t.created, expires, used, revoked FROM tokens t LEFT JOIN machines m ON m.id = t.machine"
)


class Wanted(NamedTuple):
    """A token that is to be made."""

    scope: str
    machine: str = ""
    user: str = ""
    name: str = ""
    expires: int | None = None
    """Milliseconds since 1970, UTC; None when it lasts."""


class Made(NamedTuple):
    """A token that was made; nobody can see its text again."""

    id: int
    text: str


class Key(NamedTuple):
    """A token as lists show it."""

    id: int
    prefix: str
    scope: str
    name: str
    machine: str
    user: str
    created: int
    expires: int | None
    used: int | None
    revoked: int | None

    def state(self, now: int) -> str:
        """Return in a word how it stands at a moment."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else VALID


def create(store: Store, wanted: Wanted, who: str, now: int) -> Made:
    """Make a token; raise Misused when its machine has one already."""
    machine = checked(wanted.machine) if wanted.machine or wanted.scope == INGEST else ""
    if machine and wanted.scope != INGEST:
        raise Misused("Only tokens with the scope ingest are of a machine.")
    user, name = (checked(each, what) if each else "" for each, what in ((wanted.user, "user"), (wanted.name, "token")))
    with store.changing(who, now) as change:
        if machine and is_known(change, machine):
            raise Misused(f"There is a machine {machine} already: rotate its token, or invite it again by its name.")
        made = add(change, wanted._replace(machine=machine, user=user, name=name))
        change.note("create token", f"{made.id} {wanted.scope}{f' for {machine}' if machine else ''}")
    return made


def is_known(change: Change, machine: str) -> bool:
    """Tell whether a machine was paired, or is shown, under a name."""
    return bool(
        change.do("SELECT 1 FROM machines WHERE (id = ? OR name = ?) AND removed IS NULL", machine, machine).fetchone()
    )


def add(change: Change, wanted: Wanted) -> Made:
    """Make a token as part of another change."""
    if wanted.machine:
        change.do(
            "INSERT INTO machines (id, name, created) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
            " SET name = CASE WHEN machines.removed IS NULL THEN machines.name ELSE excluded.name END, removed = NULL",
            *(wanted.machine, wanted.machine, change.now),
        )
    text = tokens.make(wanted.scope)
    (number,) = change.do(
        'INSERT INTO tokens (hash, prefix, scope, name, machine, "user", created, expires)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        *(tokens.digest(text), tokens.prefix(text), wanted.scope, wanted.name, wanted.machine or None, wanted.user),
        *(change.now, wanted.expires),
    ).fetchone()
    return Made(number, text)


def listed(store: Store) -> list[Key]:
    """Return every token there ever was, the oldest first."""
    return [Key(*row) for row in store.rows(f"{_KEYS} ORDER BY t.id")]


def revoke(store: Store, number: int, who: str, now: int) -> None:
    """Have a token count no more, nor the logins that were made with it; raise NotFound when there is none that does."""
    with store.changing(who, now) as change:
        if not end(change, number):
            raise NotFound(f"There is no token {number} that could be revoked: `tally server tokens list` lists them.")
        change.note("revoke token", str(number))


def end(change: Change, number: int | None = None, machine: str | None = None) -> bool:
    """Revoke a token, or those of a machine, as part of another change; tell whether there were any."""
    change.do(
        "DELETE FROM sessions WHERE token IN (SELECT id FROM tokens WHERE id = ? OR machine = ?)", number, machine
    )
    done = change.do(
        "UPDATE tokens SET revoked = ? WHERE revoked IS NULL AND (id = ? OR machine = ?)",
        *(change.now, number, machine),
    )
    return done.rowcount > 0


def rotate(store: Store, number: int, who: str, now: int) -> Made:
    """Give a token another text, at once; raise NotFound when there is none that is not revoked."""
    with store.changing(who, now) as change:
        found = change.do("SELECT scope FROM tokens WHERE id = ? AND revoked IS NULL", number).fetchone()
        if not found:
            raise NotFound(f"There is no token {number} that could be rotated: `tally server tokens list` lists them.")
        text = tokens.make(found[0])
        change.do(
            "UPDATE tokens SET hash = ?, prefix = ?, used = NULL WHERE id = ?",
            *(tokens.digest(text), tokens.prefix(text), number),
        )
        change.do("DELETE FROM sessions WHERE token = ?", number)
        change.note("rotate token", str(number))
    return Made(number, text)


def admit(store: Store, text: str, now: int) -> Grant | None:
    """Return whose token is shown; None for one that is wrong, revoked or expired."""
    scope = tokens.scope_of(text)
    if not scope:
        return None
    shown = tokens.digest(text)
    found = store.rows(
        "SELECT t.id, t.hash, t.machine, t.name, m.name, t.user, t.used FROM tokens t"
        " LEFT JOIN machines m ON m.id = t.machine"
        " WHERE t.hash = ? AND t.scope = ? AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > ?)",
        *(shown, scope, now),
    )
    if not found or not hmac.compare_digest(found[0][1], shown):
        return None
    number, _, machine, name, named, user, used = found[0]
    if used is None or now - used >= _USED_STEP_MS:
        store.in_passing("UPDATE tokens SET used = ? WHERE id = ?", now, number)
    return Grant(str(number), scope, machine or "", named or name, user)


def still(store: Store, number: int, now: int) -> Grant | None:
    """Return whose token it is that was recognised a while ago, as it stands now; None for one that counts no more."""
    found = store.rows(
        "SELECT t.scope, t.machine, coalesce(m.name, t.name), t.user FROM tokens t LEFT JOIN machines m ON m.id = t.machine"
        " WHERE t.id = ? AND t.revoked IS NULL AND (t.expires IS NULL OR t.expires > ?)",
        *(number, now),
    )
    if not found:
        return None
    scope, machine, name, user = found[0]
    return Grant(str(number), scope, machine or "", name, user)


def is_guarded(store: Store) -> bool:
    """Tell whether there is, or ever was, a token with which one can read: from then on reading needs one."""
    return bool(store.rows("SELECT 1 FROM tokens WHERE scope <> 'ingest' LIMIT 1"))


def can_be_read(store: Store, now: int) -> bool:
    """Tell whether somebody has a token with which they can read."""
    return any(key.scope != INGEST and key.state(now) == VALID for key in listed(store))
