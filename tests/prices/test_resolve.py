"""Whatever a tool calls a model, the listing that it means."""

from typing import Any

import pytest

from tallystick.prices import overrides
from tallystick.prices.book import Price, Unusable, Variation, store, unpack
from tallystick.prices.moments import ALWAYS, EVER
from tallystick.prices.resolve import Found, Resolver

ROW: tuple[tuple[Price, ...], tuple[Variation, ...]] = ((Price(ALWAYS, {"input": 7, "output": 8}, {}),), ())


@pytest.fixture(scope="module")
def content(data: bytes) -> dict[str, Any]:
    """Return the book's content with a small table of LiteLLM."""
    unpacked = unpack(data)
    assert not isinstance(unpacked, Unusable)
    table = {"groq/odd-model": ROW, "odd-model-2": ROW, "gpt-5.5": ROW, "odd-fast": ROW}
    return unpacked[1] | {"litellm": store(table)}


@pytest.fixture(scope="module")
def resolver(content: dict[str, Any]) -> Resolver:
    """Return a resolver without overrides."""
    return Resolver(content)


def name(found: Found) -> str:
    """Return a listing as provider/model, with what it is asked for."""
    if found.listing is None:
        return "-"
    return f"{found.listing.provider}/{found.listing.entry.id}{' fast' if found.fast else ''}"


@pytest.mark.parametrize(
    "provider, model, listing",
    [
        ("anthropic", "claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("", " Claude-Opus-5-5 ", "anthropic/claude-opus-5-5"),
        ("Anthropic", "claude-opus-5-5-20260921", "anthropic/claude-opus-5-5"),
        ("my-gateway", "gpt-5.5-codex", "openai/gpt-5.5"),
        ("openai", "claude-opus-4-6", "anthropic/claude-opus-4-6"),
        ("mock", "gpt-5.1-codex-max", "openai/gpt-5.1"),
        # decorations
        ("", "claude-opus-4-6[1m]", "anthropic/claude-opus-4-6"),
        ("", "claude-haiku-5-5[1m]", "anthropic/claude-haiku-5-5"),
        ("google", "claude-opus-4@20250514", "google/claude-4-opus"),
        ("", "claude-fable-5@20260601", "anthropic/claude-fable-5"),
        ("", "claude-fable-5@default", "anthropic/claude-fable-5"),
        ("", "@cf/nobody/knows", "-"),
        # prefixes
        ("", "anthropic/claude-opus-4.5", "anthropic/claude-opus-4-5"),
        ("openrouter", "anthropic/claude-opus-4.6", "openrouter/anthropic/claude-opus-4.6"),
        ("", "openrouter/anthropic/claude-opus-4.6", "openrouter/anthropic/claude-opus-4.6"),
        ("openrouter", "anthropic/claude-opus-4-6", "anthropic/claude-opus-4-6"),
        ("", "models/gemini-2.5-pro", "google/gemini-2.5-pro"),
        ("", "my/own/gateway/gpt-5.5", "openai/gpt-5.5"),
        ("", "z-ai/glm-5", "zai/GLM-5"),
        ("zai-coding-plan", "glm-4.7", "zai/GLM-4.7"),
        ("", "glm-4.7", "zhipuai/GLM-4.7"),
        ("", "glm-4.5v", "zai/GLM-4.5V"),
        # Bedrock: what it does not list has no price
        ("", "us.anthropic.claude-opus-5-5", "aws/regional.anthropic.claude-opus-5-5"),
        ("anthropic", "global.anthropic.claude-opus-5-5", "aws/global.anthropic.claude-opus-5-5"),
        ("", "bedrock/eu.anthropic.claude-opus-5-5[1m]", "aws/regional.anthropic.claude-opus-5-5"),
        (
            "",
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-5-5",
            "aws/regional.anthropic.claude-opus-5-5",
        ),
        ("", "eu.anthropic.claude-opus-9", "-"),
        # how hard to think
        ("", "gpt-5.5-codex-high", "openai/gpt-5.5"),
        ("", "claude-opus-5-thinking-high", "anthropic/claude-opus-5"),
        ("", "gpt-5.6-sol-max", "openai/gpt-5.6-sol"),
        ("", "gpt-5.1-codex-max-xhigh", "openai/gpt-5.1"),
        ("", "gpt-99-high", "-"),
        ("", "qwen9-max", "-"),
        # fast
        ("", "claude-opus-4-6-fast", "anthropic/claude-opus-4-6 fast"),
        ("", "claude-opus-4-8-thinking-high-fast", "anthropic/claude-opus-4-8 fast"),
        ("", "gpt-5.5-high-fast", "openai/gpt-5.5 fast"),
        ("", "claude-opus-5-5-fast[1m]", "anthropic/claude-opus-5-5 fast"),
        ("", "anthropic/claude-4.6-opus-fast-20260407", "anthropic/claude-opus-4-6 fast"),
        ("openrouter", "anthropic/claude-opus-4.6-fast", "openrouter/anthropic/claude-opus-4.6-fast"),
        ("", "grok-4-fast", "x-ai/grok-4-fast-reasoning"),
        ("", "grok-code-fast-1", "x-ai/grok-code-fast-1"),
        ("", "composer-2.5-fast", "cursor/composer-2.5-fast"),
        ("", "foo-fast", "-"),
        ("huggingface_cerebras", "openai/gpt-oss-120b-fast", "huggingface_cerebras/openai/gpt-oss-120b"),
        # LiteLLM: whole names only, and only where nobody else knows
        ("groq", "odd-model", "litellm/groq/odd-model"),
        ("", "groq/odd-model", "litellm/groq/odd-model"),
        ("", "odd-model", "-"),
        ("", "odd-model-2", "litellm/odd-model-2"),
        ("x", "odd-model-2-mini", "-"),
        ("", "odd-fast", "litellm/odd-fast"),
        ("", "gpt-5.5", "openai/gpt-5.5"),
        # nothing
        ("", "", "-"),
        ("", "<synthetic>", "-"),
        ("", "mock-1", "-"),
        # listed at no price there, so at the vendor's
        ("github-copilot", "gpt-4.1", "openai/gpt-4.1"),
        ("azure", "gpt-5.5", "openai/gpt-5.5"),
    ],
)
def test_names(resolver: Resolver, provider: str, model: str, listing: str) -> None:
    (found,) = resolver.resolve(provider, model)
    assert name(found) == listing
    assert (found.since, found.until) == (0, EVER)


def test_an_answer_is_remembered(resolver: Resolver) -> None:
    assert resolver.resolve("", "gpt-5.4") is resolver.resolve("", "gpt-5.4")


@pytest.mark.parametrize(
    "model", ["codex-auto-review", "kimi-for-coding", "kimi-code/kimi-for-coding", "daimon-x", "k3"]
)
def test_a_routing_name_stands_for_something_at_every_moment_exactly_once(resolver: Resolver, model: str) -> None:
    found = resolver.resolve("", model)
    assert [found[0].since, *(each.until for each in found)] == [*(each.since for each in found), EVER]
    assert found[0].since == 0


def test_a_routing_name_says_why_it_stands_for_what(resolver: Resolver) -> None:
    before, early, late = resolver.resolve("", "codex-auto-review")
    assert [name(each) for each in (before, early, late)] == ["-", "openai/gpt-5.4", "openai/gpt-5.6-luna"]
    assert "30 July 2026" in late.notes[0]


def test_a_price_of_ones_own_counts_before_all_others(content: dict[str, Any]) -> None:
    said = overrides.read({"claude-opus-4-6": {"input": 1, "output": 2}, "gw/gpt-5.5": {"input": 3, "output": 4}})
    resolver = Resolver(content, said)
    (found,) = resolver.resolve("anthropic", "Claude-Opus-4-6")
    assert name(found) == "config/claude-opus-4-6"
    assert found.under is not None
    assert found.under.provider == "anthropic"
    assert [name(each) for each in resolver.resolve("gw", "gpt-5.5")] == ["config/gw/gpt-5.5"]
    assert [name(each) for each in resolver.resolve("other", "gpt-5.5")] == ["openai/gpt-5.5"]


def test_before_ones_own_price_begins_the_others_count(content: dict[str, Any]) -> None:
    said = overrides.read({"codex-auto-review": {"input": 1, "output": 2, "since": "2026-04-01"}})
    found = Resolver(content, said).resolve("", "codex-auto-review")
    april = 1_775_001_600_000
    assert [name(each) for each in found] == ["-", "openai/gpt-5.4", *["config/codex-auto-review"] * 2]
    assert [each.since for each in found[1:]] == [found[0].until, april, found[2].until]


def test_an_alias_of_ones_own_leads_on_through_all_names(content: dict[str, Any]) -> None:
    said = overrides.read(
        {"mine": {"alias": "ours"}, "ours": {"alias": "codex-auto-review"}, "gw/x": {"alias": "openai/gpt-5.5-fast"}}
    )
    resolver = Resolver(content, said)
    assert [name(each) for each in resolver.resolve("", "mine")] == ["-", "openai/gpt-5.4", "openai/gpt-5.6-luna"]
    assert resolver.resolve("", "mine")[2].notes[:2] == (
        "config: mine is priced as ours",
        "config: ours is priced as codex-auto-review",
    )
    assert [name(each) for each in resolver.resolve("GW", "X")] == ["openai/gpt-5.5 fast"]
