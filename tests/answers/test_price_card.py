"""Price cards tell the vendors' own figures, divided where other prices hold, and say it in words where there are none."""

import pytest
from tests.answers.sample import at, book_of

from tallystick.answers.price_card import cards
from tallystick.errors import NotFound
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant

NOW = at("2026-11-22T04:19:42")
SONNET = Variant("", "claude-sonnet-4-5")
"""USD per million tokens: input 3, cache read 0.3, writes 3.75 and 6, output 15; above 200 000: 6, 0.6, 7.5, 12, 22.5."""


def rates(card: object) -> dict[str, int]:
    """Return pico-dollars by the name of the rate: millionths of a dollar per million tokens."""
    return {line.name: line.rate.pico for line in card.lines}  # type: ignore[attr-defined]


def test_a_card_for_each_size_that_matters(book: PriceBook) -> None:
    small, large = cards(book, SONNET, None, NOW)
    assert (small.tier_above, large.tier_above) == (0, 200_000)
    assert (small.model, large.model) == ("anthropic/claude-sonnet-4-5",) * 2
    assert rates(small) == {
        "input": 3_000_000,
        "cache_read": 300_000,
        "cache_write_5m": 3_750_000,
        "cache_write_1h": 6_000_000,
        "output": 15_000_000,
        # A cent for each.
        "web_search": 10_000_000_000,
    }
    assert rates(large)["input"] == 6_000_000
    assert rates(large)["output"] == 22_500_000


@pytest.mark.parametrize("prompt, dollars", [(0, 3), (200_000, 3), (200_001, 6), (1_000_000, 6)])
def test_a_prompt_has_the_card_of_its_side_of_the_threshold(book: PriceBook, prompt: int, dollars: int) -> None:
    (card,) = cards(book, SONNET, prompt, NOW)
    assert rates(card)["input"] == dollars * 1_000_000


def test_one_card_where_the_size_does_not_matter(book: PriceBook) -> None:
    (card,) = cards(book, Variant("", "claude-opus-4-1"), None, NOW)
    assert (card.tier_above, rates(card)["input"]) == (0, 15_000_000)


def test_a_tier_that_ended_is_no_card_any_more(book: PriceBook) -> None:
    # Opus 4.6 had a dearer tier above 200 000 tokens until 13 March 2026.
    opus = Variant("", "claude-opus-4-6")
    assert len(cards(book, opus, None, at("2026-03-01T00:00:00"))) == 2
    assert len(cards(book, opus, None, at("2026-03-20T00:00:00"))) == 1


def test_a_price_that_ends_is_told(book: PriceBook) -> None:
    # The fast mode of Opus 4.8 ends with November 2026, and doubles every rate.
    (card,) = cards(book, Variant("", "claude-opus-4-8", "", "fast"), None, NOW)
    assert card.until == at("2026-12-01T00:00:00")
    assert rates(card)["input"] == 10_000_000
    assert all(line.times[0].startswith("2 x speed fast") for line in card.lines if line.name != "web_search")


def test_reasoning_is_told_only_where_it_has_a_price_of_its_own(book: PriceBook) -> None:
    (card,) = cards(book, Variant("", "claude-opus-4-1"), None, NOW)
    assert "reasoning" not in rates(card)


def test_searches_that_cost_nothing_are_not_told() -> None:
    own = book_of({"house-model-1": {"input": 1, "output": 2}})
    (card,) = cards(own, Variant("", "house-model-1"), None, NOW)
    assert list(rates(card)) == ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"]
    assert card.lines[0].rate.source == "config"
    assert card.lines[1].instead == "input"


def test_an_unknown_model_is_told_in_words_with_what_to_do(book: PriceBook) -> None:
    with pytest.raises(NotFound, match=r"^No price list knows house-model-1\. .*\[prices\.\"house-model-1\"\]"):
        cards(book, Variant("", "house-model-1"), None, NOW)


def test_an_unknown_way_of_asking_is_told_in_words(book: PriceBook) -> None:
    with pytest.raises(NotFound, match=r"^No price is known for speed fast of claude"):
        cards(book, Variant("", "claude-opus-4-1", "", "fast"), None, NOW)
