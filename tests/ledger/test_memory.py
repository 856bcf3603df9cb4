"""The ledger in memory: what only this engine says of itself; all else is in test_promise.py."""

import pytest
from tests.ledger.sample import EVER, LATER, LOG, View, batch

from tallystick.ledger.memory import MemoryLedger


def test_every_sighting_is_kept_as_it_came() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [View(grade=1), View(), View()])])
    assert [view.grade for view in ledger._sightings[1]] == [1, 3]


def test_views_can_be_asked_for_by_the_number_of_the_event() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [View(1), View(2, place=4)]), batch(LATER, [View(2, place=5)])])
    assert [row[0] for row in ledger.ask("events", **EVER)] == [1, 2]
    assert [row[1] for row in ledger.ask("sightings", event=2)] == [4, 5]
    assert ledger.ask("sightings", event=1) == []


def test_an_unknown_question_is_an_error() -> None:
    with pytest.raises(AttributeError):
        MemoryLedger().ask("weather")


def test_closing_loses_nothing() -> None:
    ledger = MemoryLedger()
    ledger.add([batch(LOG, [View()])])
    ledger.close()
    assert len(ledger.ask("events", **EVER)) == 1
