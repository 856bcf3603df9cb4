"""Tokens as they are kept."""

from collections.abc import Callable

import pytest

from tallystick.access import keys, tokens
from tallystick.access.grant import Grant
from tallystick.access.keys import Wanted
from tallystick.access.store import Store
from tallystick.errors import Misused, NotFound


def test_a_token_is_recognised_with_everything_that_was_said_of_it(store: Store) -> None:
    sender = keys.create(store, Wanted("ingest", "laptop", "anna"), "cli", 1_000)
    reader = keys.create(store, Wanted("read", user="ben", name="grafana"), "cli", 2_000)
    assert keys.admit(store, sender.text, 3_000) == Grant("1", "ingest", "laptop", "laptop", "anna")
    assert keys.admit(store, reader.text, 3_000) == Grant("2", "read", "", "grafana", "ben")
    assert [(each.time, each.who, each.action, each.subject) for each in store.noted()] == [
        (1_000, "cli", "create token", "1 ingest for laptop"),
        (2_000, "cli", "create token", "2 read"),
    ]


def test_only_the_whole_token_counts(store: Store) -> None:
    made = keys.create(store, Wanted("admin"), "cli", 1)
    for text in (
        "",
        made.text[:-1],
        f"{made.text} ",
        made.text.swapcase(),
        tokens.make("admin"),
        made.text.replace("_a_", "_r_"),
    ):
        assert keys.admit(store, text, 2) is None


def test_no_secret_is_in_the_store(store: Store, content: Callable[[], bytes]) -> None:
    made = keys.create(store, Wanted("admin"), "cli", 1)
    turned = keys.rotate(store, made.id, "cli", 2)
    assert keys.admit(store, turned.text, 3)
    there = content()
    assert turned.text[:12].encode() in there
    for text in (made.text, turned.text):
        assert text[12:].encode() not in there
        assert text[12:30].encode() not in there


def test_a_token_counts_until_it_expires(store: Store) -> None:
    made = keys.create(store, Wanted("read", expires=5_000), "cli", 1_000)
    assert keys.admit(store, made.text, 4_999)
    assert keys.admit(store, made.text, 5_000) is None
    (key,) = keys.listed(store)
    assert (key.state(4_999), key.state(5_000)) == ("valid", "expired")


def test_a_revoked_token_never_counts_again(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    keys.revoke(store, made.id, "token 9", 2)
    assert keys.admit(store, made.text, 3) is None
    assert keys.listed(store)[0].state(3) == "revoked"
    for again in (lambda: keys.revoke(store, made.id, "cli", 4), lambda: keys.rotate(store, made.id, "cli", 4)):
        with pytest.raises(NotFound, match="There is no token 1 that could be"):
            again()
    assert [(each.who, each.action, each.subject) for each in store.noted()][1:] == [("token 9", "revoke token", "1")]


def test_a_rotated_token_has_another_text_and_is_the_same_otherwise(store: Store) -> None:
    made = keys.create(store, Wanted("ingest", "laptop", "anna"), "cli", 1)
    turned = keys.rotate(store, made.id, "cli", 2)
    assert turned.id == made.id
    assert turned.text != made.text
    assert keys.admit(store, made.text, 3) is None
    assert keys.admit(store, turned.text, 3) == Grant("1", "ingest", "laptop", "laptop", "anna")
    assert keys.listed(store)[0].prefix == turned.text[:12]


def test_use_is_written_once_a_minute_at_most(store: Store) -> None:
    made = keys.create(store, Wanted("read"), "cli", 1)
    used = []
    for now in (100_000, 159_999, 160_000, 161_000):
        assert keys.admit(store, made.text, now)
        used.append(keys.listed(store)[0].used)
    assert used == [100_000, 100_000, 160_000, 160_000]


@pytest.mark.parametrize(
    "wanted, sentence",
    [
        (Wanted("ingest"), "The machine needs a name"),
        (Wanted("ingest", "a:b"), "This name of a machine cannot be used"),
        (Wanted("read", user="<b>"), "This name of a user cannot be used"),
        (Wanted("read", name="a\nb"), "This name of a token cannot be used"),
        (Wanted("read", "laptop"), "Only tokens with the scope ingest are of a machine"),
        (Wanted("ingest", "taken"), "There is a machine taken already"),
    ],
)
def test_what_can_be_no_token_is_told_in_a_sentence(store: Store, wanted: Wanted, sentence: str) -> None:
    keys.create(store, Wanted("ingest", "taken"), "cli", 1)
    with pytest.raises(Misused, match=sentence):
        keys.create(store, wanted, "cli", 2)
    assert len(keys.listed(store)) == 1
    assert len(store.noted()) == 1


def test_reading_is_guarded_from_the_first_token_for_it_on(store: Store) -> None:
    assert (keys.is_guarded(store), keys.can_be_read(store, 1)) == (False, False)
    keys.create(store, Wanted("ingest", "laptop"), "cli", 1)
    assert (keys.is_guarded(store), keys.can_be_read(store, 1)) == (False, False)
    made = keys.create(store, Wanted("read", expires=10), "cli", 1)
    assert (keys.is_guarded(store), keys.can_be_read(store, 9)) == (True, True)
    # What is over does not open the house.
    assert (keys.is_guarded(store), keys.can_be_read(store, 10)) == (True, False)
    keys.revoke(store, made.id, "cli", 5)
    assert (keys.is_guarded(store), keys.can_be_read(store, 9)) == (True, False)
