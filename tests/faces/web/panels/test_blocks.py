"""Blocks of five hours: the latest of them, and what one that runs comes to."""

from tests.answers.sample import CLI, EVENTS, MAIN, NOW, at, book_of, event, ledger_of
from tests.faces.web.panels.explained import explained

from tallystick.answers.answers import Answers
from tallystick.faces.web.panels.blocks import BLOCKS, MOST, show
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
ANSWERS = Answers(ledger_of(), lambda: BOOK)
CODEX = Variant("openai", "gpt-5.2-codex")


def test_the_latest_blocks_without_the_pauses_between_them() -> None:
    view = show(ANSWERS, STATE)
    shown = [[cell.text for cell in cells[:3]] + [cells[6].text] for cells in view.table.rows]
    # As worked out in the tests of the report: twice $0.285 and $0.0163, $0.285, and $0.0049 with tokens without price.
    assert shown == [
        ["Mon 2 Nov, 09:00", "codex", "over", "< $0.01+"],
        ["Sun 1 Nov, 23:00", "claude-code", "over", "$0.29"],
        ["Sun 1 Nov, 10:00", "claude-code", "over", "$0.59"],
    ]
    assert [point["value"] for point in view.points] == [0.5863, 0.285, 0.0049]
    assert [point["tool"] for point in view.points] == ["claude-code", "claude-code", "codex"]
    assert view.points[0]["block"] == "2026-11-01T10:00+00:00"
    assert "not the windows" in view.note
    assert view.table.rows[1][0].link == "/?since=2026-11-01&until=2026-11-01&tool=claude-code"
    assert BLOCKS.source(STATE).api(STATE) == "/api/v1/reports/blocks?order=desc"


def test_a_block_that_runs_and_what_it_comes_to() -> None:
    state = STATE._replace(place=Place("UTC", at("2026-11-01T12:00")))
    view = show(Answers(ledger_of(EVENTS[:3]), lambda: BOOK), state)
    (row,) = view.table.rows
    # $0.5863 from 10:00:05 to 10:20:00, in 1195 seconds, is $1.7663 an hour; there are three hours until 15:00, so that
    # $5.2988 come to it.
    assert [cell.text for cell in row][2:] == [
        "running",
        "claude-opus-4-1-20250805, claude-sonnet-4-5-20250929",
        "3",
        "74,800",
        "$0.59",
        "$1.77",
        "$5.89",
    ]
    used, ahead = view.points
    assert (used["part"], used["value"], ahead["part"]) == ("used", 0.5863, "to come at this pace")
    assert abs(float(ahead["value"] or 0) - 0.5863 * 10_800 / 1_195) < 1e-5
    assert (used["ahead"], ahead["ahead"]) == ("$5.89", "$5.89")
    assert view.note.startswith(
        "claude-code used $0.59 since 10:00, and at this pace $5.89 by the end of its block at 15:00, in 3 h 00 min."
    )


def test_in_tokens() -> None:
    state = STATE._replace(place=Place("UTC", at("2026-11-01T12:00")), unit="tokens", timezone="Asia/Kathmandu")
    view = show(Answers(ledger_of(EVENTS[:3]), lambda: BOOK), state)
    # 74 800 in 1195 seconds are 676 016.7 in three hours; 10:00 is 15:45 there.
    assert [point["value"] for point in view.points] == [74_800, 676_017]
    assert view.points[0]["block"] == "2026-11-01T15:45+05:45"
    assert "since 15:45, and at this pace 751 k tokens by the end of its block at 20:45" in view.note


def test_a_block_of_one_call_has_no_pace() -> None:
    state = STATE._replace(place=Place("UTC", at("2026-11-01T12:00")))
    view = show(Answers(ledger_of(EVENTS[:1], (), (), ()), lambda: BOOK), state)
    assert view.note.startswith("claude-code used $0.29 since 10:00; its block ends at 15:00.")
    assert [cell.text for cell in view.table.rows[0]][7:] == ["", ""]
    assert len(view.points) == 1


def test_a_block_without_any_price() -> None:
    unknown = [event("2026-11-02T09:05", Variant("somewhere", "unknown-1"), MAIN, Tokens(7))]
    view = show(Answers(ledger_of(unknown, (), (), ()), lambda: BOOK), STATE)
    (point,) = view.points
    assert (point["value"], point["sign"], point["shown"]) == (0, "?", "no price")
    assert view.table.rows[0][6].text == "no price"


def test_only_the_latest_are_shown() -> None:
    many = [
        event(f"2026-10-{day:02}T{hour}:10", CODEX, CLI, Tokens(10**6)) for day in range(1, 26) for hour in ("08", "16")
    ]
    view = show(Answers(ledger_of(many, (), (), ()), lambda: BOOK), STATE)
    assert len(view.table.rows) == len(view.points) == MOST == 40
    assert view.table.more == "10 earlier blocks left off."
    assert view.table.rows[0][0].text == "Sun 25 Oct, 16:00"
    assert view.points[-1]["label"] == "Sun 25 Oct, 16:00"
    assert view.points[0]["label"] == "Tue 6 Oct, 08:00"


def test_another_year_is_named() -> None:
    old = [event("2025-11-02T09:05", CODEX, MAIN, Tokens(7))]
    view = show(Answers(ledger_of(old, (), (), ()), lambda: BOOK), STATE)
    assert view.table.rows[0][0].text == view.points[0]["label"] == "Sun 2 Nov 2025, 09:00"


def test_nothing_is_said_to_be_nothing() -> None:
    assert show(Answers(MemoryLedger(), lambda: BOOK), STATE).empty


def test_each_block_leads_to_why_it_is_that_much() -> None:
    view = show(ANSWERS, STATE)
    links = [cells[6].link for cells in view.table.rows]
    assert links[1] == ("/why?since=2026-11-01T23%3A00%2B00%3A00&until=2026-11-02T04%3A00%2B00%3A00&tool=claude-code")
    found = [explained(ANSWERS, link, STATE.place) for link in links]
    # As worked out in the tests of the report.
    assert [figures.priced_pico for figures in found] == [49 * 10**8, 285 * 10**9, 5_863 * 10**8]
    assert [figures.requests for figures in found] == [2, 1, 3]


def test_a_call_in_the_millisecond_in_which_a_block_ends_is_explained_with_that_block() -> None:
    times = ("10:20", "15:00", "15:00:00.001", "16:00")
    events = [event(f"2026-11-01T{time}", CODEX, CLI, Tokens(number)) for number, time in enumerate(times, 1)]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    rows = show(opened, STATE).table.rows
    # The first block is from ten to three; what comes a millisecond later begins another one.
    assert [cells[5].raw for cells in rows] == [3 + 4, 1 + 2]
    assert [explained(opened, cells[6].link, STATE.place).total for cells in rows] == [3 + 4, 1 + 2]


def test_a_block_ends_with_the_period() -> None:
    times = ("2026-11-01T22:00", "2026-11-02T01:00")
    events = [event(time, CODEX, CLI, Tokens(number)) for number, time in enumerate(times, 1)]
    opened = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    state = STATE._replace(since="2026-11-01", until="2026-11-01", where={"tool": ("cod*",), "project": ("blog",)})
    (row,) = show(opened, state).table.rows
    assert "&tool=codex&project=blog" in row[6].link
    assert explained(opened, row[6].link, state.place).total == row[5].raw == 1


def test_where_no_filter_is_of_a_tool_alone_nothing_leads_to_why() -> None:
    tools = ("", "x*", "xy")
    events = [
        event(f"2026-11-01T10:0{number}", CODEX, CLI._replace(tool=tool), Tokens(1))
        for number, tool in enumerate(tools)
    ]
    rows = show(Answers(ledger_of(events, (), (), ()), lambda: BOOK), STATE).table.rows
    assert {cells[1].raw: bool(cells[6].link) for cells in rows} == {"": False, "x*": False, "xy": True}
