"""What came from each tool: the same whether days are kept or not, and whatever comes to them."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.answers.sample import CLI, MAIN, OPUS
from tests.ledger.sample import LATER, LOG, View, batch

from tallystick.answers.foldbook import Foldbook, close_book, open_book
from tallystick.answers.lanes import ToolOf
from tallystick.answers.parts import KEPT
from tallystick.answers.received import Received, received
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import CUT_OFF
from tallystick.usage.period import DAY_MS

START = 20_756 * DAY_MS


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_book()


@pytest.mark.parametrize("kept", [False, True])
def test_requests_and_the_newest_moment_are_told_by_tool(*, kept: bool) -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        if kept:
            open_book()
        assert received(ledger) == {}
        views = [View(number, time=START + number * DAY_MS, context=MAIN, variant=OPUS) for number in range(1, 4)]
        ledger.add([batch(LOG, [*views, View(4, time=START + 5, context=MAIN, grade=CUT_OFF)])])
        assert received(ledger) == {MAIN.tool: Received(4, 1, START + 3 * DAY_MS)}
        # More of a day that is known, and of another tool.
        more = [View(5, time=START + 3 * DAY_MS + 9, context=MAIN), View(6, time=START + 3 * DAY_MS + 7, context=CLI)]
        ledger.add([batch(LATER, more)])
        found = {MAIN.tool: Received(5, 1, START + 3 * DAY_MS + 9), CLI.tool: Received(1, 0, START + 3 * DAY_MS + 7)}
        assert [received(ledger) for _ in range(2)] == [found] * 2
        if isinstance(KEPT.book, Foldbook):
            # Four days were read once; the one that grew went on from there.
            assert KEPT.book.made == 4


def test_tools_of_many_contexts_are_read_at_once() -> None:
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        contexts = [MAIN._replace(session=str(number)) for number in range(1_500)]
        ledger.add([batch(LOG, [View(number, context=each) for number, each in enumerate([*contexts, CLI], 1)])])
        numbers = {row[0]: row[1] for row in ledger.ask("contexts")}
        asked = ToolOf(ledger)
        assert {number: asked[number] for number in reversed(numbers)} == numbers
