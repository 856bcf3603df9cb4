"""The daybook of this process."""

from contextlib import closing

from tests.answers.sample import MAIN
from tests.ledger.sample import LOG, View, batch

from tallystick.answers.book import BOOK, GROWING
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS


def test_a_day_that_goes_on_is_not_made_anew() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        ledger.add([batch(LOG, [View(1, time=5 * DAY_MS + 5_000, context=MAIN, work_ms=1_000)])])
        BOOK.leaves(ledger)
        made = BOOK.made
        ledger.add([batch(LOG, [View(2, time=5 * DAY_MS + 9_000, context=MAIN, work_ms=2_000)])])
        ((place, cell),) = BOOK.leaves(ledger)[5].page.sheet.cells.every()
        assert place == (5 * 96, MAIN.session)
        assert cell.times[0] == 3_000
        assert made == BOOK.made
        ((_, state),) = ledger.ask("days")
        whose = {1: (MAIN.session, "")}
        spans = GROWING.own(ledger, 5, state, {MAIN.session}, whose)
        assert sorted(span[:2] for span in spans) == [
            (5 * DAY_MS + 4_000, 5 * DAY_MS + 5_000),
            (5 * DAY_MS + 7_000, 5 * DAY_MS + 9_000),
        ]
