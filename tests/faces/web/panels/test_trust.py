"""How complete the figures are: what came in, and what has no price."""

from tests.answers.sample import MAIN, NOW, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.panels.trust import coverage, unpriced
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def test_each_tool_is_told_with_what_was_not_understood() -> None:
    view = coverage(Answers(ledger_of(skipped=3), lambda: BOOK), STATE)
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in view.table.rows}
    # The sample's log of Claude Code on one machine and on another, and the one of Codex; the newest at 23:30 and 9:05.
    assert rows == {
        "Claude Code": ["4", "2", "20 days ago", "0", "3", "not JSON (3)"],
        "Codex": ["2", "1", "19 days ago", "0", "0", ""],
    }
    assert view.note.startswith("6 events in the ledger; 3 pieces of input not understood. Whatever the period")
    assert view.table.rows[0][0].link == "/?since=all&tool=claude-code"


def test_models_without_a_price_are_named_with_their_part() -> None:
    view = unpriced(Answers(ledger_of(), lambda: BOOK), STATE)
    # Ten of 122 910.
    assert [[cell.text for cell in row] for row in view.table.rows] == [["nobody-knows-1", "10", "< 0.01 %"]]
    assert view.table.rows[0][2].share == 10 / 122_910
    assert view.note.startswith("99.99 % of all tokens have a price.")


def test_where_all_is_well_or_nothing_is_there_it_says_so() -> None:
    known = STATE._replace(where={"model": ("claude*",)})
    assert unpriced(Answers(ledger_of(), lambda: BOOK), known).empty == "Every token of these days has a price."
    answers = Answers(MemoryLedger(), lambda: BOOK)
    assert coverage(answers, STATE).empty.startswith("Nothing has come in yet")
    assert unpriced(answers, STATE).empty == "Nothing was used on these days."


def test_a_model_without_a_name_or_with_a_pattern_for_one_leads_nowhere() -> None:
    models = ("", "new-*", "new-1")
    events = [
        event(f"2026-11-01T1{place}:00", Variant("x", name), MAIN, Tokens(9)) for place, name in enumerate(models)
    ]
    view = unpriced(Answers(ledger_of(events, (), (), ()), lambda: BOOK), STATE)
    assert {row[0].raw: row[0].link for row in view.table.rows} == {
        "": "",
        "new-*": "",
        "new-1": "/?since=all&model=new-1",
    }
