"""A watch over one HTTP exchange: finds out how the answer is framed and hands its JSON to the wire shape."""

from collections.abc import Mapping
from typing import Final, Protocol

from tallystick.providers.event_stream import EventStream
from tallystick.providers.lines import Document, Lines
from tallystick.providers.provider import CUT, FAILED, Asked, Call, Limit
from tallystick.providers.request import Request
from tallystick.providers.shape import Listing, Place, Several, Shape
from tallystick.providers.sse import Events

_ERROR: Final = 400
_REDIRECT: Final = 300
_FIRST_OK: Final = 200
_BLANK: Final = b" \t\r\n\xef\xbb\xbf"
_JSON: Final = (b"{", b"[")


class _Framing(Protocol):
    def feed(self, piece: bytes) -> list[bytes]: ...

    def end(self) -> list[bytes]: ...


class Meter:
    """Follows one request and its answer."""

    def __init__(self, listing: Listing, asked: Asked, shape: Shape, model: str = "") -> None:
        """Take who is asked, what was asked, how the answer is to be read, and the model as the path has it."""
        self.limits: list[Limit] = []
        self._listing = listing
        self._place = Place(asked, model)
        self._shape = shape
        self._several = shape if isinstance(shape, Several) else None
        self._request = Request()
        self._framing: _Framing | None = None
        self._begun = b""
        """The blank beginning of an answer of which it is not known what it is."""
        self._status = 0
        self._binary = False
        self._answer = ""
        """The request's id, as the answer's headers tell it."""
        self._ended = False

    def sent(self, data: bytes) -> None:
        """Take the next piece of the request's body."""
        self._request.add(data)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers."""
        self._status = status
        listing = self._listing
        self._answer = next((headers[name][:200] for name in listing.request_ids if headers.get(name)), "")
        self._binary = "amazon.eventstream" in headers.get("content-type", "")
        self.limits += listing.limits(headers)
        self._shape.head(headers)

    def took(self, data: bytes) -> list[Call]:
        """Take the next piece of the answer's body; its calls are told at its end, those of many answers as they come."""
        if not data or self._ended or self._status >= _ERROR:
            return []
        if self._framing is None:
            self._framing = self._framed(data)
            if self._framing is None:
                return []
            data, self._begun = self._begun + data, b""
        for text in self._framing.feed(data):
            self._shape.text(text)
        return [self._filled(call) for call in self._several.ready()] if self._several else []

    def _framed(self, data: bytes) -> _Framing | None:
        """Find out by its first sign what an answer is, for content types are not always right."""
        if self._binary:
            return EventStream()
        begins = (self._begun + data).lstrip(_BLANK)[:1]
        if not begins:
            # Blank lines alone tell nothing: keepalives come before some answers.
            self._begun = (self._begun + data)[-3:]
            return None
        if begins not in _JSON:
            return Events(self._shape.wants)
        return Lines(self._shape.wants) if self._shape.by_line else Document()

    def end(self, *, cut: bool) -> list[Call]:
        """Take the end of the answer and return its calls."""
        if self._ended:
            return []
        self._ended = True
        if self._status >= _ERROR:
            # What only looks something up is no try of a call.
            return [self._filled(Call("", "", outcome=FAILED))] if self._place.asked.method == "POST" else []
        if self._status and not _FIRST_OK <= self._status < _REDIRECT:
            # Neither an answer nor an error: the client asks elsewhere.
            return []
        if not self._status:
            return [self._filled(Call("", "", outcome=CUT))]
        if self._framing is not None:
            for text in self._framing.end():
                self._shape.text(text)
        calls = self._shape.calls(self._request.model(), cut=cut)
        self.limits += self._shape.limits
        return [self._filled(call) for call in calls]

    def _filled(self, call: Call) -> Call:
        asked = self._request.model() or self._place.model
        return call._replace(
            provider=self._listing.name,
            model=call.model or asked,
            request=self._answer,
            status=self._status,
            asked_model=asked,
        )

    def frame_sent(self, data: bytes) -> list[Call]:
        """Take nothing: this exchange is no websocket."""
        _ = data
        return []

    frame_took = frame_sent
