"""Events side by side: nothing that distinguishes two of them is missed, and what one lacks is told it."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, View, batch, decoded
from tests.ledger.worlds import VARIANTS

from tallystick.ledger.copying.events import Found, Laid, Side, batches, lay, sum_of
from tallystick.ledger.ledger import Batch, Ledger
from tallystick.ledger.memory import MemoryLedger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens

ONE = View(7, 9, 5_000, tokens=Tokens(10, 20, 30, 40, 50, 6), work_ms=3, searches=2, fetches=1, cost_nano=8, place=99)
OTHERS = {
    "key": ONE._replace(key=8),
    "request": ONE._replace(request=8),
    "time": ONE._replace(time=5_001),
    "context": ONE._replace(context=COPY),
    "variant": ONE._replace(variant=VARIANTS[1]),
    **{name: ONE._replace(tokens=ONE.tokens._replace(**{name: 51})) for name in Tokens._fields},
    "grade": ONE._replace(grade=2),
    "replay": ONE._replace(replay=True),
    "copied": ONE._replace(copied=True),
    "work": ONE._replace(work_ms=4),
    "searches": ONE._replace(searches=3),
    "fetches": ONE._replace(fetches=2),
    "cost": ONE._replace(cost_nano=0),
    "no cost": ONE._replace(cost_nano=None),
    "place": ONE._replace(place=98),
}


def told(*told: Batch) -> MemoryLedger:
    """Return a ledger that was told something."""
    ledger = MemoryLedger()
    ledger.add(told)
    return ledger


def laid(here: Ledger, there: Ledger) -> Found:
    """Lay all events side by side that fit into one portion."""
    (page,) = Side(here).events(0, 100_000)
    return lay(Side(here), page, Side(there), 100_000)


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_whatever_distinguishes_an_event_is_seen(other: View) -> None:
    found = laid(told(batch(LOG, [ONE])), told(batch(LOG, [other]))).laid
    assert not found.same
    assert (found.lacking, found.beyond) == (1, 1)
    assert (found.only_here[0][0], found.only_there[0][0]) == (7, other.key)


def test_where_it_was_seen_distinguishes_it_too() -> None:
    for other in (LATER, LOG._replace(witness="otlp")):
        assert not laid(told(batch(LOG, [ONE])), told(batch(other, [ONE]))).laid.same
    assert laid(told(batch(LOG, [ONE])), told(batch(LOG._replace(offset=3, state=b""), [ONE]))).laid.same


def test_no_cost_and_a_cost_of_nothing_are_two_things() -> None:
    assert not laid(told(batch(LOG, [OTHERS["cost"]])), told(batch(LOG, [OTHERS["no cost"]]))).laid.same


def test_the_views_of_an_event_are_seen_apart_from_what_counts() -> None:
    lesser = View(7, 9, 5_000, tokens=Tokens(1), grade=0, place=4, context=COPY)
    here = told(batch(LOG, [ONE]), batch(LATER, [lesser]))
    there = told(batch(LOG, [ONE]), batch(LATER, [lesser._replace(tokens=Tokens(2))]))
    found = laid(here, there)
    assert found.laid.here == found.laid.there
    assert (found.laid.same, found.events, len(found.views), found.laid.beyond) == (False, [], 1, 1)


def test_what_events_come_to_is_counted() -> None:
    ledger = told(batch(LOG, [ONE, View(8, tokens=Tokens(1, 2, 3, 4, 5, 0))]), batch(LATER, [ONE._replace(grade=1)]))
    events, views = sum_of(Side(ledger), 0, 100_000)
    # input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches, cost_nano, requests
    assert (events.number, events.counts) == (2, (11, 22, 33, 44, 55, 6, 2, 8, 2))
    assert views.number == 2
    assert sum_of(Side(ledger), 5_000, 5_001)[0].number == 1


@pytest.fixture
def target() -> Iterator[SqliteLedger]:
    """Return an empty ledger."""
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        yield ledger


def test_what_is_lacking_is_told_and_nothing_else(target: SqliteLedger) -> None:
    source = told(
        batch(LOG, [ONE, View(8, context=MAIN._replace(agent="a"))]),
        batch(LATER, [ONE._replace(grade=1, context=COPY), View(9, variant=VARIANTS[1])]),
    )
    target.add([batch(LOG, [View(8, context=MAIN._replace(agent="a"))])])
    found = laid(source, target)
    made = batches(found, Side(source).names)
    # The event that is there goes no second time; the one with two views goes as these.
    assert [(each.source.path, sorted(row[0] for row in each.events)) for each in made] == [
        (LOG.path, [7]),
        (LATER.path, [7, 9]),
    ]
    assert {each.renamed is None for each in made} == {False}
    target.add(made)
    assert laid(source, target) == Found(laid(source, target).laid, [], [])
    assert laid(source, target).laid.same
    assert decoded(target)["events"] == decoded(source)["events"]
    assert len(target.ask("events", **EVER)) == 3


def test_two_times_together_are_what_both_are() -> None:
    one, other = laid(told(batch(LOG, [ONE])), told()).laid, laid(told(), told(batch(LOG, [ONE]))).laid
    both = one.plus(other)
    assert (both.here.number, both.there.number, both.lacking, both.beyond) == (1, 1, 1, 1)
    assert (len(both.only_here), len(both.only_there)) == (1, 1)
    assert Laid().plus(one) == one
