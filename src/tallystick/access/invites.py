"""Invitations: a code that a machine exchanges, once and soon, for a token of its own."""

from typing import Final, NamedTuple

from tallystick.access import codes, keys, tokens
from tallystick.access.grant import INGEST
from tallystick.access.machines import known_as
from tallystick.access.store import Change, Store
from tallystick.errors import Misused
from tallystick.usage.names import checked

WRONG, EXPIRED, USED, TAKEN, NAMELESS = "wrong", "expired", "used", "taken", "nameless"
"""Why there is no token for a code."""
GUESSES_MOST: Final = 1_000
"""Wrong codes that an invitation outlives: of 2⁶⁰ that is no chance, and who only wants to annoy has a long way."""


class Joined(NamedTuple):
    """A machine that was paired."""

    token: str
    machine: str
    user: str


def invite(store: Store, wanted: keys.Wanted, who: str, now: int) -> str:
    """Return a code that counts until `wanted` expires; it is for one machine, which may be named."""
    machine = known_as(store, checked(wanted.machine)) if wanted.machine else ""
    user = checked(wanted.user, "user") if wanted.user else ""
    if wanted.expires is None or wanted.expires <= now:
        raise Misused("An invitation expires later than now.")
    code = codes.make()
    with store.changing(who, now) as change:
        # What is over for a day has nothing to tell any more.
        change.do("DELETE FROM invites WHERE expires < ?", now - 86_400_000)
        (number,) = change.do(
            'INSERT INTO invites (hash, machine, "user", created, expires) VALUES (?, ?, ?, ?, ?) RETURNING id',
            *(tokens.digest(codes.plain(code)), machine, user, now, wanted.expires),
        ).fetchone()
        change.note("invite", f"{number}{f' for {machine}' if machine else ''}{f' of {user}' if user else ''}")
    return code


def join(store: Store, code: str, machine: str, now: int) -> Joined | str:
    """Exchange a code for a token; return why not, as one of the words above, when it cannot be.

    A machine that the invitation names gets its token in place of the one that it had; one that names itself must be new.
    """
    plain = codes.plain(code)
    if not plain or not store.rows("SELECT 1 FROM invites WHERE used IS NULL AND expires > ? LIMIT 1", now):
        return _over(store, plain) if plain else WRONG
    with store.changing("", now) as change:
        found = change.do(
            'SELECT id, machine, "user", expires, used, guesses FROM invites WHERE hash = ?', tokens.digest(plain)
        ).fetchone()
        if found is None:
            change.do("UPDATE invites SET guesses = guesses + 1 WHERE used IS NULL AND expires > ?", now)
            return WRONG
        return _exchanged(change, found, machine)


def _over(store: Store, plain: str) -> str:
    """Return why a code does not count while none does."""
    found = store.rows("SELECT used FROM invites WHERE hash = ?", tokens.digest(plain))
    if not found:
        return WRONG
    return EXPIRED if found[0][0] is None else USED


def _exchanged(change: Change, found: tuple[int, str, str, int, int | None, int], machine: str) -> Joined | str:
    number, named, user, expires, used, guesses = found
    if used is not None:
        return USED
    if expires <= change.now or guesses >= GUESSES_MOST:
        return EXPIRED
    try:
        machine = named or checked(machine)
    except Misused:
        return NAMELESS
    if not named and keys.is_known(change, machine):
        return TAKEN
    replaced = keys.end(change, machine=machine)
    made = keys.add(change, keys.Wanted(INGEST, machine, user))
    change.do("UPDATE invites SET used = ? WHERE id = ?", change.now, number)
    change.note("join", f"{machine} with token {made.id}{', in place of an older one' if replaced else ''}", f"invite {number}")  # fmt: skip
    return Joined(made.text, machine, user)
