"""Anthropic's usage object: what the wire counts is what Claude Code's reader counts from the same object."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.anthropic_usage import (
    Variation,
    main_tokens,
    own_bills,
    passes_of,
    served_by,
    tokens_of,
    uses_of,
    variation_of,
)
from tallystick.tools.claude_code import answer, counts
from tallystick.tools.claude_code.shape import Usage
from tallystick.usage.tokens import Tokens

number = st.none() | st.integers(0, 300)
split = st.none() | st.fixed_dictionaries({"ephemeral_5m_input_tokens": number, "ephemeral_1h_input_tokens": number})
plain = {
    "input_tokens": number,
    "output_tokens": number,
    "cache_read_input_tokens": number,
    "cache_creation_input_tokens": number,
    "cache_creation": split,
}
kinds = st.sampled_from(["message", "message", "compaction", "advisor_message", "fallback_message"])
passes = st.fixed_dictionaries(plain | {"type": kinds, "model": st.none() | st.just("claude-sonnet-5")})
usages = st.fixed_dictionaries(
    plain
    | {
        "input_tokens": st.integers(0, 300),
        "output_tokens": st.integers(0, 300),
        "output_tokens_details": st.none() | st.fixed_dictionaries({"thinking_tokens": number}),
        "iterations": st.none() | st.lists(passes, max_size=4),
        "service_tier": st.sampled_from([None, "", "standard", "priority", "batch"]),
        "speed": st.sampled_from([None, "standard", "fast"]),
        "inference_geo": st.sampled_from([None, "", "not_available", "global", "us"]),
        "server_tool_use": st.none() | st.fixed_dictionaries({"web_search_requests": number}),
    }
)


@given(usages)
def test_wire_and_log_count_alike(usage: dict[str, Any]) -> None:
    logged = msgspec.convert(usage, Usage)
    assert main_tokens(usage) == counts.main_tokens(logged)
    bills = counts.own_bills(logged, "", "") if logged.iterations and len(logged.iterations) > 1 else []
    assert [(f"{bill.kind}:{bill.place}", bill.model, bill.tokens) for bill in own_bills(usage)] == bills
    assert tuple(variation_of(usage)) == answer._variant("m", logged)[2:]


def test_the_lifetimes_of_what_was_written() -> None:
    both = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}
    assert tokens_of({"cache_creation_input_tokens": 300, "cache_creation": both}) == Tokens(0, 0, 100, 200)
    assert tokens_of({"cache_creation_input_tokens": 450, "cache_creation": both}) == Tokens(0, 0, 250, 200)
    assert tokens_of({"cache_creation_input_tokens": 0, "cache_creation": both}) == Tokens(0, 0, 100, 200)
    assert tokens_of({"cache_creation_input_tokens": 300}) == Tokens(0, 0, 300)


def test_the_usual_ways_have_no_names() -> None:
    usual = {"service_tier": "standard", "speed": "standard", "inference_geo": "not_available"}
    assert variation_of(usual) == variation_of({}) == Variation("", "", "")
    said = {"service_tier": "batch", "speed": "fast", "inference_geo": "us"}
    assert variation_of(said) == Variation("batch", "fast", "us")


def test_uses_of_the_providers_tools_are_bounded() -> None:
    assert uses_of({"server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 10**9}}) == (3, 10_000)
    assert uses_of({}) == (0, 0)


def test_one_pass_is_the_answer_itself() -> None:
    assert passes_of({"iterations": [{"type": "message"}]}) == []
    assert passes_of({"iterations": "none"}) == []
    assert served_by({"iterations": [{}, {"type": "fallback_message", "model": "m"}]}) == "m"


def test_passes_whose_outputs_do_not_add_up_leave_the_top_level() -> None:
    two = [{"type": "message", "input_tokens": 5, "output_tokens": 3}, {"type": "message", "output_tokens": 4}]
    assert main_tokens({"input_tokens": 5, "output_tokens": 7, "iterations": two}) == Tokens(5, output=7)
    assert main_tokens({"input_tokens": 1, "output_tokens": 99, "iterations": two}) == Tokens(1, output=99)


def test_passes_without_a_split_were_written_for_as_long_as_the_top_level_says() -> None:
    passes = [
        {"type": "message", "cache_creation_input_tokens": 30, "output_tokens": 3},
        {"type": "message", "cache_creation_input_tokens": 20, "output_tokens": 4},
    ]
    hour = {"ephemeral_1h_input_tokens": 30}
    usage = {"output_tokens": 7, "cache_creation_input_tokens": 30, "cache_creation": hour, "iterations": passes}
    assert main_tokens(usage) == Tokens(0, 0, 0, 50, 7)
