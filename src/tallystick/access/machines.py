"""Machines that were paired, and whose they are: their names as they are shown, put together, and put out."""

from typing import Final, NamedTuple

from tallystick.access.store import Change, Store
from tallystick.usage.names import checked

MACHINE: Final = "machine"
USER: Final = "user"


class Machine(NamedTuple):
    """A machine that was paired and not removed."""

    id: str
    """The name under which it was paired."""
    name: str
    """The name under which it is shown."""
    user: str
    joined: int
    used: int | None
    """When its token was last seen; None when it never was."""
    valid: bool
    """Whether it has a token that counts."""


def listed(store: Store, now: int) -> list[Machine]:
    """Return every machine, by the name that is shown."""
    rows = store.rows(
        "SELECT m.id, m.name, coalesce(t.user, ''), m.created,"
        " (SELECT max(used) FROM tokens u WHERE u.machine = m.id),"
        " t.id IS NOT NULL AND (t.expires IS NULL OR t.expires > ?)"
        " FROM machines m LEFT JOIN tokens t ON t.machine = m.id AND t.revoked IS NULL"
        " WHERE m.removed IS NULL ORDER BY m.name, m.id",
        now,
    )
    return [Machine(id_, name, user, joined, used, bool(valid)) for id_, name, user, joined, used, valid in rows]


def names(store: Store, what: str) -> set[str]:
    """Return the names of machines, or of users, that are shown."""
    if what == MACHINE:
        return {name for (name,) in store.rows("SELECT name FROM machines WHERE removed IS NULL")}
    return {name for (name,) in store.rows("""SELECT "user" FROM tokens WHERE "user" <> ''""")}


def rename(change: Change, what: str, old: str, new: str) -> None:
    """Show machines, or users, under another name, as part of a change; two may have the same, and are shown as one."""
    new = checked(new, what)
    if what == MACHINE:
        change.do("UPDATE machines SET name = ? WHERE name = ? AND removed IS NULL", new, old)
        return
    change.do('UPDATE tokens SET "user" = ? WHERE "user" = ?', new, old)
    change.do('UPDATE invites SET "user" = ? WHERE "user" = ?', new, old)


def put_out(change: Change, what: str, name: str) -> None:
    """Have the tokens of the machines, or of the user, of a name count no more, as part of a change; the name is free again."""
    if what == USER:
        change.do('UPDATE tokens SET revoked = ? WHERE revoked IS NULL AND "user" = ?', change.now, name)
        change.do("""UPDATE tokens SET "user" = '' WHERE "user" = ?""", name)
        change.do('DELETE FROM invites WHERE "user" = ?', name)
        return
    change.do(
        "UPDATE tokens SET revoked = ? WHERE revoked IS NULL AND machine IN"
        " (SELECT id FROM machines WHERE name = ? AND removed IS NULL)",
        *(change.now, name),
    )
    change.do("UPDATE machines SET removed = ? WHERE name = ? AND removed IS NULL", change.now, name)


def known_as(store: Store, name: str) -> str:
    """Return the id of the machine that a person means by a name; the name itself where there is none such."""
    found = store.rows(
        "SELECT id FROM machines WHERE (name = ? OR id = ?) AND removed IS NULL ORDER BY name = ? DESC, id = ? DESC LIMIT 1",
        *(name, name, name, name),
    )
    return str(found[0][0]) if found else name
