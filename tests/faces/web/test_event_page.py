"""One event's page: its products make its cost, and every witness is told with its place."""

import pytest
from tests.answers.sample import CALLS, EVENTS, READINGS, SONNET, THOUSAND, book_of, event, ledger_of
from tests.answers.sample import CODEX as GPT
from tests.answers.sample import MAIN as HERE
from tests.faces.web.paged import Read

from tallystick.answers.answers import Answers
from tallystick.errors import NotFound
from tallystick.faces.web.event_page import Product, facts, formula, products, shown, sightings
from tallystick.faces.web.state import Place, State
from tallystick.ledger.memory import MemoryLedger
from tallystick.prices.explain import Line, Rate
from tallystick.usage.event import Reading, UsageEvent, Variant
from tallystick.usage.tokens import Tokens

STATE = State(Place("UTC", 0))
BOOK = book_of()


def of(*events: UsageEvent, readings: tuple[Reading, ...] = ()) -> Answers:
    ledger: MemoryLedger = ledger_of(events, (), CALLS, (), readings=readings)
    return Answers(ledger, lambda: BOOK)


def page(found: Answers, number: int = 1) -> Read:
    return Read(shown(found, number, STATE))


def test_its_products_are_those_worked_out_by_hand() -> None:
    # 1,000 x 15 + 30,000 x 1.50 + 4,000 x 18.75 + 2,000 x 75 = 285,000 millionths of a dollar.
    table = page(of(EVENTS[0])).tables[0]
    assert table == [
        ["Of", "Units", "Price", "Per", "Cost"],
        ["input", "1,000", "× $15.00", "million", "= $0.015"],
        ["cache read", "30,000", "× $1.50", "million", "= $0.045"],
        ["cache write, 5 min", "4,000", "× $18.75", "million", "= $0.075"],
        ["output", "2,000", "× $75.00", "million", "= $0.150"],
        ["Sum", "", "", "", "$0.285"],
    ]
    assert "$0.285" in page(of(EVENTS[0])).text.partition("Why does it cost that?")[0]


def test_a_web_search_is_counted_each() -> None:
    table = page(of(EVENTS[2])).tables[0]
    assert table[4] == ["web search", "1", "× $0.01", "each", "= $0.0100"]
    assert table[5][4] == "$0.0163"


@pytest.mark.parametrize(
    "made",
    [
        *EVENTS[:5],
        # Above 200,000 tokens of prompt all prices are others.
        event("2026-11-01T10:00:00", SONNET, HERE, Tokens(1, 200_000, 7, 9, 11)),
        event("2026-11-01T10:00:00", GPT, HERE, Tokens(3, 5, 0, 0, 70, 60)),
        event("2026-11-01T10:00:00", Variant("google", "gemini-2.5-pro"), HERE, Tokens(250_000, 5, 0, 0, 70, 60)),
        event("2026-11-01T10:00:00", Variant("anthropic", "claude-opus-4-6", "", "fast"), HERE, THOUSAND),
    ],
)
def test_the_products_of_every_price_make_the_cost_to_the_last_digit(made: UsageEvent) -> None:
    answers = of(made)
    found = answers.event(1).event
    (card,) = answers.cards(found.variant, found.tokens.prompt, found.time)
    assert found.cost
    assert sum(product.cost for product in products(found, card)) == found.cost
    units = {product.name: product.units for product in products(found, card)}
    assert sum(number for name, number in units.items() if name != "web_search") == found.tokens.total


def test_reasoning_that_has_a_price_of_its_own_is_not_counted_as_output_too() -> None:
    answers = of(event("2026-11-01T10:00:00", GPT, HERE, Tokens(7, 0, 0, 0, 30, 20)))
    found = answers.event(1).event
    (card,) = answers.cards(found.variant, 7, found.time)
    lines = [
        Line(name, Rate(pico, "x", ""), (), "") for name, pico in (("input", 1), ("output", 10), ("reasoning", 100))
    ]
    told = products(found, card._replace(lines=tuple(lines)))
    # Of 30 tokens of output 20 are reasoning.
    assert [(each.name, each.units, each.cost) for each in told] == [
        ("input", 7, 7),
        ("output", 10, 100),
        ("reasoning", 20, 2_000),
    ]


def test_what_has_several_calls_has_the_price_of_their_average() -> None:
    # Three calls with prompts of 100,000 tokens on the average: below the size at which prices change.
    answers = of(readings=READINGS[:1])
    found = answers.event(1).event
    read = page(answers)
    assert "3 calls together" in read.text
    assert read.tables[0][-1][4] == "$0.915"
    assert found.cost == 915 * 10**9


def test_a_size_and_multipliers_that_matter_are_told() -> None:
    large = page(of(event("2026-11-01T10:00:00", SONNET, HERE, Tokens(1, 200_000, 0, 0, 0))))
    assert "These prices hold for prompts above 200,000 tokens; this one has 200,001." in large.text
    fast = page(of(event("2026-11-01T10:00:00", Variant("anthropic", "claude-opus-4-6", "", "fast"), HERE, THOUSAND)))
    assert "speed fast" in fast.text


def test_prices_from_several_places_are_told_line_by_line() -> None:
    table, note = formula(
        [Product("input", 2, 3, "a", "2026-01-01", ()), Product("output", 5, 7, "b", "", ("2 x fast",))]
    )
    assert note == ""
    assert [row[-1].text for row in table.rows] == ["a, since 2026-01-01", "b; 2 x fast"]
    assert table.foot[4].text == "$0.000000000041"
    _, note = formula([Product("input", 2, 3, "a", "", ())])
    assert note == "Prices from a."


def test_what_has_no_price_says_why() -> None:
    read = page(of(EVENTS[5]))
    assert "It has no price. No price list knows nobody-knows-1." in read.text
    assert "no price" in read.text.partition("Why does it cost that?")[0]
    assert "$0" not in read.text


def test_its_facts_are_all_there_is_and_lead_to_its_session() -> None:
    read = page(of(EVENTS[1]))
    for name in (
        "2026-11-01 10:01:00.000, UTC",
        "subagent a1",
        "/home/dev/shop",
        "2.1.0",
        "box",
        "standard",
        "anthropic",
    ):
        assert name in read.text
    assert read.links["s1"] == "/sessions/s1"
    assert read.links["subagent a1"] == "/?since=2026-11-01&until=2026-11-01&agent=a1"
    assert read.links["claude-code"] == "/?since=2026-11-01&until=2026-11-01&tool=claude-code"
    assert "1 search" in page(of(EVENTS[2])).text


def test_what_is_dated_by_a_counter_says_so() -> None:
    found = of(readings=READINGS[:1]).event(1).event
    told = {name: cells[0].text for name, cells in facts(found, STATE)}
    assert told["Dated"].startswith("coarse: ")
    assert told["Usage since"] == "2026-10-30 09:00:00.000, UTC"


def test_every_witness_is_told_with_its_place_and_what_it_counted() -> None:
    # One call in the logs of two machines: the finished one counts.
    away = HERE._replace(machine="laptop")
    early = EVENTS[0]._replace(grade=1, tokens=Tokens(1_000, 30_000, 4_000, 0, 1), context=away)
    found = of(early, EVENTS[0]).event(1)
    rows = [[cell.text for cell in row] for row in sightings(found).rows]
    path = "/home/dev/logs/claude-code"
    assert rows == [
        ["log", "1,000", "4,000", "30,000", "2,000", "0", "finished, counts", f"{path}-box.jsonl:100"],
        ["log", "1,000", "4,000", "30,000", "1", "0", "pending", f"{path}-laptop.jsonl:0"],
    ]


def test_an_event_that_there_is_none_of_is_not_found() -> None:
    with pytest.raises(NotFound):
        shown(of(), 1, STATE)
