"""What is looked at first: the spans with their changes, and the period in eight figures."""

from tests.answers.sample import HELPER, MAIN, NOW, OPUS, SONNET, THOUSAND, at, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.panels.now import SPANS, facts, spans
from tallystick.faces.web.panels.panel import View, ways
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import Variant
from tallystick.usage.tokens import Tokens

BOOK = book_of()
STATE = State(Place("UTC", at("2026-11-02T12:00")), "7d")
# $0.285 each: two today, one yesterday morning, one in October.
FEW = [
    event("2026-11-02T08:00", OPUS, MAIN, THOUSAND),
    event("2026-11-02T09:00", OPUS, HELPER, THOUSAND),
    event("2026-11-01T11:00", OPUS, MAIN, THOUSAND),
    event("2026-11-01T12:20", OPUS, MAIN, THOUSAND),
    event("2026-10-20T12:00", OPUS, MAIN, THOUSAND),
]


def cards(view: View) -> dict[str, tuple[str, list[str]]]:
    return {card.title: (card.figure, list(card.lines)) for card in view.cards}


def test_each_span_is_held_against_the_one_before_up_to_the_same_time() -> None:
    view = spans(Answers(ledger_of(FEW, (), (), ()), lambda: BOOK), STATE)
    found = cards(view)
    # By noon of the day before there had been one.
    assert found["Today"] == ("$0.57", ["+100 % on the day before to this time", "74.0 k tokens · 2 requests"])
    assert found["7 days"] == ("$1.14", ["+300 % on the 7 days before to this time", "148 k tokens · 4 requests"])
    assert found["This month"][0] == "$1.14"
    assert found["All time"] == ("$1.43", ["since 2026-10-20", "185 k tokens · 5 requests"])
    assert [card.title for card in view.cards if card.chosen] == ["7 days"]
    assert (view.cards[0].link, view.cards[0].why) == ("/?since=today", "/why?since=today")
    assert view.table.rows[0][1].link == "/why?since=today"
    assert view.note == "Last request 3 hours ago, claude-code on box for dev · counted since 2026-10-20"
    assert [cell.text for cell in view.table.rows[0]] == ["Today", "$0.57", "74,000", "2", "+100 %"]


def test_each_span_is_told_where_the_same_is_to_be_had() -> None:
    at = STATE._replace(where={"tool": ("codex",)}, timezone="UTC")
    commands = [command for command, _ in ways(SPANS.source(at), at)]
    assert commands == [
        "tally compare --since today --until today --timezone UTC --tool codex",
        "tally compare --since 7d --until today --timezone UTC --tool codex",
        "tally compare --since 2026-11-01 --until today --timezone UTC --tool codex",
        "tally monthly --timezone UTC --tool codex",
    ]


def test_filters_hold_and_what_has_no_price_is_told() -> None:
    answers = Answers(ledger_of(), lambda: BOOK)
    found = cards(spans(answers, STATE._replace(where={"tool": ("codex",)})))
    # $0.0049, and ten tokens of which nobody knows the price.
    assert found["Today"][0] == "< $0.01+"
    assert found["Today"][1][-1] == "10 tokens without a price"
    assert spans(answers, STATE._replace(where={"tool": ("none",)})).empty == "Nothing fits these filters, on any day."


def test_an_empty_ledger_says_what_to_do() -> None:
    empty = spans(Answers(MemoryLedger(), lambda: BOOK), STATE).empty
    assert "tally doctor" in empty
    assert "tally demo" in empty
    assert facts(Answers(MemoryLedger(), lambda: BOOK), STATE).empty


def test_the_period_in_figures() -> None:
    view = facts(Answers(ledger_of(), lambda: BOOK), State(Place("UTC", NOW), "2026-11-01", "2026-11-02"))
    found = cards(view)
    assert found["Sessions"] == ("3", ["0.7 prompts each"])
    assert found["Prompts"] == ("2", ["1.0 a day"])
    # 100 000 of 4 107 + 12 500 + 100 000.
    assert found["Tokens"] == ("123 k", ["117 k in, 6,303 out", "85.7 % of prompts from caches"])
    assert found["Requests"] == ("6", ["20.5 k tokens each"])
    # The first answer took 5 s, its tools 15 s side by side; the subagent 30 s and a tool 1 s; Codex 2 s.
    assert found["Active time"][1] == ["26 s a day"]
    assert found["Subagents"] == ("31 s", ["$0.29 of $0.88"])
    assert found["Tool calls"] == ("3", ["mostly Bash, 33.3 % failed"])
    assert found["Models"] == ("4", ["mostly claude-opus-4-1-20250805"])
    whys = {card.title: card.why for card in view.cards if card.why}
    assert whys == dict.fromkeys(("Tokens", "Requests"), "/why?since=2026-11-01&until=2026-11-02")
    assert {row[0].text: row[1].link for row in view.table.rows if row[1].link} == whys


def test_one_request_is_one() -> None:
    view = facts(
        Answers(ledger_of([event("2026-11-01T10:00", SONNET, MAIN, Tokens(5))], (), (), ()), lambda: BOOK), STATE
    )
    assert cards(view)["Tool calls"] == ("0", ["none were seen"])


def test_what_has_no_price_is_no_part_of_what_has_none() -> None:
    unknown = [event("2026-11-02T08:00", Variant("x", "nobody-2"), HELPER, THOUSAND)]
    found = cards(facts(Answers(ledger_of(unknown, (), (), ()), lambda: BOOK), STATE))
    assert found["Subagents"][1] == ["no price"]
