"""How far a server reaches: only this machine, or beyond it; and under what address others find it."""

import socket
from collections.abc import Iterable

from tallystick.settings import Server


def is_loopback(address: str) -> bool:
    """Tell whether an address is one of this machine for itself."""
    from ipaddress import ip_address

    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def only_here(addresses: Iterable[str]) -> bool:
    """Tell whether all of some addresses are."""
    found = list(addresses)
    return bool(found) and all(map(is_loopback, found))


def goes_beyond(served: Server) -> bool:
    """Tell whether a server can be reached from other machines; so it is taken to be where its name leads nowhere."""
    try:
        found = socket.getaddrinfo(served.host or None, served.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return True
    return not only_here(str(each[4][0]) for each in found)


def is_here(host: str) -> bool:
    """Tell whether the host of an address is this machine's name for itself."""
    return host.lower() == "localhost" or is_loopback(host.strip("[]"))


def url_of(host: str, port: int) -> str:
    """Return the address of a server without its last slash."""
    return f"http://{f'[{host}]' if ':' in host else host or '127.0.0.1'}:{port}"
