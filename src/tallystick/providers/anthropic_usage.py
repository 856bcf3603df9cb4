"""From the usage object of Anthropic's Messages API to disjoint counts and to what is billed beside an answer.

Its counts are exclusive: `input_tokens` leaves out what was read from or written to a cache; `output_tokens` holds the
thinking. Claude Code's transcripts hold the same object, and what is said here must be what its reader says.
"""

from typing import Any, Final, NamedTuple

from tallystick.providers.decoded import count, first, inner, text
from tallystick.usage.tokens import NO_TOKENS, Tokens

_USUAL: Final = ("", "standard")
_NO_GEO: Final = ("", "not_available", "global")
_MOST_USES: Final = 10_000
"""Uses of the provider's own tools in one answer; more is damage."""
_MOST_PASSES: Final = 1_000


class Variation(NamedTuple):
    """What of a usage object decides the price besides the counts."""

    tier: str
    speed: str
    geo: str


class Bill(NamedTuple):
    """A pass that is billed beside its answer."""

    kind: str
    place: int
    """Its place among the passes, from 0."""
    model: str
    """Empty where the pass names none."""
    tokens: Tokens


def variation_of(usage: dict[str, Any]) -> Variation:
    """Return tier, speed and place of inference; the usual ones are empty."""
    tier, speed, geo = (text(usage.get(name)) for name in ("service_tier", "speed", "inference_geo"))
    return Variation(
        "" if tier in _USUAL else tier,
        "" if speed in _USUAL else speed,
        "" if geo in _NO_GEO else geo,
    )


def uses_of(usage: dict[str, Any]) -> tuple[int, int]:
    """Return how often the provider searched and fetched, which is billed apart from tokens."""
    used = inner(usage, "server_tool_use")
    return tuple(min(count(used.get(f"web_{what}_requests")), _MOST_USES) for what in ("search", "fetch"))  # type: ignore[return-value]


def tokens_of(usage: dict[str, Any]) -> Tokens:
    """Return the counts of a usage object or of one of its passes."""
    split = inner(usage, "cache_creation")
    written, long = count(usage.get("cache_creation_input_tokens")), count(split.get("ephemeral_1h_input_tokens"))
    if written:
        # What is beyond both lifetimes was written as the answer grew: its lifetime is not told.
        long = min(long, written)
        short = written - long
    else:
        short = count(split.get("ephemeral_5m_input_tokens"))
    output = count(usage.get("output_tokens"))
    thinking = count(inner(usage, "output_tokens_details").get("thinking_tokens"))
    read = first(usage, "cache_read_input_tokens")
    return Tokens(count(usage.get("input_tokens")), read, short, long, output, min(thinking, output))


def passes_of(usage: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the passes of an answer that has several; nothing for one that has only itself."""
    told = usage.get("iterations")
    passes = [each for each in told[:_MOST_PASSES] if isinstance(each, dict)] if isinstance(told, list) else []
    return passes if len(passes) > 1 else []


def main_tokens(usage: dict[str, Any]) -> Tokens:
    """Return what the answer itself consumed, all its passes together.

    Beside an advisor the top level repeats the prompt of the first pass only, but the output of all of them
    (Anthropic's page on the advisor tool). Where the outputs do not add up, the top level is believed.
    """
    top, passes = tokens_of(usage), passes_of(usage)
    own = [each for each in passes if each.get("type") == "message"]
    if len(own) < 2 or _is_fallback(passes):  # noqa: PLR2004 - a pass and another
        return top
    total = Tokens(*(sum(kind) for kind in zip(*map(tokens_of, own), strict=True)))
    if total.output != top.output:
        return top
    if top.cache_write_1h and not any(inner(each, "cache_creation") for each in own):
        total = total._replace(cache_write_5m=0, cache_write_1h=total.cache_write_5m)
    return total._replace(reasoning=top.reasoning)


def own_bills(usage: dict[str, Any]) -> list[Bill]:
    """Return the passes that are billed beside the answer, in their order.

    The top level tells of the model that served; an attempt that had begun to answer is billed too, one that declined
    before any output is not (Anthropic's page on refusals and fallback).
    """
    passes = passes_of(usage)
    fallback = _is_fallback(passes)
    bills = []
    for place, each in enumerate(passes):
        kind, model, tokens = each.get("type"), text(each.get("model")), tokens_of(each)
        if kind in ("advisor_message", "compaction"):
            bills.append(Bill(str(kind).partition("_")[0], place, model, tokens))
        elif fallback and kind == "message" and tokens.output:
            bills.append(Bill("attempt", place, model, tokens))
    return [bill for bill in bills if bill.tokens != NO_TOKENS]


def served_by(usage: dict[str, Any]) -> str:
    """Return the model that answered where another one had been asked; empty where it was the one asked."""
    models = [text(each.get("model")) for each in passes_of(usage) if each.get("type") == "fallback_message"]
    return models[-1] if models else ""


def _is_fallback(passes: list[dict[str, Any]]) -> bool:
    return any(each.get("type") == "fallback_message" for each in passes)
