"""What may stop a person: windows as they were last told, and the running block."""

from contextlib import closing
from pathlib import Path

from tests.answers.sample import CLI, CODEX, MAIN, OPUS, THOUSAND, at, book_of, event, ledger_of
from tests.answers.stand import answers, fill
from tests.faces.web.panels.explained import explained

from tallystick.answers.answers import Answers
from tallystick.answers.limits import Window
from tallystick.faces.web.panels.limits import PACE, elapsed, limits, pace, title
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger

BOOK = book_of()
HOUR = 3_600_000
NOW = at("2026-11-22T01:30")
FIVE = Window("openai", "codex:300", 300, 66.5, at("2026-11-22T03:00"), at("2026-11-22T01:00"), "plus")


def state(now: int = NOW) -> State:
    return State(Place("UTC", now))


def test_a_window_is_over_by_as_much_as_has_passed_since_it_began() -> None:
    # It began at 22:00: three and a half hours of five.
    assert elapsed(FIVE, NOW) == 0.7
    assert elapsed(FIVE, FIVE.resets_at) is None
    assert elapsed(FIVE._replace(minutes=0), NOW) is None
    assert elapsed(FIVE, at("2026-11-21T10:00")) == 0


def test_windows_are_called_by_their_length() -> None:
    assert title(FIVE) == "openai, 5 hours"
    assert title(FIVE._replace(minutes=10_080)) == "openai, 1 week"
    assert title(FIVE._replace(minutes=90)) == "openai, codex:300"


def test_each_window_is_told_with_its_pace(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state())
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    # 66.5 % after 70 % of the time: 95 % in the end.
    assert rows["openai, 5 hours"] == ["66 %", "70 %", "95 %", "in 1 h 30 min", "30 minutes ago"]
    # A week that ends in 70.5 hours: 58 % of it is over.
    assert rows["openai, 1 week"] == ["12 %", "58 %", "22 %", "in 70 h 30 min", "30 minutes ago"]
    assert (
        view.note
        == "At this moment, whatever the period and the filters. Last told 30 minutes ago: what was used since is not in these figures."
    )
    assert [(point["window"], point["used"]) for point in view.points] == [
        ("openai, 1 week", 12.5),
        ("openai, 5 hours", 66.5),
    ]


def test_what_was_told_of_a_window_that_has_been_reset_does_not_hold(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state(at("2026-11-22T04:00")))
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    assert rows["openai, 5 hours"] == ["–", "–", "–", "reset since", "3 hours ago"]
    # Nobody knows how much is used: that is no bar of nothing.
    assert view.table.rows[1][1].share is None
    assert as_csv(view.table).splitlines()[2].startswith("codex:300,,–,–,reset since,")
    assert [(point["window"], point["used"]) for point in view.points] == [("openai, 1 week", 12.5)]


def test_where_all_have_been_reset_nothing_is_known_and_nothing_drawn(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = limits(opened, state(at("2026-11-26T01:00")))
    assert view.points == []
    assert view.note.endswith("Last told 4 days ago; nothing has been told since the reset.")


def test_without_any_it_says_what_would_feed_it() -> None:
    assert "Codex" in limits(Answers(MemoryLedger(), lambda: BOOK), state()).empty


def test_a_running_block_is_told_with_its_end() -> None:
    events = [event("2026-11-22T01:00", OPUS, MAIN, THOUSAND), event("2026-11-22T01:20", OPUS, MAIN, THOUSAND)]
    view = pace(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state())
    (card,) = view.cards
    assert (card.title, card.figure) == ("claude-code, block until 06:00", "$0.57")
    # Two in 20 minutes, and 270 minutes to go: 2 x (1 + 270 / 20) x $0.285.
    assert card.lines[1].startswith("at this pace $8.27 and 1.07 M tokens at 06:00")
    assert view.table.rows[0][4].text == "$1.71"
    assert view.coverage == "all tokens priced · 2 requests seen by log"


def test_only_the_blocks_that_run_are_covered_and_explained() -> None:
    events = [
        event("2026-11-21T20:00", OPUS, MAIN, THOUSAND),
        event("2026-11-21T20:40", CODEX, CLI, THOUSAND),
        event("2026-11-22T01:10", OPUS, MAIN, THOUSAND),
    ]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    # The blocks from eight on were over at one.
    view = pace(opened, state()._replace(since="2026-03-01", timezone="Asia/Kolkata"))
    assert view.coverage == "all tokens priced · 1 request seen by log"
    (card,) = view.cards
    assert card.why == view.table.rows[0][2].link
    assert card.why == (
        "/why?since=2026-11-22T06%3A30%2B05%3A30&until=2026-11-22T11%3A30%2B05%3A30&timezone=Asia%2FKolkata&tool=claude-code"
    )
    assert explained(opened, card.why, state().place).priced_pico == 285 * 10**9
    # A millisecond before it is over a block still runs, and then it does not.
    end = at("2026-11-22T06:00")
    assert len(pace(opened, state(end - 1)).cards) == 1
    assert pace(opened, state(end)).empty


def test_a_block_that_began_yesterday_is_told_and_what_is_copied_finds_it_by_the_same_filters() -> None:
    events = [event("2026-11-21T23:10", OPUS, MAIN, THOUSAND), event("2026-11-22T00:20", CODEX, CLI, THOUSAND)]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    at = state()._replace(since="2026-03-01", until="2026-03-02", where={"tool": ("claude*",)})
    assert [card.title for card in pace(opened, at).cards] == ["claude-code, block until 04:00"]
    source = PACE.source(at)
    assert source.api(at) == "/api/v1/reports/blocks?since=2d&tool=claude%2A"
    assert source.cli(at) == "tally blocks --since 2d --tool 'claude*'"


def test_no_block_is_running_when_nothing_was_asked_for_five_hours() -> None:
    events = [event("2026-11-21T10:00", OPUS, MAIN, THOUSAND)]
    assert pace(Answers(ledger_of(events, (), (), ()), lambda: BOOK), state()).empty.startswith("No block")
