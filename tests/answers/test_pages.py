"""Pages of the daybook: quarter-hours of the sample, worked out by hand."""

from tests.answers.sample import CALLS, EVENTS, HELPER, MAIN, OPUS, PROMPTS, at, event, ledger_of

from tallystick.answers.book import BOOK
from tallystick.answers.cells import Cell
from tallystick.answers.pages import Everyone, counted, gathered, own, pages, people, sheet_of, single
from tallystick.usage.activity import MODEL, TOOL
from tallystick.usage.event import ToolCall
from tallystick.usage.period import DAY_MS, SLOT_MS
from tallystick.usage.tokens import Tokens

DAY = at("2026-11-01") // DAY_MS
TEN = at("2026-11-01T10:00") // SLOT_MS


def test_what_is_on_the_page_of_a_day() -> None:
    ledger = ledger_of()
    made = pages(ledger, DAY, DAY + 3)
    assert list(made) == [DAY, DAY + 1, DAY + 2]
    page = made[DAY]
    cell = page.sheet.cells[TEN, "s1"]
    # The model for 5 seconds, then a tool for 10 and another one from its middle on; the subagent for 30 and 1.
    assert cell.times == [51_000, 5_000, 15_000, 30_000, 1_000]
    assert cell.begins == (at("2026-11-01T10:00:00"), at("2026-11-01T10:01:00"))
    assert set(page.sheet.through) == set()
    assert page.reach == (at("2026-11-01T10:00:00"), at("2026-11-01T10:01:01"))
    whose = people(ledger)
    assert {whose[context] for context in page.contexts} == {("s1", ""), ("s1", "a1")}
    names = [name for (slot, _), uses in page.used.items() for name in uses.names if slot == TEN]
    assert sorted(names) == ["Bash", "Grep", "Read"]
    assert [each.number for each in page.prompted.values()] == [1]
    assert (dict(made[DAY + 2].sheet.cells), made[DAY + 2].used, made[DAY + 2].reach) == ({}, {}, (0, 0))


def test_what_lies_in_another_day_is_told_apart() -> None:
    seen = event("2026-11-02T00:00:10", OPUS, MAIN, Tokens(1), work_ms=30_000)
    calls = [ToolCall(1, seen.key, "Bash", at("2026-11-02T00:00:10"), at("2026-11-03T00:00:05"))]
    ledger = ledger_of([seen], (), calls, ())
    page = pages(ledger, DAY + 1, DAY + 2)[DAY + 1]
    midnight = (DAY + 1) * DAY_MS
    assert page.strays[DAY] == [(midnight - 20_000, midnight, 1, MODEL)]
    ((begin, end, _, kind),) = page.strays[DAY + 2]
    assert (begin, end) == (midnight + DAY_MS, midnight + DAY_MS + 5_000)
    assert kind & 1 == TOOL
    assert sum(cell.times[0] for cell in page.sheet.cells.values()) == DAY_MS
    assert (midnight // SLOT_MS + 95, "s1") in page.sheet.through
    assert sorted(single(ledger, DAY + 1)) == [
        (midnight - 20_000, midnight + 10_000, 1, MODEL),
        (midnight + 10_000, midnight + DAY_MS + 5_000, 1, TOOL),
    ]
    assert [piece[:2] for piece in sorted(own(ledger, DAY + 1, {"s1"}, Everyone(ledger)))] == [
        (midnight, midnight + 10_000),
        (midnight + 10_000, midnight + DAY_MS),
    ]
    assert own(ledger, DAY + 1, {"s2"}, Everyone(ledger)) == []


def test_a_span_that_ends_with_a_quarter_hour_touches_the_next() -> None:
    whose = {1: ("s1", "")}
    sheet = sheet_of([(0, SLOT_MS, 1, MODEL), (SLOT_MS + 5, 2 * SLOT_MS - 1, 1, MODEL)], whose)
    assert set(sheet.through) == {(0, "s1")}
    assert [sheet.cells[slot, "s1"].times[1] for slot in (0, 1)] == [SLOT_MS, SLOT_MS - 6]


def test_time_counts_once_in_each_line_and_once_for_the_session() -> None:
    whose = {1: ("s1", ""), 2: ("s1", "a1"), 3: ("s2", "")}
    pieces = [(0, 100, 1, MODEL), (50, 150, 1, MODEL), (60, 200, 1, TOOL), (0, 10, 2, TOOL), (300, 301, 3, MODEL)]
    cells = sheet_of(pieces, whose).cells
    assert cells[0, "s1"].times == [200, 150, 140, 0, 10]
    assert cells[0, "s2"].times == [1, 1, 0, 0, 0]
    assert Cell().times == [0] * 5


def test_uses_and_prompts_by_quarter_hour() -> None:
    uses = gathered([("Read", 1, 5, 0, 0), ("Bash", 1, 6, 10, 1), ("Bash", 1, SLOT_MS, SLOT_MS - 1, 0)])
    assert (uses[0, 1].names, uses[0, 1].lengths, uses[0, 1].failed) == (["Read", "Bash"], [-1, 4], ["Bash"])
    assert uses[1, 1].lengths == [0]
    assert counted([(7, 1), (5, 1), (SLOT_MS, 1)]) == {(0, 1): (2, 5, 7), (1, 1): (1, SLOT_MS, SLOT_MS)}


def test_the_book_of_the_process_holds_such_pages() -> None:
    ledger = ledger_of()
    assert sum(len(uses.names) for leaf in BOOK.leaves(ledger).values() for uses in leaf.page.used.values()) == len(
        CALLS
    )
    assert len(BOOK.leaves(ledger)) == len({each.time // DAY_MS for each in (*EVENTS, *PROMPTS)})
    assert HELPER.agent in {agent for _, agent in people(ledger).values()}
