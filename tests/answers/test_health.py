"""Health is what the ledger and the machine say, added up; the sample's sums are worked out by hand."""

from pathlib import Path

import pytest
from tests.answers.around import CLAUDE, IN_ORDER
from tests.answers.sample import CLI, EVENTS, MAIN, NOW, OPUS, READINGS, THOUSAND, at, event, ledger_of

from tallystick.answers.health import Seen, Skips, examine
from tallystick.intake.packing import pack
from tallystick.intake.survey import Place as FoundPlace
from tallystick.intake.survey import Seen as FoundSeen
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.prices.price_book import PriceBook
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import MOST_SKIPPED, Found
from tallystick.usage.event import CUT_OFF

DAY = 86_400_000


def test_each_tool_is_told_with_its_events_and_the_newest(book: PriceBook) -> None:
    claude, codex = examine(ledger_of(), book, IN_ORDER).tools
    assert (claude.title, claude.events, claude.newest) == ("Claude Code", 4, at("2026-11-01T23:30:00"))
    assert (codex.title, codex.events, codex.newest) == ("Codex", 2, at("2026-11-02T09:05:00"))
    assert claude.blind_spots == TOOLS[0].blind_spots


def test_files_that_were_read_are_told_also_when_they_are_gone(book: PriceBook) -> None:
    # The sample comes from two machines for Claude Code and one for Codex; none of its files is on this disk.
    claude, codex = examine(ledger_of(), book, IN_ORDER).tools
    assert (claude.files_read, codex.files_read) == (2, 1)


def test_answers_that_broke_off_are_counted(book: PriceBook) -> None:
    events = (*EVENTS, event("2026-10-31T10:00:00", OPUS, MAIN, THOUSAND)._replace(grade=CUT_OFF))
    claude, codex = examine(ledger_of(events), book, IN_ORDER).tools
    assert (claude.events, claude.cut_off, claude.newest) == (5, 1, at("2026-11-01T23:30:00"))
    assert codex.cut_off == 0


def test_models_without_a_price_are_told_with_their_tokens(book: PriceBook) -> None:
    assert examine(ledger_of(), book, IN_ORDER).unpriced == (("nobody-knows-1", 10),)


def test_skipped_input_is_told_by_reason_the_most_frequent_first(tmp_path: Path, book: PriceBook) -> None:
    ledger = SqliteLedger(str(tmp_path / "ledger.db"), write=True)
    found = Found()
    found.skip(705, "no model")
    for offset in range(MOST_SKIPPED + 4):
        found.skip(offset * 10, "not JSON")
    source = Source("/home/dev/.claude/projects/p/s.jsonl", "claude-code")
    ledger.add([pack(found, source, fresh=True, machine="box", user="dev")])
    claude, codex = examine(ledger, book, IN_ORDER).tools
    assert claude.skipped == MOST_SKIPPED + 5
    # The reader names the first hundred and counts the others.
    assert claude.reasons == (
        Skips("not JSON", MOST_SKIPPED - 1, "/home/dev/.claude/projects/p/s.jsonl:0"),
        Skips("further ones in the same files", 5, "/home/dev/.claude/projects/p/s.jsonl"),
        Skips("no model", 1, "/home/dev/.claude/projects/p/s.jsonl:705"),
    )
    assert codex.reasons == ()
    ledger.close()


def test_what_a_counter_told_counts_for_all_its_calls(book: PriceBook) -> None:
    _, codex = examine(ledger_of((), (), (), (), readings=READINGS), book, IN_ORDER).tools
    assert (codex.events, codex.newest) == (6, READINGS[-1].time)


def test_an_empty_ledger_is_healthy(book: PriceBook) -> None:
    claude, _ = examine(ledger_of((), (), (), ()), book, IN_ORDER).tools
    assert (claude.events, claude.newest, claude.skipped) == (0, 0, 0)


def test_without_a_ledger_the_rest_is_told(book: PriceBook) -> None:
    health = examine(None, book, IN_ORDER)
    assert [tool.events for tool in health.tools] == [0, 0]
    assert health.unpriced == ()
    assert health.prices == book.edition


@pytest.mark.parametrize(
    "files, untouched_days, keeps, left",
    [(0, 0, 30, None), (3, 10, 30, 20.0), (3, 10, None, None), (3, 10, 0, None), (3, 40, 30, 0.0)],
)
def test_days_until_a_loss_are_those_of_the_longest_untouched_log(
    files: int, untouched_days: int, keeps: int | None, left: float | None
) -> None:
    seen = CLAUDE._replace(unread_files=files, unread_oldest=NOW - untouched_days * DAY, keeps_days=keeps)
    assert seen.lost_in_days(NOW) == left


def test_what_the_intake_saw_fits_into_these_shapes() -> None:
    # Neither room knows the other: the house hands one's values to the other's shape.
    assert Seen._fields == FoundSeen._fields
    assert type(CLAUDE.places[0])._fields == FoundPlace._fields


def test_a_tool_is_not_charged_with_what_another_skipped(book: PriceBook) -> None:
    only = (event("2026-11-02T09:00:00", OPUS, CLI, THOUSAND),)
    claude, codex = examine(ledger_of(only, (), (), (), skipped=2), book, IN_ORDER).tools
    assert (claude.skipped, codex.skipped) == (0, 2)
