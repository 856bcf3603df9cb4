"""Comparing: what differs is told with its day and its table, and nothing else is."""

from collections.abc import Callable, Iterator

import pytest
from tests.ledger.sample import LATER, LOG, View, batch

from tallystick.ledger.copying.comparing import Progress, compare, number_of_events
from tallystick.ledger.ledger import Batch
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens

DAY = 86_400_000
TOLD = batch(
    LOG,
    [View(number, time=number * DAY, tokens=Tokens(10, output=20)) for number in range(4)],
    calls=[(71, 1, "Read", DAY, DAY + 5, False), (72, 1, "Read", 2 * DAY, 0, False)],
)


@pytest.fixture
def ledger() -> Iterator[Callable[..., SqliteLedger]]:
    """Return what makes a ledger that was told something."""
    made: list[SqliteLedger] = []

    def make(*told: Batch) -> SqliteLedger:
        made.append(SqliteLedger(":memory:", write=True))
        made[-1].add(told)
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_what_was_told_in_another_order_is_the_same(ledger: Callable[..., SqliteLedger]) -> None:
    other = batch(LATER, [View(9), View(1, time=DAY, tokens=Tokens(3))])
    assert list(compare(ledger(TOLD, other), ledger(other, TOLD))) == []


def test_one_token_more_is_told_with_its_day(ledger: Callable[..., SqliteLedger]) -> None:
    here, there = ledger(TOLD), ledger(TOLD)
    there.connection.execute("UPDATE events SET output = output + 1 WHERE key = 2")
    (found,) = compare(here, there)
    assert (found.day, found.what, found.laid.lacking, found.laid.beyond) == (2, "events", 1, 1)
    # The fifth of the measures is the output.
    assert (found.laid.here.counts[4], found.laid.there.counts[4]) == (20, 21)
    assert (found.laid.only_here[0][0], found.laid.only_there[0][0]) == (2, 2)


def test_what_only_one_has_is_told(ledger: Callable[..., SqliteLedger]) -> None:
    here, there = ledger(TOLD), ledger(TOLD)
    here.connection.execute("DELETE FROM events WHERE key = 3")
    here.connection.execute("DELETE FROM days WHERE day = 3")
    there.connection.execute("DELETE FROM calls WHERE key = 72")
    told = [(each.day, each.what, each.laid.lacking, each.laid.beyond) for each in compare(here, there)]
    assert told == [(3, "events", 0, 1), (2, "uses of tools", 1, 0)]


def test_how_far_it_has_come_is_told(ledger: Callable[..., SqliteLedger]) -> None:
    here = ledger(TOLD)
    seen: list[Progress] = []
    assert list(compare(here, ledger(TOLD), seen.append)) == []
    assert seen == [Progress(day, 4, day + 1, 4) for day in range(4)]
    assert number_of_events(here) == 4
