"""Amazon Bedrock's Converse: one JSON answer, or frames of which the last one tells the counts.

Its counts are exclusive: `inputTokens` leaves out what was read from or written to a cache.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.counts import Habit, Told, disjoint
from tallystick.providers.decoded import count, decoder, gleaned, inner, text
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

_HABIT: Final = Habit(cache_inside=False)
_HOUR: Final = "1h"
_STANDARD: Final = ("", "default", "standard")


class _Answer(msgspec.Struct):
    usage: Any = None
    stop: Any = msgspec.field(default=None, name="stopReason")
    tier: Any = msgspec.field(default=None, name="serviceTier")
    type: Any = None


_answer = decoder(_Answer)


class Converse:
    """Reads one answer."""

    by_line = False

    def __init__(self, place: Place) -> None:
        """Take where it was asked."""
        _ = place
        self.limits: list[Limit] = []
        self._usage: dict[str, Any] = {}
        self._tier = ""
        self._begun = self._failed = self._damaged = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: the answer itself tells its counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether there are counts or an error."""
        return b'"usage"' in data or b'"error"' in data

    def text(self, data: bytes) -> None:
        """Take a frame's payload, or the whole answer."""
        answer = _answer(data)
        if answer is None:
            self._damaged = True
            self._usage = gleaned(data, ("usage",)) or self._usage
            return
        self._failed = self._failed or answer.type == "error"
        self._begun = self._begun or answer.type != "error"
        if isinstance(answer.usage, dict) and answer.usage:
            self._usage = answer.usage
        self._tier = text(inner({"tier": answer.tier}, "tier").get("type")) or self._tier

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call; Converse names neither an answer nor the model in it."""
        _ = asked
        tier = "" if self._tier in _STANDARD else self._tier
        if not self._usage:
            broke_off = cut or self._failed
            outcome = FAILED if self._failed and not self._begun else CUT if broke_off else MISSING
            return [Call("", "", outcome=outcome, tier=tier)]
        tokens, mismatch = tokens_of(self._usage)
        return [Call("", "", tokens, CUT if cut and self._damaged else DONE, tier=tier, mismatch=mismatch)]


def tokens_of(usage: dict[str, Any]) -> tuple[Tokens, bool]:
    """Return disjoint counts, and whether the total that was told fits none of the ways to understand them."""
    told = Told(
        prompt=count(usage.get("inputTokens")),
        cached=count(usage.get("cacheReadInputTokens")),
        written=count(usage.get("cacheWriteInputTokens")),
        output=count(usage.get("outputTokens")),
        total=count(usage.get("totalTokens")),
    )
    tokens, mismatch = disjoint(told, _HABIT)
    details = usage.get("cacheDetails")
    long = sum(
        count(each.get("inputTokens"))
        for each in (details if isinstance(details, list) else [])
        if isinstance(each, dict) and each.get("ttl") == _HOUR
    )
    long = min(long, tokens.cache_write_5m)
    return tokens._replace(cache_write_5m=tokens.cache_write_5m - long, cache_write_1h=long), mismatch
