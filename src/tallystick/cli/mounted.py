"""Mounted: the gateway beside the app, so that what is on its way to a provider passes by everything that pages need."""

import hmac
from email.utils import formatdate
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from tallystick.access.door import Door
from tallystick.faces.http.guard import Guard
from tallystick.faces.http.site import Site
from tallystick.intake.gateway.refusing import Refusal, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tallystick.intake.gateway.gateway import Gateway

_TOKEN: Final = b"x-tally-token"
"""What providers are shown is theirs: a token of ours has a header of its own here."""
_KINDS: Final = frozenset(("http", "websocket"))
_NEEDS: Final = Refusal(
    401, "token-needed", "From another machine the gateway wants a token of this server's, as X-Tally-Token."
)


class Dated:
    """Adds the date to each answer of an app; what providers answer brings its own."""

    def __init__(self, app: "ASGIApp") -> None:
        """Begin with the app."""
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Have something answered."""

        async def dated(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
            await send(message)

        await self._app(scope, receive, dated)


class Mounted:
    """Hands on what is for the gateway, and everything else to the app."""

    def __init__(self, app: "ASGIApp", gateway: "Gateway", site: Site, door: Door) -> None:
        """Begin with both, and with who is let in."""
        self._app, self._gateway, self._door = Dated(app), gateway, door
        self._guard, self._own = Guard(app, site), site.token

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass something on."""
        if scope["type"] not in _KINDS or not self._gateway.owns(scope["path"]):
            await self._app(scope, receive, send)
            return
        refused = self._guard.stopped(scope)
        refusal = Refusal(*refused) if refused else None if self._may(scope) else _NEEDS
        if refusal:
            await refuse(refusal, scope, send)
        else:
            await self._gateway(scope, receive, send)

    def _may(self, scope: "Scope") -> bool:
        """Tell whether somebody asks from this machine, or shows a token."""
        peer = scope.get("client")
        if peer is None or _is_here(peer[0]):
            return True
        shown = next((value for name, value in scope["headers"] if name == _TOKEN), b"")
        if self._own and hmac.compare_digest(shown, self._own.encode()):
            return True
        return bool(shown) and self._door.admit(shown.decode("latin-1")) is not None


def _is_here(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False
