"""The site: what a server is told when it begins, and what every router may go by."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from tallystick.answers.beside import Beside
from tallystick.faces.http.ways import Way

PREFIX: Final = "/api/v1"
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
"""Names by which this machine calls itself, whatever the port."""


_NONE: Final[Mapping[str, Way]] = MappingProxyType({})


class Grant(Protocol):
    """Whoever shows a token that is valid, as routes find them in a request's scope under `GRANT`."""

    @property
    def id(self) -> str:
        """Of the token."""

    @property
    def scope(self) -> str:
        """`ingest` may only send, `read` only ask, `admin` ask and change."""

    @property
    def machine(self) -> str:
        """The name under which the machine was paired, which never changes; empty for who is no machine."""

    @property
    def name(self) -> str:
        """The name under which the machine is shown, else what the token is called."""

    @property
    def user(self) -> str:
        """Whose it is; empty when that is not said."""


GRANT: Final = "tally.grant"
"""Where in the scope of a request stands who it is from; nowhere for whom nothing was asked."""
BY_COOKIE: Final = "tally.cookie"
"""Where in it stands, true, that they were recognised by a login of their browser."""

WAIT: Final = "tally.wait"
"""Where in it stands for how many seconds somebody has to wait whom what is behind the guard does not let in."""


def nobody(_: str) -> Grant | None:
    """Return None: no token counts."""
    return None


def never() -> bool:
    """Return False: reading needs no token."""
    return False


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
    """With which one can ask and change everything; empty when there is none such."""
    key: str = ""
    """With which machines may send that were not paired, each under the name that it says; empty when there is none such."""
    cache_ttl: float = 0
    """Seconds for which tokengate's routes may repeat an answer."""
    adapters: tuple[str, ...] = ()
    """The tools that tokengate's routes tell of; empty for all."""
    energy: bool = False
    """Whether pages tell what usage took of electricity and water, estimated."""
    admit: Callable[[str], Grant | None] = nobody
    """Tells whose any other token is."""
    guarded: Callable[[], bool] = never
    """Tells whether reading needs a token; where there is `token`, it does."""
    logged_in: Callable[[str], Grant | None] | None = None
    """Tells whose login a cookie names; None where there is no page for logging in."""
    far: bool = False
    """Whether that is known somewhere else, so that it may take a while to find out."""
    ways: Mapping[str, Way] = _NONE
    """What the addresses of routes that are handed in want, where that is more than reading."""
    owner: str = ""
    """Whose server it is, where pages shall tell."""
    beside: Beside = Beside()
    """Where pages get what is in no ledger."""
