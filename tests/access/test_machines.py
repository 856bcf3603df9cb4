"""Machines that were paired, under the names that are shown."""

import pytest

from tallystick.access import keys, machines
from tallystick.access.grant import Grant
from tallystick.access.invites import TAKEN, Joined, invite, join
from tallystick.access.keys import Wanted
from tallystick.access.machines import MACHINE, USER, Machine
from tallystick.access.store import Store
from tallystick.errors import Misused


def paired(store: Store, name: str, user: str = "", *, named: bool = False) -> Joined | str:
    """Pair a machine that names itself, or that the invitation names."""
    code = invite(store, Wanted("ingest", name if named else "", user, expires=1_000), "cli", 1)
    return join(store, code, name, 2)


def renamed(store: Store, what: str, old: str, new: str) -> None:
    """Change a name."""
    with store.changing("cli", 3) as change:
        machines.rename(change, what, old, new)


def removed(store: Store, name: str, what: str = MACHINE) -> None:
    """Put a machine or a user out."""
    with store.changing("cli", 4) as change:
        machines.put_out(change, what, name)


def test_machines_are_listed_with_whose_they_are_and_whether_they_may_send(store: Store) -> None:
    found = paired(store, "laptop", "anna")
    paired(store, "desktop")
    keys.revoke(store, 2, "cli", 3)
    keys.create(store, Wanted("ingest", "server", expires=50), "cli", 5)
    assert isinstance(found, Joined)
    assert keys.admit(store, found.token, 70_000)
    assert machines.listed(store, 49) == [
        Machine("desktop", "desktop", "", 2, None, valid=False),
        Machine("laptop", "laptop", "anna", 2, 70_000, valid=True),
        Machine("server", "server", "", 5, None, valid=True),
    ]
    assert not machines.listed(store, 50)[2].valid
    assert machines.names(store, MACHINE) == {"laptop", "desktop", "server"}
    assert machines.names(store, USER) == {"anna"}


def test_only_what_is_shown_changes(store: Store) -> None:
    found = paired(store, "laptop", "anna")
    renamed(store, MACHINE, "laptop", "Anna (work)")
    renamed(store, USER, "anna", "ann")
    assert isinstance(found, Joined)
    assert keys.admit(store, found.token, 5) == Grant("1", "ingest", "laptop", "Anna (work)", "ann")
    # Neither name is free for another machine.
    assert paired(store, "laptop") == TAKEN
    assert paired(store, "Anna (work)") == TAKEN
    with pytest.raises(Misused):
        renamed(store, MACHINE, "Anna (work)", "a:b")
    with pytest.raises(Misused, match="name of a user"):
        renamed(store, USER, "ann", "<b>")


def test_an_invitation_means_the_machine_that_is_shown_by_that_name(store: Store) -> None:
    first = paired(store, "laptop")
    renamed(store, MACHINE, "laptop", "lap")
    for name in ("lap", "laptop"):
        again = paired(store, name, named=True)
        assert isinstance(first, Joined)
        assert isinstance(again, Joined)
        assert again.machine == "laptop"
        grant = keys.admit(store, again.token, 5)
        assert grant
        assert (grant.machine, grant.name) == ("laptop", "lap")
        assert keys.admit(store, first.token, 5) is None
        first = again


def test_two_that_are_put_together_are_shown_as_one_and_stay_two(store: Store) -> None:
    first, second = paired(store, "old"), paired(store, "new")
    renamed(store, MACHINE, "old", "new")
    assert [(each.id, each.name) for each in machines.listed(store, 5)] == [("new", "new"), ("old", "new")]
    for found, machine in ((first, "old"), (second, "new")):
        assert isinstance(found, Joined)
        grant = keys.admit(store, found.token, 5)
        assert grant
        assert (grant.machine, grant.name) == (machine, "new")
    assert machines.known_as(store, "new") == "new"


def test_one_that_is_put_out_leaves_its_name(store: Store) -> None:
    found = paired(store, "laptop")
    other = paired(store, "desktop")
    renamed(store, MACHINE, "laptop", "lap")
    removed(store, "lap")
    assert isinstance(found, Joined)
    assert isinstance(other, Joined)
    assert keys.admit(store, found.token, 5) is None
    assert keys.admit(store, other.token, 5)
    assert machines.names(store, MACHINE) == {"desktop"}
    again = paired(store, "laptop")
    assert isinstance(again, Joined)
    assert keys.admit(store, again.token, 5) == Grant("3", "ingest", "laptop", "laptop", "")
    assert machines.known_as(store, "lap") == "lap"


def test_the_machines_of_a_user_who_is_put_out_send_no_more(store: Store) -> None:
    found, other = paired(store, "laptop", "anna"), paired(store, "desktop", "bert")
    assert isinstance(found, Joined)
    assert isinstance(other, Joined)
    removed(store, "anna", USER)
    assert keys.admit(store, found.token, 5) is None
    assert keys.admit(store, other.token, 5)
    assert machines.names(store, USER) == {"bert"}
    assert machines.names(store, MACHINE) == {"laptop", "desktop"}
