"""Fetched prices: what is taken, and what is refused so that the old book stays."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices.book import Unusable, unpack
from tallystick.prices.compile import plain
from tallystick.prices.price_book import PriceBook, read
from tallystick.prices.update import Judged, absurd, judge
from tallystick.usage.event import Variant

DAY = "2026-11-22"
LITELLM: dict[str, Any] = {
    "sample_spec": {"input_cost_per_token": 0},
    **{f"odd/model-{n}": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06} for n in range(8)},
}
type Published = list[dict[str, Any]]


@pytest.fixture(scope="module")
def published() -> Published:
    """Return the installed prices as the repository of genai-prices publishes them."""
    text = json.dumps(
        plain(get_snapshot().providers), default=lambda value: float(value) if isinstance(value, Decimal) else None
    )
    return json.loads(text)  # type: ignore[no-any-return]


def changed(published: Published, change: Callable[[dict[str, dict[str, Any]]], None]) -> bytes:
    """Return published prices after a change to one provider's models by their id: OpenAI's."""
    copy = deepcopy(published)
    openai = next(each for each in copy if each["id"] == "openai")
    models = {each["id"]: each for each in openai["models"]}
    change(models)
    openai["models"] = list(models.values())
    return json.dumps(copy).encode()


def opened(judged: Judged) -> PriceBook:
    """Return the book of prices that must have been taken."""
    assert judged.reason == ""
    book = read(judged.book)
    assert not isinstance(book, Unusable)
    return book


def price(book: PriceBook, model: str, provider: str = "") -> int | None:
    """Return what a token of input costs now."""
    quote = book.quote(Variant(provider, model), 1, 1_795_305_600_000)
    return quote and quote.input


def test_unchanged_prices_are_taken(published: Published, data: bytes) -> None:
    judged = judge(json.dumps(published).encode(), data, DAY)
    book = opened(judged)
    assert judged.notes == ()
    assert book.edition.genai == "data of 2026-11-22"
    assert price(book, "gpt-5.5") == 5_000_000
    assert price(book, "qwen3-coder-plus") == 1_000_000


def test_new_models_and_new_prices_are_taken_and_told(published: Published, data: bytes) -> None:
    def change(models: dict[str, dict[str, Any]]) -> None:
        models["gpt-9"] = {"id": "gpt-9", "match": {"equals": "gpt-9"}, "prices": {"input_mtok": 7, "output_mtok": 9}}
        models["gpt-4"]["prices"] = {
            "input_mtok": 15,
            "output_mtok": {"base": 30, "tiers": [{"start": 400_000, "price": 40}]},
        }
        del models["gpt-3.5-0301"]

    judged = judge(changed(published, change), data, DAY)
    assert price(opened(judged), "gpt-9") == 7_000_000
    assert judged.notes == (
        "1 models new",
        "1 models gone",
        "1 models changed in price",
        "a price changes above 400000 tokens of prompt, within a size class",
    )


def test_litellms_table_is_added_and_kept_when_the_other_list_changes(published: Published, data: bytes) -> None:
    first = judge(json.dumps(LITELLM).encode(), data, DAY)
    assert first.notes == ("8 models new",)
    book = opened(judge(json.dumps(published).encode(), first.book, "2026-11-23"))
    assert price(book, "model-3", "odd") == 1_000_000
    assert (book.edition.litellm_as_of, book.edition.litellm_models) == (DAY, 8)
    found = book.explain(Variant("odd", "model-3"), 1, 0)
    assert found is not None
    assert found.lines[0].rate.source == "LiteLLM odd/model-3"


def test_a_tier_of_litellms_table_within_a_size_class_is_told(data: bytes) -> None:
    table = {"m": {"input_cost_per_token": 1e-06, "input_cost_per_token_above_300k_tokens": 2e-06}}
    assert "a price changes above 300000 tokens" in judge(json.dumps(table).encode(), data, DAY).notes[1]


def test_without_a_usable_book_one_is_made(data: bytes) -> None:
    judged = judge(json.dumps(LITELLM).encode(), b"", DAY)
    assert judged.book == judge(json.dumps(LITELLM).encode(), data, DAY).book


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "damaged"),
        (b"<html>", "damaged"),
        (b'[{"id": "openai"', "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b"[1, 2]", "damaged"),
        (b'[{"id": "openai"}]', "damaged"),
        (b"[]", "damaged"),
        (b"{}", "it holds no prices"),
        (b'{"sample_spec": {"input_cost_per_token": 1}}', "it holds no prices"),
        (b'{"m": {"input_cost_per_token": -1e-6}}', "damaged: ValueError: m: not a price"),
        (b'{"m": {"input_cost_per_token": NaN}}', "damaged: ValueError: NaN is not a price"),
        (b'{"m": {"input_cost_per_token": Infinity}}', "damaged"),
        (b'{"m": {"input_cost_per_token": 1e999999999}}', "damaged"),
        (b'{"m": {"input_cost_per_token": 1}}', "m would cost more than 100 times the dearest known model"),
        (b'"text"', "neither"),
        (b"5", "neither"),
    ],
)
def test_what_is_damaged_or_absurd_is_refused(data: bytes, reason: str, request: pytest.FixtureRequest) -> None:
    judged = judge(data, request.getfixturevalue("data"), DAY)
    assert judged.book == b""
    assert reason in judged.reason


@pytest.mark.parametrize(
    "prices, reason",
    [
        ({"input_mtok": -5, "output_mtok": 30}, "not a price"),
        ({"input_mtok": "NaN", "output_mtok": 30}, "not a price"),
        ({"input_mtok": 51, "output_mtok": 30}, "the price of openai/gpt-5.5 would change by more than a factor of 10"),
        ({"input_mtok": 0.49, "output_mtok": 30}, "the price of openai/gpt-5.5 would change"),
        ({"input_mtok": 5, "output_mtok": 2.9}, "the price of openai/gpt-5.5 would change"),
        ({"input_mtok": 70_000, "output_mtok": 30}, "openai/gpt-5.5 would cost more than 100 times"),
        ([], "damaged"),
        ({"input_mtok": {"base": 5, "tiers": [{"start": "far", "price": 9}]}}, "damaged"),
    ],
)
def test_one_absurd_price_refuses_the_whole_list(
    published: Published, data: bytes, prices: object, reason: str
) -> None:
    judged = judge(changed(published, lambda models: models["gpt-5.5"].update(prices=prices)), data, DAY)
    assert judged.book == b""
    assert reason in judged.reason


def test_a_price_may_change_tenfold(published: Published, data: bytes) -> None:
    new = {"input_mtok": 50, "output_mtok": 3}
    judged = judge(changed(published, lambda models: models["gpt-5.5"].update(prices=new)), data, DAY)
    assert price(opened(judged), "gpt-5.5") == 50_000_000


def test_a_list_that_has_lost_half_of_its_models_is_refused(published: Published, data: bytes) -> None:
    kept = [each for each in published if each["id"] in {"anthropic", "openai", "cursor", "deepseek", "zhipuai"}]
    judged = judge(json.dumps(kept).encode(), data, DAY)
    assert judged.book == b""
    assert re.match(r"\d{4} of \d{4} known models are missing", judged.reason)


def test_a_table_that_has_lost_half_of_its_models_is_refused(data: bytes) -> None:
    first = judge(json.dumps(LITELLM).encode(), data, DAY)
    names = sorted(LITELLM)[:5]
    half = judge(json.dumps({name: LITELLM[name] for name in names[:4]}).encode(), first.book, DAY)
    assert half.reason == ""
    assert half.notes == ("4 models gone",)
    less = judge(json.dumps({name: LITELLM[name] for name in names[:3]}).encode(), first.book, DAY)
    assert less == Judged(b"", "5 of 8 known models are missing from it")


def test_a_clause_of_a_new_kind_is_not_guessed(published: Published, data: bytes) -> None:
    judged = judge(changed(published, lambda models: models["gpt-5.5"].update(match={"near": "gpt"})), data, DAY)
    assert judged.reason == "damaged: KeyError: 'near'"


def test_whatever_is_refused_the_old_book_is_as_it_was(data: bytes) -> None:
    before = unpack(data)
    judge(b'{"m": {"input_cost_per_token": 1}}', data, DAY)
    assert unpack(data) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "input_cost_per_token",
        "tiered_pricing",
        "range",
        "provider_specific_entry",
        "fast",
        "search_context_cost_per_query",
    ]
)


@given(
    st.dictionaries(st.text(max_size=5), st.dictionaries(KEYS, JSON, max_size=3), max_size=3)
    | st.lists(JSON, max_size=3)
)
def test_no_table_whatever_ends_in_an_error(data: bytes, table: object) -> None:
    judged = judge(json.dumps(table).encode(), data, DAY)
    assert bool(judged.book) != bool(judged.reason)


def test_the_rules_of_absurdity() -> None:
    known = {"a": (10, 100), "b": (0, 0)}
    assert absurd({"a": (100, 10), "b": (5, 0)}, known, known) == ""
    assert (
        absurd({"a": (101, 100), "b": (0, 0)}, known, known)
        == "the price of a would change by more than a factor of 10"
    )
    assert (
        absurd({"a": (10, 9), "b": (0, 0)}, known, known) == "the price of a would change by more than a factor of 10"
    )
    assert (
        absurd({"a": (10, 100), "b": (0, 10_001)}, known, known)
        == "b would cost more than 100 times the dearest known model"
    )
    assert absurd({"c": (1, 1)}, known, known) == "2 of 2 known models are missing from it"
    assert absurd({"a": (10, 100)}, known, known) == ""
    assert absurd({}, known, known) == "it holds no prices"


def test_prices_keep_all_their_digits(data: bytes) -> None:
    table = {"m": {"input_cost_per_token": Decimal("0.0000001234"), "output_cost_per_token": 1}}
    text = json.dumps(table, default=str).replace('"0.0000001234"', "1.234e-07").replace(": 1}", ": 1e-06}")
    assert price(opened(judge(text.encode(), data, DAY)), "m") == 123_400
