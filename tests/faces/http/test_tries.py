"""How often somebody may be wrong."""

import pytest

from tallystick.faces.http.tries import MOST, WITHIN_S, Tries, whose


class Clock:
    """A clock that stands still until it is set."""

    now = 1_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_twenty_wrong_tries_in_a_minute_are_enough() -> None:
    clock = Clock()
    tries = Tries(clock)
    for number in range(20):
        assert tries.wait("192.0.2.1") == 0, number
        tries.add("192.0.2.1")
        clock.now += 1
    # The first was twenty seconds ago.
    assert tries.wait("192.0.2.1") == 40
    assert tries.wait("192.0.2.2") == 0
    clock.now += 39.5
    assert tries.wait("192.0.2.1") == 1
    clock.now += 0.5
    assert tries.wait("192.0.2.1") == 0
    tries.add("192.0.2.1")
    # Now the second counts, a second younger.
    assert tries.wait("192.0.2.1") == 1
    assert (MOST, WITHIN_S) == (20, 60)


def test_what_is_remembered_has_a_bound() -> None:
    tries = Tries(Clock())
    for _ in range(20):
        tries.add("192.0.2.1")
    for number in range(9_999):
        tries.add(f"name-{number}")
    assert tries.wait("192.0.2.1")
    tries.add("one more")
    assert not tries.wait("192.0.2.1")
    assert len(tries._failed) == 10_000


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::1", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "testclient", False),
    ],
)
def test_an_address_is_told_apart_by_what_its_owner_cannot_choose(one: str, other: str, same: bool) -> None:  # noqa: FBT001  as pytest gives it
    assert (whose(one) == whose(other)) is same
