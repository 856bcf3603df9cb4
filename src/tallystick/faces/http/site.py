"""The site: what a server is told when it begins, and what every router may go by."""

from collections.abc import Callable
from typing import Final, NamedTuple

PREFIX: Final = "/api/v1"
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
"""Names by which this machine calls itself, whatever the port."""


class Site(NamedTuple):
    """One server as it was set up."""

    version: str
    """Of the program."""
    timezone: str
    """The IANA name of the zone in which days are told where nobody asks for another."""
    now: Callable[[], int]
    """This moment: milliseconds since 1970, UTC."""
    hosts: tuple[str, ...] = ()
    """Names beside `LOOPBACK` under which it may be asked for, with a port when only that one is meant."""
    origins: tuple[str, ...] = ()
    """Origins of other sites whose pages may ask, exactly as a browser sends them: `https://…`, `chrome-extension://…`."""
    token: str = ""
    """What has to be shown by whoever asks; empty when nothing has."""
    cache_ttl: float = 0
    """Seconds for which tokengate's routes may repeat an answer."""
    adapters: tuple[str, ...] = ()
    """The tools that tokengate's routes tell of; empty for all."""
    energy: bool = False
    """Whether pages tell what usage took of electricity and water, estimated."""
