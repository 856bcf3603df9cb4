"""Growing pages: those that go on are compared with those that are made in test_growth; here, what is kept for that."""

from contextlib import closing

from tests.answers.sample import HELPER, MAIN
from tests.ledger.sample import LATER, LOG, View, batch

from tallystick.answers.growing import Growing
from tallystick.answers.pages import Everyone, pages
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS


def _state(ledger: SqliteLedger, day: int) -> int:
    found: dict[int, int] = dict(ledger.ask("days"))
    return found[day]


def test_spans_are_kept_of_the_days_that_grew_last() -> None:
    growing = Growing()
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [View(day, time=day * DAY_MS + 9_000, work_ms=1_000) for day in range(1, 6)])])
        before = {day: _state(ledger, day) for day in range(1, 6)}
        made = pages(ledger, 1, 6)
        ledger.add([batch(LOG, [View(10 + day, time=day * DAY_MS + 20_000, work_ms=1_000) for day in range(1, 6)])])
        for day in range(1, 6):
            page = growing(ledger, day, (before[day], _state(ledger, day)), made[day])
            assert page is not None
            assert page.reach == (day * DAY_MS + 8_000, day * DAY_MS + 20_000)
        assert len(growing._days) == 3


def test_what_is_kept_follows_the_day_whoever_asks() -> None:
    growing = Growing()
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [View(1, time=9_000, work_ms=1_000)])])
        before, made = _state(ledger, 0), pages(ledger, 0, 1)[0]
        ledger.add([batch(LOG, [View(2, time=20_000, work_ms=1_000)])])
        assert growing(ledger, 0, (before, _state(ledger, 0)), made) is not None
        ledger.add([batch(LOG, [View(3, time=30_000, context=HELPER, work_ms=1_000)])])
        whose = Everyone(ledger)
        spans = growing.own(ledger, 0, _state(ledger, 0), {MAIN.session}, whose)
        assert sorted(end for _, end, *_ in spans) == [9_000, 20_000, 30_000]
        # After another change, all is read anew.
        ledger.add([batch(LATER, [View(3, time=30_000, context=HELPER, work_ms=2_000, grade=3)])])
        spans = growing.own(ledger, 0, _state(ledger, 0), {MAIN.session}, whose)
        assert len(list(spans)) == 3
