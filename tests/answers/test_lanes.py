"""Lanes: in which block a tool is at some moment, whatever lies before that."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.answers.sample import HELPER, MAIN, OTHER
from tests.ledger.sample import LATER, LOG, View, batch

from tallystick.answers.foldbook import close_book, open_book
from tallystick.answers.lanes import BLOCK_MS, Block, before
from tallystick.answers.parts import KEPT
from tallystick.ledger.ledger import Ledger
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.period import DAY_MS, HOUR_MS, SLOT_MS, Zone

START = 20_756 * DAY_MS
"""2026-10-30."""
MINUTE = 60_000


@pytest.fixture
def ledger() -> Iterator[SqliteLedger]:
    """Return an empty ledger."""
    with closing(SqliteLedger(":memory:", write=True)) as made:
        yield made


def tools(ledger: Ledger) -> dict[int, str]:
    """Return the tool of each context."""
    return {row[0]: row[1] for row in ledger.ask("contexts")}


def told(ledger: Ledger, time: int) -> dict[str, Block]:
    """Return what is told of a moment, reckoned from the beginning of the epoch in hours."""
    found = before(ledger, tools(ledger), time // SLOT_MS, Zone("UTC"))
    return {
        tool: Block((block.begin - START) // MINUTE, (block.last - START) // MINUTE) for tool, block in found.items()
    }


def used(ledger: SqliteLedger, *minutes: int, first: int = 1) -> None:
    """Add events of Claude Code, so many minutes after the start."""
    views = [View(first + number, time=START + at * MINUTE, context=MAIN) for number, at in enumerate(minutes)]
    ledger.add([batch(LOG if first == 1 else LATER, views)])


def test_before_anything_there_is_no_block(ledger: SqliteLedger) -> None:
    assert told(ledger, START) == {}
    used(ledger, 90)
    assert told(ledger, START) == {}


def test_a_block_begins_with_the_hour_and_ends_by_time_or_by_a_pause(ledger: SqliteLedger) -> None:
    used(ledger, 90, 100, 359, 361, 700)
    assert told(ledger, START + 2 * HOUR_MS) == {MAIN.tool: Block(60, 100)}
    # From minute 60 on, five hours end with minute 360.
    assert told(ledger, START + 6 * HOUR_MS) == {MAIN.tool: Block(60, 359)}
    assert told(ledger, START + 7 * HOUR_MS) == {MAIN.tool: Block(360, 361)}
    assert told(ledger, START + 12 * HOUR_MS) == {MAIN.tool: Block(660, 700)}
    assert told(ledger, START + 30 * HOUR_MS) == {MAIN.tool: Block(660, 700)}


def test_the_last_millisecond_of_a_block_is_of_that_one(ledger: SqliteLedger) -> None:
    used(ledger, 60, 360)
    assert told(ledger, START + 7 * HOUR_MS) == {MAIN.tool: Block(60, 360)}
    used(ledger, 362, first=10)
    assert told(ledger, START + 7 * HOUR_MS) == {MAIN.tool: Block(360, 362)}


def test_each_tool_has_blocks_of_its_own(ledger: SqliteLedger) -> None:
    codex = OTHER._replace(tool="codex")
    ledger.add(
        [
            batch(
                LOG,
                [
                    View(1, time=START, context=MAIN),
                    View(2, time=START + 4 * HOUR_MS, context=HELPER),
                    View(3, time=START + 3 * HOUR_MS, context=codex),
                ],
            )
        ]
    )
    assert told(ledger, START + DAY_MS) == {MAIN.tool: Block(0, 240), "codex": Block(180, 180)}


@pytest.mark.parametrize("kept", [False, True])
def test_without_a_pause_for_months_the_first_event_of_all_decides(ledger: SqliteLedger, *, kept: bool) -> None:
    # Every four hours: each block has two, so that every eighth hour begins one, at half past.
    used(ledger, *(30 + 240 * number for number in range(6 * 120)))
    if kept:
        open_book()
    try:
        day = 100 * 24 * 60
        assert told(ledger, START + 100 * DAY_MS + 9 * HOUR_MS) == {MAIN.tool: Block(day + 480, day + 510)}
        assert told(ledger, START + 100 * DAY_MS + 13 * HOUR_MS) == {MAIN.tool: Block(day + 480, day + 750)}
        # One event more on the first day moves the blocks of all days after it.
        used(ledger, 241 + 240, first=10_000)
        moved = before(ledger, tools(ledger), (START + 100 * DAY_MS + 13 * HOUR_MS) // SLOT_MS, Zone("UTC"))
        assert (moved[MAIN.tool].begin - START) // MINUTE == day + 480
        used(ledger, 5, first=20_000)
        assert told(ledger, START + 13 * HOUR_MS) == {MAIN.tool: Block(480, 750)}
    finally:
        close_book()


def test_a_day_that_goes_on_tells_what_all_of_it_tells(ledger: SqliteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    open_book()
    try:
        for number in range(40):
            used(ledger, (number * 397) % 1_440, first=1 + number)
            kept = told(ledger, START + DAY_MS)
            with monkeypatch.context() as bare:
                bare.setattr(KEPT, "book", None)
                assert told(ledger, START + DAY_MS) == kept
        assert KEPT.book is not None
        # The first time, all of the day was read; then only what came.
        assert KEPT.book.made == 1
    finally:
        close_book()


def test_a_block_is_of_five_hours() -> None:
    assert BLOCK_MS == 18_000_000
