"""From Copilot's counts to disjoint ones, from AI units to dollars, and what a field must be to be believed.

Input holds what was read from a cache and what was written to one; output holds the reasoning (both seen in captures of
version 1.0.102 against the API's own counts, and in `token_details_json` of the store). Before 1.0.51 input left the
cached tokens out, so that sums which cannot be inclusive are read as what they can be.
"""

from collections.abc import Mapping
from typing import Any, Final

from tallystick.tools.fields import moment as told_in_text
from tallystick.tools.fields import stamp, text_of
from tallystick.usage.tokens import Tokens

MOST: Final = 10**15
"""A larger count is taken for damage."""

type Fields = Mapping[str, Any]


class Misshapen(ValueError):
    """Something that is not of the expected shape; its text is the reason, without any content."""


def tokens_of(prompt: int, read: int, written: int, output: int, reasoning: int) -> Tokens:
    """Return disjoint counts; a prompt smaller than what it is said to hold holds less of it."""
    fresh = prompt - read - written
    if fresh < 0:
        fresh = prompt - read if prompt >= read else prompt
    return Tokens(fresh, read, written, 0, output, min(reasoning, output))


def cost_of(nano_aiu: int) -> int | None:
    """Return billionths of a dollar for billionths of an AI unit, which is sold for one cent; None for none, which says nothing."""
    return (nano_aiu + 50) // 100 if nano_aiu else None


def count(fields: Fields, *names: str) -> int:
    """Return the first of some counts that is there, 0 when none is; raise `Misshapen` for what is no count."""
    for name in names:
        value = fields.get(name)
        if value is not None:
            return number(value, name)
    return 0


def number(value: object, name: str) -> int:
    """Return a value as a count; raise `Misshapen`, with its name, when it is none. Whole numbers come as 12, 12.0 and "12"."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= len(str(MOST)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        raise Misshapen(f"{name} is not a count")
    return int(value)


def text(fields: Fields, name: str) -> str:
    """Return a text, empty when it is absent; raise `Misshapen` when it is something else."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Misshapen(f"{name} is not a text")
    return text_of(value)


def inner(fields: Fields, name: str) -> Fields:
    """Return an object within another, empty when it is absent; raise `Misshapen` when it is something else."""
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Misshapen(f"{name} is not an object")
    return value


def moment(value: object) -> int:
    """Return milliseconds since 1970 for an ISO text or a number of seconds or milliseconds; 0 when it is no time."""
    return told_in_text(value) or stamp(value)
