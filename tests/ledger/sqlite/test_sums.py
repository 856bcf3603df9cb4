"""The sums by quarter-hour: they are what the events add up to, after whatever has happened to those."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.sample import LATER, LOG, MAIN, View, batch, reading
from tests.ledger.worlds import World, deliveries, worlds

from tallystick.ledger.sqlite.days import Days
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.ledger.sqlite.sums import SELECT, Sums
from tallystick.usage.size import EDGES, size_class
from tallystick.usage.tokens import Tokens


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def kept(ledger: SqliteLedger) -> list[tuple[int, ...]]:
    return ledger.connection.execute("SELECT * FROM usage ORDER BY 1, 2, 3, 4, 5").fetchall()


def worked_out(ledger: SqliteLedger) -> list[tuple[int, ...]]:
    return ledger.connection.execute(f"{SELECT} GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5").fetchall()


def test_the_class_of_a_size_is_the_same_in_sql_as_in_python(ledger: SqliteLedger) -> None:
    prompts = sorted({near for edge in EDGES for near in (edge - 1, edge, edge + 1)} | {0, 10**12})
    views = [View(number, time=900_000 * number, tokens=Tokens(prompt)) for number, prompt in enumerate(prompts)]
    ledger.add([batch(LOG, views)])
    assert [row[2] for row in kept(ledger)] == [size_class(prompt) for prompt in prompts]


def test_every_kind_of_prompt_token_counts_for_the_size(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(tokens=Tokens(8_000, 8_000, 8_000, 8_001, 10**6))])])
    assert [row[2] for row in kept(ledger)] == [1]


def test_of_several_calls_the_average_prompt_counts_for_the_size(ledger: SqliteLedger) -> None:
    # 32 000 ends the first class; 64 001 / 2 is 32 000 and a half, which is no token.
    totals = [(64_000, 2), (64_001, 2), (64_002, 2), (64_002, 0)]
    told = [
        reading(
            900_000 * number,
            Tokens(prompt),
            meter=number,
            requests=requests,
            context=MAIN._replace(session=f"s{number}"),
        )
        for number, (prompt, requests) in enumerate(totals)
    ]
    ledger.add([batch(LOG, readings=told)])
    assert [(row[2], row[5]) for row in kept(ledger)] == [(0, 2), (0, 2), (1, 2), (1, 1)]
    assert worked_out(ledger) == kept(ledger)


def test_an_event_leaves_nothing_behind(ledger: SqliteLedger) -> None:
    ledger.add(
        [batch(LOG, [View(1), View(2, searches=3)], readings=[reading(3_000, Tokens(9, 4, 6, 8, 10), requests=6)])]
    )
    before = kept(ledger)
    # The reading adds 7 of input and four requests.
    assert before[0][5:] == (6, 9, 4, 6, 8, 10, 0, 3, 0, 0, 0, 3_000, 3_000)
    sums = Sums(ledger.connection, Days(ledger.connection, 0))
    rows = ledger.connection.execute("SELECT * FROM events").fetchall()
    for row in rows:
        sums.change(row, -1, row[24])
    assert kept(ledger) == []
    for row in rows:
        sums.change(row, 1, row[24])
    assert kept(ledger) == before


def test_first_and_last_moments_follow_events_that_move(ledger: SqliteLedger) -> None:
    ledger.add([batch(LOG, [View(1, time=10, grade=1), View(2, time=500), View(3, time=900_000 - 1, grade=1)])])
    assert [row[16:] for row in kept(ledger)] == [(10, 899_999)]
    # The finished views of the first and the third lie elsewhere in the same quarter-hour.
    ledger.add([batch(LOG, [View(1, time=300), View(3, time=600)])])
    assert [row[16:] for row in kept(ledger)] == [(300, 600)]
    # And in another one.
    ledger.add([batch(LATER, [View(1, time=900_000, tokens=Tokens(1, output=9))])])
    assert [(row[0], *row[16:]) for row in kept(ledger)] == [(0, 500, 600), (1, 900_000, 900_000)]
    assert worked_out(ledger) == kept(ledger)


@given(data=st.data())
def test_sums_stay_in_step_with_the_events(data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        for transaction in data.draw(deliveries(world)):
            ledger.add(transaction)
            assert kept(ledger) == worked_out(ledger)
