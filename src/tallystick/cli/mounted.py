"""Mounted: the gateway beside the app, so that what is on its way to a provider passes by everything that pages need."""

from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from tallystick.faces.http.guard import Guard
from tallystick.faces.http.site import Site
from tallystick.intake.gateway.refusing import Refusal, refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tallystick.intake.gateway.gateway import Gateway

_KINDS: Final = frozenset(("http", "websocket"))


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

    def __init__(self, app: "ASGIApp", gateway: "Gateway", site: Site, *, always: bool) -> None:
        """Begin with both, with who is let in, and whether they always show a token: also who seems to ask from this machine."""
        self._app, self._gateway, self._guard, self._always = Dated(app), gateway, Guard(app, site), always

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass something on."""
        if scope["type"] not in _KINDS or not self._gateway.owns(scope["path"]):
            await self._app(scope, receive, send)
        elif refused := await self._guard.hindered(scope, always=self._always):
            await refuse(Refusal(*refused), scope, send)
        else:
            await self._gateway(scope, receive, send)
