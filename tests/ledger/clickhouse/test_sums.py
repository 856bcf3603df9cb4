"""Sums and days: worked out anew for what is touched, and for nothing else."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import LOG, MAIN, View, batch, usage

from tallystick.ledger.clickhouse.sums import days_of, days_shown_otherwise, sum_anew, touch
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.size import EDGES, size_class
from tallystick.usage.tokens import Tokens


def test_sums_are_those_of_their_quarter_hours(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1, time=-1), View(2, time=1), View(3, time=2 * SLOT_MS, work_ms=4)])])
    before = usage(ledger)
    ledger.server.do("TRUNCATE TABLE usage")
    sum_anew(ledger.server, [-1, 0], 50)
    assert usage(ledger) == before[:2]
    sum_anew(ledger.server, [2], 51)
    assert usage(ledger) == before
    # Worked out again, they are the same; without events, they are gone.
    sum_anew(ledger.server, [-1, 0, 2], 52)
    assert usage(ledger) == before
    ledger.server.do("TRUNCATE TABLE events")
    sum_anew(ledger.server, [0], 53)
    assert usage(ledger) == [before[0], before[2]]


def test_sizes_are_told_apart_as_everywhere(ledger: OfTests) -> None:
    prompts = [edge + more for edge in EDGES for more in (0, 1)]
    ledger.add([batch(LOG, [View(key, tokens=Tokens(prompt)) for key, prompt in enumerate(prompts)])])
    assert {row[1] for row in usage(ledger)} == {size_class(prompt) for prompt in prompts}
    assert sum(row[3] for row in usage(ledger)) == len(prompts)


def test_a_day_that_is_touched_has_another_state(ledger: OfTests) -> None:
    touch(ledger.server, [3, 4], 1)
    before: dict[int, int] = dict(ledger.ask("days"))
    touch(ledger.server, [4], 2)
    after: dict[int, int] = dict(ledger.ask("days"))
    assert (before[3] == after[3], before[4] == after[4]) == (True, False)


def test_days_of_sessions_are_those_of_their_events_and_prompts(ledger: OfTests) -> None:
    ledger.add([batch(LOG, [View(1, time=DAY_MS)], prompts=[(4, 3 * DAY_MS, MAIN, 0)])])
    assert days_shown_otherwise(ledger.server, ["s1", ""]) == {1, 3}
    assert days_shown_otherwise(ledger.server, ["s2", ""]) == set()
    assert days_of([-1, 0, 96]) == {-1, 0, 1}
