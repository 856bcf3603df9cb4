"""Sheets: which columns an answer has, what they say, and what is told beside them."""

import pytest
from tests.answers.fleet import ARRIVALS, BATCHES
from tests.answers.sample import MAIN, OPUS, READINGS, THOUSAND, asked, book_of, event, ledger_of

from tallystick.answers.answer import Figures
from tallystick.answers.answers import Answers
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY, BRANCHES, MODELS, TOOLS
from tallystick.answers.reports.times import ACTIVITY, CACHE, DAILY, HOURS
from tallystick.answers.reports.work import AGENTS, BLOCKS, SESSIONS
from tallystick.faces.text.sheet import FAINT, GOOD, WARNING, Cell, Column, coarse, cost, late, sheet, unpriced
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.tokens import Tokens

BOOK = book_of()
ANSWERS = Answers(ledger_of(skipped=2), lambda: BOOK)


def columns(found: list[Column]) -> dict[str, list[str]]:
    """Return the texts of each column by its heading."""
    return {column.title: [cell.text for cell in column.cells] for column in found}


def test_a_day_lists_its_models() -> None:
    found = sheet(ANSWERS.ask(asked(DAILY)), compact=True)
    assert (found.title, found.about) == ("Usage by day", "2026-11-01 to 2026-11-02 · UTC")
    assert columns(found.columns) == {
        "Day": ["2026-11-01", "2026-11-02"],
        "Models": ["opus-4-1, sonnet-4-5", "gpt-5.2-codex, nobody-knows-1"],
        "Input": ["3.10k", "1.01k"],
        "Output": ["6.20k", "103"],
        "Cache write": ["12.5k", "\N{EN DASH}"],
        "Cache read": ["90.0k", "10.0k"],
        "Total": ["112k", "11.1k"],
        "Cost": ["$0.87 ", "<$0.01+"],
        "": ["██████████", "▏"],
    }


def test_totals_stand_below() -> None:
    totals = {column.name: column.total.text for column in sheet(ANSWERS.ask(asked(DAILY)), compact=False).columns}
    assert (totals["day"], totals["total"], totals["cost_usd"]) == ("Total", "122,910", "$0.88+")


def test_without_cost_the_bars_are_of_tokens() -> None:
    found = columns(sheet(ANSWERS.ask(asked(TOOLS, Wish(prices=False))), compact=True).columns)
    assert "Cost" not in found
    assert found["Tool"] == ["claude-code", "codex"]
    # 11 110 of 111 800 tokens are 7.95 eighths of the first of ten marks.
    assert found[""] == ["██████████", "█"]


def test_the_date_of_a_model_is_shown_only_where_it_tells_two_apart() -> None:
    assert columns(sheet(ANSWERS.ask(asked(MODELS)), compact=True).columns)["Model"][0] == "claude-opus-4-1"
    twin = OPUS._replace(model="claude-opus-4-1")
    ledger = ledger_of(
        [event("2026-11-01T10:00:00", each, MAIN, Tokens(1))._replace(key=len(each.model)) for each in (OPUS, twin)],
        (),
        (),
        (),
    )
    found = sheet(Answers(ledger, lambda: BOOK).ask(asked(MODELS)), compact=True)
    assert sorted(columns(found.columns)["Model"]) == ["claude-opus-4-1", "claude-opus-4-1-20250805"]


def test_what_was_asked_is_told_at_the_top() -> None:
    wish = Wish(by="hour,tool", where={"model": ["*opus*", "gpt*"], "machine": ["b\x1box"]})
    found = sheet(ANSWERS.ask(asked(ANY, wish, "Asia/Kolkata")), compact=True)
    assert found.title == "Usage by hour, tool"
    assert found.about.endswith(" · Asia/Kolkata · model *opus* or gpt* · machine b�ox")


def test_names_that_are_missing_have_words() -> None:
    found = columns(sheet(ANSWERS.ask(asked(BRANCHES)), compact=True).columns)
    assert found["Branch"] == ["main", "fix", "(none)"]
    assert "main line" in columns(sheet(ANSWERS.ask(asked(AGENTS)), compact=True).columns)["Agent"]
    assert columns(sheet(ANSWERS.ask(asked(HOURS)), compact=True).columns)["Hour"][0] == "2026-11-01 10:00"


def test_sessions() -> None:
    found = columns(sheet(ANSWERS.ask(asked(SESSIONS, zone="Asia/Kolkata")), compact=True).columns)
    assert found["Session"] == ["s3", "s2", "s1"]
    assert found["Last"] == ["11-02 14:35", "11-02 05:00", "11-01 15:50"]
    assert found["Project"] == ["blog", "shop", "shop"]
    assert found["Title"] == ["", "", "Mend the till"]
    assert found["Active"] == ["2s", "\N{EN DASH}", "51s"]
    assert found["Prompts"] == ["1", "\N{EN DASH}", "1"]
    # A column in which nothing is said is left out.
    assert "Title" not in columns(
        sheet(ANSWERS.ask(asked(SESSIONS, Wish(where={"tool": ["codex"]}))), compact=True).columns
    )
    assert "Active" not in columns(sheet(ANSWERS.ask(asked(SESSIONS, Wish(by="day"))), compact=True).columns)


def test_activity_and_caching_have_totals_of_what_is_no_figure() -> None:
    found = sheet(ANSWERS.ask(asked(ACTIVITY)), compact=True)
    told = {column.title: [*(cell.text for cell in column.cells), column.total.text] for column in found.columns}
    assert told["Sessions"] == ["2", "1", "3"]
    assert told["Calls"] == ["3", "\N{EN DASH}", "3"]
    # 51 seconds and two.
    assert told["Active"] == ["51s", "2s", "53s"]
    assert (told["Model"], told["Tools"]) == (["5s", "2s", "7s"], ["15s", "\N{EN DASH}", "15s"])
    found = sheet(ANSWERS.ask(asked(CACHE)), compact=True)
    told = {column.title: [*(cell.text for cell in column.cells), column.total.text] for column in found.columns}
    # 90 000 of 105 600, 10 000 of 11 007; rounded down, so that only all of it is 100 %.
    assert told["From cache"] == ["85.2 %", "90.8 %", "85.7 %"]
    assert told["Saved"] == ["$1.17", "$0.02", "$1.18"]


def test_what_caching_lost_has_a_sign_and_what_is_not_known_a_dash() -> None:
    events = [event("2026-11-01T10:00", OPUS, MAIN, Tokens(cache_write_5m=1_000_000))]
    answers = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    assert columns(sheet(answers.ask(asked(CACHE)), compact=True).columns)["Saved"] == ["-$3.75"]
    without = sheet(answers.ask(asked(CACHE, Wish(prices=False))), compact=True)
    assert columns(without.columns)["Saved"] == ["\N{EN DASH}"]


def test_blocks() -> None:
    events = [
        event(f"2026-11-22T{time}", OPUS, MAIN, THOUSAND)._replace(key=len(time))
        for time in ("03:29:42.597", "04:14:42.5970")
    ]
    ledger = ledger_of([*events, event("2026-11-01T10:00:00", OPUS, MAIN, Tokens(1))], (), (), ())
    found = sheet(Answers(ledger, lambda: BOOK).ask(asked(BLOCKS)), compact=True)
    shown = {column.name: column.cells for column in found.columns}
    assert shown["block"] == [Cell("2026-11-01 10:00"), Cell("2026-11-01 15:00", FAINT), Cell("2026-11-22 03:00")]
    assert shown["state"] == [
        Cell("0 to its last event", FAINT),
        Cell("gap of 20d 12h", FAINT),
        Cell("active until 08:00", GOOD),
    ]
    # 74 000 tokens in 45 minutes, with 220 minutes to go: 74 000 + 361 778; $0.57 in 45 minutes are $0.76 an hour.
    assert found.notes[0] == Cell(
        "The active block consumes 1.64k tokens a minute, $0.76 an hour; at that pace it ends at 436k tokens and $3.36.",
        GOOD,
    )
    assert found.notes[1].text.startswith("Blocks are inferred")


def test_nothing_in_a_block_steers_a_terminal() -> None:
    model = OPUS._replace(model="red\x1b[31m\n")
    ledger = ledger_of([event("2026-11-22T03:30:00", model, MAIN, THOUSAND)], (), (), ())
    found = sheet(Answers(ledger, lambda: BOOK).ask(asked(BLOCKS)), compact=False)
    (cell,) = next(column.cells for column in found.columns if column.name == "models")
    assert (cell.text, cell.more) == ("red\ufffd[31m\ufffd", ("red\ufffd[31m\ufffd",))


def test_the_pace_without_prices() -> None:
    events = [event(f"2026-11-22T{time}", OPUS, MAIN, THOUSAND) for time in ("03:30:00", "03:31:00")]
    answers = Answers(ledger_of(events, (), (), ()), lambda: BOOK)
    found = sheet(answers.ask(asked(BLOCKS, Wish(prices=False))), compact=True)
    assert found.notes[0].text.startswith("The active block consumes 74.0k tokens a minute; at that pace it ends at")
    assert "$" not in found.notes[0].text


@pytest.mark.parametrize(
    "figures, partly, cell",
    [
        (Figures(2, unpriced_tokens=5), False, Cell("unpriced", WARNING)),
        (Figures(2, priced=1, priced_pico=10**12, unpriced_tokens=5), True, Cell("$1.00+")),
        (Figures(2, priced=2, priced_pico=10**12), True, Cell("$1.00 ")),
        (Figures(2, priced=2, priced_pico=10**12), False, Cell("$1.00")),
        (Figures(2, priced=2), False, Cell("$0.00")),
        (Figures(), False, Cell("\N{EN DASH}", FAINT)),
    ],
)
def test_a_cost_in_words(figures: Figures, partly: bool, cell: Cell) -> None:  # noqa: FBT001  an expectation
    assert cost(figures, partly=partly) == cell


def test_notes_tell_what_the_figures_leave_out() -> None:
    notes = sheet(ANSWERS.ask(asked(DAILY, Wish(limit=1))), compact=True).notes
    assert notes == [
        Cell("… and 1 more row: --limit 0 shows all.", FAINT),
        Cell("No price is known for nobody-knows-1: 10 tokens are counted, but are in no cost.", WARNING),
        Cell("2 pieces of input could not be understood: `tally doctor` tells which, and why.", FAINT),
    ]


def test_a_report_that_is_dated_coarsely_says_so() -> None:
    told = Answers(ledger_of(readings=READINGS), lambda: BOOK)
    note = "301k tokens are known only as sums over a longer time, and stand on the days on which that ended."
    assert Cell(note, WARNING) in sheet(told.ask(asked(DAILY)), compact=True).notes
    # Differences of readings are dated well enough to say nothing.
    assert sheet(told.ask(asked(DAILY, since="2026-11-05")), compact=True).notes == []
    assert coarse(7, 7).startswith("All tokens are known only as sums")


def test_many_unpriced_models_are_counted() -> None:
    models = [(name, 1_000) for name in ("a", "b", "c", "d", "e")]
    assert (
        unpriced(models)
        == "No price is known for a, b, c and 2 other models: 5.00k tokens are counted, but are in no cost."
    )
    assert (
        unpriced([("", 1), ("x", 1)])
        == "No price is known for a model without a name and x: 2 tokens are counted, but are in no cost."
    )


def test_how_old_an_answer_is_is_told() -> None:
    ledger = MemoryLedger()
    ledger.add(BATCHES, ARRIVALS)
    (note,) = [
        each
        for each in sheet(Answers(ledger, lambda: BOOK).ask(asked(DAILY)), compact=True).notes
        if "old" in each.text
    ]
    assert note.tone == WARNING
    assert note.text.startswith("tower: 3 days old. What was used there since is not in these figures")


def test_of_many_machines_three_are_named() -> None:
    assert late([("a\x1b", 9), ("b", 1)]).startswith("a\ufffd: 9 days old and b: 1 day old. ")
    assert late([(name, 2) for name in "abcd"]).startswith(
        "a: 2 days old, b: 2 days old, c: 2 days old and 1 more machine. "
    )
