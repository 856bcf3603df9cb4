"""Bytes that are kept: whole up to 16 MiB, beginning and end of what is longer."""

from tallystick.providers.held import MOST, Held


def test_what_is_short_is_kept_whole() -> None:
    held = Held()
    held.add(b"one")
    held.add(b"")
    held.add(b"two")
    assert len(held) == 6
    assert held.seen(4) == b"onet"
    assert held.take() == b"onetwo"
    assert held.take() == b""


def test_the_limit_is_the_sixteen_mebibytes_that_lines_may_have() -> None:
    held = Held()
    held.add(bytes(16 * 2**20))
    assert len(held) == 16 * 2**20


def test_of_what_is_longer_beginning_and_end_are_kept() -> None:
    held = Held()
    held.add(b"begins")
    for _ in range(40):
        held.add(bytes(2**20))
        assert len(held) <= MOST
    held.add(b"ends")
    kept = held.take()
    assert kept.startswith(b"begins")
    assert kept.endswith(b"ends")


def test_one_piece_may_be_longer_than_the_limit() -> None:
    held = Held()
    held.add(b"begins" + bytes(3 * MOST) + b"ends")
    assert len(held) <= MOST
    kept = held.take()
    assert (kept[:6], kept[-4:]) == (b"begins", b"ends")


def test_what_came_shortly_before_the_limit_is_kept_too() -> None:
    held = Held()
    held.add(bytes(MOST - 10))
    held.add(b"marker" + bytes(2**20))
    assert len(held) < MOST
    assert b"marker" in held.take()
