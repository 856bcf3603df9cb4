"""The results of Anthropic's message batches: lines of JSON, each with a whole message, told at half the price (tier `batch`)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tallystick.providers.anthropic_messages import Messages
from tallystick.providers.decoded import decoder
from tallystick.providers.provider import Call, Limit
from tallystick.providers.shape import Place

_SUCCEEDED: Final = b'"succeeded"'
_BATCH: Final = "batch"


class _Result(msgspec.Struct):
    type: Any = None
    message: msgspec.Raw = msgspec.Raw()


class _Line(msgspec.Struct):
    result: _Result | None = None


_line = decoder(_Line)


class Results:
    """Reads the lines as they come; what failed, was cancelled or came too late is not billed."""

    by_line = True

    def __init__(self, place: Place) -> None:
        """Take where it was asked."""
        self._place = place
        self.limits: list[Limit] = []
        self._ready: list[Call] = []

    def head(self, headers: Mapping[str, str]) -> None:
        """Take nothing: headers tell no counts."""

    def wants(self, data: bytes) -> bool:
        """Tell whether it may be a request that was answered."""
        return _SUCCEEDED in data

    def text(self, data: bytes) -> None:
        """Take a line, or all of them where there is only one."""
        line = _line(data)
        if line is None or line.result is None or line.result.type != "succeeded":
            return
        answer = Messages(self._place)
        answer.text(bytes(line.result.message))
        for call in answer.calls("", cut=False):
            # The tier is told with the counts; results are of no other one.
            self._ready.append(call._replace(kind=call.kind or "later", tier=call.tier or _BATCH))

    def ready(self) -> list[Call]:
        """Return the calls that came since the last time: there may be a hundred thousand of them."""
        found, self._ready = self._ready, []
        return found

    def calls(self, asked: str, *, cut: bool) -> list[Call]:
        """Return the last calls; of results that broke off, each whole line has told all of its call."""
        _ = asked, cut
        return self.ready()
