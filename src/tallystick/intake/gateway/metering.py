"""What the gateway tells of the traffic, and how whatever fails in the telling leaves the traffic alone."""

import logging
from collections.abc import Mapping
from typing import Final, Protocol

_LOG: Final = logging.getLogger(__name__)


class Exchange(Protocol):
    """Who is told of one exchange (`intake/wire/exchange.py`)."""

    def sent(self, data: bytes) -> None:
        """Take the next bytes of the request's body."""

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the answer's status and headers."""

    def took(self, data: bytes) -> None:
        """Take the next bytes of the answer's body."""

    def end(self, *, cut: bool = False) -> None:
        """Take the end of the answer."""

    def frame_sent(self, data: bytes) -> None:
        """Take a client's message."""

    def frame_took(self, data: bytes) -> None:
        """Take a server's message."""


class Meter:
    """Tells an exchange what passes, once the bytes are on their way; after a failure it tells nothing more."""

    def __init__(self, exchange: Exchange | None) -> None:
        """Begin with whom to tell; nobody for what is not metered."""
        self._exchange = exchange

    def sent(self, data: bytes) -> None:
        """Tell of the next bytes of the request's body."""
        if self._exchange is not None and data:
            try:
                self._exchange.sent(data)
            except Exception as error:  # noqa: BLE001  whatever it is, the traffic goes on
                self._failed(error)

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Tell of the answer's head."""
        if self._exchange is not None:
            try:
                self._exchange.head(status, headers)
            except Exception as error:  # noqa: BLE001  the same
                self._failed(error)

    def took(self, data: bytes) -> None:
        """Tell of the next bytes of the answer's body."""
        if self._exchange is not None and data:
            try:
                self._exchange.took(data)
            except Exception as error:  # noqa: BLE001  the same
                self._failed(error)

    def frame(self, data: bytes | str, *, sent: bool) -> None:
        """Tell of a message on a websocket, from the client or from the server."""
        if self._exchange is not None:
            try:
                (self._exchange.frame_sent if sent else self._exchange.frame_took)(
                    data.encode() if isinstance(data, str) else data
                )
            except Exception as error:  # noqa: BLE001  the same
                self._failed(error)

    def end(self, *, cut: bool) -> None:
        """Tell of the end, whole or cut off; whatever comes later is not told."""
        if self._exchange is not None:
            exchange, self._exchange = self._exchange, None
            try:
                exchange.end(cut=cut)
            except Exception as error:  # noqa: BLE001  the same
                self._failed(error)

    def drop(self) -> None:
        """Tell nothing: nobody was reached."""
        self._exchange = None

    def _failed(self, error: Exception) -> None:
        self._exchange = None
        # Its kind only: what it says may hold a piece of what was on the wire.
        _LOG.warning("A call is not metered: %s", type(error).__name__)
