"""How a proxy is to run, and what a person may say about it."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from tallystick.errors import Misused

PORT: Final = 8377
HOST: Final = "127.0.0.1"
"""Nobody else may send their traffic through it."""
AGAIN: Final = 75
"""The exit code with which a proxy asks to be started anew (EX_TEMPFAIL of sysexits.h)."""
_HTTPS: Final = 443
_PORT_MOST: Final = 65_535


class Way(NamedTuple):
    """Where connections to a host are made instead: its name and its certificate stay what they are."""

    host: str
    port: int
    """The port that is asked for; 0 is any."""
    to_host: str
    to_port: int


class Plan(NamedTuple):
    """How the proxy is to run."""

    data_dir: str
    port: int = PORT
    """0 is any that is free."""
    upstream: str = ""
    """A proxy behind this one: `http://proxy.example:8080`."""
    upstream_auth: str = ""
    """`user:password` for it."""
    reverse: str = ""
    """The server that it stands for instead of being asked as a proxy: `https://api.example`."""
    ways: tuple[Way, ...] = ()
    trusted: tuple[str, ...] = ()
    """Files with the certificates by which servers are known; without any, those that mitmproxy brings."""
    stored: str = ""
    """Further such certificates as PEM."""
    archive: str = ""
    """A folder into which whole exchanges are written; empty for none."""
    hosts: tuple[str, ...] = ()
    """Patterns of the hosts that are read, for which our certificate can speak; without any, those on the shelf."""
    memory: int = 600 << 20
    """Bytes that it may hold before that is noted."""
    kept: bool = False
    """Whether somebody starts it anew when it ends: then it ends in a gap of the traffic once it holds too much."""


def ways(said: Iterable[str]) -> tuple[Way, ...]:
    """Read `HOST[:PORT]=ADDRESS:PORT`, each once; raise Misused for what is something else."""
    return tuple(map(_way, said))


def _way(text: str) -> Way:
    found = re.fullmatch(r"([\w.-]+)(?::(\d+))?=(?:\[([0-9a-fA-F:]+)\]|([\w.-]+)):(\d+)", text)
    if not found:
        raise Misused(f"--connect-to {text!r} is not HOST=ADDRESS:PORT, such as api.example.com=127.0.0.1:8443.")
    host, port, six, address, to_port = found.groups()
    numbers = int(port or 0), int(to_port)
    if max(numbers) > _PORT_MOST:
        raise Misused(f"--connect-to {text!r} names a port above {_PORT_MOST}.")
    return Way(host.lower(), numbers[0], six or address, numbers[1])


def behind(address: str) -> tuple[str, str]:
    """Return the address of a proxy behind this one, and `user:password` for it; raise Misused for what is none."""
    told = _split("--upstream", address)
    auth = f"{unquote(told.username)}:{unquote(told.password or '')}" if told.username else ""
    return f"{told.scheme}://{_where(told)}", auth


def stands_for(address: str) -> str:
    """Return the address of a server that the proxy stands for; raise Misused for what is none."""
    told = _split("--reverse", address)
    if told.path not in {"", "/"} or told.username:
        raise Misused(f"--reverse {address!r} has more than a scheme, a host and a port.")
    return f"{told.scheme}://{_where(told)}"


def _split(option: str, address: str) -> SplitResult:
    try:
        told = urlsplit(address)
        _ = told.port
    except ValueError:
        told = SplitResult("", "", "", "", "")
    if told.scheme not in {"http", "https"} or not told.hostname:
        raise Misused(f"{option} {address!r} is no address such as http://proxy.example:8080.")
    return told


def _where(told: SplitResult) -> str:
    host = told.hostname or ""
    port = told.port or (_HTTPS if told.scheme == "https" else 80)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def matching(patterns: Iterable[str]) -> list[str]:
    """Return, for patterns of hosts in which `*` is one label or several, what matches `host:port`."""
    return [rf"^{re.escape(pattern).replace(re.escape('*'), '[^:]+')}:\d+$" for pattern in patterns]
