"""Price cards as people and programs read them."""

import json

import pytest
from tests.answers.sample import at, book_of

from tallystick.answers.price_card import as_json, cards
from tallystick.faces.text.price_card import lines
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant

NOW = at("2026-11-22T04:19:42")


@pytest.fixture(scope="module")
def book() -> PriceBook:
    """Return the shipped price book with a price of the person's own."""
    return book_of({"house-model-1": {"input": 1.25, "output": 2}})


def shown(book: PriceBook, variant: Variant) -> list[str]:
    """Return what a person is shown."""
    return [cell.text for cell in lines(cards(book, variant, None, NOW))]


def test_each_rate_has_its_line(book: PriceBook) -> None:
    assert shown(book, Variant("", "house-model-1")) == [
        "house-model-1 is config/house-model-1; prices at 2026-11-22 04:19 UTC",
        "",
        "                          USD/Mtok  since       from",
        "  input                       1.25  always      config",
        "  cache read                  1.25  always      as input",
        "  cache write, 5 min          1.25  always      as input",
        "  cache write, 1 h            1.25  always      as input",
        "  output                         2  always      config",
    ]


def test_tiers_stand_below_one_another(book: PriceBook) -> None:
    text = shown(book, Variant("", "claude-sonnet-4-5"))
    assert [line[:34] for line in text if line.startswith("  prompt")] == [
        "  prompt <= 200,000       USD/Mtok",
        "  prompt > 200,000        USD/Mtok",
    ]
    assert [line[22:34].strip() for line in text if line.startswith("  output")] == ["15", "22.5"]
    assert [line[22:34].strip() for line in text if line.startswith("  web search")] == ["0.01", "0.01"]
    assert "whole prompt decides" in text[-1]


def test_multipliers_and_the_end_of_a_price_are_told(book: PriceBook) -> None:
    text = shown(book, Variant("", "claude-opus-4-8", "", "fast"))
    assert text[0].startswith("claude-opus-4-8 is anthropic/claude-opus-4-8, fast; prices")
    assert any(line.startswith("  input") and line.endswith(" [1]") for line in text)
    assert any(line.startswith("  [1] holds 2 x speed fast (") for line in text)
    assert text[-1] == "  These prices end on 2026-12-01 00:00 UTC."


def test_how_a_name_was_read_is_told(book: PriceBook) -> None:
    text = shown(book, Variant("", "codex-auto-review"))
    assert text[0].startswith("codex-auto-review is openai/gpt-5.6-luna;")
    assert "Auto-review" in text[1]


def test_a_program_gets_exact_decimals(book: PriceBook) -> None:
    found = json.loads(as_json(cards(book, Variant("anthropic", "claude-sonnet-4-5"), None, NOW)))
    assert (found["schema"], found["model"], found["at"]) == (
        "tallystick.price/1",
        "claude-sonnet-4-5",
        "2026-11-22T04:19:42.000Z",
    )
    assert [tier["prompt_above"] for tier in found["tiers"]] == [0, 200_000]
    rates = found["tiers"][0]["rates"]
    assert {name: (rate["usd"], rate["per"]) for name, rate in rates.items()} == {
        "input": (3.0, 1_000_000),
        "cache_read": (0.3, 1_000_000),
        "cache_write_5m": (3.75, 1_000_000),
        "cache_write_1h": (6.0, 1_000_000),
        "output": (15.0, 1_000_000),
        "web_search": (0.01, 1),
    }
    assert (found["tiers"][0]["since"], found["tiers"][0]["until"]) == (None, None)


def test_a_program_is_told_when_a_price_ends(book: PriceBook) -> None:
    found = json.loads(as_json(cards(book, Variant("", "claude-opus-4-8", "", "fast"), None, NOW)))
    assert found["tiers"][0]["until"] == "2026-12-01T00:00:00.000Z"
    assert found["tiers"][0]["rates"]["input"]["multipliers"][0].startswith("2 x speed fast")
