"""Our facts: each gap of genai-prices that we fill is still one, and is filled as the vendors' pages say.

A test of this file that fails after a new genai-prices means that a gap was closed there: then the overlay can lose a rule.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from genai_prices import Usage, calc_price

from tallystick.prices import overlay
from tallystick.prices.book import Entry, Price, Variation
from tallystick.prices.moments import ALWAYS, EVER, between
from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant

MILLION = 1_000_000


def theirs(model: str, when: str = "2026-11-22", provider: str | None = None, **context: str) -> Decimal:
    """Return what genai-prices asks for a million tokens of input and of output, in USD."""
    usage = Usage(input_tokens=MILLION, output_tokens=MILLION)
    moment = datetime.fromisoformat(when).replace(tzinfo=UTC)
    priced = calc_price(
        usage, model, provider_id=provider, genai_request_timestamp=moment, price_context=context or None
    )
    return priced.total_price


@pytest.fixture
def ours(book: PriceBook, at: Callable[[str], int]) -> Callable[..., tuple[int, int] | None]:
    """Return what we ask for a million tokens of input and of output, in millionths of USD."""

    def ask(model: str, when: str = "2026-11-22", *, prompt: int = 1, **variant: str) -> tuple[int, int] | None:
        quote = book.quote(Variant(variant.pop("provider", ""), model, **variant), prompt, at(when))
        return (quote.input, quote.output) if quote else None

    return ask


type Ours = Callable[..., tuple[int, int] | None]


@pytest.mark.parametrize(
    "model, when, price",
    [
        ("anthropic/claude-opus-4.5", "2026-11-22", (5_000_000, 25_000_000)),
        ("claude-opus-4@20250514", "2026-11-22", (15_000_000, 75_000_000)),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-22", (3_300_000, 16_500_000)),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-22", (3_000_000, 15_000_000)),
        ("codex-auto-review", "2026-04-23", (2_500_000, 15_000_000)),
        ("codex-auto-review", "2026-07-29T23:59", (2_500_000, 15_000_000)),
        ("codex-auto-review", "2026-07-30", (200_000, 1_200_000)),
        ("codex-auto-review", "2026-03-04", None),
        ("gpt-5.3-codex-spark", "2026-11-22", None),
        ("kimi-for-coding", "2026-04-20T15:28", (600_000, 3_000_000)),
        ("kimi-for-coding", "2026-04-20T15:29", (950_000, 4_000_000)),
        ("kimi-for-coding", "2026-07-01", (950_000, 4_000_000)),
        ("kimi-for-coding", "2026-09-11", None),
        ("kimi-for-coding", "2026-01-01", None),
        ("daimon-prod", "2026-07-18", (950_000, 4_000_000)),
        ("daimon-prod", "2026-07-19", (3_000_000, 15_000_000)),
        ("qwen3-coder-plus", "2026-11-22", (1_000_000, 5_000_000)),
        ("composer-1", "2026-11-22", (1_250_000, 10_000_000)),
        ("composer-1.5", "2026-11-22", (3_500_000, 17_500_000)),
        ("composer-2", "2026-11-22", (500_000, 2_500_000)),
        ("composer-2-fast", "2026-11-22", (1_500_000, 7_500_000)),
        ("cursor-composer-2", "2026-11-22", (500_000, 2_500_000)),
        ("big-pickle", "2026-11-22", None),
        ("hf:zai-org/GLM-5.1", "2026-11-22", None),
        ("<synthetic>", "2026-11-22", None),
        ("codex-mini", "2026-11-22", (1_500_000, 6_000_000)),
        ("glm-4.6", "2026-11-22", (600_000, 2_200_000)),
    ],
)
def test_names_that_genai_prices_does_not_resolve(
    ours: Ours, model: str, when: str, price: tuple[int, int] | None
) -> None:
    with pytest.raises(LookupError):
        theirs(model, when)
    assert ours(model, when) == price


def test_cursors_automatic_choice_has_a_price_only_at_cursor(ours: Ours) -> None:
    with pytest.raises(LookupError):
        theirs("auto", provider="cursor")
    assert ours("auto", provider="cursor") == (1_250_000, 6_000_000)
    assert ours("auto") is None


@pytest.mark.parametrize("prompt, price", [(32_000, 1), (32_001, 1.8), (128_001, 3), (256_000, 3), (256_001, 6)])
def test_qwen3_coder_plus_has_four_tiers(ours: Ours, prompt: int, price: float) -> None:
    found = ours("qwen3-coder-plus", prompt=prompt)
    assert found is not None
    assert found[0] == price * MILLION


@pytest.mark.parametrize(
    "model, tier, day, factor",
    [
        ("gpt-5.5", "priority", "2026-10-12", "2.5"),
        ("gpt-5.5", "fast", "2026-10-12", "2.5"),
        ("gpt-5.5", "flex", "2026-10-12", "0.5"),
        ("gpt-5.4", "priority", "2026-10-12", "2"),
        ("gpt-5.2-codex", "priority", "2026-10-12", "2"),
        ("gpt-5.6-sol", "priority", "2026-10-12", "2"),
        ("gpt-5.6-luna", "flex", "2026-10-12", "0.5"),
        ("gpt-5.5", "batch", "2026-10-14", "0.5"),
    ],
)
def test_openais_tiers_are_older_than_the_day_on_which_genai_prices_read_them(
    ours: Ours, model: str, tier: str, day: str, factor: str
) -> None:
    context = {"processing": "batch"} if tier == "batch" else {"service_tier": tier}
    assert theirs(model, "2026-06-15", **context) == theirs(model, "2026-06-15")
    assert theirs(model, day, **context) != theirs(model, day)
    standard = ours(model, "2026-06-15")
    assert standard is not None
    assert ours(model, "2026-06-15", tier=tier) == tuple(int(each * Fraction(factor)) for each in standard)


def test_priority_of_gpt_5_5_in_june_2026(ours: Ours) -> None:
    # 100 000 tokens of input cost $1.25 and not $0.50.
    assert ours("gpt-5.5", "2026-06-15", tier="priority") == (12_500_000, 75_000_000)


def test_priority_has_no_long_context_surcharge_before_gpt_5_6(ours: Ours) -> None:
    assert ours("gpt-5.5", "2026-06-15", tier="priority", prompt=272_001) == (12_500_000, 75_000_000)
    assert ours("gpt-5.4", "2026-06-15", tier="priority", prompt=272_001) == (5_000_000, 30_000_000)
    assert ours("gpt-5.6-sol", "2026-08-22", tier="priority", prompt=272_001) == (16_000_000, 60_000_000)


def test_tiers_follow_the_standard_price_of_their_day(ours: Ours) -> None:
    # Luna was cut to a fifth on 30 July 2026, Sol on 21 August from 5/30 to 4/20.
    assert ours("gpt-5.6-luna", "2026-07-29", tier="priority") == (2_000_000, 12_000_000)
    assert ours("gpt-5.6-luna", "2026-07-30", tier="priority") == (400_000, 2_400_000)
    assert ours("gpt-5.6-sol", "2026-08-20", tier="flex") == (2_500_000, 15_000_000)
    assert ours("gpt-5.6-sol", "2026-08-21", tier="flex") == (2_000_000, 10_000_000)


def test_tiers_with_a_multiple_of_their_own_keep_it(ours: Ours) -> None:
    # Listed so in spring 2026: gpt-5-mini $0.45/$3.60, gpt-4.1 $3.50/$14, gpt-4o-mini $0.25/$1.
    assert ours("gpt-5-mini", "2026-04-01", tier="priority") == (450_000, 3_600_000)
    assert ours("gpt-4.1", "2026-04-01", tier="priority") == (3_500_000, 14_000_000)
    assert ours("gpt-4o-mini", "2026-04-01", tier="priority") == (250_000, 1_000_000)


@pytest.mark.parametrize("model", ["claude-opus-4-6", "claude-opus-4-7"])
def test_fast_mode_of_opus_4_6_and_4_7_is_six_times_the_price(ours: Ours, model: str) -> None:
    assert theirs(model, "2026-06-15", speed="fast") == theirs(model, "2026-06-15")
    assert ours(model, "2026-06-15", speed="fast") == (30_000_000, 150_000_000)


def test_fast_mode_was_half_price_at_first_and_had_the_long_context_tier_until_march(ours: Ours) -> None:
    assert ours("claude-opus-4-6", "2026-02-06", speed="fast") is None
    assert ours("claude-opus-4-6", "2026-02-17T07:59", speed="fast") == (15_000_000, 75_000_000)
    assert ours("claude-opus-4-6", "2026-02-17T08:00", speed="fast") == (30_000_000, 150_000_000)
    assert ours("claude-opus-4-6", "2026-03-12", speed="fast", prompt=200_001) == (60_000_000, 225_000_000)
    assert ours("claude-opus-4-6", "2026-03-13", speed="fast", prompt=200_001) == (30_000_000, 150_000_000)


@pytest.mark.parametrize(
    "model, price",
    [
        ("claude-opus-4-8", (10_000_000, 50_000_000)),
        ("claude-opus-5", (10_000_000, 50_000_000)),
        ("claude-opus-5-5", (8_000_000, 40_000_000)),
        ("claude-fable-5-2", (16_000_000, 80_000_000)),
        ("claude-mythos-5-2", (16_000_000, 80_000_000)),
    ],
)
def test_fast_mode_of_later_models_is_twice_the_price(ours: Ours, model: str, price: tuple[int, int]) -> None:
    assert ours(model, speed="fast") == price


def test_fast_mode_of_opus_4_8_ends_with_november_2026(ours: Ours) -> None:
    assert theirs("claude-opus-4-8", "2026-12-01", speed="fast") == 60
    assert ours("claude-opus-4-8", "2026-11-30", speed="fast") == (10_000_000, 50_000_000)
    assert ours("claude-opus-4-8", "2026-12-01", speed="fast") is None
    assert ours("claude-opus-4-8", "2026-12-01") == (5_000_000, 25_000_000)


@pytest.mark.parametrize("model", ["claude-opus-4-6-fast", "claude-haiku-4-5-fast", "claude-sonnet-4-5-fast"])
def test_genai_prices_takes_a_fast_name_for_the_standard_model(ours: Ours, model: str) -> None:
    assert theirs(model) == theirs(model.removesuffix("-fast"))
    assert ours(model) == ((30_000_000, 150_000_000) if "opus" in model else None)


def test_inference_in_the_us_costs_a_tenth_more_whatever_else_was_asked(ours: Ours) -> None:
    assert ours("claude-opus-5-5", geo="us") == (4_400_000, 22_000_000)
    assert ours("claude-opus-5-5", geo="us", speed="fast") == (8_800_000, 44_000_000)
    assert ours("claude-opus-5-5", geo="us", tier="batch") == (2_200_000, 11_000_000)
    assert (
        ours("claude-opus-5-5", geo="not_available") == ours("claude-opus-5-5", geo="global") == (4_000_000, 20_000_000)
    )


@pytest.mark.parametrize(
    "model, price",
    [("claude-3-5-sonnet-20241022", (1_500_000, 7_500_000)), ("claude-opus-4-1", (7_500_000, 37_500_000))],
)
def test_batches_of_anthropic_are_half_price_also_where_the_list_does_not_say(
    ours: Ours, model: str, price: tuple[int, int]
) -> None:
    assert theirs(model, processing="batch") == theirs(model)
    assert ours(model, tier="batch") == price
    assert ours("claude-opus-4-5", "2026-01-15", tier="batch") == (2_500_000, 12_500_000)


def test_anthropics_priority_tier_is_at_list_price(ours: Ours) -> None:
    assert ours("claude-opus-4-6", tier="priority") == ours("claude-opus-4-6") == (5_000_000, 25_000_000)


def test_sonnet_4_has_its_long_context_tier(ours: Ours) -> None:
    usage = Usage(input_tokens=200_001, output_tokens=0)
    when = datetime(2025, 9, 1, tzinfo=UTC)
    assert calc_price(usage, "claude-sonnet-4-0", genai_request_timestamp=when).total_price == Decimal("0.600003")
    assert ours("claude-sonnet-4-20250514", "2025-09-01", prompt=200_000) == (3_000_000, 15_000_000)
    assert ours("claude-sonnet-4-20250514", "2025-09-01", prompt=200_001) == (6_000_000, 22_500_000)
    assert ours("claude-sonnet-4-20250514", "2025-08-11", prompt=200_001) == (3_000_000, 15_000_000)


@pytest.mark.parametrize(
    "provider, model, price",
    [
        # Bedrock's list leaves out the hour, the Copilot's too; AWS gives Haiku 3 no cache price at all.
        ("aws", "us.anthropic.claude-opus-4-1-20250805-v1:0", (1_500_000, 18_750_000, 30_000_000)),
        ("aws", "anthropic.claude-3-haiku-20240307-v1:0", (25_000, 312_500, 500_000)),
        ("openrouter", "anthropic/claude-opus-4.6", (500_000, 6_250_000, 10_000_000)),
        ("anthropic", "claude-fable-5-2", (200_000, 10_000_000, 16_000_000)),
    ],
)
def test_cache_prices_of_claude_where_a_list_has_none(
    book: PriceBook, at: Callable[[str], int], provider: str, model: str, price: tuple[int, int, int]
) -> None:
    quote = book.quote(Variant(provider, model), 1, at("2026-11-22"))
    assert quote is not None
    assert (quote.cache_read, quote.cache_write_5m, quote.cache_write_1h) == price


def test_openai_charges_for_cache_writes_from_gpt_5_6_on(book: PriceBook, at: Callable[[str], int]) -> None:
    before = book.quote(Variant("openai", "gpt-5.5"), 1, at("2026-11-22"))
    since = book.quote(Variant("openai", "gpt-5.6-terra"), 1, at("2026-11-22"))
    assert before is not None
    assert since is not None
    assert before.cache_write_5m == before.cache_write_1h == before.input == 5_000_000
    assert (since.input, since.cache_write_5m, since.cache_write_1h) == (2_000_000, 2_500_000, 2_500_000)


@pytest.mark.parametrize(
    "model, when, price, genai",
    [
        # Tuesday 11 August 2026: one price all day, but genai-prices asks today's dearer one in today's dearer hours.
        ("deepseek-v4-pro", "2026-08-11T02:00", (435_000, 870_000), "5.28"),
        ("deepseek-v4-flash", "2026-08-11T02:00", (140_000, 280_000), "1.5"),
        # Tuesday the 18th and Saturday the 22nd: dearer hours on all days.
        ("deepseek-v4-flash", "2026-08-18T02:00", (440_000, 1_320_000), "1.5"),
        ("deepseek-v4-flash", "2026-08-22T09:59", (440_000, 1_320_000), "1.5"),
        ("deepseek-v4-flash", "2026-08-18T05:00", (220_000, 660_000), "0.88"),
        # Sunday the 23rd and Saturday 14 November: none at weekends.
        ("deepseek-v4-pro", "2026-08-23T02:00", (660_000, 1_980_000), "5.28"),
        ("deepseek-v4-flash", "2026-11-14T02:00", (150_000, 600_000), "1.5"),
        # Friday 13 November, and Friday 2 October, a holiday.
        ("deepseek-v4-flash", "2026-11-13T02:00", (300_000, 1_200_000), "1.5"),
        ("deepseek-flash", "2026-11-13T02:00", (300_000, 1_200_000), "1.5"),
        ("deepseek-flash", "2026-10-02T02:00", (150_000, 600_000), "1.5"),
    ],
)
def test_deepseeks_dearer_hours_have_a_beginning_and_no_weekends(
    ours: Ours, model: str, when: str, price: tuple[int, int], genai: str
) -> None:
    assert theirs(model, when) == Decimal(genai)
    assert ours(model, when) == price


def test_every_fact_has_a_source_and_the_overlay_a_date() -> None:
    facts = overlay.read()
    assert facts["checked"] == "2026-11-22"
    for kind in ("alias", "price", "cache", "long_context", "times", "peak", "backdate"):
        for rule in facts[kind]:
            assert rule["source"], rule
    for rule in facts["alias"]:
        assert rule["why"], rule


def test_routing_names_are_told_in_the_order_of_time() -> None:
    names = overlay.names(overlay.read())
    for segments in [*names["alias"].values(), *(found for _, found in names["prefix"])]:
        for earlier, later in pairwise(segments):
            assert earlier[1] <= later[0]
        assert all(since < until for since, until, _, _ in segments)


def test_the_newest_date_of_the_data_is_the_last_one_before_our_check() -> None:
    data = [{"price_comments": "verified on 2026-11-03, ends 2027-01-01", "prices": [{"start_date": "2026-10-12"}]}]
    assert overlay.newest_date(data, {"checked": "2026-11-22"}) == "2026-11-03"
    assert overlay.newest_date([], {"checked": "2026-11-22"}) == ""


def test_a_price_is_scaled_with_its_tiers_and_not_where_they_begin() -> None:
    assert overlay.scaled(1_000, Fraction(1, 3)) == 333
    assert overlay.scaled((100, 200_000, 150), Fraction(2)) == (200, 200_000, 300)
    assert overlay.lowest((100, 200_000, 150)) == overlay.lowest(100) == 100


def test_a_variation_gets_the_cache_rates_that_its_model_was_given() -> None:
    batch = Variation("tier:batch", ALWAYS, {"input": 1_500_000}, (1, 1), "")
    nothing = Variation("tier:flex", ALWAYS, {}, (1, 1), "")
    times = Variation("geo:us", ALWAYS, None, (11, 10), "")
    price = Price(ALWAYS, {"input": 3_000_000, "cache_read": 300_000}, {})
    claude = Entry(
        "claude-x", ("equals", ("claude-x",)), "", (price, Price(ALWAYS, {"output": 1}, {})), (batch, nothing, times)
    )
    rule = {"models": "claude", "cache_read": "0.1", "cache_write_5m": "1.25", "cache_write_1h": "2", "source": "s"}
    found = overlay._with_cache(claude, rule)
    assert found.prices[0].rates == {
        "input": 3_000_000,
        "cache_read": 300_000,
        "cache_write_5m": 3_750_000,
        "cache_write_1h": 6_000_000,
    }
    assert found.prices[0].derived == {"cache_write_5m": "overlay: s", "cache_write_1h": "overlay: s"}
    assert found.prices[1] == claude.prices[1]
    assert found.variations[0].rates == {"input": 1_500_000, "cache_write_5m": 1_875_000, "cache_write_1h": 3_000_000}
    assert found.variations[1:] == (nothing, times)
    other = claude._replace(id="gpt-x")
    assert overlay._with_cache(other, rule) == other


def test_a_backdated_rate_that_the_standard_price_lacks_stays_as_it_is() -> None:
    day = overlay._moment("2026-10-12")
    flex = Variation("tier:flex", between(day), {"input": 500, "cache_read": 50}, (1, 1), "")
    prices = (Price(ALWAYS, {"input": 2_000}, {}), Price(between(1_000), {"input": 1_000}, {}))
    entry = Entry("m", ("equals", ("m",)), "", prices, (flex,))
    found = overlay._backdated(entry, {"verified": ["2026-10-12"], "source": "s"})
    assert found.variations[1:] == (
        Variation("tier:flex", (0, 1_000, -1, -1, 127), {"input": 1_000, "cache_read": 50}, (1, 1), "overlay: s"),
        Variation("tier:flex", (1_000, day, -1, -1, 127), {"input": 500, "cache_read": 50}, (1, 1), "overlay: s"),
    )
    assert found.variations[0].span[1] == EVER
