"""From usage objects in OpenAI's manner, as many vendors send them, to disjoint counts and to a vendor's own cost.

The prompt holds what was read from a cache and written to one, the output holds the reasoning: by habit, and a told total
decides. The names are those of Chat Completions and of Responses, and those that vendors use besides.
"""

from typing import Any, Final

from tallystick.providers.counts import USUAL, Habit, Told, disjoint
from tallystick.providers.decoded import count, first, inner, nano
from tallystick.usage.tokens import Tokens

_STANDARD: Final = ("", "default", "auto", "standard")
_TICKS_PER_NANO: Final = 10
"""xAI tells the cost in ticks, of which ten billion are a dollar."""
_MOST_USES: Final = 10_000
_DATE: Final = len("-2026-01-01")


def tokens_of(usage: dict[str, Any], habit: Habit = USUAL) -> tuple[Tokens, bool]:
    """Return disjoint counts, and whether the total that was told fits none of the ways to understand them."""
    read = inner(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    made = inner(usage, "completion_tokens_details", "output_tokens_details", "output_token_details")
    hit, missed = count(usage.get("prompt_cache_hit_tokens")), count(usage.get("prompt_cache_miss_tokens"))
    told = Told(
        prompt=first(usage, "prompt_tokens", "input_tokens") or hit + missed,
        # DeepSeek tells hits and misses beside the prompt, Moonshot the cached tokens at the top.
        cached=count(read.get("cached_tokens")) or count(usage.get("cached_tokens")) or hit,
        written=first(read, "cache_write_tokens", "cache_creation_tokens"),
        output=first(usage, "completion_tokens", "output_tokens"),
        reasoning=count(made.get("reasoning_tokens")) or count(usage.get("reasoning_tokens")),
        total=count(usage.get("total_tokens")),
    )
    return disjoint(told, habit)


def cost_of(usage: dict[str, Any]) -> int | None:
    """Return what the vendor puts as the cost, in billionths of a dollar; None where it puts none.

    OpenRouter's `cost` is in dollars; with a person's own key it is OpenRouter's fee, and what the other vendor takes
    stands beside it.
    """
    ticks = usage.get("cost_in_usd_ticks")
    if isinstance(ticks, int) and not isinstance(ticks, bool) and ticks >= 0:
        return nano(ticks / _TICKS_PER_NANO / 1e9)
    cost = nano(usage.get("cost"))
    upstream = nano(inner(usage, "cost_details").get("upstream_inference_cost"))
    if cost is not None and upstream and (usage.get("is_byok") is True or not cost):
        return cost + upstream
    return cost


def searches_of(usage: dict[str, Any]) -> int:
    """Return how often the vendor searched the web for the answer, as far as the usage tells."""
    used = first(inner(usage, "server_side_tool_usage_details"), "web_search_calls")
    return min(used or first(inner(usage, "server_tool_use"), "web_search_requests"), _MOST_USES)


def tier_of(tier: str) -> str:
    """Return the tier that was really used; the usual one is empty."""
    return "" if tier in _STANDARD else tier


def named(answered: str, asked: str) -> str:
    """Return the model's name: a dated snapshot of what was asked for is called as it was asked for.

    Codex and other tools write down the name that they asked for, and both sightings are of one call.
    """
    if asked and len(answered) == len(asked) + _DATE and answered.startswith(f"{asked}-"):
        date = answered[len(asked) + 1 :].split("-")
        if [len(part) for part in date] == [4, 2, 2] and all(part.isdecimal() for part in date):
            return asked
    return answered
