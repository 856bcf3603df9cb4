"""Whose answer it is: a pseudonym of the account that headers name, the same on every machine and nothing to log in with.

Anthropic names the organisation in every answer, ChatGPT's clients name the account in every request; both are UUIDs, which nobody
finds by trying. OpenAI's API names the organisation in its answers.
"""

from collections.abc import Mapping
from typing import Final

from tallystick.usage.identity import key

_IN_ANSWERS: Final = ("anthropic-organization-id", "openai-organization")
_IN_REQUESTS: Final = ("chatgpt-account-id",)
_LEAST: Final = 4
_BITS: Final = (1 << 32) - 1


def account_in(asked: Mapping[str, str], answered: Mapping[str, str]) -> str:
    """Return the pseudonym of the account that a request's and its answer's headers name; empty where they name none."""
    named = [answered.get(name, "") for name in _IN_ANSWERS] + [asked.get(name, "") for name in _IN_REQUESTS]
    return next((pseudonym(name) for name in named if name), "")


def pseudonym(account: str) -> str:
    """Return eight hexadecimal digits that stand for an account by its id; empty for what is too short to be one."""
    name = account.strip().lower()
    return f"{key('account', name) & _BITS:08x}" if len(name) >= _LEAST else ""
