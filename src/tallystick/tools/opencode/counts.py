"""From stored numbers to disjoint token counts and cost.

`input` leaves out what was read from or written to a cache. `output` leaves out `reasoning` in newer versions and
holds it in older ones: a stored total tells which, by arithmetic; without one the version does.
"""

from typing import Final

from tallystick.tools.fields import MILLISECONDS_FROM
from tallystick.tools.opencode.shape import Counts
from tallystick.usage.tokens import Tokens

MOST: Final = 2**40 - 1
"""More tokens than this in one call are taken for damage."""
_MOST_DOLLARS: Final = 1_000_000

type Number = int | float | None


class Implausible(ValueError):
    """A count that cannot be; its text says which."""


def tokens_of(counts: Counts, *, apart: bool) -> Tokens:
    """Return the counts of a step; `apart` says where reasoning is when nothing else does. Raise `Implausible`."""
    cache = counts.cache
    read, written = (_whole(cache.read), _whole(cache.write)) if cache is not None else (0, 0)
    # Providers that report more cached than prompted leave a negative rest, which nobody was billed for.
    fresh = max(_whole(counts.input), 0)
    output, reasoning = _whole(counts.output), _whole(counts.reasoning)
    if read < 0 or written < 0 or reasoning < 0:
        raise Implausible("a token count is negative")
    generated = output + reasoning if _is_apart(counts, fresh + read + written, default=apart) else output
    if generated < 0:
        raise Implausible("a token count is negative")
    return Tokens(fresh, read, written, 0, generated, min(reasoning, generated))


def _is_apart(counts: Counts, prompt: int, *, default: bool) -> bool:
    """Tell whether the reasoning is outside the output."""
    output, reasoning = _whole(counts.output), _whole(counts.reasoning)
    if reasoning > output:
        return True
    if counts.total is not None and reasoning:
        total = _whole(counts.total)
        if total == prompt + output + reasoning:
            return True
        if total == prompt + output:
            return False
    return default


def _whole(number: Number) -> int:
    if number is None:
        return 0
    if not -MOST <= number <= MOST or number != int(number):
        raise Implausible("a token count is no whole number or absurdly large")
    return int(number)


def in_seconds(stored: Number) -> bool:
    """Tell whether a stored moment is one in seconds, as some builds write them."""
    return stored is not None and stored < MILLISECONDS_FROM


def cost_of(stored: Number, *, free_is_free: bool) -> int | None:
    """Return a recorded cost in billionths of a dollar; None where there is none."""
    if stored is None or not 0 <= stored <= _MOST_DOLLARS:
        return None
    return round(stored * 1_000_000_000) if stored or free_is_free else None


def is_at_least(version: str, wanted: tuple[int, int]) -> bool:
    """Tell whether a version such as `1.4.3` is not below one; a version that says nothing is a new one."""
    first, _, rest = version.partition(".")
    second = rest.partition(".")[0]
    if not first.isdecimal() or not second.isdecimal() or first == second == "0":
        return True
    return (int(first), int(second)) >= wanted
