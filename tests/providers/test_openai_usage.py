"""Usage in OpenAI's manner: names of several vendors, costs, tiers and dated models; Codex's reader counts alike."""

from hypothesis import given
from hypothesis import strategies as st

from tallystick.providers.openai_usage import cost_of, named, searches_of, tier_of, tokens_of
from tallystick.tools.codex import counters
from tallystick.usage.tokens import Tokens


@given(st.integers(0, 9_999), st.integers(0, 9_999), st.integers(0, 9_999), st.integers(0, 999), st.integers(0, 999))
def test_wire_and_log_count_alike(fresh: int, cached: int, written: int, spoken: int, reasoning: int) -> None:
    prompt, output = fresh + cached + written, spoken + reasoning
    told = {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": prompt + output,
    }
    logged = counters.tokens_of((prompt, cached, written, output, reasoning, 0))
    assert tokens_of(told) == (logged, False) == (Tokens(fresh, cached, written, 0, output, reasoning), False)


def test_the_names_of_the_realtime_api() -> None:
    said = {"input_tokens": 50, "input_token_details": {"cached_tokens": 20}, "output_tokens": 7, "total_tokens": 57}
    assert tokens_of(said) == (Tokens(30, 20, 0, 0, 7), False)


def test_an_own_key_costs_the_fee_and_what_the_other_vendor_takes() -> None:
    details = {"upstream_inference_cost": 0.001}
    assert cost_of({"cost": 0.00005, "is_byok": True, "cost_details": details}) == 1_050_000
    assert cost_of({"cost": 0, "cost_details": details}) == 1_000_000
    assert cost_of({"cost": 0.002, "is_byok": False, "cost_details": details}) == 2_000_000
    assert cost_of({"cost": 0}) == 0
    assert cost_of({"cost": {"total": 1}}) is None


def test_ten_billion_ticks_are_a_dollar() -> None:
    assert cost_of({"cost_in_usd_ticks": 10_000_000_000}) == 1_000_000_000
    assert cost_of({"cost_in_usd_ticks": -1}) is None


def test_searches_are_found_under_two_names_and_bounded() -> None:
    assert searches_of({"server_side_tool_usage_details": {"web_search_calls": 3}}) == 3
    assert searches_of({"server_tool_use": {"web_search_requests": 2}}) == 2
    assert searches_of({"server_tool_use": {"web_search_requests": 10**9}}) == 10_000


def test_the_usual_tiers_have_no_name() -> None:
    assert [tier_of(each) for each in ("", "default", "auto", "standard", "flex", "priority")] == [
        "",
        "",
        "",
        "",
        "flex",
        "priority",
    ]


def test_a_dated_snapshot_goes_by_the_name_that_was_asked_for() -> None:
    assert named("gpt-5.5-2026-05-01", "gpt-5.5") == "gpt-5.5"
    assert named("gpt-5.5-mini", "gpt-5.5") == "gpt-5.5-mini"
    assert named("gpt-5.5-2026-aa-01", "gpt-5.5") == "gpt-5.5-2026-aa-01"
    assert named("gpt-5.5-2026-05-01", "") == "gpt-5.5-2026-05-01"
    assert named("gpt-5.5-2026-05-01", "my-deploy") == "gpt-5.5-2026-05-01"
