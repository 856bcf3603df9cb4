"""Tries: how often an address has shown what does not count, and whether it has to wait."""

import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from math import ceil
from time import monotonic
from typing import Final

MOST: Final = 20
WITHIN_S: Final = 60.0
_ADDRESSES_MOST: Final = 10_000
_NETWORK_V6: Final = 64
"""Bits of an IPv6 address that tell one customer from another: the rest anybody chooses as they like."""


class Tries:
    """Failed tries of the last minute, by the address of who tried."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin without any; the clock counts seconds."""
        self._clock = clock
        self._failed: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """Return for how many seconds somebody has to wait; 0 when they may try."""
        times = self._recent(whose(address))
        return max(1, ceil(times[0] + WITHIN_S - self._clock())) if len(times) >= MOST else 0

    def add(self, address: str) -> None:
        """Note that somebody has failed."""
        name = whose(address)
        with self._lock:
            times = self._recent(name)
            # The latest last, so that those who tried long ago are forgotten first.
            self._failed.pop(name, None)
            self._failed[name] = [*times, self._clock()][-MOST:]
            if len(self._failed) > _ADDRESSES_MOST:
                del self._failed[next(iter(self._failed))]

    def _recent(self, name: str) -> list[float]:
        since = self._clock() - WITHIN_S
        return [time for time in self._failed.get(name, ()) if time > since]


def whose(address: str) -> str:
    """Return the part of an address that its owner cannot choose."""
    try:
        found: IPv4Address | IPv6Address | None = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(int(found) >> (found.max_prefixlen - _NETWORK_V6))
        found = found.ipv4_mapped
    return str(found)
