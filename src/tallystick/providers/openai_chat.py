"""OpenAI's Chat Completions and Embeddings, and the many APIs that are like them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from tallystick.providers.counts import USUAL, Habit
from tallystick.providers.decoded import decoder, gleaned, gleaned_text, text
from tallystick.providers.openai_usage import cost_of, named, searches_of, tier_of, tokens_of
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place

_END: Final = b"[DONE]"
_USAGE: Final = b'"usage"'


class Manner(NamedTuple):
    """In what a vendor differs."""

    habit: Habit = USUAL
    tells_cost: bool = False
    kind: str = ""
    """What the calls are, where they are no chats."""


PLAIN: Final = Manner()


class _Choice(msgspec.Struct):
    usage: Any = None
    finish_reason: Any = None


class _Chunk(msgspec.Struct):
    """A chunk of a stream, or the answer as a whole."""

    id: Any = None
    model: Any = None
    service_tier: Any = None
    usage: Any = None
    choices: list[_Choice] | None = None
    x_groq: Any = None
    error: Any = None


_chunk = decoder(_Chunk)


class Chat:
    """Reads one answer; of several usage objects the last one holds."""

    by_line = False

    def __init__(self, place: Place, manner: Manner = PLAIN) -> None:
        """Take where it was asked, and in what the vendor differs."""
        _ = place
        self.limits: list[Limit] = []
        self._manner = manner
        self._usage: dict[str, Any] = {}
        self._id = self._model = self._tier = ""
        self._named = self._finished = self._final = self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it is the first chunk, or one with counts or an error; most have `"usage":null`."""
        if not self._named or b'"error"' in data or _END in data:
            return True
        told = data.count(_USAGE)
        return told > 0 and told != data.count(b'"usage":null') + data.count(b'"usage": null')

    def text(self, data: bytes) -> None:
        """Take a chunk, or the whole answer."""
        if data.strip() == _END:
            self._finished = self._final = True
            return
        chunk = _chunk(data)
        if chunk is None:
            self._glean(data)
            return
        self._id, self._model = text(chunk.id) or self._id, text(chunk.model) or self._model
        self._tier = text(chunk.service_tier) or self._tier
        self._named = self._named or bool(self._id or self._model)
        self._failed = self._failed or bool(chunk.error)
        choices = chunk.choices or []
        self._finished = self._finished or any(choice.finish_reason for choice in choices)
        groq = chunk.x_groq.get("usage") if isinstance(chunk.x_groq, dict) else None
        # Moonshot's streams have it in the choice, Groq's in an object of their own.
        for usage in (*(choice.usage for choice in choices), groq, chunk.usage):
            if isinstance(usage, dict) and usage:
                # Where every chunk has counts, those before the end are of a part.
                self._usage, self._final = usage, self._finished or not choices

    def _glean(self, data: bytes) -> None:
        self._id, self._model = self._id or gleaned_text(data, "id"), self._model or gleaned_text(data, "model")
        self._usage = gleaned(data, ("usage",)) or self._usage

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call."""
        usage, manner, model = self._usage, self._manner, named(self._model, asked)
        if not usage:
            outcome = FAILED if self._failed and not self._finished else CUT if cut else MISSING
            return [Call("", model, outcome=outcome, id=self._id, tier=tier_of(self._tier), kind=manner.kind)]
        tokens, mismatch = tokens_of(usage, manner.habit)
        return [
            Call(
                "",
                model,
                tokens,
                CUT if (cut or self._failed) and not self._final else DONE,
                self._id,
                tier=tier_of(self._tier),
                web_searches=searches_of(usage),
                cost_nano=cost_of(usage) if manner.tells_cost else None,
                kind=manner.kind,
                mismatch=mismatch,
            )
        ]
