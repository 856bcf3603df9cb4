"""Where a price is from, rate by rate."""

from collections.abc import Callable
from importlib.metadata import version

import pytest

from tallystick.prices import overrides
from tallystick.prices.book import Unusable
from tallystick.prices.explain import Explanation, Line
from tallystick.prices.price_book import PriceBook, read
from tallystick.usage.event import Variant

GENAI = f"genai-prices {version('genai-prices')}"
type Explain = Callable[..., Explanation]


@pytest.fixture
def explain(book: PriceBook, at: Callable[[str], int]) -> Explain:
    """Return what explains a price at a date."""

    def ask(variant: Variant, when: str = "2026-11-22", prompt: int = 1) -> Explanation:
        found = book.explain(variant, prompt, at(when))
        assert found is not None
        return found

    return ask


def line(explanation: Explanation, name: str) -> Line:
    """Return the line of one kind of unit."""
    return next(each for each in explanation.lines if each.name == name)


def test_a_plain_price_is_from_genai_prices(explain: Explain) -> None:
    found = explain(Variant("openai", "gpt-5.5-codex"))
    assert (found.model, found.tier_above, found.notes) == ("openai/gpt-5.5", 0, ())
    assert line(found, "input") == ("input", (5_000_000, f"{GENAI} openai/gpt-5.5", ""), (), "")
    assert line(found, "cache_write_1h") == ("cache_write_1h", (5_000_000, f"{GENAI} openai/gpt-5.5", ""), (), "input")
    assert line(found, "reasoning").instead == "output"
    assert line(found, "web_search").rate.pico == 10**10
    names = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "web_search"]
    assert [each.name for each in found.lines] == names


def test_since_when_a_price_holds(explain: Explain) -> None:
    assert line(explain(Variant("", "gpt-5.6-luna"), "2026-08-01"), "output").rate.since == "2026-07-30"
    assert line(explain(Variant("", "gpt-5.6-luna"), "2026-07-01"), "output").rate.since == ""


def test_a_tier_is_told(explain: Explain) -> None:
    found = explain(Variant("openai", "gpt-5.5"), prompt=272_001)
    assert (found.tier_above, line(found, "input").rate.pico) == (272_000, 10_000_000)
    assert explain(Variant("openai", "gpt-5.5"), prompt=272_000).tier_above == 0


def test_multipliers_are_told_and_searches_have_none(explain: Explain) -> None:
    found = explain(Variant("anthropic", "claude-opus-4-6", "", "fast", "us"))
    times = line(found, "output").times
    assert line(found, "output").rate.pico == 165_000_000
    assert times[0].startswith("6 x speed fast (overlay: Anthropic fast mode")
    assert times[1].startswith("1.1 x geo us (overlay: Anthropic US-only inference")
    assert line(found, "web_search") == (
        "web_search",
        (10**10, f"{GENAI} anthropic/claude-opus-4-6", "2026-03-13"),
        (),
        "",
    )


def test_backdated_tiers_are_told_as_ours(explain: Explain) -> None:
    found = explain(Variant("openai", "gpt-5.5", "priority"), "2026-06-15")
    assert line(found, "input").rate.source.startswith("overlay: OpenAI tiers before October 2026")
    later = explain(Variant("openai", "gpt-5.5", "priority"), "2026-10-12")
    assert line(later, "input").rate == (12_500_000, f"{GENAI} openai/gpt-5.5", "2026-10-12")


def test_derived_rates_are_told_as_ours(explain: Explain) -> None:
    found = explain(Variant("openrouter", "anthropic/claude-opus-4.6"))
    assert line(found, "cache_write_1h").rate.source.startswith("overlay: Anthropic cache prices")
    assert line(found, "cache_write_5m").rate.source == f"{GENAI} openrouter/anthropic/claude-opus-4.6"
    sonnet = Variant("anthropic", "claude-sonnet-4-20250514")
    assert line(explain(sonnet, "2025-09-01"), "input").rate.source == f"{GENAI} anthropic/claude-sonnet-4-0"
    above = line(explain(sonnet, "2025-09-01", 200_001), "input").rate
    assert above.source.startswith("overlay: Anthropic long context")
    assert above.since == "2025-08-12"


def test_how_a_name_was_read_is_told(explain: Explain) -> None:
    assert "30 July 2026" in explain(Variant("", "codex-auto-review")).notes[0]
    assert explain(Variant("", "claude-opus-5-5-fast")).notes == ("the name asks for the fast variant",)
    flex = explain(Variant("", "claude-opus-5-5", "flex")).notes
    assert flex == ("no price is known for tier flex, so that the standard one stands",)


def test_what_no_list_prices_is_told(explain: Explain) -> None:
    found = explain(Variant("deepseek", "deepseek-chat"))
    assert line(found, "web_search") == ("web_search", (0, "not priced by its list", ""), (), "")


def test_ones_own_prices_are_told_as_such(data: bytes, at: Callable[[str], int]) -> None:
    own = read(data, overrides.read({"m": {"input": 3, "output": 15, "since": "2026-01-01"}, "n": {"alias": "m"}}))
    assert not isinstance(own, Unusable)
    found = own.explain(Variant("", "n"), 1, at("2026-11-22"))
    assert found is not None
    assert (found.model, found.notes) == ("config/m", ("config: n is priced as m",))
    assert line(found, "input").rate == (3_000_000, "config", "2026-01-01")
