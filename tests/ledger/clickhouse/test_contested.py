"""Keys with several sightings: what is written of them, and what is not because it stands already."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import COPY, EVER, LATER, LOG, View, batch

from tallystick.ledger.clickhouse.contested import Changes, Contested, portions
from tallystick.usage.period import SLOT_MS


def rows(ledger: OfTests) -> list[tuple[int, ...]]:
    """Return what was written of events, put together or not: time, gone."""
    return ledger.server.rows("SELECT time, gone FROM events ORDER BY round, gone DESC, time SETTINGS final = 0")


def test_an_event_that_moves_leaves_word_where_it_was(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1, time=5, grade=1)])])
    ledger.add([batch(LOG, [View(1, time=3 * SLOT_MS)])])
    assert rows(ledger) == [(5, 0), (5, 1), (3 * SLOT_MS, 0)]
    assert [row[1] for row in ledger.ask("events", **EVER)] == [3 * SLOT_MS]


def test_an_event_that_moves_within_its_quarter_hour_is_replaced(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1, time=-1, grade=1)])])
    # The engine puts a moment before 1970 beside the first ones after it.
    ledger.add([batch(LOG, [View(1, time=1)])])
    assert rows(ledger) == [(-1, 0), (1, 0)]
    assert [row[1] for row in ledger.ask("events", **EVER)] == [1]


def test_nothing_is_written_of_what_stands(ledger: OfTests) -> None:
    batches = [batch(LOG, [View(1)]), batch(LATER, [View(1, context=COPY)])]
    ledger.add(batches)
    before = rows(ledger)
    changes = Changes()
    ((number, key),) = ledger.server.rows("SELECT id, key FROM events")
    standing = {key: ledger.server.rows("SELECT * EXCEPT (round, gone) FROM events")}
    Contested(ledger.server, changes).settle([1], {1}, standing)
    assert (changes.events, changes.views, changes.unchanged) == ([], [], {1})
    assert (changes.new, changes.changed, number > 0) == (0, 0, True)
    assert rows(ledger) == before


def test_portions_hold_everything_once() -> None:
    assert [len(part) for part in portions(list(range(45_000)))] == [20_000, 20_000, 5_000]
