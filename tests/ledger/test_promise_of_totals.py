"""What every engine keeps of running totals: nothing is counted twice, and no order or repetition changes what is derived."""

from collections.abc import Iterator

import pytest
from tests.ledger.sample import COPY, EVER, LATER, LOG, MAIN, OPUS, View, batch, decoded, number, reading, usage
from tests.ledger.worlds import SLOT

from tallystick.ledger.ledger import Batch, Ledger, Receipt
from tallystick.usage.tokens import Tokens


def derived(ledger: Ledger) -> list[tuple[int, ...]]:
    """Return what readings stand for: time, input, output, requests, dated, since."""
    return [(row[1], row[4], row[8], *row[18:21]) for row in ledger.ask("events", **EVER) if row[21] == 0]


def test_a_reading_is_in_every_answer(ledger: Ledger) -> None:
    first = reading(SLOT, Tokens(400_001, 0, 0, 0, 7), requests=2, cost_nano=90, offset=33)
    assert ledger.add([batch(LOG, readings=[first])]) == Receipt(new=1)
    (event,) = ledger.ask("events", **EVER)
    context, variant = number(ledger, MAIN), number(ledger, OPUS)
    assert event[1:15] == (SLOT, context, variant, 400_001, 0, 0, 0, 7, 0, 3, 0, 0, 0, 90)
    # From where, for how many requests, coarsely dated, since nobody knows when, and without a view.
    assert event[15:] == (LOG.path, 33, "log", 2, 2, 0, 0)
    # The class of size is that of the average prompt, 200 000, which is in the class that ends there.
    assert usage(ledger) == [(1, 6, 1, 2, 400_001, 0, 0, 0, 7, 0, 0)]
    assert ledger.ask("events_by_tool", **EVER) == [("claude-code", 2, SLOT)]
    # One event for two requests.
    assert ledger.ask("dated", **EVER) == [(context, variant, 2, 400_008, 1, 2)]
    assert ledger.ask("tokens_of", variant=variant) == [(1, 6, 400_008)]
    assert ledger.ask("tokens_of", variant=3) == []
    assert ledger.ask("dated", since=0, until=SLOT) == ledger.ask("dated", since=SLOT + 1, until=2 * SLOT) == []
    assert ledger.ask("sightings", event=event[0]) == []
    assert ledger.ask("reach", **EVER) == [(context, SLOT, SLOT, 400_008)]


def test_readings_that_were_told_before_change_nothing(ledger: Ledger) -> None:
    told = batch(LOG, [View(1)], readings=[reading(SLOT, Tokens(5)), reading(2 * SLOT, Tokens(9))])
    assert ledger.add([told]) == Receipt(new=3)
    before = decoded(ledger)
    assert ledger.add([told, told]) == Receipt(known=2)
    # From a copy of the store, too: another source, the same counter.
    assert ledger.add([batch(LATER, readings=[reading(SLOT, Tokens(5))])]).new == 0
    assert decoded(ledger)["usage_by_context"] == before["usage_by_context"]


def test_a_counter_lands_on_its_days_as_it_is_read(ledger: Ledger) -> None:
    for day, tokens in enumerate(
        [Tokens(100, output=10), Tokens(150, output=11), Tokens(150, output=11), Tokens(7)], 1
    ):
        ledger.add([batch(LOG._replace(size=day), readings=[reading(day * 96 * SLOT, tokens)])])
    assert derived(ledger) == [
        (96 * SLOT, 100, 10, 1, 2, 0),
        (2 * 96 * SLOT, 50, 1, 1, 1, 96 * SLOT),
        # It began anew.
        (4 * 96 * SLOT, 7, 0, 1, 1, 3 * 96 * SLOT),
    ]
    assert [(row[2], row[3]) for row in ledger.ask("dated", **EVER)] == [(1, 58), (2, 110)]


@pytest.mark.parametrize("late", [False, True], ids=["before the reading", "after the reading"])
def test_events_of_the_same_work_are_never_counted_twice(ledger: Ledger, *, late: bool) -> None:
    events = batch(LOG, [View(1, tokens=Tokens(30)), View(2, tokens=Tokens(20), context=MAIN._replace(agent="a"))])
    other = batch(LOG, [View(3, tokens=Tokens(1_000), context=COPY)])
    store = batch(LATER, readings=[reading(SLOT, Tokens(60, output=4), requests=3)])
    for told in (store, events, other) if late else (events, other, store):
        ledger.add([told])
    # 60 - 30 - 20, and 4; another session's tokens are nothing to it.
    assert derived(ledger) == [(SLOT, 10, 4, 1, 2, 0)]
    assert sum(row[4] for row in usage(ledger)) == 1_060
    assert sum(row[3] for row in usage(ledger)) == 4


def test_a_better_sighting_changes_what_is_derived(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, tokens=Tokens(10), grade=1)], readings=[reading(SLOT, Tokens(60))])])
    assert derived(ledger) == [(SLOT, 50, 0, 1, 2, 0)]
    assert ledger.add([batch(LOG, [View(1, tokens=Tokens(55))])]).changed == 2
    assert derived(ledger) == [(SLOT, 5, 0, 1, 2, 0)]
    ledger.add([batch(LOG, [View(1, tokens=Tokens(70))])])
    assert derived(ledger) == []


COUNTERS = [reading(SLOT, Tokens(60)), reading(SLOT, Tokens(60), meter=91, context=COPY)]
"""Two sessions, each with a counter that stands at 60."""


def by_session(ledger: Ledger) -> dict[str, int]:
    """Return the input that readings stand for, by session."""
    contexts = {row[0]: row[2] for row in ledger.ask("contexts")}
    return {contexts[row[2]]: row[4] for row in ledger.ask("events", **EVER) if row[21] == 0}


def test_an_event_that_turns_out_to_be_of_another_session_is_told_there(ledger: Ledger) -> None:
    views = [batch(LOG, [View(1, tokens=Tokens(40))]), batch(LATER, [View(1, context=COPY, tokens=Tokens(40))])]
    ledger.add([*views, batch(LOG, readings=COUNTERS)])
    assert by_session(ledger) == {"s1": 20, "s2": 60}
    # The first session goes on, later than the other: it has copied the event. 60 - 1 is left to it.
    grown = LOG._replace(mtime=20_000_000_000, last=15_000)
    ledger.add([batch(grown, [View(2, time=15_000, tokens=Tokens(1))])])
    assert by_session(ledger) == {"s1": 59, "s2": 20}


def test_an_event_that_is_told_apart_from_another_one_is_told_in_its_session(ledger: Ledger) -> None:
    ledger.add([batch(LOG, [View(1, 5, tokens=Tokens(40))], readings=COUNTERS)])
    ledger.add([batch(LATER, [View(1, 0, context=COPY, tokens=Tokens(40))])])
    assert by_session(ledger) == {"s1": 20, "s2": 60}
    # A second request id: the view without any is of neither.
    ledger.add([batch(LOG, [View(1, 6, tokens=Tokens(1))])])
    assert by_session(ledger) == {"s1": 19, "s2": 20}


def test_a_replay_that_gives_way_is_told_in_no_session(ledger: Ledger) -> None:
    ledger.add([batch(LATER, [View(1, 9, context=COPY, tokens=Tokens(40), replay=True)], readings=COUNTERS)])
    assert by_session(ledger) == {"s1": 60, "s2": 20}
    ledger.add([batch(LOG, [View(1, 5, tokens=Tokens(40)), View(1, 6, tokens=Tokens(1))])])
    assert by_session(ledger) == {"s1": 19, "s2": 60}


HIDDEN = MAIN._replace(session="0f" * 8, project="", branch="")
"""The first session under the name that its machine gives it since it hides names."""
TIE = reading(0, Tokens(), meter=99)
"""A reading of nothing, by which two names of a session are known to be one."""


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "the later one first"])
def test_a_counter_that_goes_on_under_another_name_is_counted_once(ledger: Ledger, order: tuple[int, int]) -> None:
    before = batch(LOG, [View(1, tokens=Tokens(10))], readings=[reading(SLOT, Tokens(60))])
    after = batch(
        LATER,
        [View(2, time=2 * SLOT, tokens=Tokens(5), context=HIDDEN)],
        # The first reading is told once more under the new name.
        readings=[reading(at * SLOT, Tokens(60 + 5 * at - 5, output=at - 1), context=HIDDEN) for at in (1, 2, 3)],
    )
    for place in order:
        ledger.add([(before, after)[place]])
    # The counter stands at 70 and 2. 15 are told, 50 were lacking at the first reading and 5 more at the last.
    assert sum(row[4] for row in usage(ledger)) == 70
    assert derived(ledger) == [(SLOT, 50, 0, 1, 2, 0), (2 * SLOT, 0, 1, 1, 1, SLOT), (3 * SLOT, 5, 1, 1, 1, 2 * SLOT)]


@pytest.mark.parametrize("late", [False, True], ids=["before the reading", "after the reading"])
def test_events_are_told_to_counters_of_every_name_of_their_session(ledger: Ledger, *, late: bool) -> None:
    events = batch(LOG, [View(1, tokens=Tokens(40))], readings=[TIE])
    store = batch(LATER, readings=[reading(SLOT, Tokens(60), meter=91, context=HIDDEN), TIE._replace(context=HIDDEN)])
    for told in (store, events) if late else (events, store):
        ledger.add([told])
    assert derived(ledger) == [(SLOT, 20, 0, 1, 2, 0)]
    # A third name, known only to the second; others' sessions are nothing to it.
    third, other = MAIN._replace(session="third"), COPY._replace(tool="codex")
    ledger.add([batch(LOG, readings=[reading(SLOT, Tokens(60), meter=91, context=third)])])
    ledger.add([batch(LOG, [View(3, tokens=Tokens(1), context=third), View(4, context=other, tokens=Tokens(7))])])
    assert derived(ledger) == [(SLOT, 19, 0, 1, 2, 0)]


def test_other_models_and_tools_are_other_work(ledger: Ledger) -> None:
    others = [
        View(1, variant=OPUS._replace(model="claude-haiku-4-5"), tokens=Tokens(60)),
        View(2, context=MAIN._replace(tool="codex"), tokens=Tokens(60)),
    ]
    ledger.add([batch(LOG, others, readings=[reading(SLOT, Tokens(60))])])
    assert derived(ledger) == [(SLOT, 60, 0, 1, 2, 0)]
    # Another tier of the same model is the same work.
    ledger.add([batch(LOG, [View(3, variant=OPUS._replace(tier="flex"), tokens=Tokens(25))])])
    assert derived(ledger) == [(SLOT, 35, 0, 1, 2, 0)]


def test_a_failure_leaves_no_reading_behind(ledger: Ledger) -> None:
    def broken() -> Iterator[Batch]:
        yield batch(LOG, [View(1)], readings=[reading(SLOT, Tokens(60))])
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        ledger.add(broken())
    assert ledger.ask("events", **EVER) == []
    assert ledger.add([batch(LOG, readings=[reading(SLOT, Tokens(5))])]) == Receipt(new=1)
    assert derived(ledger) == [(SLOT, 5, 0, 1, 2, 0)]
