"""Ollama's own API: lines of JSON of which the last one tells the counts; a count of 0 is left out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from tallystick.providers.decoded import count, decoder, text
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens


class _Line(msgspec.Struct):
    model: Any = None
    done: Any = None
    prompt: Any = msgspec.field(default=None, name="prompt_eval_count")
    made: Any = msgspec.field(default=None, name="eval_count")
    error: Any = None


_line = decoder(_Line)


class Native:
    """Reads one answer of `/api/chat`, `/api/generate` or `/api/embed`."""

    by_line = True

    def __init__(self, place: Place, kind: str = "") -> None:
        """Take where it was asked, and what the call is where it is no answer."""
        _ = place
        self.limits: list[Limit] = []
        self._kind = kind
        self._model = ""
        self._tokens: Tokens | None = None
        self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it is the last line or an error, or whether nothing has been seen yet."""
        return (
            not self._model or b"eval_count" in data or b'"error"' in data or b'"done":true' in data.replace(b" ", b"")
        )

    def text(self, data: bytes) -> None:
        """Take a line, or the whole answer."""
        line = _line(data)
        if line is None:
            return
        self._model = text(line.model) or self._model
        self._failed = self._failed or bool(line.error)
        # Embeddings have no end of their own.
        if line.done is True or (self._kind and line.prompt is not None):
            self._tokens = Tokens(input=count(line.prompt), output=count(line.made))

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call."""
        _ = asked
        if self._tokens is None:
            outcome = FAILED if self._failed else CUT if cut else MISSING
            return [Call("", self._model, outcome=outcome, kind=self._kind)]
        return [Call("", self._model, self._tokens, DONE, kind=self._kind)]
