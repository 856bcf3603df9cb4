"""What genai-prices asks and what we ask, to the pico-dollar, wherever our overlay does not differ on purpose."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ClauseEquals, ClauseOr, ModelInfo, ModelPrice, Provider
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices.price_book import PriceBook
from tallystick.usage.event import Variant
from tallystick.usage.size import EDGES
from tallystick.usage.tokens import Tokens

VENDORS = ("anthropic", "openai", "google", "deepseek", "x-ai", "moonshotai", "zai")
DEEPSEEKS_HOURS = {"deepseek-v4-flash", "deepseek-v4-pro", "deepseek-flash"}
"""Their dearer hours have days with us (`test_overlay.py`); these are compared outside of them."""
CACHE_KEYS = {
    "cache_read": "cache_read_mtok",
    "cache_write_5m": "cache_write_mtok",
    "cache_write_1h": "cache_write_1h_mtok",
}
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 3, 1)) | st.sampled_from(  # noqa: DTZ001
    [
        datetime(2026, month, day, hour, minute)  # noqa: DTZ001
        for month, day in ((3, 12), (3, 13), (7, 29), (7, 30), (8, 20), (8, 21), (10, 11), (10, 12), (10, 13), (10, 14))
        for hour, minute in ((0, 0), (0, 29), (0, 30), (1, 0), (4, 0), (16, 30), (23, 59))
    ]
)
PROMPTS = st.integers(0, 1_500_000) | st.sampled_from(EDGES).flatmap(lambda edge: st.sampled_from([edge, edge + 1]))


class Model(NamedTuple):
    """A model in a list of genai-prices."""

    provider: Provider
    info: ModelInfo

    def rates(self, key: str) -> list[object]:
        """Return all standard prices of one kind."""
        prices = self.info.prices
        each = [prices] if isinstance(prices, ModelPrice) else [conditional.prices for conditional in prices]
        return [getattr(price, key) for price in each]


def names(model: Model) -> list[str]:
    """Return names by which a model can be asked for at its provider."""
    match = model.info.match
    clauses = match.or_ if isinstance(match, ClauseOr) else [match]
    exact = [clause.equals for clause in clauses if isinstance(clause, ClauseEquals)]
    return [name for name in [model.info.id, *exact] if model.info.is_match(name)]


def comparable(model: Model) -> bool:
    """Say whether the model is priced by tokens alone, in whole pico-dollars."""
    if any(model.rates("requests_kcount")) or not any(model.rates("input_mtok") + model.rates("output_mtok")):
        return False
    if model.info.id.endswith("-fast") or not names(model):
        return False
    flat = [rate for key in CACHE_KEYS.values() for rate in model.rates(key) if isinstance(rate, Decimal)]
    flat += [rate for key in ("input_mtok", "output_mtok") for rate in model.rates(key) if isinstance(rate, Decimal)]
    return all(rate * 1_000_000 % 1 == 0 for rate in flat)


EVERY = [Model(provider, info) for provider in get_snapshot().providers for info in provider.models]
MODELS = [model for model in EVERY if comparable(model)]
OURS = [model for model in MODELS if model.provider.id in VENDORS]


def compare(book: PriceBook, model: Model, name: str, asked: tuple[datetime, Tokens, int, str]) -> None:
    """Hold our cost of a call against that of genai-prices."""
    moment, tokens, searches, tier = asked
    moment = moment.replace(tzinfo=UTC)
    if model.info.id in DEEPSEEKS_HOURS and 1 <= moment.hour < 10:
        moment = moment.replace(hour=12)
    # We know cache prices of Claude where a list leaves them out, and a tier of Sonnet 4.
    left_out = [kind for kind, key in CACHE_KEYS.items() if "claude" in name.lower() and None in model.rates(key)]
    tokens = tokens._replace(**dict.fromkeys(left_out, 0))
    if model.info.id == "claude-sonnet-4-0" and tokens.prompt > 200_000:
        tokens = Tokens(output=tokens.output)
    usage = Usage(
        input_tokens=tokens.prompt,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write_5m + tokens.cache_write_1h,
        cache_write_1h_tokens=tokens.cache_write_1h,
        output_tokens=tokens.output,
        output_reasoning_tokens=tokens.reasoning,
        web_searches=searches,
    )
    if any(model.rates("output_citation_mtok")):
        usage = usage + Usage(output_citation_tokens=0)
    context = {"batch": {"processing": "batch"}, "speed": {"speed": "fast"}}.get(
        tier, {"service_tier": tier} if tier else {}
    )
    theirs = calc_price(
        usage, name, provider_id=model.provider.id, genai_request_timestamp=moment, price_context=context or None
    )
    variant = Variant(model.provider.id, name, "" if tier == "speed" else tier, "fast" if tier == "speed" else "")
    quote = book.quote(variant, tokens.prompt, int(moment.timestamp() * 1000))
    assert quote is not None
    assert quote.cost(tokens, searches) == theirs.total_price * 10**12, (model.provider.id, name, moment, tokens, tier)


def test_the_sample_is_broad() -> None:
    assert len(MODELS) > 1_800
    assert {model.provider.id for model in OURS} == set(VENDORS)
    ours = [model for model in EVERY if model.provider.id in VENDORS]
    # Left out: free models, prices by the hour, the page or the picture.
    assert len(ours) - len(OURS) <= 30, [model.info.id for model in ours if model not in OURS]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("day", ["2025-09-01T12:00", "2026-03-12T00:00", "2026-08-01T03:59", "2026-11-22T12:00"])
def test_every_name_of_every_model_of_the_vendors_that_matter(book: PriceBook, vendor: str, day: str) -> None:
    tokens = Tokens(70_001, 150_007, 40_009, 20_011, 30_013, 10_007)
    for model in OURS:
        if model.provider.id == vendor:
            for name in names(model):
                compare(book, model, name, (datetime.fromisoformat(day), tokens, 3, ""))


@st.composite
def calls(draw: st.DrawFn) -> tuple[datetime, Tokens, int, str]:
    """Draw a moment, counts whose prompt likes to lie on an edge, searches, and a standard tier."""
    prompt = draw(PROMPTS)
    read = draw(st.integers(0, prompt))
    write = draw(st.integers(0, prompt - read))
    hour = draw(st.integers(0, prompt - read - write))
    output = draw(st.integers(0, 200_000))
    tokens = Tokens(prompt - read - write - hour, read, write, hour, output, draw(st.integers(0, output)))
    return draw(MOMENTS), tokens, draw(st.integers(0, 9)), draw(st.sampled_from(["", "default"]))


@given(st.data(), calls())
def test_any_call_of_a_vendor_that_matters(
    book: PriceBook, data: st.DataObject, asked: tuple[datetime, Tokens, int, str]
) -> None:
    model = data.draw(st.sampled_from(OURS))
    compare(book, model, data.draw(st.sampled_from(names(model))), asked)


@given(st.data(), calls())
def test_any_call_of_anyone(book: PriceBook, data: st.DataObject, asked: tuple[datetime, Tokens, int, str]) -> None:
    model = data.draw(st.sampled_from(MODELS))
    compare(book, model, data.draw(st.sampled_from(names(model))), asked)


TIERS = [
    (model, when["processing"] if "processing" in when else when.get("service_tier", "speed"))
    for model in OURS
    for variant in model.info.price_variants or ()
    if len(when := variant.when) == 1 and when.keys() <= {"processing", "service_tier", "speed"}
]


def test_there_are_tiers_of_all_kinds() -> None:
    assert {tier for _, tier in TIERS} == {"batch", "flex", "priority", "fast", "default", "speed"}


@given(st.sampled_from(TIERS), calls(), st.datetimes(datetime(2026, 10, 15), datetime(2026, 11, 29)))  # noqa: DTZ001
def test_any_tier_since_genai_prices_has_them(
    book: PriceBook, listed: tuple[Model, str], asked: tuple[datetime, Tokens, int, str], moment: datetime
) -> None:
    model, tier = listed
    if model.provider.id == "google" and tier == "priority":
        # Some begin in 2027: until then there is no price, where genai-prices asks the standard one.
        moment = moment.replace(year=2027)
    for name in names(model):
        compare(book, model, name, (moment, asked[1], asked[2], tier))
