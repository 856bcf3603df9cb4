"""Answers that are kept: how many, how large, and which go first."""

import pytest

from tallystick.answers.kept import Entry, Kept, weight


def entry(name: str) -> Entry:
    """Return an entry."""
    return Entry((name,), len)


def test_the_one_asked_for_longest_ago_goes_first() -> None:
    kept = Kept(most=2)
    for name in ("a", "b"):
        kept.put(entry(name))
    kept.find(("a",))
    kept.put(entry("c"))
    assert [kept.find((name,)) is not None for name in ("a", "b", "c")] == [True, False, True]


def test_large_ones_push_others_out_and_one_that_is_too_large_alone_stays_till_the_next() -> None:
    kept = Kept(bytes_most=10)
    for name, size in (("a", 4), ("b", 5), ("c", 20)):
        each = entry(name)
        kept.put(each)
        each.weighed(b"x" * size)
    assert (len(kept), kept.bytes) == (1, 20)
    kept.put(each := entry("d"))
    assert (len(kept), kept.bytes) == (1, 0)
    each.dropped()
    assert len(kept) == 0


def test_one_that_was_replaced_drops_nothing() -> None:
    kept = Kept()
    kept.put(first := entry("a"))
    kept.put(second := entry("a"))
    first.dropped()
    first.weighed(b"xxx")
    assert kept.find(("a",)) is second
    assert kept.bytes == 0


def test_asked_lately_means_asked_and_not_prepared() -> None:
    kept = Kept()
    kept.put(entry("prepared"), asked=False)
    kept.put(entry("asked"))
    assert [each.key for each in kept.lately(60)] == [("asked",)]


def test_weights() -> None:
    assert weight((b"abc", "de")) == 5
    assert weight(7) == 1024


def test_what_takes_long_is_forgotten_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [100.0]
    monkeypatch.setattr("tallystick.answers.kept.monotonic", lambda: moments[0])
    kept = Kept()
    quick, slow = entry("quick"), entry("slow")
    for each, took in ((quick, 0.1), (slow, 3.0)):
        kept.put(each)
        each.took = took

    def names(now: float) -> list[object]:
        moments[0] = now
        return [each.key[0] for each in kept.lately(60)]

    assert list(map(names, (105.0, 115.0, 161.0))) == [["quick", "slow"], ["quick"], []]
    assert slow.again().took == 3.0
