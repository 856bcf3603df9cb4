"""The body of a request: the model that it asks for, and nothing else of it."""

import re
from typing import Any, Final

import msgspec

from tallystick.providers.decoded import decoder, text
from tallystick.providers.held import Held

_FIRST: Final = re.compile(rb'\s*\{\s*"model"\s*:\s*"([^"\\]{1,200})"')
_LOOKED_AT: Final = 512
"""Bytes within which a body shows whether it begins with the model."""
_ANYWHERE: Final = re.compile(rb'"model"\s*:\s*"([^"\\]{1,200})"')


class _Body(msgspec.Struct):
    model: Any = None


_body = decoder(_Body)


class Request:
    """Finds the model in a body as its pieces pass."""

    __slots__ = ("_held", "_model", "_open")

    def __init__(self) -> None:
        self._held = Held()
        self._open = True
        """The model may still stand at the very beginning, where most tools write it; then nothing else is kept."""
        self._model: str | None = None

    def add(self, piece: bytes) -> None:
        """Take the next piece of the body."""
        if self._model is not None:
            return
        self._held.add(piece)
        if self._open:
            found = _FIRST.match(self._held.seen(_LOOKED_AT))
            if found:
                self._settle(found[1].decode("utf-8", "replace"))
            self._open = len(self._held) < _LOOKED_AT

    def model(self) -> str:
        """Return the model as far as the body is known, empty when it names none; later pieces are not looked at."""
        if self._model is None:
            data = self._held.take()
            body = _body(data)
            if body is not None:
                self._settle(text(body.model))
            else:
                # Longer than what is kept, or cut off. Names within messages and tools come before the last one.
                found = [each[1] for each in _ANYWHERE.finditer(data)]
                self._settle(found[-1].decode("utf-8", "replace") if found else "")
        return self._model or ""

    def _settle(self, model: str) -> None:
        self._model = model
        self._held.take()
