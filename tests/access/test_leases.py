"""Leases: two never hold one at once, whoever dies is followed, and numbers only grow."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.postgres import Server

from tallystick.access.address import Address
from tallystick.access.leases import Lease, Leases, Turn
from tallystick.access.store import Store, path
from tallystick.errors import Unavailable


def at(store: Store, now: int) -> None:
    """Have the clock of a store tell a moment."""
    store.engine.clock = f"SELECT CAST({now} AS BIGINT)"


@pytest.fixture
def leases(store: Store) -> Leases:
    """Return leases in a store whose clock tells 1000."""
    at(store, 1_000)
    return Leases(store)


def test_one_holds_it_and_nobody_else_until_its_time_is_over(store: Store, leases: Leases) -> None:
    assert leases.held() == []
    assert leases.take("settle", "a", 100) == 1
    assert leases.take("settle", "b", 100) is None
    assert leases.take("other", "b", 100) == 1
    # Whoever holds it has it for longer, by the same number.
    at(store, 1_099)
    assert leases.take("settle", "a", 100) == 1
    at(store, 1_198)
    assert leases.take("settle", "b", 100) is None
    assert leases.held() == [Lease("settle", "a", 1, 1)]
    at(store, 1_199)
    assert leases.take("settle", "b", 100) == 2


def test_what_is_held_can_go_on_under_a_larger_number(store: Store, leases: Leases) -> None:
    assert leases.take("settle", "a", 100) == 1
    assert not leases.lift("settle", "b", 1, 50)
    assert leases.lift("settle", "a", 1, 50)
    assert not leases.keep("settle", "a", 1, 100)
    assert leases.keep("settle", "a", 50, 100)
    at(store, 1_100)
    assert not leases.lift("settle", "a", 50, 60)
    assert leases.take("settle", "b", 100) == 51


def test_a_turn_goes_on_under_a_larger_number(leases: Leases) -> None:
    one, other = (Turn(leases, "settle", name, 100, lambda: 0.0) for name in "ab")
    assert (one.lift(9), one.mine(), one.lift(9), one.mine(), one.lift(3), other.mine()) == (None, 1, 9, 9, 9, None)
    one.end()
    assert (other.mine(), one.lift(99)) == (10, None)


def test_what_is_kept_goes_on_and_what_was_over_does_not(store: Store, leases: Leases) -> None:
    assert leases.take("settle", "a", 100) == 1
    at(store, 1_099)
    assert leases.keep("settle", "a", 1, 100)
    assert not leases.keep("settle", "b", 1, 100)
    assert not leases.keep("settle", "a", 2, 100)
    assert not leases.keep("none", "a", 1, 100)
    at(store, 1_199)
    assert not leases.keep("settle", "a", 1, 100)
    # Its own time was over: others may have thought so, too.
    assert leases.take("settle", "a", 100) == 2


def test_what_is_given_back_is_the_next_ones_at_once(leases: Leases) -> None:
    assert leases.take("settle", "a", 100) == 1
    leases.give_back("settle", "b", 1)
    leases.give_back("settle", "a", 2)
    assert leases.take("settle", "b", 100) is None
    leases.give_back("settle", "a", 1)
    assert leases.held() == []
    assert not leases.keep("settle", "a", 1, 100)
    assert leases.take("settle", "b", 100) == 2
    leases.give_back("settle", "b", 2)
    assert leases.take("settle", "b", 100) == 3


def test_the_clock_is_the_stores(store: Store) -> None:
    from time import time

    before = time() * 1000
    leases = Leases(store)
    assert leases.take("settle", "a", 10_000) == 1
    assert abs(store.clock() - before) < 5_000
    (held,) = leases.held()
    assert 5_000 < held.left_ms <= 10_000


class Holders(RuleBasedStateMachine):
    """Three who take, keep, give back and forget while time passes; what each may think to hold is worked out beside."""

    @initialize()
    def begin(self) -> None:
        """Begin with an empty store."""
        self.folder = TemporaryDirectory()
        self.store = Store(path(self.folder.name))
        self.leases, self.now, self.largest = Leases(self.store), 1_000, 0
        # By whom: the number, and until when it holds.
        self.held: dict[str, tuple[int, int]] = {}
        at(self.store, self.now)

    @rule(ms=st.integers(1, 60))
    def time_passes(self, ms: int) -> None:
        """Let time pass."""
        self.now += ms
        at(self.store, self.now)

    @rule(who=st.sampled_from("abc"), ms=st.integers(1, 100))
    def take(self, who: str, ms: int) -> None:
        """Take it, which goes exactly when nobody else holds it."""
        others = [each for each, (_, until) in self.held.items() if each != who and until > self.now]
        number = self.leases.take("x", who, ms)
        assert (number is None) == bool(others)
        if number is not None:
            mine = self.held.get(who)
            goes_on = mine is not None and mine[1] > self.now
            assert number == (mine[0] if goes_on and mine else self.largest + 1)
            self.largest = number
            self.held[who] = number, self.now + ms

    @precondition(lambda self: self.held)
    @rule(who=st.sampled_from("abc"), ms=st.integers(1, 100))
    def keep(self, who: str, ms: int) -> None:
        """Keep it, which goes exactly as long as it is held."""
        number, until = self.held.get(who, (self.largest, 0))
        assert self.leases.keep("x", who, number, ms) == (until > self.now)
        if until > self.now:
            self.held[who] = number, self.now + ms

    @precondition(lambda self: self.held)
    @rule(who=st.sampled_from("abc"))
    def give_back(self, who: str) -> None:
        """Give it back."""
        if who in self.held:
            self.leases.give_back("x", who, self.held.pop(who)[0])

    @invariant()
    def never_two(self) -> None:
        """Whoever holds it is the one that the store tells of."""
        held = [(who, number) for who, (number, until) in self.held.items() if until > self.now]
        assert [(each.holder, each.number) for each in self.leases.held()] == held
        assert len(held) <= 1

    def teardown(self) -> None:
        """Let go of the store."""
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestHolders = Holders.TestCase
TestHolders.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)

WORKS = """
import os, sys, time
from tallystick.access.address import address
from tallystick.access.leases import Leases
from tallystick.access.store import Store
place, file, me = sys.argv[1:4]
leases = Leases(Store(address(place, "", {}) if "://" in place else place))
rounds = 0
while rounds < 3:
    number = leases.take("work", me, 1_000)
    if number is None:
        time.sleep(0.002)
        continue
    # Two at once would find the mark of the other.
    os.close(os.open(file + ".mark", os.O_CREAT | os.O_EXCL))
    with open(file, "a") as log:
        log.write(f"{number}\\n")
    os.remove(file + ".mark")
    leases.give_back("work", me, number)
    rounds += 1
if me == "dies":
    leases.take("work", me, 700)
    os.kill(os.getpid(), 9)
"""


def test_processes_take_turns_and_one_that_dies_is_followed(
    place: str | Address, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server: Server | None = None if isinstance(place, str) else request.getfixturevalue("postgres")
    said, log = str(place) if server is None else server.url, tmp_path / "log"
    names = ("a", "b", "dies")
    started = [subprocess.Popen([sys.executable, "-c", WORKS, said, str(log), name]) for name in names]
    try:
        assert sorted(each.wait(60) for each in started) == [-9, 0, 0]
    finally:
        for each in started:
            each.kill()
    numbers = [int(line) for line in log.read_text().splitlines()]
    # Each round has a number of its own, in the order in which they were.
    assert len(numbers) == 9
    assert numbers == sorted(set(numbers))
    with closing(Store(place)) as store:
        leases = Leases(store)
        left = {each.holder: each.left_ms for each in leases.held()}
        assert set(left) <= {"dies"}
        at(store, store.clock() + 700)
        assert (leases.take("work", "next", 1_000) or 0) > max(numbers)


def test_a_turn_is_kept_for_as_long_as_it_is_asked_for(store: Store) -> None:
    at(store, 1_000)
    moment = [0.0]
    mine, theirs = (Turn(Leases(store), "alerts", name, 30_000, lambda: moment[0]) for name in ("me", "they"))
    assert (mine.mine(), theirs.mine()) == (1, None)

    def passes(seconds: float) -> None:
        moment[0] += seconds
        at(store, 1_000 + int(moment[0] * 1_000))

    for _ in range(10):
        passes(9)
        assert (mine.mine(), theirs.mine()) == (1, None)
    # It hangs for longer than it may.
    passes(31)
    assert theirs.mine() == 2
    assert mine.mine() is None
    theirs.end()
    assert mine.mine() == 3
    theirs.end()
    assert mine.mine() == 3


def test_whose_turn_it_is_is_not_guessed_where_the_store_is_away(postgres: Server) -> None:
    moment = [0.0]
    with closing(Store(postgres.address)) as store:
        mine = Turn(Leases(store), "alerts", "me", 30_000, lambda: moment[0])
        assert mine.mine() == 1
        postgres.stop()
        try:
            # Held it is for sure, and so nobody is asked.
            moment[0] += 9
            assert mine.mine() == 1
            moment[0] += 9
            with pytest.raises(Unavailable):
                mine.mine()
        finally:
            postgres.start()
        assert mine.mine() == 1
