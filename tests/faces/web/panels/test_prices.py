"""Prices now: the vendors' own figures for each model that was used, by size and tier, and a word where there are none."""

import pytest
from tests.answers.sample import CODEX, EVENTS, MAIN, NOBODY, NOW, OPUS, SONNET, THOUSAND, book_of, event, ledger_of

from tallystick.answers.answers import Answers
from tallystick.faces.web.page import fragment
from tallystick.faces.web.panels.panel import View, ways
from tallystick.faces.web.panels.prices import PRICES, prices, variants
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger
from tallystick.usage.event import UsageEvent, Variant

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")


def shown(*events: UsageEvent) -> View:
    return prices(Answers(ledger_of(events or EVENTS, (), (), ()), lambda: BOOK), STATE)


def test_each_model_that_was_used_has_its_prices() -> None:
    rows = [[cell.text for cell in row] for row in shown().table.rows]
    assert rows == [
        [OPUS.model, "any", "$15.00", "$1.50", "$18.75", "$30.00", "$75.00", "anthropic/claude-opus-4-1"],
        [
            SONNET.model,
            "≤ 200,000",
            "$3.00",
            "$0.30",
            "$3.75",
            "$6.00",
            "$15.00",
            "anthropic/claude-sonnet-4-5",
        ],
        [
            SONNET.model,
            "> 200,000",
            "$6.00",
            "$0.60",
            "$7.50",
            "$12.00",
            "$22.50",
            "anthropic/claude-sonnet-4-5",
        ],
        # What is written to the cache is input like any other there; the list has it under the plain model.
        [CODEX.model, "any", "$1.75", "$0.175", "$1.75", "$1.75", "$14.00", "openai/gpt-5.2"],
        [NOBODY.model, "standard", "no price", "–", "–", "–", "–", ""],
    ]


def test_a_price_is_exact_in_a_csv_and_each_is_told_at_its_own_address() -> None:
    # 0.175 is none of a float's numbers.
    line = next(line for line in as_csv(shown().table).splitlines() if line.startswith(CODEX.model))
    assert line.split(",")[2:4] == ["1.75", "0.175"]
    assert ways(PRICES.source(STATE), STATE) == []


def test_what_is_behind_a_price() -> None:
    opus, _, _, codex, nobody = shown().table.rows
    assert [cell.raw for cell in opus[2:7]] == [15 * 10**12, 15 * 10**11, 1_875 * 10**10, 30 * 10**12, 75 * 10**12]
    assert opus[0].link == "/?since=all&model=claude-opus-4-1-20250805"
    assert opus[7].link == "/api/v1/prices/claude-opus-4-1-20250805?provider=anthropic"
    assert codex[4].title.startswith("Charged as input; ")
    assert codex[4].tone == "faint"
    assert "nobody-knows-1" in nobody[2].title


def test_a_tier_is_a_row_of_its_own() -> None:
    # The fast mode of Opus 4.8 costs twice as much as its $5 and $25, until it ends with November 2026.
    plain = event("2026-11-01T10:00", Variant("anthropic", "claude-opus-4-8"), MAIN, THOUSAND)
    fast = event("2026-11-01T10:01", Variant("anthropic", "claude-opus-4-8", "", "fast"), MAIN, THOUSAND)
    rows = {row[1].text: row for row in shown(plain, fast).table.rows}
    assert (rows["any"][2].text, rows["any"][6].text) == ("$5.00", "$25.00")
    assert (rows["fast"][2].text, rows["fast"][6].text) == ("$10.00", "$50.00")
    assert "2 x speed fast" in rows["fast"][2].title
    # The list takes a tier of that name for the speed.
    assert rows["fast"][7].link == "/api/v1/prices/claude-opus-4-8?provider=anthropic&tier=fast"


@pytest.mark.parametrize(
    "tier, expected",
    [
        ("standard", [("", "", "")]),
        ("us", [("us", "", ""), ("", "us", ""), ("", "", "us")]),
        ("priority us", [("priority", "us", ""), ("priority", "", "us"), ("", "priority", "us")]),
        ("priority fast us", [("priority", "fast", "us")]),
        ("a b c d", [("a b c d", "", "")]),
    ],
)
def test_what_the_words_of_a_tier_may_mean(tier: str, expected: list[tuple[str, str, str]]) -> None:
    assert [variant[2:] for variant in variants(Variant("anthropic", "m"), tier)] == expected


def test_where_inference_was_pinned_to_is_found() -> None:
    # Pinned to the United States, Opus 4.8 costs a tenth more.
    pinned = event("2026-11-01T10:00", Variant("anthropic", "claude-opus-4-8", "", "", "us"), MAIN, THOUSAND)
    (row,) = shown(pinned).table.rows
    assert [cell.text for cell in row[:3]] == ["claude-opus-4-8", "us", "$5.50"]


def test_what_has_no_price_of_its_own_is_told() -> None:
    odd = event("2026-11-01T10:00", Variant("anthropic", "claude-opus-4-8", "odd"), MAIN, THOUSAND)
    (row,) = shown(odd).table.rows
    assert [cell.text for cell in row[:3]] == ["claude-opus-4-8", "odd", "$5.00"]
    assert "no price is known for tier odd" in row[1].title


def test_of_many_models_the_costliest_are_shown() -> None:
    events = [event("2026-11-01T10:00", Variant("", f"m{n}"), MAIN, THOUSAND)._replace(key=n) for n in range(43)]
    table = shown(*events).table
    assert (len(table.rows), table.more) == (40, "… and 3 more")


def test_nothing_and_hostile_names() -> None:
    assert prices(Answers(MemoryLedger(), lambda: BOOK), STATE).empty
    hostile = "</script><img src=x onerror=alert(1)>\u202e"
    view = shown(EVENTS[0]._replace(variant=Variant(hostile, hostile)))
    html = fragment(PRICES, STATE, view)
    assert "&lt;/script&gt;&lt;img" in html
    assert "<img" not in html
