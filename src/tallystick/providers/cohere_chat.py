"""Cohere's Chat (v2): one JSON answer, or a stream whose last event tells the counts, in two ways.

What is billed leaves out what Cohere itself put into the prompt, and decides; where only the tokens that were worked through
are told, they do. What hit the cache is a part of the prompt.
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.counts import Told, disjoint
from tallystick.providers.decoded import count, decoder, gleaned, gleaned_text, inner, text
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

_LAST: Final = "message-end"


class _Delta(msgspec.Struct):
    usage: Any = None
    error: Any = None


class _Event(msgspec.Struct):
    """An event of a stream, or the answer as a whole."""

    type: Any = None
    id: Any = None
    usage: Any = None
    delta: _Delta | None = None


_event = decoder(_Event)


class Chat:
    """Reads one answer; it does not name the model."""

    by_line = False

    def __init__(self, place: Place) -> None:
        """Take where it was asked."""
        _ = place
        self.limits: list[Limit] = []
        self._id = ""
        self._usage: dict[str, Any] = {}
        self._begun = self._ended = self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it begins or ends an answer."""
        return b'"message-start"' in data or b'"message-end"' in data

    def text(self, data: bytes) -> None:
        """Take an event, or the whole answer."""
        event = _event(data)
        if event is None:
            self._id = self._id or gleaned_text(data, "id")
            self._usage = gleaned(data, ("usage",)) or self._usage
            return
        self._begun = True
        self._id = text(event.id) or self._id
        usage = event.usage if event.delta is None else event.delta.usage
        self._failed = self._failed or bool(event.delta is not None and event.delta.error)
        self._ended = self._ended or event.type in (_LAST, None)
        if isinstance(usage, dict) and usage:
            self._usage = usage

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call."""
        _ = asked
        broke_off = not self._ended or (self._failed and self._begun)
        if not self._usage:
            outcome = FAILED if self._failed else CUT if cut or broke_off else MISSING
            return [Call("", "", outcome=outcome, id=self._id)]
        tokens = tokens_of(self._usage)
        return [Call("", "", tokens, CUT if broke_off and cut else DONE, self._id)]


def tokens_of(usage: dict[str, Any]) -> Tokens:
    """Return disjoint counts."""
    told = inner(usage, "billed_units")
    if not count(told.get("input_tokens")) and not count(told.get("output_tokens")):
        told = inner(usage, "tokens")
    prompt = count(told.get("input_tokens"))
    cached = min(count(usage.get("cached_tokens")), prompt)
    tokens, _ = disjoint(Told(prompt=prompt, cached=cached, output=count(told.get("output_tokens"))))
    return tokens
