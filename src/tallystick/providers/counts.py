"""From counts as vendors tell them to disjoint ones: what is inside what is decided by arithmetic wherever a total is told."""

from typing import Final, NamedTuple

from tallystick.usage.tokens import Tokens


class Told(NamedTuple):
    """One call's counts as a vendor tells them."""

    prompt: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    reasoning: int = 0
    aside: int = 0
    """Tokens that tools added to the prompt, counted beside it."""
    total: int = 0
    """0 when none is told."""


class Habit(NamedTuple):
    """How a vendor counts where no total tells."""

    cache_inside: bool = True
    """The prompt's count holds what was read from a cache and written to one."""
    reasoning_inside: bool = True
    """The output's count holds the reasoning."""


USUAL: Final = Habit()


def disjoint(told: Told, habit: Habit = USUAL) -> tuple[Tokens, bool]:
    """Return disjoint counts, and whether the total that was told fits none of the ways to understand them.

    Another way than the vendor's usual one is taken only where it alone gives the total, or the usual one is impossible.
    """
    ways = [
        Habit(cache_inside=habit.cache_inside is cache, reasoning_inside=habit.reasoning_inside is reasoning)
        for cache, reasoning in ((True, True), (True, False), (False, True), (False, False))
    ]
    possible = [way for way in ways if _is_possible(told, way)]
    fitting = [way for way in possible if told.total in _totals(told, way)]
    if fitting:
        return _tokens(told, fitting[0]), False
    return _tokens(told, possible[0] if possible else Habit(cache_inside=False, reasoning_inside=False)), told.total > 0


def _is_possible(told: Told, way: Habit) -> bool:
    return (not way.cache_inside or told.cached + told.written <= told.prompt) and (
        not way.reasoning_inside or told.reasoning <= told.output
    )


def _totals(told: Told, way: Habit) -> tuple[int, int]:
    """Return the totals that counts have if understood so: with what tools added to the prompt, and without."""
    total = told.prompt + told.output
    total += 0 if way.cache_inside else told.cached + told.written
    total += 0 if way.reasoning_inside else told.reasoning
    return total + told.aside, total


def _tokens(told: Told, way: Habit) -> Tokens:
    return Tokens(
        input=told.prompt - (told.cached + told.written if way.cache_inside else 0) + told.aside,
        cache_read=told.cached,
        cache_write_5m=told.written,
        output=told.output + (0 if way.reasoning_inside else told.reasoning),
        reasoning=told.reasoning,
    )
