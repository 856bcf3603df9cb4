"""Pricing sums: which rows share a price, and what splits them."""

import pytest
from tests.answers.sample import NOBODY, OPUS, SONNET, asked, at, book_of

from tallystick.answers.pricing import RANK, Codes, Pricing, name_of
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import MODELS
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.size import size_class

VARIANTS = {3: SONNET, 7: OPUS, 9: NOBODY}


def test_sizes_with_one_price_have_one_code(book: PriceBook) -> None:
    codes = Codes(asked(MODELS), VARIANTS, book)
    by_prompt = {prompt: codes[3 << 4 | size_class(prompt)] for prompt in (0, 50_000, 200_000, 200_001, 900_000)}
    assert by_prompt[0] == by_prompt[50_000] == by_prompt[200_000] != by_prompt[200_001] == by_prompt[900_000]
    assert codes.prompt(by_prompt[900_000]) > 200_000
    # Opus 4.1 has one price for all sizes.
    assert len({codes[7 << 4 | size] for size in range(14)}) == 1
    assert {code >> RANK for code in codes.values()} == {0, 1}
    assert codes.ranked == [SONNET, OPUS]


def test_what_is_filtered_out_has_a_negative_code(book: PriceBook) -> None:
    codes = Codes(asked(MODELS, Wish(where={"model": ["*opus*"], "provider": ["anthropic"]})), VARIANTS, book)
    assert codes[3 << 4] < 0
    assert codes.rank(3) < 0
    assert codes.rank(7) == 0
    assert codes.rank(9) < 0


@pytest.mark.parametrize(
    "variant, tier",
    [
        (OPUS, "standard"),
        (OPUS._replace(tier="batch"), "batch"),
        (OPUS._replace(tier="priority", speed="fast", geo="us"), "priority fast us"),
    ],
)
def test_the_name_of_a_tier_says_all_that_was_asked_for(variant: Variant, tier: str) -> None:
    assert name_of(variant, "tier") == tier
    assert (name_of(variant, "model"), name_of(variant, "provider")) == (OPUS.model, "anthropic")


def test_rows_are_priced_each_at_its_moment() -> None:
    book = book_of({"made-up-1": {"input": 2, "output": 4, "since": "2026-11-02"}})
    pricing = Pricing(book)
    variant = NOBODY._replace(model="made-up-1")
    before, after = (at(f"2026-11-{time}") // 900_000 for time in ("01T23:45", "02T00:00"))
    rows = [(before, 1, 100, 0, 0, 0, 10, 0, 0), (after, 2, 1_000, 0, 0, 0, 100, 0, 0)]
    # 1 000 x 2 + 100 x 4 = 2 400 millionths; 110 tokens came before anybody knew the price.
    assert pricing.cost(0, variant, 0, rows) == (2_400 * 10**6, 2, 110)
    # The other way round, what is known of a day holds for that day only.
    assert pricing.cost(0, variant, 0, rows[::-1]) == (2_400 * 10**6, 2, 110)
    assert pricing.quote(0, variant, 0, before) is None
    assert pricing.quote(0, variant, 0, after) is not None
