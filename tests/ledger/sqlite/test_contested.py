"""Keys with several sightings: they are settled anew, in portions, and nothing is written that did not change."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.ledger.sample import COPY, EVER, LATER, LOG, View, batch

from tallystick.ledger.ledger import Receipt
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.tokens import Tokens


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def kept(ledger: SqliteLedger) -> list[tuple[int, ...]]:
    """Return the sightings that are kept beside their events: event, source, output."""
    return ledger.connection.execute("SELECT event, source, output FROM sightings ORDER BY 1, 2, 3").fetchall()


def test_more_keys_than_are_asked_for_at_once_are_settled(ledger: SqliteLedger) -> None:
    worse = [View(key, tokens=Tokens(output=1), grade=1) for key in range(1_300)]
    better = [View(key, tokens=Tokens(output=10)) for key in range(1_300)]
    assert ledger.add([batch(LOG, worse)]) == Receipt(new=1_300)
    assert ledger.add([batch(LOG, better[:1_201])]) == Receipt(changed=1_201)
    assert sum(row[9] for row in ledger.ask("usage_by_variant", **EVER)) == 1_201 * 10 + 99


def test_more_sources_than_are_asked_for_at_once_are_weighed_again(ledger: SqliteLedger) -> None:
    sources = [LOG._replace(path=f"/home/dev/{number:04}") for number in range(1_100)]
    contexts = [COPY._replace(session=f"session {number}") for number in range(1_100)]
    ledger.add([batch(source, [View(1, context=context)]) for source, context in zip(sources, contexts, strict=True)])
    # All but the last one are written to again.
    assert ledger.add([batch(source._replace(mtime=8_000_000_000)) for source in sources[:-1]]) == Receipt(changed=1)
    names = {row[0]: row[2] for row in ledger.ask("contexts")}
    assert [names[row[2]] for row in ledger.ask("events", **EVER)] == ["session 1099"]


def test_of_one_source_only_the_best_view_is_kept(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(tokens=Tokens(output=output), grade=1) for output in (1, 3, 2)])])
    assert kept(ledger) == []
    ledger.add([batch(LATER, [View(tokens=Tokens(output=9), context=COPY)])])
    assert kept(ledger) == [(1, 1, 3), (1, 2, 9)]


def test_a_better_view_takes_the_place_of_the_one_that_was_kept(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(tokens=Tokens(output=1), grade=1)]), batch(LATER, [View(tokens=Tokens(output=9))])])
    assert ledger.add([batch(LOG, [View(tokens=Tokens(output=5))])]) == Receipt(known=1)
    assert kept(ledger) == [(1, 1, 5), (1, 2, 9)]


def test_an_event_that_loses_a_view_keeps_none_beside_it(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(1, 0, tokens=Tokens(output=1)), View(1, 5, tokens=Tokens(output=2))])])
    assert kept(ledger) == [(1, 1, 1), (1, 1, 2)]
    assert ledger.add([batch(LOG, [View(1, 6, tokens=Tokens(output=3))])]).new == 2
    assert kept(ledger) == []
    assert [row[9] for row in ledger.ask("usage_by_variant", **EVER)] == [6]


def test_a_replay_that_came_first_gives_its_place_to_the_originals(ledger: SqliteLedger) -> None:
    ledger.add([batch(LATER, [View(1, 9, tokens=Tokens(output=7), replay=True)])])
    ledger.add([batch(LOG, [View(1, 5, tokens=Tokens(output=1)), View(1, 6, tokens=Tokens(output=2))])])
    assert sorted(row[8] for row in ledger.ask("events", **EVER)) == [1, 2]
    assert [(row[4], row[9]) for row in ledger.ask("usage_by_variant", **EVER)] == [(2, 3)]


def test_replays_and_originals_of_one_addition_are_settled_together(ledger: SqliteLedger) -> None:
    views = [
        View(1, 9, replay=True, tokens=Tokens(output=7)),
        View(1, 5, tokens=Tokens(output=1)),
        View(1, 6, tokens=Tokens(output=2)),
    ]
    ledger.add([batch(LOG, views)])
    assert sorted(row[8] for row in ledger.ask("events", **EVER)) == [1, 2]
    assert sum(row[9] for row in ledger.ask("usage_by_variant", **EVER)) == 3


def test_what_does_not_change_is_not_written(ledger: SqliteLedger) -> None:
    told = [batch(LOG, [View(1), View(2)]), batch(LATER, [View(1)])]
    ledger.add(told)
    written: list[str] = []
    ledger.connection.set_trace_callback(written.append)
    ledger.add([batch(LOG, [View(2)])])
    ledger.connection.set_trace_callback(None)
    assert not [
        text for text in written if text.startswith(("UPDATE events", "INSERT INTO events", "DELETE FROM events"))
    ]
