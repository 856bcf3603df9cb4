"""Responses on a websocket: many answers, one after the other, each counted when it ends."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.codex_limits import limits_in_frame, limits_in_headers
from tallystick.providers.decoded import count, decoder, text
from tallystick.providers.openai_chat import PLAIN, Manner
from tallystick.providers.openai_responses import LAST, Event, Told, event_of, wanted
from tallystick.providers.provider import CUT, FAILED, PREWARM, Call, Limit
from tallystick.providers.shape import Listing

_CREATE: Final = "response.create"
_MOST_WAITING: Final = 256


class _Create(msgspec.Struct):
    """A client's message that asks for an answer."""

    type: Any = None
    model: Any = None
    generate: Any = None
    response: Any = None


_create = decoder(_Create)


class Socket:
    """Follows one websocket; nothing of an answer is kept beyond its end."""

    def __init__(self, listing: Listing, manner: Manner = PLAIN) -> None:
        """Take who is asked, and in what the vendor differs."""
        self.limits: list[Limit] = []
        self._listing = listing
        self._manner = manner
        self._asked: deque[tuple[str, bool]] = deque(maxlen=_MOST_WAITING)
        """Of the answers that are waited for: the model, and whether only the connection is warmed up."""
        self._told: Told | None = None
        self._model = ""
        self._open = True

    def sent(self, data: bytes) -> None:
        """Take nothing: a request for a websocket has no body."""

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer to the upgrade."""
        _ = status
        self.limits += self._listing.limits(headers)

    def took(self, data: bytes) -> list[Call]:
        """Take nothing: what comes over a websocket are frames."""
        _ = data
        return []

    def frame_sent(self, data: bytes) -> list[Call]:
        """Take a client's message; one that asks for an answer tells the model."""
        message = _create(data) if f'"{_CREATE}"'.encode() in data else None
        if message is not None and message.type == _CREATE:
            self._model = text(message.model) or self._model
            self._asked.append((self._model, message.generate is False))
        return []

    def frame_took(self, data: bytes) -> list[Call]:
        """Take a server's message; return the calls of an answer that ends with it."""
        event = event_of(data) if wanted(data) else None
        if event is None:
            return []
        kind = text(event.type)
        if kind == "codex.rate_limits":
            self.limits += limits_in_frame(data)
        elif kind == "error":
            return self._failed(event)
        elif kind == "response.output_item.done" and event.item is not None and self._told:
            self._told.item(event.item)
        elif event.response is not None:
            self._told = self._told or Told(self._asked[0][0] if self._asked else "", self._manner)
            self._told.take(event.response, last=kind in LAST)
            if kind in LAST:
                return self._ended(cut=False)
        return []

    def _ended(self, *, cut: bool) -> list[Call]:
        """Return the calls of the answer at hand, which has ended or was cut off."""
        asked, warms = self._asked.popleft() if self._asked else ("", False)
        told, self._told = self._told or Told(asked, self._manner), None
        calls = [self._filled(call, asked) for call in told.calls(cut=cut)]
        if warms:
            calls = [call._replace(outcome=PREWARM) for call in calls if call.outcome not in (CUT, FAILED)]
        return calls

    def _failed(self, event: Event) -> list[Call]:
        if isinstance(event.headers, dict):
            self.limits += limits_in_headers({text(name).lower(): text(said) for name, said in event.headers.items()})
        asked, _ = self._asked.popleft() if self._asked else ("", False)
        told, self._told = self._told, None
        call = told.calls(cut=True)[0]._replace(outcome=CUT) if told else Call("", "", outcome=FAILED)
        return [self._filled(call, asked)._replace(status=count(event.status) or count(event.status_code) or 200)]

    def _filled(self, call: Call, asked: str) -> Call:
        # The request id is that of the upgrade, one for all answers, and names none of them.
        return call._replace(provider=self._listing.name, model=call.model or asked, asked_model=asked)

    def end(self, *, cut: bool) -> list[Call]:
        """Take the end of the connection: an answer that was still waited for was cut off."""
        _ = cut
        if not self._open:
            return []
        self._open = False
        found: list[Call] = []
        while self._asked or self._told:
            found += self._ended(cut=True)
        return found
