"""Prompts: which of those that lie in several sources come or change."""

from tests.ledger.engines import OfTests
from tests.ledger.sample import COPY, LATER, LOG, MAIN, batch

from tallystick.ledger.clickhouse.numbers import of_text
from tallystick.ledger.clickhouse.originals import sorted_out

EARLY, LATE = of_text(LOG.path), of_text(LATER.path)


def test_the_prompt_of_the_source_that_ended_first_counts(ledger: OfTests) -> None:
    ledger.add([batch(LATER, prompts=[(4, 100, COPY, 0), (5, 200, COPY, 1)])])
    ledger.add([batch(LOG, prompts=[(4, 100, MAIN, 0)])])
    rows = ledger.server.rows("SELECT key, source, copy FROM prompts ORDER BY key, copy")
    assert rows == [(4, EARLY, 0), (4, LATE, 1), (5, LATE, 0)]
    assert sorted_out(ledger.server, [4, 5], [EARLY, LATE]).rows == []


def test_a_source_that_goes_on_changes_what_it_shares(ledger: OfTests) -> None:
    ledger.add([batch(LOG, prompts=[(4, 100, MAIN, 0)]), batch(LATER, prompts=[(4, 100, COPY, 0)])])
    ledger.add([batch(LOG._replace(mtime=20_000_000_000, last=15_000))])
    assert ledger.server.rows("SELECT source FROM prompts WHERE copy = 0") == [(LATE,)]
