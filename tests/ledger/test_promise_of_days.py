"""What every engine keeps about days: their state is another one as soon as anything is, and only then where that matters."""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.engines import ENGINES, LIGHT
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, View, batch, reading
from tests.ledger.worlds import World, deliveries, worlds

from tallystick.ledger.ledger import Batch, Ledger, Row
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS
from tallystick.usage.tokens import Tokens


def states(ledger: Ledger) -> dict[int, int]:
    return dict(ledger.ask("days"))


def changed(ledger: Ledger, before: dict[int, int]) -> list[int]:
    after = states(ledger)
    return sorted(day for day in before.keys() | after.keys() if before.get(day) != after.get(day))


def content(ledger: Ledger, day: int) -> list[list[Row]]:
    span = {"since": day * DAY_MS, "until": (day + 1) * DAY_MS}
    tags = ledger.ask("tags")
    shown = {row[0]: (row, [tag for tag in tags if tag[:2] == row[1:3]]) for row in ledger.ask("contexts")}
    found = [ledger.ask(question, **span) for question in ("events", "uses", "prompts")]
    # Who ran what where may be shown otherwise, too, while its number stays.
    return [[(*row, shown[row[place]]) for row in rows] for rows, place in zip(found, (2, 1, 1), strict=True)]


def test_each_day_of_which_something_is_known_has_a_state(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, time=-1), View(2, time=DAY_MS - 1)], prompts=[(4, 7 * DAY_MS, MAIN, 0)])])
    assert list(states(ledger)) == [-1, 0, 7]


def test_a_state_never_comes_again_in_any_ledger() -> None:
    seen: set[int] = set()
    for make in (*ENGINES.values(), *ENGINES.values()):
        with closing(make()) as ledger:
            for grade in range(4):
                ledger.add([batch(LOG, [View(grade=grade)])])
                assert states(ledger)[0] not in seen
                seen.add(states(ledger)[0])


def test_uses_are_found_by_the_time_of_their_event(ledger: Ledger) -> None:
    call: Row = (5, 1, "Read", 3 * DAY_MS, 3 * DAY_MS + 9, True)
    ledger.add([batch(LOG, [View(1, time=DAY_MS)], calls=[call])])
    ((name, _, started, ended, failed, _, time),) = ledger.ask("uses", since=DAY_MS, until=DAY_MS + 1)
    assert (name, started, ended, failed, time) == ("Read", 3 * DAY_MS, 3 * DAY_MS + 9, 1, DAY_MS)
    assert ledger.ask("uses", since=3 * DAY_MS, until=4 * DAY_MS) == []


class TestOfOneDay:
    """In the engine that keeps states by day: nothing but what has changed gets another one."""

    @pytest.fixture
    def ledger(self) -> SqliteLedger:
        ledger = SqliteLedger(":memory:", write=True)
        views = [View(key, time=key * DAY_MS, grade=1, context=(MAIN, COPY)[key % 2]) for key in range(8)]
        ledger.add([batch(LOG, views, calls=[(90, 6, "Read", 6 * DAY_MS, 0, False), (91, 20, "Read", 5, 0, False)])])
        return ledger

    @pytest.mark.parametrize(
        "told, days",
        [
            pytest.param(batch(LOG, [View(9, time=3 * DAY_MS)]), [3], id="a new event"),
            pytest.param(batch(LOG, [View(2, time=2 * DAY_MS, grade=1, context=MAIN)]), [], id="nothing new"),
            pytest.param(batch(LOG, [View(2, time=2 * DAY_MS + 5, context=MAIN)]), [2], id="a better view"),
            pytest.param(batch(LOG, [View(2, time=9 * DAY_MS, context=MAIN)]), [2, 9], id="an event that moves"),
            pytest.param(batch(LATER, [View(4, time=4 * DAY_MS, grade=1)]), [4], id="another witness"),
            pytest.param(
                batch(LOG, calls=[(90, 6, "Read", 6 * DAY_MS, 7 * DAY_MS, True)]), [6], id="the end of a call"
            ),
            pytest.param(batch(LOG, calls=[(92, 5, "Grep", 0, 0, False)]), [5], id="a call of an older event"),
            pytest.param(batch(LOG, calls=[(93, 77, "Grep", 0, 0, False)]), [], id="a call without an event"),
            pytest.param(batch(LOG, [View(20, time=DAY_MS)]), [1], id="the event that a call waited for"),
            pytest.param(batch(LOG, prompts=[(1, 3 * DAY_MS, MAIN, 0)]), [3], id="a prompt"),
            pytest.param(batch(LOG, readings=[reading(5 * DAY_MS, Tokens(9))]), [5], id="a reading"),
        ],
    )
    def test_what_changes(self, ledger: SqliteLedger, told: Batch, days: list[int]) -> None:
        with closing(ledger):
            before = states(ledger)
            ledger.add([told])
            assert changed(ledger, before) == days

    def test_a_prompt_that_turns_out_to_be_a_copy(self, ledger: SqliteLedger) -> None:
        with closing(ledger):
            ledger.add([batch(LATER, prompts=[(1, 2 * DAY_MS, COPY, 0)])])
            before = states(ledger)
            ledger.add([batch(LOG, prompts=[(1, 3 * DAY_MS, MAIN, 0)])])
            assert ledger.ask("prompts", **EVER) == [(3 * DAY_MS, 1)]
            assert changed(ledger, before) == [2, 3]


@pytest.mark.parametrize("name", LIGHT)
@given(data=st.data())
def test_no_change_keeps_the_state(name: str, data: st.DataObject) -> None:
    world: World = data.draw(worlds())
    with closing(LIGHT[name]()) as ledger:
        for transaction in data.draw(deliveries(world)):
            before = {day: (state, content(ledger, day)) for day, state in states(ledger).items()}
            ledger.add(map(_spread, transaction))
            after = states(ledger)
            for day, (state, told) in before.items():
                assert after.get(day) != state or content(ledger, day) == told
            assert {row[1] // DAY_MS for row in ledger.ask("events", **EVER)} <= after.keys()
            assert {row[0] // DAY_MS for row in ledger.ask("prompts", **EVER)} <= after.keys()


def _spread(told: Batch) -> Batch:
    """Return a batch with quarter-hours stretched to days."""
    events = [(*row[:2], row[2] * 96, *row[3:]) for row in told.events]
    prompts = [(row[0], row[1] * 96 * 900_000 // 7, *row[2:]) for row in told.prompts]
    readings = [(*row[:2], row[2] * 96, row[3] * 96, *row[4:]) for row in told.readings]
    return told._replace(events=events, prompts=prompts, readings=readings)
