"""Invitations and what becomes of them."""

from collections.abc import Callable
from threading import Thread

import pytest

from tallystick.access import codes, invites, keys
from tallystick.access.grant import Grant
from tallystick.access.invites import EXPIRED, GUESSES_MOST, NAMELESS, TAKEN, USED, WRONG, Joined, invite, join
from tallystick.access.keys import Wanted
from tallystick.access.store import Store
from tallystick.errors import Misused

HOUR = 3_600_000


def wanted(machine: str = "", user: str = "", expires: int | None = HOUR) -> Wanted:
    """Return an invitation that is to be made."""
    return Wanted("ingest", machine, user, expires=expires)


def test_a_code_is_exchanged_once_for_a_token_of_the_machine(store: Store) -> None:
    code = invite(store, wanted(user="anna"), "cli", 0)
    found = join(store, code.lower(), "laptop", HOUR - 1)
    assert isinstance(found, Joined)
    assert (found.machine, found.user) == ("laptop", "anna")
    assert keys.admit(store, found.token, HOUR) == Grant("1", "ingest", "laptop", "laptop", "anna")
    assert join(store, code, "desktop", HOUR - 1) == USED
    assert [(each.who, each.action, each.subject) for each in store.noted()] == [
        ("cli", "invite", "1 of anna"),
        ("invite 1", "join", "laptop with token 1"),
    ]


def test_a_code_counts_until_it_expires(store: Store) -> None:
    code = invite(store, wanted(), "cli", 0)
    assert join(store, code, "laptop", HOUR) == EXPIRED
    # The same while another one counts.
    invite(store, wanted(expires=3 * HOUR), "cli", HOUR)
    assert join(store, code, "laptop", HOUR) == EXPIRED
    assert keys.listed(store) == []


def test_other_codes_are_wrong(store: Store) -> None:
    assert join(store, codes.make(), "laptop", 0) == WRONG
    invite(store, wanted(), "cli", 0)
    for code in (codes.make(), "", "x", "\ud800", "A" * 10**6):
        assert join(store, code, "laptop", 0) == WRONG
    assert keys.listed(store) == []


def test_guesses_end_an_invitation(store: Store) -> None:
    code = invite(store, wanted(), "cli", 0)
    with store.changing("", 0) as change:
        change.do("UPDATE invites SET guesses = ?", GUESSES_MOST - 1)
    assert isinstance(join(store, code, "laptop", 1), Joined)
    code = invite(store, wanted(), "cli", 0)
    with store.changing("", 0) as change:
        change.do("UPDATE invites SET guesses = ?", GUESSES_MOST - 1)
    assert join(store, codes.make(), "desktop", 1) == WRONG
    assert join(store, code, "desktop", 1) == EXPIRED


def test_a_name_that_is_taken_stays_with_whose_it_is(store: Store) -> None:
    first = join(store, invite(store, wanted(), "cli", 0), "laptop", 1)
    assert isinstance(first, Joined)
    code = invite(store, wanted(), "cli", 0)
    assert join(store, code, "laptop", 2) == TAKEN
    keys.revoke(store, 1, "cli", 3)
    assert join(store, code, " laptop ", 4) == TAKEN
    # The code still counts, for another name.
    assert isinstance(join(store, code, "desktop", 5), Joined)


def test_an_invitation_by_name_replaces_the_token_of_that_machine(store: Store) -> None:
    first = join(store, invite(store, wanted(), "cli", 0), "laptop", 1)
    second = join(store, invite(store, wanted("laptop"), "cli", 0), "whatever it says", 2)
    assert isinstance(first, Joined)
    assert isinstance(second, Joined)
    assert second.machine == "laptop"
    assert keys.admit(store, first.token, 3) is None
    assert keys.admit(store, second.token, 3) == Grant("2", "ingest", "laptop", "laptop", "")
    assert store.noted()[-1].subject == "laptop with token 2, in place of an older one"


def test_an_invitation_by_name_pairs_a_machine_that_is_new_or_has_left(store: Store) -> None:
    assert isinstance(join(store, invite(store, wanted("laptop"), "cli", 0), "", 1), Joined)
    keys.revoke(store, 1, "cli", 2)
    assert isinstance(join(store, invite(store, wanted("laptop"), "cli", 0), "", 3), Joined)
    assert [key.revoked for key in keys.listed(store)] == [2, None]


@pytest.mark.parametrize("machine", ["", " ", "<b>x</b>", "a:b", "x" * 65])
def test_a_machine_that_gives_no_usable_name_keeps_its_code(store: Store, machine: str) -> None:
    code = invite(store, wanted(), "cli", 0)
    assert join(store, code, machine, 1) == NAMELESS
    assert isinstance(join(store, code, "laptop", 2), Joined)


def test_two_at_once_get_one_token(store: Store) -> None:
    code = invite(store, wanted(), "cli", 0)
    found: list[Joined | str] = []
    threads = [Thread(target=lambda name=f"m{each}": found.append(join(store, code, name, 1))) for each in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(each) for each in found if isinstance(each, str)) == [USED] * 5
    assert len(keys.listed(store)) == 1


def test_no_code_is_kept_and_old_ones_are_forgotten(store: Store, content: Callable[[], bytes]) -> None:
    code = invite(store, wanted(), "cli", 0)
    assert codes.plain(code).encode() not in content()
    invite(store, wanted(expires=30 * HOUR), "cli", 26 * HOUR)
    assert store.rows("SELECT count(*) FROM invites") == [(1,)]


@pytest.mark.parametrize(
    "made, sentence",
    [
        (wanted("a:b"), "name of a machine"),
        (wanted(user="<i>"), "name of a user"),
        (wanted(expires=5), "later than now"),
        (wanted(expires=None), "later than now"),
    ],
)
def test_what_can_be_no_invitation_is_told_in_a_sentence(store: Store, made: Wanted, sentence: str) -> None:
    with pytest.raises(Misused, match=sentence):
        invites.invite(store, made, "cli", 5)
