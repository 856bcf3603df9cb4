"""The public face of the prices: quotes at the moments and sizes at which prices change."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.prices import overrides
from tallystick.prices.book import Unusable
from tallystick.prices.moments import DAY, EVER
from tallystick.prices.price_book import PriceBook, Quote, read
from tallystick.usage.event import Variant
from tallystick.usage.size import EDGES
from tallystick.usage.tokens import NO_TOKENS, Tokens

type At = Callable[[str], int]

NOW = "2026-11-22"
COUNTS = st.integers(0, 3_000_000)


@st.composite
def tokens(draw: st.DrawFn) -> Tokens:
    """Draw counts in which the reasoning is a part of the output."""
    output = draw(COUNTS)
    return Tokens(draw(COUNTS), draw(COUNTS), draw(COUNTS), draw(COUNTS), output, draw(st.integers(0, output)))


def test_the_cost_is_each_kind_at_its_price() -> None:
    quote = Quote(1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 0, EVER)
    # Of 9 tokens of output 4 are reasoning.
    assert quote.cost(Tokens(2, 3, 4, 5, 9, 4), 6) == 2 + 30 + 400 + 5_000 + 50_000 + 400_000 + 6_000_000
    assert quote.cost(NO_TOKENS) == 0


@given(tokens(), tokens(), st.integers(0, 50), st.integers(0, 50))
def test_the_cost_of_a_sum_is_the_sum_of_the_costs(one: Tokens, other: Tokens, searches: int, more: int) -> None:
    quote = Quote(3, 5, 7, 11, 13, 17, 19, 0, EVER)
    both = Tokens(*(a + b for a, b in zip(one, other, strict=True)))
    assert quote.cost(both, searches + more) == quote.cost(one, searches) + quote.cost(other, more)


def test_a_request_of_opus_5_5_by_hand(book: PriceBook, at: At) -> None:
    # $4 input, $0.20 read, $5 and $8 writes, $20 output per million, $10 per thousand searches.
    quote = book.quote(Variant("anthropic", "claude-opus-5-5"), 45_000, at(NOW))
    assert quote is not None
    spent = Tokens(1_000, 40_000, 3_000, 1_000, 2_000, 500)
    assert quote.cost(spent, 2) == (4_000 + 8_000 + 15_000 + 8_000 + 40_000) * 1_000_000 + 20_000_000_000  # $0.095


def test_writes_for_an_hour_cost_twice_the_input(book: PriceBook, at: At) -> None:
    for model, five_minutes, hour in [
        ("claude-sonnet-4-6", 3_750_000, 6_000_000),
        ("claude-opus-4-1", 18_750_000, 30_000_000),
    ]:
        quote = book.quote(Variant("anthropic", model), 1, at(NOW))
        assert quote is not None
        assert (quote.cache_write_5m, quote.cache_write_1h) == (five_minutes, hour)


@pytest.mark.parametrize(
    "asked, when, prompt, price",
    [
        (("anthropic", "claude-sonnet-4-5"), "2026-01-15", 200_000, (3_000_000, 300_000, 15_000_000)),
        (("anthropic", "claude-sonnet-4-5"), "2026-01-15", 200_001, (6_000_000, 600_000, 22_500_000)),
        (("anthropic", "claude-opus-4-6"), "2026-03-12T23:59", 200_000, (5_000_000, 500_000, 25_000_000)),
        (("anthropic", "claude-opus-4-6"), "2026-03-12T23:59", 200_001, (10_000_000, 1_000_000, 37_500_000)),
        (("anthropic", "claude-opus-4-6"), "2026-03-13", 200_001, (5_000_000, 500_000, 25_000_000)),
        (("anthropic", "claude-opus-5-5"), NOW, 1_000_000, (4_000_000, 200_000, 20_000_000)),
        (("anthropic", "claude-haiku-5-5"), NOW, 100_000, (100_000, 10_000, 500_000)),
        (("anthropic", "claude-haiku-5-5"), NOW, 100_001, (500_000, 50_000, 2_500_000)),
        (("openai", "gpt-5.5"), NOW, 272_000, (5_000_000, 500_000, 30_000_000)),
        (("openai", "gpt-5.5"), NOW, 272_001, (10_000_000, 1_000_000, 45_000_000)),
        (("openai", "gpt-5.4"), NOW, 272_001, (5_000_000, 500_000, 22_500_000)),
        (("x-ai", "grok-4.7"), NOW, 199_999, (2_000_000, 500_000, 6_000_000)),
        (("x-ai", "grok-4.7"), NOW, 200_000, (4_000_000, 1_000_000, 12_000_000)),
        (("google", "gemini-2.5-pro"), NOW, 200_000, (1_250_000, 125_000, 10_000_000)),
        (("google", "gemini-2.5-pro"), NOW, 200_001, (2_500_000, 250_000, 15_000_000)),
        (("openai", "gpt-5.6-luna"), "2026-07-29T23:59", 1, (1_000_000, 100_000, 6_000_000)),
        (("openai", "gpt-5.6-luna"), "2026-07-30", 1, (200_000, 20_000, 1_200_000)),
        (("openai", "gpt-5.6-terra"), "2026-07-29", 1, (2_500_000, 250_000, 15_000_000)),
        (("openai", "gpt-5.6-terra"), "2026-07-30", 1, (2_000_000, 200_000, 12_000_000)),
        (("openai", "gpt-5.6-sol"), "2026-08-20", 1, (5_000_000, 500_000, 30_000_000)),
        (("openai", "gpt-5.6-sol"), "2026-08-21", 272_001, (8_000_000, 800_000, 30_000_000)),
        (("deepseek", "deepseek-v4-pro"), "2026-08-16T02:00", 1, (435_000, 3_625, 870_000)),
        (("deepseek", "deepseek-v4-pro"), "2026-08-18T00:59", 1, (660_000, 22_000, 1_980_000)),
        (("deepseek", "deepseek-v4-pro"), "2026-08-18T01:00", 1, (1_320_000, 44_000, 3_960_000)),
        (("deepseek", "deepseek-v4-pro"), "2026-08-18T04:00", 1, (660_000, 22_000, 1_980_000)),
    ],
)
def test_prices_change_where_the_vendors_say(
    book: PriceBook, at: At, asked: tuple[str, str], when: str, prompt: int, price: tuple[int, int, int]
) -> None:
    quote = book.quote(Variant(*asked), prompt, at(when))
    assert quote is not None
    assert (quote.input, quote.cache_read, quote.output) == price


@pytest.mark.parametrize(
    "model, when, since, until",
    [
        ("claude-opus-4-6", "2026-03-01", "1970-01-01", "2026-03-13"),
        ("gpt-5.6-luna", "2026-08-01", "2026-07-30", None),
        ("deepseek-v4-pro", "2026-09-01T05:00", "2026-09-01T04:00", "2026-09-01T06:00"),
        ("deepseek-v4-pro", "2026-09-01T23:00", "2026-09-01T10:00", "2026-09-02T01:00"),
        ("codex-auto-review", "2026-04-01", "2026-03-05", "2026-07-30"),
    ],
)
def test_a_quote_says_how_long_it_holds(
    book: PriceBook, at: At, model: str, when: str, since: str, until: str | None
) -> None:
    quote = book.quote(Variant("", model), 1, at(when))
    assert quote is not None
    assert (quote.since, quote.until) == (at(since), at(until) if until else EVER)


@given(
    st.sampled_from(["claude-opus-4-6", "deepseek-v4-flash", "gpt-5.6-sol", "codex-auto-review", "kimi-for-coding"]),
    st.sampled_from(["", "fast", "flex", "batch"]),
    st.integers(1_735_689_600_000, 1_830_297_600_000),
    st.integers(0, DAY * 40),
)
def test_a_quote_is_the_same_wherever_it_holds(book: PriceBook, model: str, tier: str, time: int, later: int) -> None:
    variant = Variant("", model, tier)
    quote = book.quote(variant, 1, time)
    if quote is not None:
        assert quote.since <= time < quote.until
        other = min(time + later, quote.until - 1)
        assert book.quote(variant, 1, other) == quote


def test_a_quote_that_has_ended_is_not_given_again(book: PriceBook, at: At) -> None:
    variant = Variant("openai", "gpt-5.6-terra")
    prices = [book.quote(variant, 1, at(day)) for day in ("2026-07-29", "2026-07-30", "2026-07-29")]
    assert [each and each.input for each in prices] == [2_500_000, 2_000_000, 2_500_000]


@pytest.mark.parametrize(
    "model", ["mock-1", "", "<synthetic>", "foo-fast", "claude-9", "gpt-5.3-codex-spark", "big-pickle"]
)
def test_an_unknown_model_has_no_price(book: PriceBook, at: At, model: str) -> None:
    variant = Variant("anthropic", model)
    assert book.quote(variant, 1, at(NOW)) is None
    assert book.explain(variant, 1, at(NOW)) is None
    assert book.thresholds(variant) == ()


@pytest.mark.parametrize(
    "variant, words",
    [
        (Variant("", "mock-1"), "no price list knows mock-1"),
        (Variant("", "foo-fast"), "no price list knows foo-fast"),
        (Variant("", ""), "no price list knows a model without a name"),
        (Variant("", "gpt-5.3-codex-spark"), "a research preview for subscribers"),
        (Variant("", "claude-haiku-4-5", "", "fast"), "no price is known for speed fast of claude-haiku-4-5"),
        (Variant("", "claude-haiku-4-5-fast"), "no price is known for speed fast of claude-haiku-4-5-fast"),
    ],
)
def test_why_there_is_no_price_is_said_in_words(book: PriceBook, at: At, variant: Variant, words: str) -> None:
    assert book.quote(variant, 1, at(NOW)) is None
    assert words in book.why_unpriced(variant, at(NOW))


def test_before_the_beginning_of_time_nothing_has_a_price(book: PriceBook) -> None:
    assert book.quote(Variant("", "gpt-5.5"), 1, -1) is None


@pytest.mark.parametrize(
    "model, thresholds",
    [
        ("gpt-5.5", (272_000,)),
        ("claude-opus-4-6", (200_000,)),
        ("claude-opus-5-5", ()),
        ("grok-4.7", (199_999,)),
        ("qwen3-coder-plus", (32_000, 128_000, 256_000)),
        ("codex-auto-review", (272_000,)),
    ],
)
def test_where_prices_change_with_the_prompt(book: PriceBook, model: str, thresholds: tuple[int, ...]) -> None:
    assert book.thresholds(Variant("", model)) == thresholds


def test_every_tier_of_every_model_begins_with_a_size_class(book: PriceBook) -> None:
    from tallystick.prices.quoting import tiers

    starts = {start for _, entry in book._resolver.catalogue.everything() for start in tiers(entry)}
    assert {272_000, 200_000, 199_999, 524_288} <= starts <= set(EDGES)


def test_ones_own_prices_are_taken_as_they_are(data: bytes, at: At) -> None:
    said = overrides.read({"claude-opus-4-6": {"input": 3, "output": 15, "cache_read": 0.3, "since": "2026-01-01"}})
    own = read(data, said)
    assert not isinstance(own, Unusable)
    quote = own.quote(Variant("anthropic", "claude-opus-4-6", "batch", "fast", "us"), 300_000, at("2026-02-20"))
    assert quote is not None
    assert quote[:6] == (3_000_000, 300_000, 3_000_000, 3_000_000, 15_000_000, 15_000_000)
    # They say nothing of searches, which cost what they always do; and of none of this before they begin.
    assert (quote.web_search, quote.since, quote.until) == (10**10, at("2026-01-01"), at("2026-03-13"))
    before = own.quote(Variant("anthropic", "claude-opus-4-6"), 1, at("2025-12-31"))
    assert before is not None
    assert (before.input, before.until) == (5_000_000, at("2026-01-01"))


def test_ones_own_prices_for_an_unknown_model(data: bytes, at: At) -> None:
    own = read(data, overrides.read({"mock-1": {"input": 1, "output": 2}, "bad": {"input": 1}}))
    assert not isinstance(own, Unusable)
    quote = own.quote(Variant("mock", "mock-1"), 1, at(NOW))
    assert quote == Quote(1_000_000, 1_000_000, 1_000_000, 1_000_000, 2_000_000, 2_000_000, 0, 0, EVER)
    assert [each.name for each in own.edition.bad_overrides] == ["bad"]


def test_the_version_is_another_with_other_prices(data: bytes, book: PriceBook) -> None:
    plain, same = read(data), read(data, overrides.read({}))
    said = [read(data, overrides.read({"m": {"input": price, "output": 1}})) for price in (1, 2, 1)]
    assert not isinstance(plain, Unusable)
    assert not isinstance(same, Unusable)
    versions = [each.version for each in said if not isinstance(each, Unusable)]
    assert plain.version == same.version == book.version
    assert versions[0] == versions[2] != versions[1]
    assert all(each.startswith(book.version + "+") for each in versions)


def test_no_book_is_told(data: bytes) -> None:
    assert read(b"") == Unusable("there is no price book")
    assert read(data[:-1]) == Unusable("the price book is damaged")


LEAN = """
import sys
from tallystick.prices.price_book import read
from tallystick.usage.event import Variant
book = read(open(sys.argv[1], "rb").read())
for model in sys.argv[2:]:
    for provider in ("", "gateway", "openai", "anthropic"):
        assert book.quote(Variant(provider, model, "", "", "us"), 1, 1795305600000), model
print(*sys.modules)
"""


def test_the_hot_path_imports_nothing_heavy(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("prices") / "book.bin"
    file.write_bytes(data)
    models = ["claude-opus-5-5", "claude-haiku-4-5-20251001", "claude-opus-5-5-20260921", "claude-opus-4-6-fast"]
    models += ["gpt-5.5-codex", "gpt-5.6-sol-2026-08-21", "codex-auto-review", "grok-4.7", "kimi-k3", "glm-4.7"]
    program = f"import sys; sys.path[:0] = {sys.path!r}\n{LEAN}"
    run = subprocess.run(
        [sys.executable, "-S", "-c", program, str(file), *models], capture_output=True, check=True, text=True
    )
    heavy = {
        "genai_prices",
        "json",
        "re",
        "tomllib",
        "dataclasses",
        "pydantic",
        "decimal",
        "datetime",
        "fractions",
        "hashlib",
        "pathlib",
    }
    assert not heavy & set(run.stdout.split())
