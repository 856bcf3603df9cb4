"""Google's generateContent: one JSON answer, a stream of events, or one JSON array that comes in pieces; plain or wrapped.

The prompt's count holds what was read from a cache; thoughts are counted beside the answer, and so is what tools added to
the prompt (total = prompt + candidates + tool use + thoughts, as Google's own client library documents it).
"""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.counts import Habit, Told, disjoint
from tallystick.providers.decoded import count, decoder, first, gleaned, gleaned_text, text
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place
from tallystick.usage.tokens import Tokens

_HABIT: Final = Habit(reasoning_inside=False)
_USAGE: Final = b'"usageMetadata"'
_TIERS: Final = {
    "ON_DEMAND_PRIORITY": "priority",
    "ON_DEMAND_FLEX": "flex",
    # Paid for in advance: not to be priced by tokens.
    "PROVISIONED_THROUGHPUT": "provisioned",
}
_NAMED: Final = ("flex", "priority")


class _Candidate(msgspec.Struct):
    finish: Any = msgspec.field(default=None, name="finishReason")


class _Answer(msgspec.Struct):
    usage: Any = msgspec.field(default=None, name="usageMetadata")
    model: Any = msgspec.field(default=None, name="modelVersion")
    id: Any = msgspec.field(default=None, name="responseId")
    candidates: list[_Candidate] | None = None
    error: Any = None


class _Chunk(_Answer):
    """A chunk of a stream or the answer as a whole; Code Assist wraps it, and knows it by its trace."""

    response: _Answer | None = None
    trace: Any = msgspec.field(default=None, name="traceId")


_chunk = decoder(_Chunk)
_array = decoder(list[_Chunk])


class Generate:
    """Reads one answer; of several usage objects the last one holds."""

    by_line = False

    def __init__(self, place: Place, kind: str = "") -> None:
        """Take where it was asked, and what the call is where it is no answer."""
        _ = place
        self.limits: list[Limit] = []
        self._kind = kind
        self._usage: dict[str, Any] = {}
        self._id = self._model = ""
        self._finished = self._final = self._failed = False

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether there are counts, an end or an error, or whether nothing has been seen yet."""
        return not self._id or _USAGE in data or b'"finishReason"' in data or b'"error"' in data

    def text(self, data: bytes) -> None:
        """Take a chunk, the whole answer, or the array of all chunks."""
        chunks = _array(data) if data.lstrip()[:1] == b"[" else None
        if chunks is None:
            chunk = _chunk(data)
            if chunk is None:
                self._glean(data)
                return
            chunks = [chunk]
        for chunk in chunks:
            self._take(chunk)

    def _take(self, chunk: _Chunk) -> None:
        answer = chunk if chunk.response is None else chunk.response
        self._model = text(answer.model) or self._model
        self._id = text(chunk.trace) or self._id if chunk.response is not None else text(answer.id) or self._id
        self._failed = self._failed or bool(chunk.error)
        self._finished = self._finished or any(each.finish for each in answer.candidates or ())
        if isinstance(answer.usage, dict) and answer.usage:
            # Counts that come before the end are those of a part; some upstreams tell the final ones after it.
            self._usage, self._final = answer.usage, self._finished

    def _glean(self, data: bytes) -> None:
        self._id = self._id or gleaned_text(data, "traceId") or gleaned_text(data, "responseId")
        self._model = self._model or gleaned_text(data, "modelVersion")
        self._usage = gleaned(data, ("usageMetadata",)) or self._usage

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the call."""
        _ = asked
        usage = self._usage
        call = Call("", self._model, id=self._id, kind=self._kind)
        if not usage:
            outcome = FAILED if self._failed and not self._finished else CUT if cut else MISSING
            return [call._replace(outcome=outcome)]
        tokens, mismatch = tokens_of(usage)
        broke_off = (cut or self._failed) and not self._final
        return [
            call._replace(tokens=tokens, outcome=CUT if broke_off else DONE, tier=_tier_of(usage), mismatch=mismatch)
        ]


def tokens_of(usage: dict[str, Any]) -> tuple[Tokens, bool]:
    """Return disjoint counts, and whether the total that was told fits none of the ways to understand them."""
    told = Told(
        prompt=count(usage.get("promptTokenCount")),
        cached=count(usage.get("cachedContentTokenCount")),
        # The Live API's name for it comes second.
        output=first(usage, "candidatesTokenCount", "responseTokenCount"),
        reasoning=count(usage.get("thoughtsTokenCount")),
        aside=count(usage.get("toolUsePromptTokenCount")),
        total=count(usage.get("totalTokenCount")),
    )
    return disjoint(told, _HABIT)


def _tier_of(usage: dict[str, Any]) -> str:
    named = text(usage.get("serviceTier")).lower()
    return named if named in _NAMED else _TIERS.get(text(usage.get("trafficType")), "")
