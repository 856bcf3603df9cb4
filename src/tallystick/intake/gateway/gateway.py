"""The gateway as an ASGI app: finds the upstream that an address names, and has the request passed to it."""

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from tallystick.intake.gateway import refusing, trusting
from tallystick.intake.gateway.address import ROOT, Address, address, leads_out
from tallystick.intake.gateway.asgi import Receive, Scope, Send
from tallystick.intake.gateway.headers import told
from tallystick.intake.gateway.metering import Meter
from tallystick.intake.gateway.upstreams import Upstream
from tallystick.intake.wire.exchange import Exchange
from tallystick.intake.wire.runs import NO_RUN, Run
from tallystick.intake.wire.spool import Spool
from tallystick.providers.provider import Asked
from tallystick.providers.shelf import Shelf

if TYPE_CHECKING:
    from tallystick.intake.gateway.capping import Capping, Stops
    from tallystick.intake.gateway.dialling import Dialler

_LOG: Final = logging.getLogger(__name__)
_VIA: Final = "gateway"


class Outside(NamedTuple):
    """What is around the gateway."""

    trusted: str = ""
    """A file of certificates that are trusted besides the system's; empty for none."""
    environ: Mapping[str, str] = {}
    """The variables that name proxies."""
    run: Callable[[str], Run] | None = None
    """Returns the run of a tool that has a token."""
    stops: "Stops | None" = None
    """Tells whether a budget stops a request; None where none is to."""


class Gateway:
    """Answers every address below `/gateway/`; who may ask is decided before it."""

    def __init__(
        self,
        upstreams: Mapping[str, Upstream],
        shelf: Shelf,
        spool: Spool,
        now: Callable[[], float],
        outside: Outside = Outside(),  # noqa: B008  it never changes
    ) -> None:
        """Take where it leads, who watches, where what they tell goes, and a clock of seconds since 1970.

        Raises Misused where the certificates to trust cannot be read.
        """
        if outside.trusted:
            # What is wrong with the file is told at the start, not by the first call.
            trusting.context(outside.trusted)
        self._upstreams, self._shelf, self._spool, self._now, self._outside = upstreams, shelf, spool, now, outside
        self._dialler: Dialler | None = None

    @staticmethod
    def owns(path: str) -> bool:
        """Tell whether a path is one of the gateway's."""
        return path.startswith(f"{ROOT.decode()}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request or a websocket to the upstream that its address names."""
        # Only now: what is behind it takes a fifth of a second to import, and most servers never need it.
        from tallystick.intake.gateway.passing import Passing, Way
        from tallystick.intake.gateway.relaying import Relaying

        socket = scope["type"] == "websocket"
        found = address(scope["raw_path"])
        upstream = self._upstreams.get(found.upstream)
        if upstream is None:
            await refusing.refuse(refusing.unknown(found.upstream, list(self._upstreams)), scope, send)
        elif upstream.path and leads_out(found.path):
            await refusing.refuse(refusing.LEADS_OUT, scope, send, upstream.speaks)
        elif (socket and not upstream.websockets) or (not socket and _wants_socket(scope)):
            await refusing.refuse(refusing.NO_SOCKETS, scope, send, upstream.speaks)
        else:
            exchange = self._exchange(upstream, found, scope)
            capping = self._capping(upstream, found, scope) if exchange is not None else None
            if capping is not None:
                if socket and capping.stops_socket():
                    await refusing.refuse(refusing.NO_SOCKETS, scope, send, upstream.speaks)
                    return
                why, receive = ("", receive) if socket else await capping.stops_request(receive)
                if why:
                    refusal = refusing.used_up(why, heeds=refusing.heeds(scope, upstream.speaks))
                    await refusing.refuse(refusal, scope, send, upstream.speaks)
                    return
            way = Way(upstream, found.path, Meter(exchange), capping.stops_socket if capping else None)
            await (Relaying if socket else Passing)(way, self._dialled(), scope, receive, send).run()

    async def close(self) -> None:
        """Let go of the connections to the upstreams."""
        if self._dialler is not None:
            await self._dialler.close()
            self._dialler = None

    def _capping(self, upstream: Upstream, found: Address, scope: Scope) -> "Capping | None":
        """Return what holds a request against budgets, where that is wanted."""
        if self._outside.stops is None:
            return None
        from tallystick.intake.gateway.capping import Capping

        return Capping(self._outside.stops, _asked(upstream, found, scope), lambda: self._run(found))

    def _run(self, found: Address) -> Run:
        run = self._outside.run
        return run(found.run) if run is not None and found.run else NO_RUN

    def _dialled(self) -> "Dialler":
        if self._dialler is None:
            from tallystick.intake.gateway.dialling import Dialler

            self._dialler = Dialler(self._outside.trusted, self._outside.environ)
        return self._dialler

    def _exchange(self, upstream: Upstream, found: Address, scope: Scope) -> Exchange | None:
        """Return who is told of an exchange; None where it is not metered, or where finding out fails."""
        try:
            asked = _asked(upstream, found, scope)
            # A host that is known tells more than the name that a person gave to it.
            provider = upstream.provider or ("" if self._shelf.known(upstream.host) else upstream.name)
            watch = self._shelf.watch(asked, provider)
            if watch is None:
                return None
            return Exchange(watch, asked, _VIA, self._spool, self._now, self._run(found))
        except Exception as error:  # noqa: BLE001  traffic goes on whatever fails here
            _LOG.warning("A call is not metered: %s", type(error).__name__)
            return None


def _asked(upstream: Upstream, found: Address, scope: Scope) -> Asked:
    path = (upstream.path + found.path) or b"/"
    if scope["query_string"]:
        path += b"?" + scope["query_string"]
    return Asked(scope.get("method", "GET"), upstream.host, path.decode("latin-1"), told(scope["headers"]))


def _wants_socket(scope: Scope) -> bool:
    """Tell whether a plain request is what is left of a websocket where the server takes none."""
    return any(name == b"upgrade" and value.lower() == b"websocket" for name, value in scope["headers"])
