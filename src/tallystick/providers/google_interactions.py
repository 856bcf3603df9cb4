"""Google's Interactions: one JSON answer, or a stream whose last event tells the counts; also told later, by its id.

The input's count holds what was read from a cache; thoughts and what tools added to the prompt are counted beside it, as in
the vendor's own example of a stream (346 = 11 + 90 + 245).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.counts import Habit, Told, disjoint
from tallystick.providers.decoded import count, decoder, gleaned, gleaned_text, text
from tallystick.providers.openai_usage import tier_of
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

_HABIT: Final = Habit(reasoning_inside=False)
_PENDING: Final = "in_progress"
_BROKEN: Final = ("failed", "cancelled")
_LAST: Final = ("interaction.completed", "interaction.complete")
"""The event that ends a stream; the second is its name in the first form of the API."""


class _Interaction(msgspec.Struct):
    id: Any = None
    model: Any = None
    agent: Any = None
    status: Any = None
    usage: Any = None
    tier: Any = msgspec.field(default=None, name="service_tier")
    error: Any = None


class _Event(_Interaction):
    """An event of a stream; an answer as a whole has the same fields without a type."""

    type: Any = msgspec.field(default=None, name="event_type")
    interaction: _Interaction | None = None


_event = decoder(_Event)


class Interactions:
    """Reads one interaction."""

    by_line = False

    def __init__(self, place: Place) -> None:
        """Take where it was asked."""
        self.limits: list[Limit] = []
        self._retrieves = place.asked.method != "POST"
        self._id = self._model = self._tier = self._status = ""
        self._usage: dict[str, Any] = {}
        self._whole = self._ended = self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it is an event that names, ends or fails an interaction."""
        return b'"interaction"' in data or b'"error"' in data

    def text(self, data: bytes) -> None:
        """Take an event, or the whole answer."""
        event = _event(data)
        if event is None:
            self._id, self._model = self._id or gleaned_text(data, "id"), self._model or gleaned_text(data, "model")
            self._usage = gleaned(data, ("usage",)) or self._usage
        elif event.interaction is not None:
            self._take(event.interaction)
            self._ended = self._ended or event.type in _LAST
        elif event.error is not None:
            self._failed = True
        elif event.type is None:
            self._take(event)
            self._whole = True

    def _take(self, said: _Interaction) -> None:
        self._id = text(said.id) or self._id
        self._model = text(said.model) or text(said.agent) or self._model
        self._tier, self._status = text(said.tier) or self._tier, text(said.status) or self._status
        if isinstance(said.usage, dict) and said.usage:
            self._usage = said.usage

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call; one that is not ready is told later, to whoever asks for it by its id."""
        _ = asked
        is_pending = self._status == _PENDING and not self._ended and not self._failed
        call = Call("", self._model, id=self._id, tier=tier_of(self._tier), kind="later" if self._retrieves else "")
        if is_pending and self._whole:
            # Counts of what goes on are those of a part.
            return [] if self._retrieves else [call._replace(kind="begun", outcome=MISSING)]
        if not self._usage:
            return self._untold(call, cut=cut)
        tokens, mismatch = tokens_of(self._usage)
        broke_off = self._status in _BROKEN or ((cut or self._failed) and not (self._ended or self._whole))
        return [call._replace(tokens=tokens, outcome=CUT if broke_off else DONE, mismatch=mismatch)]

    def _untold(self, call: Call, *, cut: bool) -> list[Call]:
        if self._status in _BROKEN or (self._failed and not self._id):
            return [] if self._retrieves else [call._replace(outcome=FAILED)]
        broke_off = cut or self._failed or not (self._ended or self._whole)
        if broke_off and self._retrieves:
            return []
        return [call._replace(outcome=CUT if broke_off else MISSING)]


def tokens_of(usage: dict[str, Any]) -> tuple[Tokens, bool]:
    """Return disjoint counts, and whether the total that was told fits none of the ways to understand them."""
    told = Told(
        prompt=count(usage.get("total_input_tokens")),
        cached=count(usage.get("total_cached_tokens")),
        output=count(usage.get("total_output_tokens")),
        reasoning=count(usage.get("total_thought_tokens")),
        aside=count(usage.get("total_tool_use_tokens")),
        total=count(usage.get("total_tokens")),
    )
    return disjoint(told, _HABIT)
