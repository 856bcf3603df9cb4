"""What settling remembers: nothing before the first time, and no more than it needs."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import batch

from tallystick.intake.wire.remembered import Memory, recall, state_of
from tallystick.ledger.ledger import Source
from tallystick.ledger.merging import ALIGNED
from tallystick.ledger.sqlite.engine import SqliteLedger

MEMORY = Memory(7, frozenset((20_779, 20_780)), {-5: "router/auto"}, [("/home/dev/spool/1-2.jsonl", (1, 2, 3))])


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def keep(ledger: SqliteLedger, state: bytes) -> None:
    ledger.add([batch(Source(ALIGNED, "wire", "wire", state=state))])


def test_before_the_first_time_nothing_is_remembered(ledger: SqliteLedger) -> None:
    assert recall(ledger) is None
    # As earlier versions left it.
    keep(ledger, b"")
    assert recall(ledger) is None


def test_what_is_remembered_comes_back_as_it_was(ledger: SqliteLedger) -> None:
    keep(ledger, state_of(MEMORY))
    assert recall(ledger) == MEMORY


def test_the_oldest_of_very_many_go(ledger: SqliteLedger) -> None:
    asked = dict.fromkeys(range(6000), "auto")
    keep(ledger, state_of(MEMORY._replace(asked=asked, apart=[("p", (number,)) for number in range(6_000)])))
    found = recall(ledger)
    assert found is not None
    assert (len(found.asked), min(found.asked), len(found.apart), found.apart[0]) == (
        5_000,
        1_000,
        5_000,
        ("p", (1_000,)),
    )
