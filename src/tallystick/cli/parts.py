"""The parts of the server: the app, the desk behind it, and what follows the logs; or, for a demo, made-up work in its place."""

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from tallystick import __version__
from tallystick.access.door import Door
from tallystick.answers.desk import Desk
from tallystick.answers.foldbook import close_book, open_book
from tallystick.answers.turns import Asks, Rounds
from tallystick.cli import alerting, besides, booked, ca, capped, caps, compatible, control, entrance, wired
from tallystick.cli.asking import Asker
from tallystick.cli.attendant import Attendant
from tallystick.cli.bookshelf import Bookshelf, kept_at
from tallystick.cli.mounted import Dated, Mounted
from tallystick.cli.pusher import Pusher, Troubles
from tallystick.cli.statusline_state import Keeper
from tallystick.cli.taker import Taker
from tallystick.cli.vega import Script
from tallystick.errors import Misused
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.taking import Offer, problem
from tallystick.settings import Server, Settings

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI
    from starlette.types import ASGIApp

    from tallystick.answers.answer import Details
    from tallystick.answers.answers import Answers
    from tallystick.faces.compat.tokengate import Adapter
    from tallystick.faces.http.site import Site
    from tallystick.faces.web.start import Looked
    from tallystick.intake.gateway.gateway import Gateway
    from tallystick.intake.wire.spool import Spool

_LOG: Final = logging.getLogger("tallystick")
_AHEAD_S: Final = 1.5
"""Seconds after which a change shows at the latest; mostly it does as soon as what is asked for regularly is worked out anew."""
_TO_CLOSE_S: Final = 0.5
_HOLDS_MS: Final = 10_000
"""For so long what a demo tells of alerts may be told again."""


class Parts:
    """The app and what is behind it."""

    def __init__(self, chosen: Settings, served: Server, adapters: "list[Adapter]") -> None:
        """Begin before the ledger of a person's settings; nothing follows the logs until `start`."""
        from tallystick.faces.http.routes import alerts, budgets, client, join, push
        from tallystick.house import Mark

        # Before anything is begun, because it may be wrong.
        wanted = alerting.chosen_alerts(chosen)
        where = entrance.where(chosen)
        self._chosen = chosen
        self.mark = Mark(where)
        self.desk = Desk(lambda: _answers(chosen), mark=self.mark, ahead=_AHEAD_S, since=entrance.now())
        self._prepared = False
        self._shelf = Bookshelf(kept_at(chosen.data_dir), _LOG.warning, entrance.zone(chosen))
        troubles = Troubles(self._hear)
        self.attendant = Attendant(troubles.follows, lambda alive: self.desk.tell(alive=alive), _LOG.warning)
        self._asker = Asker(chosen, _LOG.warning)
        self.pusher = Pusher(chosen, where.pairing, troubles.sends, _LOG.warning)
        self.taker = Taker(_LOG.warning)
        self._keeper = Keeper(self.desk, chosen, _LOG.warning)
        self.alerting = alerting.Alerting(chosen, wanted, self.desk, _LOG.warning)
        self._door = Door(control.store(chosen), entrance.now, served.token)
        lent = compatible.routers(self.desk, self._take, served, chosen, self._door.admit)
        more = [push.router(self._take), *lent, join.router(self._door, chosen.machine), client.router(_client)]
        more.append(alerts.router(self.alerting.told))
        self.budgets = capped.Capped(self.desk, chosen, _LOG.warning)
        self._booked = booked.Booked(chosen, _LOG.warning)
        more.append(budgets.router(self.desk, entrance.now, self.budgets.known))
        app = _app(self.desk, chosen, served, adapters, more, self._door)
        self._spool, self._gateway = _gateway(chosen)
        self._site = _site(chosen, served, adapters)
        site = _behind(self._door, self._site, served)
        # Who comes through a proxy that does not say so seems to ask from this machine.
        always = bool(served.hosts or served.proxies)
        self.app: ASGIApp = Mounted(app, self._gateway, site, always=always)

    async def _take(self, kind: str, grant: Any, body: bytes, gzip: bool) -> tuple[int, bytes, int]:  # noqa: ANN401, FBT001  as the routes give them
        """Hand on what a machine sent, if it still may: its body was long on its way, perhaps."""
        if number := getattr(grant, "id", ""):
            grant = await asyncio.to_thread(self._door.still, number)
            if grant is None:
                return problem(401, "unknown", "The token that was shown has been revoked meanwhile.")
        return await self.taker.offer(Offer(kind, Sender(grant.machine, grant.name, grant.user, number), body, gzip))

    async def finish(self) -> None:
        """Let what was sent last be stored."""
        await self.taker.end()
        await self._gateway.close()

    def start(self) -> None:
        """Begin to follow the logs; meanwhile, what was known before is made ready."""
        if waits := compatible.waiting(os.environ, self._chosen):
            _LOG.warning(waits)
        open_book()
        self.attendant.start()
        self.pusher.start()
        self._asker.start()
        self._keeper.start()
        self.alerting.start()
        self.budgets.start()
        self._booked.start()
        self.desk.get(("ready",), self._shelf.prepare)

    def _hear(self, event: Mapping[str, Any]) -> None:
        self.desk.heard(event)
        if event.get("event") == "idle" and not self._prepared:
            # All logs are read, and perhaps nobody has asked yet.
            self._prepared = True
            prepared = self.desk.get(("prepared",), self._shelf.prepare)
            prepared.add_done_callback(lambda _: Rounds(self.desk, self._ready).begin())

    def _ready(self) -> Asks:
        from tallystick.faces.http.routes import reports
        from tallystick.faces.web import pages

        return chain(pages.ready(self.desk, self._site), reports.ready(self.desk, self._site))

    def end(self) -> None:
        """Let those who listen go, and end what follows the logs meanwhile."""
        self.desk.end()
        self.alerting.end()
        self.budgets.end()
        self._booked.end()
        for each in (self.attendant, self.pusher, self._keeper, self._asker):
            threading.Thread(target=each.end, daemon=True).start()

    def close(self) -> None:
        """Let go of everything, whatever is still being worked out."""
        self.attendant.end()
        self.pusher.end()
        closing = threading.Thread(target=self.desk.close, daemon=True)
        closing.start()
        closing.join(_TO_CLOSE_S)
        if not closing.is_alive():
            self.mark.close()
        self._spool.close()
        self._door.close()
        close_book()


class DemoParts:
    """An app before made-up work: nothing follows anything, and nothing of this machine is read."""

    def __init__(self, chosen: Settings, served: Server, note: str) -> None:
        """Begin with what is told above every page."""
        self._chosen = chosen
        # The ledger is in the memory of the one thread that answers.
        self.desk = Desk(self._answers, workers=1, since=entrance.now())
        self.desk.tell(note=note)
        from tallystick.faces.http.routes import alerts, budgets

        more = [alerts.router(self._alerts), budgets.router(self.desk, entrance.now, lambda: capped.MADE_UP)]
        self.app: ASGIApp = Dated(_app(self.desk, chosen, served, chosen_adapters(chosen, ""), more))

    def _answers(self) -> "Answers":
        from tallystick.house import demo_house
        from tallystick.prices.overrides import read

        opened = demo_house(entrance.where(self._chosen), entrance.now(), read(self._chosen.prices))
        return entrance.answers(opened)

    def _alerts(self, most: int) -> "Details":
        alerts = besides.made_up(entrance.zone(self._chosen)).alerts
        key = ("alerts", most, entrance.now() // _HOLDS_MS)
        return self.desk.get(key, lambda answers: alerts(answers, most), ahead=False).result()

    async def finish(self) -> None:
        """Do nothing: nobody sends anything."""

    def start(self) -> None:
        """Do nothing: there is nothing to follow."""

    def end(self) -> None:
        """Let those who listen go."""
        self.desk.end()

    def close(self) -> None:
        """Let go of everything."""
        self.desk.close()


def _gateway(chosen: Settings) -> "tuple[Spool, Gateway]":
    """Return the gateway, and where what it sees is written."""
    from tallystick.intake.gateway.gateway import Gateway, Outside
    from tallystick.intake.wire import runs
    from tallystick.intake.wire.spool import Spool
    from tallystick.shell import variables

    place = ca.folder(chosen)
    spool = Spool(os.path.join(chosen.data_dir, "spool"), time.time)
    environ = variables.own(os.environ, place.extra, place.bundle)
    if any(said := wired.unspoken(environ)):
        _LOG.warning("%s", " ".join(said))
    asked = chosen.budgets.get("gateway") is True
    stops = capped.Stops(caps.path(chosen.data_dir), entrance.now) if asked else None
    outside = Outside(wired.trusted(chosen), environ, partial(runs.find, chosen.data_dir), stops)
    return spool, Gateway(wired.upstreams(chosen), wired.shelf(chosen), spool, time.time, outside)


def _client() -> bytes:
    from tallystick.intake.push.build import build

    return build()


def _answers(chosen: Settings) -> "Answers":
    return entrance.answers(entrance.house(chosen))


def _app(
    desk: "Desk",
    chosen: Settings,
    served: Server,
    adapters: "list[Adapter]",
    more: "Iterable[APIRouter]" = (),
    door: Door | None = None,
) -> "FastAPI":
    from tallystick.faces.compat import tokengate
    from tallystick.faces.compat.token_usage_server import Tracked
    from tallystick.faces.http.app import create_app
    from tallystick.faces.web import docs_page, html, login_page, pages

    site = _site(chosen, served, adapters)
    if door is None:
        # Only a demo has no door.
        site = site._replace(beside=besides.made_up(entrance.zone(chosen)))
    else:
        more = [*more, login_page.router(door, __version__)]
        site = _behind(door, site, served)
    script = Script(os.path.join(chosen.data_dir, "cache"))
    docs = docs_page.router(lambda: app.openapi(), token=bool(served.token) or site.guarded())  # noqa: PLW0108  the app is made from its routers
    page = pages.router(desk, site, script, lambda: looked(chosen))
    tracked = Tracked(desk, beyond=compatible.is_asked_from_beyond(served))
    routers = [page, tokengate.router(desk, site, adapters, tracked), _metrics(desk, chosen), docs, *more]
    app = create_app(desk, site, routers)
    html.lost(app, __version__)
    return app


def _site(chosen: Settings, served: Server, adapters: "list[Adapter]") -> "Site":
    """Return a site as it was set up, without a door."""
    from tallystick.faces.http.routes import client
    from tallystick.faces.http.site import Site

    return Site(
        version=__version__,
        timezone=chosen.timezone,
        now=entrance.now,
        hosts=_names(served),
        origins=served.origins,
        token=served.token,
        key=compatible.key_of_all(os.environ),
        cache_ttl=served.cache_ttl,
        adapters=tuple(each.name for each in adapters),
        energy=served.energy,
        ways={**compatible.ways(served), **client.WAYS},
        owner=os.environ.get("STATS_OWNER", ""),
        beside=besides.of(chosen),
    )


def _behind(door: Door, site: "Site", served: Server) -> "Site":
    """Return a site to which those come that a door lets in."""
    # Beyond this machine, be it through a proxy, nobody reads without a token, also when the last one has expired.
    beyond = compatible.is_asked_from_beyond(served)
    found = site._replace(admit=door.admit, guarded=lambda: beyond or door.guarded(), logged_in=door.logged_in)
    return found._replace(far=bool(served.control))


def looked(chosen: Settings) -> "list[Looked]":
    """Return every place in which logs are looked for, and whether it is there."""
    from tallystick.faces.web.start import Looked

    places = dict.fromkeys((tool.title, root.path) for tool, root in entrance.house(chosen).places())
    return [Looked(title, _short(path, chosen.home), os.path.exists(path)) for title, path in places]


def _short(path: str, home: str) -> str:
    return path.replace(home, "~", 1) if path.startswith(home) else path


def _metrics(desk: "Desk", chosen: Settings) -> "APIRouter":
    from fastapi import APIRouter
    from starlette.responses import Response

    from tallystick.cli.counters import Counters
    from tallystick.faces.prometheus.metrics import CONTENT_TYPE, of_meter

    counters = Counters(os.path.join(chosen.data_dir, "shown.json"), entrance.now, _LOG.warning)
    router, scrapes = APIRouter(tags=["server"]), count()
    content: dict[int | str, dict[str, Any]] = {
        200: {"description": "Text format 0.0.4.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }

    @router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, responses=content)
    async def metrics() -> Response:
        # A key of its own each time: the desk would work out anew, for each version, what is asked for regularly.
        version, key = desk.version, ("metrics", next(scrapes))
        text = await asyncio.wrap_future(desk.get(key, lambda answers: counters.text(answers, version)))
        status = desk.status
        text += of_meter(__version__, status.importing, alive=status.alive)
        # Half a character, which JSON can hold and UTF-8 cannot, may be in the name of a model.
        return Response(text.encode("utf-8", "replace"), media_type=CONTENT_TYPE)

    return router


def chosen_adapters(chosen: Settings, said: str) -> "list[Adapter]":
    """Return the tools that tokengate's routes tell of: those that are named, with commas between them; tokengate's own for `all`."""
    from tallystick.faces.compat.tokengate import ALL, Adapter
    from tallystick.tools.shelf import TOOLS

    shelf = {tool.name: tool for tool in TOOLS}
    names = list(dict.fromkeys(part.strip().lower() for part in said.split(",") if part.strip()))
    if not said.strip() or names == ["all"]:
        names = list(ALL)
    wrong = [name for name in names if name not in shelf]
    if wrong or not names:
        raise Misused(
            f"ADAPTERS in the environment is {said!r}, and {wrong[0] if wrong else 'that'} names no tool: "
            f"give all, or some of {', '.join(shelf)}, with commas between them."
        )

    def missing(name: str) -> Callable[[], str]:
        places = [root.path for root in shelf[name].roots(chosen.home, os.environ)]
        text = f"{shelf[name].title} is not on this machine: there is no {_short(places[0], chosen.home)}."
        return lambda: "" if any(map(os.path.exists, places)) else text

    return [Adapter(name, shelf[name].title, missing(name)) for name in names]


def _names(served: Server) -> tuple[str, ...]:
    """Return the names under which it may be asked for besides those of this machine for itself."""
    own: tuple[str, ...] = (f"[{served.host}]" if ":" in served.host else served.host,)
    if served.everywhere:
        # Only with a token, so that a page that lends its own name to this address learns nothing.
        name = socket.gethostname()
        own = (name, f"{name.partition('.')[0]}.local")
    return (*own, *served.hosts)
