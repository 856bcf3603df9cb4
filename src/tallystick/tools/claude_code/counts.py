"""From one answer's usage object to disjoint token counts.

Claude Code's counts are exclusive already: `input_tokens` leaves out what was read from or written to a
cache, `output_tokens` holds the thinking. The parts that it keeps apart (a compaction, an advisor, an
attempt by another model) are bills of their own and become events of their own.
"""

from typing import Any, Final

from tallystick.usage.tokens import NO_TOKENS, Tokens

MOST: Final = 2**40 - 1
"""More tokens than this (10¹²) in one call are taken for damage."""

type Rank = tuple[bool, int, int]
"""How much a line says: whether it tells of a cache, how much output, how many tokens in all."""


class Implausible(ValueError):
    """A count that cannot be; its text says which."""


def rank_of(usage: Any) -> Rank:
    """Return how much a usage object says: of two lines of an answer the higher one counts; raise `Implausible`."""
    fresh, written = usage.input_tokens, usage.cache_creation_input_tokens
    read, out = usage.cache_read_input_tokens, usage.output_tokens
    if fresh is None or out is None:
        raise Implausible("no input_tokens or no output_tokens")
    split, passes = usage.cache_creation, usage.iterations
    tells_cache = written is not None or read is not None or split is not None
    written, read = written or 0, read or 0
    # One comparison for all: the bits of whole numbers that are joined by `or` show the sign and the size of each.
    if not 0 <= fresh | written | read | out <= MOST:
        raise Implausible("a token count is negative or absurdly large")
    if split is not None:
        by_lifetime = _checked(split)
        written = written or by_lifetime
    if passes is not None and len(passes) > 1:
        for part in passes:
            _check_part(part)
        return (tells_cache, out, main_tokens(usage).total)
    return (tells_cache, out, fresh + written + read + out)


def _checked(split: Any) -> int:
    short, long = split.ephemeral_5m_input_tokens or 0, split.ephemeral_1h_input_tokens or 0
    if 0 <= short | long <= MOST:
        return int(short + long)
    raise Implausible("a count in cache_creation is negative or absurdly large")


def _check_part(part: Any) -> None:
    joined = (part.input_tokens or 0) | (part.output_tokens or 0)
    joined |= (part.cache_creation_input_tokens or 0) | (part.cache_read_input_tokens or 0)
    if not 0 <= joined <= MOST:
        raise Implausible("a count in iterations is negative or absurdly large")
    if part.cache_creation is not None:
        _checked(part.cache_creation)


def prompt_of(usage: Any) -> int:
    """Return the size of the whole prompt in tokens."""
    return (usage.input_tokens or 0) + (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)


def tokens_of(usage: Any, thinking: int = 0) -> Tokens:
    """Return the counts of a usage object, or of one of its iterations, that has a rank."""
    short, long, out = usage.cache_creation_input_tokens or 0, 0, usage.output_tokens or 0
    split = usage.cache_creation
    if split is not None:
        long = split.ephemeral_1h_input_tokens or 0
        # Up to 2.1.151 the total could be 0 beside a split that was not; otherwise the total is what is billed.
        if not short:
            short = split.ephemeral_5m_input_tokens or 0
        elif long:
            long = min(long, short)
            short -= long
    reasoning = min(max(thinking, 0), out) if thinking else 0
    # Made directly, which is twice as fast as through its own `__new__`.
    return tuple.__new__(
        Tokens, (usage.input_tokens or 0, usage.cache_read_input_tokens or 0, short, long, out, reasoning)
    )


def main_tokens(usage: Any) -> Tokens:
    """Return what the answer itself consumed, all its passes together."""
    details = usage.output_tokens_details
    tokens = tokens_of(usage, (details.thinking_tokens or 0) if details is not None else 0)
    return _all_passes(usage.iterations, tokens) if usage.iterations and len(usage.iterations) > 1 else tokens


def _all_passes(iterations: list[Any], top: Tokens) -> Tokens:
    """Add up the passes of an answer that has several.

    Beside an advisor the top level repeats the prompt of the first pass only, but the output of all of them
    (Anthropic's page on the advisor tool). Where the outputs do not add up, the top level is believed.
    """
    passes = [part for part in iterations if part.type == "message"]
    if len(passes) < 2 or any(part.type == "fallback_message" for part in iterations):  # noqa: PLR2004 - a pass and another
        return top
    total = Tokens(*(sum(kind) for kind in zip(*map(tokens_of, passes), strict=True)))
    if total.output != top.output:
        return top
    if top.cache_write_1h and not any(part.cache_creation for part in passes):
        total = total._replace(cache_write_5m=0, cache_write_1h=total.cache_write_5m)
    return total._replace(reasoning=top.reasoning)


def own_bills(usage: Any, model: str, requested: str) -> list[tuple[str, str, Tokens]]:
    """Return the passes that are billed beside the answer: (what, model, counts), in their order."""
    bills: list[tuple[str, str, Tokens]] = []
    fallback = any(part.type == "fallback_message" for part in usage.iterations)
    for index, part in enumerate(usage.iterations):
        if part.type in {"advisor_message", "compaction"}:
            bills.append((f"{part.type.partition('_')[0]}:{index}", part.model or model, tokens_of(part)))
        elif fallback and part.type == "message" and part.output_tokens:
            # The top level tells of the model that served; an attempt that had begun to answer is billed too.
            bills.append((f"attempt:{index}", part.model or requested or model, tokens_of(part)))
    return [bill for bill in bills if bill[2] != NO_TOKENS]
