"""What Gemini CLI and the tools descended from it have in common: counts as Gemini's API tells them, and parts of messages.

The prompt's count holds what was read from a cache. Tokens that tools added to the prompt are counted apart from it.
Thoughts are counted apart from the answer by Gemini's own API, and within it where an OpenAI-compatible one answered.
The stored total tells which of these holds.
"""

from typing import Any, Final, NamedTuple

from tallystick.usage.tokens import Tokens

MOST: Final = 2**40 - 1
"""More tokens than this (10¹²) in one call are taken for damage."""
NOT_SUMMING: Final = "the counts do not add up to their total; counted as they stand"


_NOT_TYPED: Final = (
    "<session_context>",
    "<state_snapshot>",
    "<hook_context>",
    "<system-reminder>",
    "This is the Gemini CLI. We are setting up the context for our chat.",
    # How the tool goes on by itself when an answer seems unfinished or runs in circles.
    "Please continue.",
    "System: ",
)
"""How messages begin that the tool itself wrote in the person's place."""
_MEDIA: Final = ("inlineData", "fileData")


class Implausible(ValueError):
    """A count that cannot be; its text says which."""


class Stored(NamedTuple):
    """The counts of one call as they are stored."""

    prompt: int = 0
    output: int = 0
    cached: int = 0
    thoughts: int = 0
    tool: int = 0
    total: int = 0


type Names = tuple[str, str, str, str, str, str]
"""How the counts are called, in the order of `Stored`."""


def stored(counts: Any, names: Names) -> Stored:
    """Return counts by their names, those that are missing as 0; raise `Implausible` for what is none."""
    if not isinstance(counts, dict):
        raise Implausible("the counts are not an object")
    if counts and not any(name in counts for name in names):
        # Sooner or later counts may be called otherwise: that must not look like nothing.
        raise Implausible("the counts have other names")
    return Stored._make([_count(counts.get(name), name) for name in names])


def _count(value: Any, name: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise Implausible(f"{name} is not a whole number")
    if not 0 <= value <= MOST:
        raise Implausible(f"{name} is negative or absurdly large")
    return value


class Reading(NamedTuple):
    """One way to understand stored counts."""

    inside: bool
    """The answer's count holds the thoughts."""
    exclusive: bool
    """The prompt's count leaves out what was read from a cache."""


def disjoint(stored: Stored, *, inside: bool) -> tuple[Tokens, bool]:
    """Return disjoint counts and whether they add up to the stored total; raise `Implausible` when they cannot be.

    `inside` tells whether the answer usually holds the thoughts where these counts come from. Another way to
    understand them is taken only where it alone gives the total, or where the usual one is impossible.
    """
    usual: Reading | None = None
    for exclusive in (False, True):
        for way in (Reading(inside, exclusive), Reading(not inside, exclusive)):
            if _is_possible(stored, way):
                if stored.total in _totals(stored, way):
                    return _tokens(stored, way), True
                usual = usual or (None if exclusive else way)
    if usual is None:
        raise Implausible("more tokens were read from a cache than the prompt had")
    return _tokens(stored, usual), not stored.total


def _is_possible(stored: Stored, way: Reading) -> bool:
    return (way.exclusive or stored.cached <= stored.prompt) and (not way.inside or stored.thoughts <= stored.output)


def _totals(stored: Stored, way: Reading) -> tuple[int, int]:
    """Return the totals that counts have if understood so: with what tools added to the prompt, and without."""
    total = stored.prompt + stored.output
    total += (0 if way.inside else stored.thoughts) + (stored.cached if way.exclusive else 0)
    return total + stored.tool, total


def _tokens(stored: Stored, way: Reading) -> Tokens:
    return Tokens(
        input=stored.prompt - (0 if way.exclusive else stored.cached) + stored.tool,
        cache_read=stored.cached,
        output=stored.output + (0 if way.inside else stored.thoughts),
        reasoning=stored.thoughts,
    )


def is_typed(content: Any) -> bool:
    """Tell whether a user's message has something in it that a person wrote or pasted; results of tools have not."""
    parts = content if isinstance(content, list) else [content]
    texts, media = [], False
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            if "functionResponse" in part:
                return False
            if isinstance(part.get("text"), str):
                texts.append(part["text"])
            media = media or any(kind in part for kind in _MEDIA)
    typed = [text for text in texts if text.strip() and not text.lstrip().startswith(_NOT_TYPED)]
    return bool(typed) or (media and not any(text.strip() for text in texts))
