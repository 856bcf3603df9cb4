"""Clients that refuse our certificate: their connections to that host are let through as they are for a while."""

from collections.abc import Callable, Iterable
from typing import Final

PASSED_S: Final = 3_600.0
"""Seconds for which a client is let through; then its trust is tried once more."""
_TWICE_S: Final = 600.0
"""Seconds within which a client must hang up twice to count as refusing."""
_KEPT_MOST: Final = 1_000
_OF_ONE_CONNECTION: Final = frozenset((21, 35, 41, 42))
"""Extensions that depend on the connection before: padding, session ticket, pre-shared key, early data (RFC 8446, 4.2)."""
_ALERTS: Final = (
    "unknown ca",
    "bad certificate",
    "certificate unknown",
    "unsupported certificate",
    "certificate expired",
)
"""What OpenSSL calls the alerts of a client that does not accept a certificate (RFC 8446, 6.2)."""

_LOW_OF_BOTH: Final = 0x0A0A

type Who = tuple[str, str, tuple[int, ...], tuple[int, ...]]
"""A client as far as it shows before it has said anything: address, host that it wants, ciphers, extensions."""


class Refusals:
    """Who refused lately."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock that counts seconds."""
        self._clock = clock
        self._until: dict[Who, float] = {}
        self._hung_up: dict[Who, float] = {}

    def holds(self, client: Who) -> bool:
        """Tell whether a client is let through as it is."""
        return self._until.get(client, 0.0) > self._clock()

    def failed(self, client: Who, words: str) -> bool:
        """Take a handshake that failed, in OpenSSL's words; tell whether the client is let through from here on.

        One that hangs up without a word may only have been ended by its user: it counts when it does so twice.
        """
        if is_silent(words):
            before = self._hung_up.pop(client, None)
            if before is None or self._clock() - before > _TWICE_S:
                _keep(self._hung_up, client, self._clock())
                return False
        _keep(self._until, client, self._clock() + PASSED_S)
        return True


def _keep(known: dict[Who, float], client: Who, moment: float) -> None:
    while len(known) >= _KEPT_MOST:
        known.pop(next(iter(known)))
    known[client] = moment


def is_silent(words: str) -> bool:
    """Tell whether a client hung up without a word."""
    return words.startswith("connection closed")


def is_about_the_certificate(words: str) -> bool:
    """Tell whether a client said that it does not accept the certificate."""
    return any(alert in words for alert in _ALERTS)


def who(address: str, host: str, ciphers: Iterable[int], extensions: Iterable[int]) -> Who:
    """Return how a client shows itself: programs on one machine differ in what they offer, so that one never speaks for another."""
    offered = (each for each in extensions if each not in _OF_ONE_CONNECTION)
    # Browsers shuffle their extensions, and put values in that mean nothing and change each time (RFC 8701).
    return address, host, tuple(filter(_means, ciphers)), tuple(sorted(filter(_means, offered)))


def _means(number: int) -> bool:
    return number & 0x0F0F != _LOW_OF_BOTH or number >> 8 != number & 0xFF
