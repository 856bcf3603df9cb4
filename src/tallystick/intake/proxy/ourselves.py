"""What is asked of the proxy itself: it is answered here and never passed on, so that nothing goes round in circles."""

import asyncio
import json
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

from mitmproxy import http
from mitmproxy.proxy import layer, server_hooks
from mitmproxy.proxy.layers import HttpLayer
from mitmproxy.proxy.layers.http import HTTPMode
from mitmproxy.proxy.layers.http._events import RequestHeaders

from tallystick.intake.proxy.signing import Signer

_ITSELF: Final = "the proxy itself"
"""Stands where a request names no host; nobody can ask for it, since no address holds a space."""


def mark(found: layer.Layer | None) -> None:
    """Have requests without a host in their first line marked before mitmproxy takes one from `Host`.

    Only a server is asked in that way (RFC 9112, 3.2.1), so it is the proxy that is meant. Its hooks are called
    when both kinds look the same.
    """
    while found is not None:
        if isinstance(found, HttpLayer) and found.mode is not HTTPMode.transparent:
            _mark(found)
        found = getattr(found, "child_layer", None)


def _mark(found: HttpLayer) -> None:
    pass_on = found.event_to_child

    def event_to_child(child: Any, event: Any) -> layer.CommandGenerator[None]:  # noqa: ANN401  as mitmproxy has them
        if isinstance(event, RequestHeaders) and not event.request.host:
            # Its setter would write `Host` too.
            event.request.data.host = _ITSELF
        return pass_on(child, event)

    found.event_to_child = event_to_child  # type: ignore[method-assign]


def is_meant(flow: http.HTTPFlow) -> bool:
    """Tell whether the proxy itself is asked, and not asked to pass something on."""
    return flow.request.host == _ITSELF


def answer(request: http.Request, signer: Signer) -> http.Response:
    """Return what the proxy says of itself; asked to, it takes the authority that lies in its folder by now."""
    path = request.path.partition("?")[0]
    if path == "/health":
        return _said(200, {"status": "ok", "proxy": True, "authority": signer.fingerprint})
    if (request.method, path) == ("POST", "/authority"):
        try:
            signer.take()
        except (OSError, ValueError) as error:
            return _said(503, {"error": f"The authority could not be read ({type(error).__name__})."})
        return _said(200, {"authority": signer.fingerprint})
    return http.Response.make(
        404, "This is a proxy: it passes on what is asked of others.\n", {"Content-Type": "text/plain"}
    )


def _said(status: int, body: dict[str, Any]) -> http.Response:
    return http.Response.make(status, json.dumps(body), {"Content-Type": "application/json"})


async def is_reached(data: server_hooks.ServerConnectionHookData) -> bool:
    """Tell whether a connection that is about to be made would end at the listener that this client came through."""
    here, there = data.client.sockname, data.server.address
    if there is None or there[1] != here[1]:
        return False
    # As the connection itself will look the name up: `localhost`, `127.1` and any name at all may lead here.
    found = await asyncio.get_running_loop().getaddrinfo(there[0], there[1])
    return any(place[1] == here[1] and _is_here(str(place[0]), here[0]) for *_, place in found)


def _is_here(address: str, here: str) -> bool:
    found = _plain(address)
    # Systems take the address that stands for none as one of this machine.
    return found == _plain(here) or found == IPv4Address(0)


def _plain(address: str) -> IPv4Address | IPv6Address:
    found = ip_address(address)
    return (found.version == 6 and found.ipv4_mapped) or found  # noqa: PLR2004  that of the Internet Protocol
