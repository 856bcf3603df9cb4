"""Machines that send: what is told later holds, in every engine."""

from tests.ledger.sample import LOG, View, batch, decoded

from tallystick.ledger.ledger import Arrival, Ledger
from tallystick.ledger.machines import Machines

EARLY = Arrival("laptop", "Laptop", "ada", 1_000, "tally", "0.1", 5, 40, "")
LATE = EARLY._replace(time=9_000, version="0.2", skew_ms=-7, pending=0, trouble="its disk is full")


def test_what_a_machine_tells_last_holds_with_when_it_came_first(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View()])], [EARLY, Arrival("desk", "Desk", "bob", 2_000)])
    ledger.add([], [LATE])
    assert ledger.ask("machines") == [
        ("desk", "Desk", "bob", 2_000, 2_000, "", "", 0, 0, ""),
        ("laptop", "Laptop", "ada", 1_000, 9_000, "tally", "0.2", -7, 0, "its disk is full"),
    ]


def test_what_comes_late_but_was_told_earlier_changes_nothing(ledger: Ledger) -> None:
    ledger.add([], [LATE])
    ledger.add([], [EARLY])
    (row,) = ledger.ask("machines")
    assert row[4:] == (9_000, "tally", "0.2", -7, 0, "its disk is full")


def test_what_newer_senders_tell_is_kept_once(ledger: Ledger) -> None:
    told = batch(LOG, [View()])._replace(newer=[("events", "1", "mood", '"good"'), ("events", "1", "depth", "3")])
    ledger.add([told])
    before = decoded(ledger)
    ledger.add([told])
    assert ledger.ask("newer") == [("events", "1", "depth", "3"), ("events", "1", "mood", '"good"')]
    assert decoded(ledger)["newer"] == before["newer"]


def test_the_state_of_a_pushed_source_never_goes_back(ledger: Ledger) -> None:
    source = LOG._replace(path="push:laptop:/home/dev/a.jsonl", inode=0, size=0, offset=0, head=0, mtime=9_000, last=7)
    ledger.add([batch(source, [View()])])
    ledger.add([batch(source._replace(mtime=4_000, last=3), [View()])])
    ((*_, mtime, _, _, _, last),) = ledger.ask("source", path=source.path)
    assert (mtime, last) == (9_000, 7)
    # A log of this machine is as it was last looked at: a restored one is older than before.
    ledger.add([batch(LOG._replace(mtime=9_000), [View(2)])])
    ledger.add([batch(LOG._replace(mtime=4_000), [View(2)])])
    assert ledger.ask("source", path=LOG.path)[0][5] == 4_000


def test_none_are_known_at_first() -> None:
    assert Machines().rows() == []
    assert Machines().newer() == []
