"""Running totals in the file: what is worked out anew, what is left alone, and what a ledger without counters pays."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, View, batch, reading, usage
from tests.ledger.worlds import SLOT, World, deliveries, worlds

from tallystick.ledger.ledger import Receipt
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.totals import difference, together
from tallystick.usage.tokens import Tokens


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def traced(ledger: SqliteLedger, *readings: int, views: tuple[View, ...] = ()) -> list[str]:
    """Return the statements of an addition of readings, each so many tokens at so many slots."""
    written: list[str] = []
    ledger.connection.set_trace_callback(written.append)
    ledger.add([batch(LOG, views, readings=[reading(SLOT * each, Tokens(each)) for each in readings])])
    ledger.connection.set_trace_callback(None)
    return written


def about(statements: list[str], words: str) -> list[str]:
    return [text for text in statements if words in text]


def test_without_readings_one_look_is_all_that_they_cost(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(1)])])
    statements = traced(ledger, views=(View(2), View(1, grade=1)))
    assert about(statements, "readings") == ["SELECT EXISTS (SELECT 1 FROM readings)"]
    assert not about(statements, "views > 0")


def test_the_events_of_a_session_are_found_without_looking_at_all(ledger: SqliteLedger) -> None:
    traced(ledger, 1, views=(View(1),))
    plan = ledger.connection.execute(
        "EXPLAIN QUERY PLAN SELECT x.time FROM contexts c CROSS JOIN events x ON x.context = c.id WHERE c.session = 's1'"
    )
    assert [row[3].split(" ", 1)[0] for row in plan] == ["SEARCH", "SEARCH"]


def test_what_is_known_is_not_kept_twice_nor_worked_out_again(ledger: SqliteLedger) -> None:
    traced(ledger, 1, 2, 3)
    statements = traced(ledger, 1, 2, 3)
    assert ledger.connection.execute("SELECT count(*) FROM readings").fetchone() == (3,)
    assert not about(statements, "views = 0")
    assert not about(statements, "INSERT INTO events")


def test_a_further_reading_leaves_the_rows_of_the_others(ledger: SqliteLedger) -> None:
    traced(ledger, 1, 2)
    before = ledger.connection.execute("SELECT * FROM events ORDER BY id").fetchall()
    assert not about(traced(ledger, 3), "DELETE FROM events")
    assert ledger.connection.execute("SELECT * FROM events ORDER BY id").fetchall()[:2] == before


def test_only_sessions_that_are_touched_are_worked_out(ledger: SqliteLedger) -> None:
    ledger.add([batch(LATER, readings=[reading(SLOT, Tokens(5), context=COPY, meter=91)])])
    traced(ledger, 1)
    other = traced(ledger, views=(View(1, context=MAIN._replace(session="s3")),))
    assert not about(other, "views = 0")
    own = traced(ledger, views=(View(2, tokens=Tokens(0, 1)),))
    assert len(about(own, "views = 0")) == 1


def test_a_counter_that_was_counted_under_each_of_its_names_is_mended(ledger: SqliteLedger) -> None:
    named = [MAIN, MAIN._replace(session="s9")]
    for number, context in enumerate(named):
        # As earlier versions kept it: each name by itself.
        alone = reading(SLOT, Tokens(60), context=context, meter=90 + number)
        ledger.add([batch(LOG, readings=[alone])])
    ledger.connection.execute("UPDATE readings SET meter = 90")
    ledger.connection.execute("DROP INDEX readings_meter")
    assert sum(row[4] for row in usage(ledger)) == 120
    ledger.add([batch(LATER, [View(1, context=COPY, tokens=Tokens(1))])])
    assert sum(row[4] for row in usage(ledger)) == 61
    # From then on they are found without looking at all readings.
    statements = traced(ledger, 2)
    assert not about(statements, "HAVING")
    plan = ledger.connection.execute("EXPLAIN QUERY PLAN SELECT DISTINCT context FROM readings WHERE meter = 90")
    assert ["COVERING INDEX readings_meter" in row[3] for row in plan] == [True]


def test_a_reading_before_any_event_of_a_large_first_addition(ledger: SqliteLedger) -> None:
    views = [View(number, time=SLOT * number, tokens=Tokens(1)) for number in range(5_000)]
    told = batch(LOG, views, readings=[reading(5_000 * SLOT, Tokens(6_000), requests=5_500)])
    assert ledger.add([told]) == Receipt(new=5_001)
    assert sum(row[3] for row in usage(ledger)) == 5_500
    assert sum(row[4] for row in usage(ledger)) == 6_000


def test_more_sessions_than_are_asked_for_at_once(ledger: SqliteLedger) -> None:
    contexts = [MAIN._replace(session=f"session {number}") for number in range(1_100)]
    readings = [reading(SLOT, Tokens(5), meter=number, context=each) for number, each in enumerate(contexts)]
    ledger.add([batch(LOG, readings=readings)])
    views = [View(number, context=each, tokens=Tokens(2)) for number, each in enumerate(contexts)]
    ledger.add([batch(LOG, views)])
    # 2 told and 3 derived in each.
    assert sum(row[4] for row in usage(ledger)) == 1_100 * 5
    assert {row[4] for row in ledger.ask("events", **EVER) if row[21] == 0} == {3}


@given(data=st.data())
def test_events_stay_in_step_with_the_readings(data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        for transaction in data.draw(deliveries(world)):
            ledger.add(transaction)
            sessions = ledger.connection.execute("SELECT DISTINCT tool, session FROM contexts").fetchall()
            named = [together(ledger.connection, session) for session in sessions]
            assert [difference(ledger.connection, each) for each in named] == [([], [])] * len(sessions)
