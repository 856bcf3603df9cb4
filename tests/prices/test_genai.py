"""From genai-prices' data to our lists."""

import re
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ClauseAnd, ClauseOr, ClauseRegex

from tallystick.prices.book import Entry
from tallystick.prices.genai import clause, vendors
from tallystick.prices.matching import matches
from tallystick.prices.moments import ALWAYS, EVER

HOUR = 3_600_000


def entry(**model: object) -> Entry:
    """Return what one model of a provider becomes."""
    raw = {"id": "m", "match": {"equals": "m"}} | model
    (vendor,) = vendors([{"id": "p", "models": [raw]}])
    return vendor.entries[0]


def test_a_provider_keeps_its_clauses_and_its_fallbacks() -> None:
    (vendor,) = vendors(
        [
            {
                "id": "azure",
                "model_match": {"contains": "AZ"},
                "provider_match": {"and": [{"contains": "az"}, {"ends_with": "re"}]},
                "fallback_model_providers": ["openai"],
                "models": [],
            }
        ]
    )
    assert vendor.model_match == ("contains", "az")
    assert vendor.provider_match == ("and", (("contains", "az"), ("ends", "re")))
    assert vendor.fallbacks == ("openai",)


def test_prices_are_pico_dollars_per_token_and_per_search() -> None:
    found = entry(prices={"input_mtok": "0.0375", "output_mtok": 2, "web_searches_kcount": 10, "input_audio_mtok": 9})
    assert found.prices == ((ALWAYS, {"input": 37_500, "output": 2_000_000, "web_search": 10_000_000_000}, {}),)


def test_tiers_are_sorted_by_where_they_begin() -> None:
    tiers = [{"start": 256_000, "price": "3"}, {"start": 32_000, "price": "2"}]
    found = entry(prices={"input_mtok": {"base": "1", "tiers": tiers}})
    assert found.prices[0].rates == {"input": (1_000_000, 32_000, 2_000_000, 256_000, 3_000_000)}


def test_a_price_may_begin_on_a_date_or_hold_for_hours_of_each_day() -> None:
    found = entry(
        prices=[
            {"prices": {"input_mtok": 1}},
            {"constraint": {"start_date": "1970-01-02"}, "prices": {"input_mtok": 2}},
            {"constraint": {"start_time": "00:30:00Z", "end_time": "18:30:00+02:00"}, "prices": {"input_mtok": 3}},
            {"constraint": {"start_time": "01:00", "end_time": "04:00:01"}, "prices": {"input_mtok": 4}},
        ]
    )
    assert [each.span for each in found.prices] == [
        ALWAYS,
        (24 * HOUR, EVER, -1, -1, 127),
        (0, EVER, HOUR // 2, 16 * HOUR + HOUR // 2, 127),
        (0, EVER, HOUR, 4 * HOUR + 1000, 127),
    ]


def test_hours_with_an_offset_may_begin_on_the_day_before() -> None:
    hours = {"start_time": "01:00+02:00", "end_time": "03:00+02:00"}
    found = entry(prices=[{"constraint": hours, "prices": {"input_mtok": 1}}])
    assert found.prices[0].span == (0, EVER, 23 * HOUR, 1 * HOUR, 127)


@pytest.mark.parametrize(
    "constraint", [{"weekday": "monday"}, {"start_date": "2026-01-01", "weekday": "monday"}, {"start_time": "01:00"}]
)
def test_a_condition_that_is_not_understood_is_not_guessed(constraint: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not understood"):
        entry(prices=[{"constraint": constraint, "prices": {"input_mtok": 1}}])


def test_ways_of_asking() -> None:
    variants = [
        {"when": {"processing": "batch"}, "prices": {"input_mtok": 1}},
        {"when": {"service_tier": "flex"}, "prices": {"input_mtok": 2}, "constraint": {"start_date": "1970-01-02"}},
        {"when": {"speed": "fast"}, "prices": {}},
        {"when": {"route": "mistral/eu"}, "prices": {"input_mtok": 3}},
        {"when": {"speed": "fast", "processing": "batch"}, "prices": {"input_mtok": 4}},
    ]
    assert entry(prices={"input_mtok": 9}, price_variants=variants).variations == (
        ("tier:batch", ALWAYS, {"input": 1_000_000}, (1, 1), ""),
        ("tier:flex", (24 * HOUR, EVER, -1, -1, 127), {"input": 2_000_000}, (1, 1), ""),
        ("speed:fast", ALWAYS, {}, (1, 1), ""),
    )


def test_a_model_without_a_price_per_token_has_none() -> None:
    assert entry(prices={}).prices == ()
    assert entry(prices={"audio_hours": 3}).prices == ()
    assert entry(prices={"cache_read_mtok": 1}).prices == ()


def test_a_model_that_charges_for_requests_too_is_not_priced_too_low() -> None:
    assert entry(prices={"input_mtok": 1, "output_mtok": 1, "requests_kcount": 12}).prices == ()


def test_a_model_that_is_called_free_is_free() -> None:
    assert entry(id="qwen/qwen3-coder:free", prices={}).prices[0].rates == {"input": 0, "output": 0}


@pytest.mark.parametrize("price", ["-1", "NaN", "free", {"base": "1"}])
def test_what_is_no_price_is_refused(price: object) -> None:
    with pytest.raises((ValueError, KeyError)):
        entry(prices={"input_mtok": price})


@pytest.mark.parametrize(
    "raw, ours",
    [
        ({"equals": "GLM-5"}, ("equals", ("glm-5",))),
        ({"starts_with": "Claude"}, ("starts", "claude")),
        ({"regex": r"^opus-5-\d{8}$"}, ("fits", "opus-5-########")),
        ({"regex": r"^opus-5[-@]\d{2}$"}, ("or", (("fits", "opus-5-##"), ("fits", "opus-5@##")))),
        ({"regex": r"^gpt-5\.6-\d{4}-\d$"}, ("fits", "gpt-5.6-####-#")),
        ({"regex": r"^c\[fast=true\]$"}, ("fits", "c[fast=true]")),
        ({"regex": r"^o[134]"}, ("or", (("fits_start", "o1"), ("fits_start", "o3"), ("fits_start", "o4")))),
        ({"or": [{"equals": "a"}, {"equals": "b"}]}, ("equals", ("a", "b"))),
        (
            {"or": [{"starts_with": "x"}, {"equals": "a"}, {"equals": "b"}]},
            ("or", (("equals", ("a", "b")), ("starts", "x"))),
        ),
        ({"or": [{"starts_with": "x"}]}, ("or", (("starts", "x"),))),
    ],
)
def test_clauses_become_plainer(raw: dict[str, Any], ours: object) -> None:
    assert clause(raw) == ours


@pytest.mark.parametrize(
    "pattern", [r"opus$", r"^a.b", r"^a+$", r"^(a|b)$", r"^\d{2,3}$", r"^\w$", r"^[a-z]$", r"^[^a]$", r"^a?$", r"^a|b$"]
)
def test_a_pattern_that_is_more_than_a_template_stays_a_pattern(pattern: str) -> None:
    assert clause({"regex": pattern}) == ("regex", pattern)


@pytest.mark.parametrize("pattern", ["^a(", "^a[", "^a\\", "*", "^\\d{", "^\\d{44"])
def test_a_pattern_that_is_none_is_refused_unless_it_can_be_searched_for(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        with pytest.raises(ValueError, match="not a pattern"):
            clause({"regex": pattern})
    else:
        assert clause({"regex": pattern}) == ("regex", pattern)


def test_no_template_differs_from_its_pattern() -> None:
    patterns: set[str] = set()

    def gather(raw: object) -> None:
        if isinstance(raw, ClauseRegex):
            patterns.add(raw.regex)
        for each in raw.or_ if isinstance(raw, ClauseOr) else raw.and_ if isinstance(raw, ClauseAnd) else ():
            gather(each)

    for provider in get_snapshot().providers:
        for each in (provider.model_match, provider.provider_match, *(model.match for model in provider.models)):
            gather(each)
    assert len(patterns) > 60
    for pattern in patterns:
        ours = clause({"regex": pattern})
        stem = re.sub(r"\\d(\{(\d)\})?", lambda digits: "7" * int(digits[2] or 1), pattern.strip("^$"))
        stem = re.sub(r"\[(.)[^]]*\]", r"\1", stem.replace(r"\[", "<").replace(r"\]", ">"))
        name = stem.replace("<", "[").replace(">", "]").replace("\\", "")
        for text in (name, name[:-1], name + "7", "x" + name, name.replace("7", "x"), name.replace(".", "-")):
            assert matches(ours, text) == bool(re.search(pattern, text)), (pattern, text)
