"""OpenAI's Responses: one JSON answer, or a stream whose last event repeats the answer and tells the counts."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.codex_limits import limits_in_frame
from tallystick.providers.counts import USUAL
from tallystick.providers.decoded import decoder, gleaned, gleaned_text, inner, text
from tallystick.providers.openai_chat import PLAIN, Manner
from tallystick.providers.openai_usage import cost_of, named, searches_of, tier_of, tokens_of
from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, Call, Limit
from tallystick.providers.shape import Place

LAST: Final = (
    "response.completed",
    "response.incomplete",
    "response.failed",
    "response.cancelled",
    # The Realtime API's name for it.
    "response.done",
)
"""Events that end an answer."""
_names = (re.escape(name) for name in ("response.created", *LAST, "error", "codex.rate_limits", "web_search_call"))
wanted: Final = re.compile(f'"(?:{"|".join(_names)})"'.encode()).search
"""Finds what names, ends or fails an answer, or tells of a search or a limit; ten times faster than looking for each."""
_SEARCH: Final = "web_search_call"
_BILLED: Final = ("", "search")
"""Opening a page that was found, or looking within one, is no search of its own."""
_COMPACTION: Final = "response.compaction"
_PENDING: Final = ("queued", "in_progress")
_BROKEN: Final = ("failed", "cancelled")
_LOOKED_AT: Final = 4096
"""Bytes within which an answer tells whether it was made in the background, if it was kept only in part."""
_background: Final = re.compile(rb'"background"\s*:\s*true').search


class _Action(msgspec.Struct):
    type: Any = None


class _Item(msgspec.Struct):
    type: Any = None
    id: Any = None
    action: _Action | None = None
    model: Any = None


class Response(msgspec.Struct):
    """The answer as a whole, without its content."""

    object: Any = None
    id: Any = None
    model: Any = None
    status: Any = None
    service_tier: Any = None
    usage: Any = None
    tool_usage: Any = None
    error: Any = None
    background: Any = None
    output: list[_Item] | None = None
    tools: list[_Item] | None = None


class Event(Response):
    """An event of a stream or a message on a websocket; an answer as a whole has the same fields without a type."""

    type: Any = None
    response: Response | None = None
    item: _Item | None = None
    status_code: Any = None
    headers: Any = None


event_of = decoder(Event)


class Told:
    """What one answer has told so far."""

    def __init__(self, asked: str = "", manner: Manner = PLAIN) -> None:
        """Take the model that was asked for, as far as it is known, and in what the vendor differs."""
        self.asked = asked
        self.response = Response()
        self.ended = False
        self._manner = manner
        self._searches: set[str] = set()
        self._unnamed = 0

    def take(self, response: Response, *, last: bool) -> None:
        """Take the answer as an event repeats it."""
        before, self.response = self.response, response
        response.id, response.model = response.id or before.id, response.model or before.model
        response.background = response.background or before.background
        self.ended = self.ended or last
        if response.output is not None:
            self._unnamed = sum(_is_search(item) and not text(item.id) for item in response.output)
            for item in response.output:
                self.item(item)

    @property
    def is_background(self) -> bool:
        """Whether the answer was worked out while nobody waited, so that only who asks for it later is told its counts."""
        return self.response.background is True

    @property
    def is_ready(self) -> bool:
        """Whether the answer has come to its end, or has told its counts."""
        return self.ended or bool(self.response.usage)

    def item(self, item: _Item) -> None:
        """Take an item of the answer's output, which may come twice; without an id nobody knows whether it does."""
        if _is_search(item) and text(item.id):
            self._searches.add(text(item.id))

    def calls(self, *, cut: bool) -> list[Call]:
        """Return the call, and the pictures that another model made for it."""
        said, manner = self.response, self._manner
        searches = len(self._searches) + self._unnamed
        status = text(said.status)
        kind = manner.kind or ("compaction" if said.object == _COMPACTION else "")
        call = Call(
            "",
            named(text(said.model), self.asked),
            id=text(said.id),
            tier=tier_of(text(said.service_tier)),
            kind=kind,
            web_searches=searches,
        )
        if not isinstance(said.usage, dict) or not said.usage:
            return [call._replace(outcome=_untold(status, bool(said.error), ended=self.ended, cut=cut))]
        tokens, mismatch = tokens_of(said.usage, manner.habit)
        call = call._replace(
            tokens=tokens,
            outcome=CUT if status in _BROKEN or (cut and not self.ended) else DONE,
            web_searches=searches or searches_of(said.usage),
            cost_nano=cost_of(said.usage),
            mismatch=mismatch,
        )
        return [call, *self._pictures(call)]

    def _pictures(self, call: Call) -> list[Call]:
        """Return what the picture model was given and made, which has a price of its own."""
        usage = inner(self.response.tool_usage, "image_gen")
        tokens, mismatch = tokens_of(usage, USUAL)
        if not tokens.total:
            return []
        tools = (each for each in self.response.tools or () if each.type == "image_generation")
        model = next((text(each.model) for each in tools), "")
        return [
            call._replace(
                model=model or "image_generation",
                tokens=tokens,
                part=1,
                kind="image",
                web_searches=0,
                cost_nano=None,
                tier="",
                mismatch=mismatch,
            )
        ]


def _is_search(item: _Item) -> bool:
    return item.type == _SEARCH and text(item.action.type if item.action else "") in _BILLED


def _untold(status: str, failed: bool, *, ended: bool, cut: bool) -> str:  # noqa: FBT001 - a row of what is known
    if failed or status in _BROKEN:
        return FAILED
    return CUT if cut and not ended else MISSING


class Responses:
    """Reads one answer over HTTP."""

    by_line = False

    def __init__(self, place: Place, manner: Manner = PLAIN) -> None:
        """Take where it was asked, and in what the vendor differs."""
        self._retrieves = place.asked.method != "POST"
        self._told = Told("", manner)
        self._failed = self._begun = False
        self.limits: list[Limit] = []
        """What frames have told of usage windows."""

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it is an event that names, ends or fails an answer, or tells of a search."""
        return wanted(data) is not None

    def text(self, data: bytes) -> None:
        """Take an event, or the whole answer."""
        event = event_of(data)
        if event is None:
            self._glean(data)
            return
        kind = text(event.type)
        if event.response is not None:
            self._begun = True
            self._told.take(event.response, last=kind in LAST)
        elif event.item is not None:
            if kind == "response.output_item.done":
                self._told.item(event.item)
        elif kind == "error":
            self._failed = True
        elif kind == "codex.rate_limits":
            self.limits += limits_in_frame(data)
        elif not kind:
            is_pending = text(event.status) in _PENDING
            # Whoever waits is answered when it is done.
            event.background = event.background is True or is_pending
            self._told.take(event, last=not is_pending)

    def _glean(self, data: bytes) -> None:
        self._told.take(
            Response(
                id=self._told.response.id or gleaned_text(data, "id") or None,
                model=self._told.response.model or gleaned_text(data, "model") or None,
                usage=gleaned(data, ("usage",)) or None,
                background=_background(data[:_LOOKED_AT]) is not None,
            ),
            last=False,
        )

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the calls of the answer."""
        self._told.asked = asked
        calls = self._told.calls(cut=cut)
        if self._failed and not self._told.ended:
            calls = [call._replace(outcome=CUT if self._begun else FAILED) for call in calls]
        if self._retrieves:
            return self._retrieved(calls)
        if self._told.is_background and not self._told.is_ready and not self._failed:
            # It goes on being worked out, also where its stream broke off: what asks for it later tells its counts.
            return [call._replace(kind="begun") for call in calls]
        return calls

    def _retrieved(self, calls: list[Call]) -> list[Call]:
        """Return the calls of an answer that was asked for by its id.

        One of the background tells its counts then for the first time, or once more under the same id; any other one only
        repeats them. One that is not ready tells nothing.
        """
        kind = "later" if self._told.is_background else "retrieval"
        if kind == "later" and not self._told.is_ready:
            return []
        telling = (DONE, CUT, MISSING) if kind == "later" else (DONE, CUT)
        return [call._replace(kind=call.kind or kind) for call in calls if call.outcome in telling]
