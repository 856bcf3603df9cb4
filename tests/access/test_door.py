"""The door, as a server asks at it."""

from tallystick.access import invites, keys, machines
from tallystick.access.door import Door
from tallystick.access.grant import Grant
from tallystick.access.invites import Joined
from tallystick.access.keys import Wanted
from tallystick.access.store import Store

SECRET = "own"


def test_tokens_are_admitted_and_the_servers_own_is_not_its_business(store: Store) -> None:
    door = Door(store, lambda: 5, SECRET)
    assert door.admit(SECRET) is None
    made = keys.create(store, Wanted("read", expires=6), "cli", 1)
    assert door.admit(made.text) == Grant("1", "read", "", "", "")
    assert Door(store, lambda: 6).admit(made.text) is None


def test_a_token_is_looked_at_once_more_by_its_id(store: Store) -> None:
    door = Door(store, lambda: 5)
    made = keys.create(store, Wanted("ingest", "laptop", "anna", expires=9), "cli", 1)
    assert door.still("1") == door.admit(made.text) == Grant("1", "ingest", "laptop", "laptop", "anna")
    assert door.still("2") is None
    assert Door(store, lambda: 9).still("1") is None
    with store.changing("cli", 2) as change:
        machines.rename(change, machines.MACHINE, "laptop", "lap")
    assert door.still("1") == Grant("1", "ingest", "laptop", "lap", "anna")
    door.leave("1")
    assert door.still("1") is None


def test_who_can_read_can_log_in_and_out(store: Store) -> None:
    door = Door(store, lambda: 5, SECRET)
    reader = keys.create(store, Wanted("read"), "cli", 1)
    sender = keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    text = door.log_in(reader.text)
    assert door.logged_in(text) == Grant("1", "read", "", "", "")
    door.log_out(text)
    assert door.logged_in(text) is None
    own = door.log_in(SECRET)
    assert door.logged_in(own) == Grant("server", "admin")
    for token in (sender.text, "", "x", SECRET + "x", reader.text[:-1], "\ud800"):
        assert door.log_in(token) == ""
    assert Door(store, lambda: 5).log_in("") == ""


def test_reading_stays_guarded_once_it_is(store: Store) -> None:
    door = Door(store, lambda: 5)
    assert not door.guarded()
    keys.create(store, Wanted("admin", expires=2), "cli", 1)
    assert door.guarded()
    with store.changing("cli", 1) as change:
        change.do("DELETE FROM tokens")
    assert door.guarded()
    assert not Door(store, lambda: 5).guarded()


def test_a_machine_joins_and_leaves(store: Store) -> None:
    door = Door(store, lambda: 5)
    code = invites.invite(store, Wanted("ingest", expires=9), "cli", 1)
    found = door.join(code, "laptop")
    assert isinstance(found, Joined)
    grant = door.admit(found.token)
    assert grant == Grant("1", "ingest", "laptop", "laptop", "")
    door.leave(grant.id)
    assert door.admit(found.token) is None
    assert [(each.who, each.action) for each in store.noted()][-1] == ("token 1", "revoke token")
    door.close()
