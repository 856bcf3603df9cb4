"""LiteLLM's table: which keys mean what, and what in it is no price."""

import json
from decimal import Decimal

import pytest

from tallystick.prices.litellm import Listed, entries
from tallystick.prices.moments import ALWAYS

PLAIN = {"input_cost_per_token": Decimal("3e-06"), "output_cost_per_token": Decimal("1.5e-05"), "mode": "chat"}


def listed(**raw: object) -> Listed:
    """Return what one model of the table becomes."""
    return entries({"m": raw})["m"]


def test_prices_are_per_token() -> None:
    (price,), variations = listed(**PLAIN, cache_read_input_token_cost=Decimal("3e-07"))
    assert price == (ALWAYS, {"input": 3_000_000, "output": 15_000_000, "cache_read": 300_000}, {})
    assert variations == ()


def test_each_kind_of_token_has_its_key() -> None:
    (price,), _ = listed(
        input_cost_per_token=Decimal("1e-06"),
        output_cost_per_token=Decimal("2e-06"),
        output_cost_per_reasoning_token=Decimal("3e-06"),
        cache_read_input_token_cost=Decimal("4e-06"),
        cache_creation_input_token_cost=Decimal("5e-06"),
        cache_creation_input_token_cost_above_1hr=Decimal("6e-06"),
        input_cost_per_audio_token=Decimal("7e-06"),
        max_input_tokens=200_000,
    )
    kinds = ["input", "output", "reasoning", "cache_read", "cache_write_5m", "cache_write_1h"]
    assert price.rates == {kind: number * 1_000_000 for number, kind in enumerate(kinds, 1)}


def test_tiers_stand_in_the_keys() -> None:
    (price,), _ = listed(
        **PLAIN,
        input_cost_per_token_above_272k_tokens=Decimal("6e-06"),
        input_cost_per_token_above_128k_tokens=Decimal("5e-06"),
        output_cost_per_token_above_200k_tokens=Decimal("2.25e-05"),
        cache_creation_input_token_cost_above_1hr=Decimal("6e-06"),
        cache_creation_input_token_cost_above_1hr_above_200k_tokens=Decimal("1.2e-05"),
        cache_read_input_token_cost_above_200k_tokens=Decimal("6e-07"),
    )
    assert price.rates == {
        "input": (3_000_000, 128_000, 5_000_000, 272_000, 6_000_000),
        "output": (15_000_000, 200_000, 22_500_000),
        "cache_write_1h": (6_000_000, 200_000, 12_000_000),
    }


def test_service_tiers_stand_in_the_keys_too() -> None:
    _, variations = listed(
        **PLAIN,
        input_cost_per_token_priority=Decimal("6e-06"),
        input_cost_per_token_above_272k_tokens_priority=Decimal("1.2e-05"),
        output_cost_per_token_flex=Decimal("7.5e-06"),
        input_cost_per_token_batches=Decimal("1.5e-06"),
    )
    assert variations == (
        ("tier:priority", ALWAYS, {"input": (6_000_000, 272_000, 12_000_000)}, (1, 1), ""),
        ("tier:flex", ALWAYS, {"output": 7_500_000}, (1, 1), ""),
        ("tier:batch", ALWAYS, {"input": 1_500_000}, (1, 1), ""),
    )


def test_multipliers_for_speed_and_place() -> None:
    _, variations = listed(
        **PLAIN, provider_specific_entry={"fast": Decimal("2.5"), "us": Decimal("1.1"), "schema": "v2"}
    )
    assert variations == (
        ("speed:fast", ALWAYS, None, (5, 2), "LiteLLM fast multiplier"),
        ("geo:us", ALWAYS, None, (11, 10), "LiteLLM us multiplier"),
    )


@pytest.mark.parametrize(
    "costs, pico",
    [
        ({"search_context_size_low": Decimal("0.03"), "search_context_size_medium": Decimal("0.035")}, 35_000_000_000),
        ({"search_context_size_high": Decimal("0.01")}, 10_000_000_000),
    ],
)
def test_a_web_search(costs: dict[str, Decimal], pico: int) -> None:
    (price,), _ = listed(**PLAIN, search_context_cost_per_query=costs)
    assert price.rates["web_search"] == pico


@pytest.mark.parametrize("costs", [{}, None, "0.01", {"search_context_size_medium": 0}])
def test_no_web_search(costs: object) -> None:
    (price,), _ = listed(**PLAIN, search_context_cost_per_query=costs)
    assert "web_search" not in price.rates


def test_tiers_may_be_a_list_of_ranges() -> None:
    ranges = [
        {
            "range": [0, Decimal("32000.0")],
            "input_cost_per_token": Decimal("1e-06"),
            "output_cost_per_token": Decimal("5e-06"),
        },
        {"range": [Decimal("32000.0"), 128_000], "input_cost_per_token": Decimal("1.8e-06"), "max": None},
    ]
    (price,), _ = listed(tiered_pricing=ranges, mode="chat")
    assert price.rates == {"input": (1_000_000, 32_000, 1_800_000), "output": 5_000_000}


def test_names_are_compared_in_lower_case() -> None:
    assert list(entries({"Groq/Odd-Model": PLAIN})) == ["groq/odd-model"]


@pytest.mark.parametrize(
    "raw",
    [
        {"input_cost_per_token": 0, "output_cost_per_token": 0},
        {"input_cost_per_token": None, "output_cost_per_token": None},
        {"output_cost_per_image": Decimal("0.04"), "mode": "image_generation"},
        {"input_cost_per_token_priority": Decimal("1e-06")},
        {"input_cost_per_token_above_200k_tokens": Decimal("1e-06")},
        {},
        "nothing",
        None,
    ],
)
def test_a_stub_is_not_a_price_of_nothing(raw: object) -> None:
    assert entries({"m": raw}) == {}


def test_the_documentation_is_not_a_model() -> None:
    assert entries({"sample_spec": PLAIN}) == {}


@pytest.mark.parametrize("price", [Decimal(-1), Decimal("NaN"), "cheap", True, [1]])
def test_what_is_no_price_is_refused_with_its_name(price: object) -> None:
    with pytest.raises(ValueError, match="m: not a price"):
        entries({"m": PLAIN | {"output_cost_per_token": price}})


def test_json_as_it_is_fetched() -> None:
    text = '{"m": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1E-5, "input_cost_per_token_flex": 0.00000125}}'
    (price,), (flex,) = entries(json.loads(text, parse_float=Decimal))["m"]
    assert price.rates == {"input": 2_500_000, "output": 10_000_000}
    assert flex.rates == {"input": 1_250_000}
