"""The price book that servers share."""

from tallystick.access import books
from tallystick.access.store import Store


def test_the_one_that_was_taken_in_last_is_everybodys(store: Store) -> None:
    assert books.other(store, b"") == b""
    first, second = bytes(range(256)) * 40, b"\x00" * 500_000
    books.keep(store, first, "cli", 1)
    assert books.other(store, books.digest(b"")) == first
    assert books.other(store, books.digest(first)) == b""
    books.keep(store, second, "cli", 2)
    assert books.other(store, books.digest(first)) == second
    assert books.other(store, books.digest(second)) == b""
    # As it is worked out elsewhere: `head -c 500000 /dev/zero | sha256sum`.
    assert [(each.action, each.subject) for each in store.noted()][-1] == ("update prices", "6bb6aefaeaa4")
