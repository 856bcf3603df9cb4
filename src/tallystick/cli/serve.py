"""`tally serve`: the server, in the foreground, and the process beside it that follows the logs."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick import __version__
from tallystick.cli import entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Refused, Unavailable
from tallystick.settings import Server, Settings, server

if TYPE_CHECKING:
    from fastapi import APIRouter, FastAPI

    from tallystick.answers.answers import Answers
    from tallystick.answers.desk import Desk
    from tallystick.faces.compat.tokengate import Adapter

_LOG: Final = logging.getLogger("tallystick")
_AHEAD_S: Final = 1.5
"""Seconds after which a change shows at the latest; mostly it does as soon as what is asked for regularly is worked out anew."""
_TO_FINISH_S: Final = 2
_TO_CLOSE_S: Final = 0.5
_WAITING: Final = 512
"""Connections that may wait for being accepted."""
_EXTRA: Final = "`tally serve` needs what is not installed ({}): `pip install 'tallystick[server]'` brings it."
_WILD: Final = ("0.0.0.0", "::", "")  # noqa: S104  what is meant by a person who says so

_PARAMETERS: Final = (
    click.Option(["--host"], metavar="HOST", help="The address to listen on; by default 127.0.0.1."),
    click.Option(
        ["--port"],
        type=click.IntRange(0, 65535),
        metavar="PORT",
        help="The port, 0 for any that is free; by default PORT in the environment or 3847.",
    ),
    click.Option(["--open"], is_flag=True, help="Open its page in a browser, where there is a screen."),
    click.Option(["--log"], metavar="FILE", help="Write messages to this file, which is begun anew when it is large."),
)


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(name, callback=run, params=[*_PARAMETERS], help=COMMANDS[name].help)


def run(host: str | None, port: int | None, open: bool, log: str | None) -> int:  # noqa: A002, FBT001  as click gives them
    """Serve until somebody ends it."""
    chosen = entrance.settings()
    entrance.zone(chosen)
    flags = {"host": host or "", "port": "" if port is None else str(port)}
    served = server(chosen, os.environ, flags)
    adapters = chosen_adapters(chosen, os.environ.get("ADAPTERS", ""))
    uvicorn = _needed()
    listener = bound(served)
    with listener:
        # Made now, where there is none: what is wrong with it is told at once.
        house = entrance.house(chosen)
        _ = house.ledger
        house.close()
        _log_to(log)
        address = _address(served, listener)
        opened = _opener(address) if open else None
        return _serve(uvicorn, _Parts(chosen, served, adapters), listener, lambda: _ready(address, opened))


class _Parts:
    """The app and what is behind it."""

    def __init__(self, chosen: Settings, served: Server, adapters: "list[Adapter]") -> None:
        from tallystick.answers.desk import Desk
        from tallystick.cli.attendant import Attendant
        from tallystick.house import Mark

        where = entrance.where(chosen)
        self.mark = Mark(where)
        self.desk = Desk(lambda: _answers(chosen), mark=self.mark, ahead=_AHEAD_S, since=entrance.now())
        self.attendant = Attendant(self.desk.heard, lambda alive: self.desk.tell(alive=alive), _LOG.warning)
        self.app = _app(self.desk, chosen, served, adapters)

    def end(self) -> None:
        """Let those who listen go, and end what follows the logs meanwhile."""
        self.desk.end()
        threading.Thread(target=self.attendant.end, daemon=True).start()

    def close(self) -> None:
        """Let go of everything, whatever is still being worked out."""
        self.attendant.end()
        closing = threading.Thread(target=self.desk.close, daemon=True)
        closing.start()
        closing.join(_TO_CLOSE_S)
        if not closing.is_alive():
            self.mark.close()


def _answers(chosen: Settings) -> "Answers":
    return entrance.answers(entrance.house(chosen))


def _app(desk: "Desk", chosen: Settings, served: Server, adapters: "list[Adapter]") -> "FastAPI":
    from tallystick.faces.compat import tokengate
    from tallystick.faces.http.app import create_app
    from tallystick.faces.http.site import Site
    from tallystick.faces.web import pages

    site = Site(
        version=__version__,
        timezone=chosen.timezone,
        now=entrance.now,
        hosts=_names(served),
        origins=served.origins,
        token=served.token,
        cache_ttl=served.cache_ttl,
        adapters=tuple(each.name for each in adapters),
    )
    return create_app(
        desk, site, [pages.router(desk, site), tokengate.router(desk, site, adapters), _metrics(desk, chosen)]
    )


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
    _needed()
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
        first = places[0].replace(chosen.home, "~", 1) if places[0].startswith(chosen.home) else places[0]
        text = f"{shelf[name].title} is not on this machine: there is no {first}."
        return lambda: "" if any(map(os.path.exists, places)) else text

    return [Adapter(name, shelf[name].title, missing(name)) for name in names]


def bound(served: Server) -> socket.socket:
    """Return a socket that listens where it shall; raise with what to do when it cannot or may not."""
    where = f"{served.host} port {served.port}"
    try:
        found = socket.getaddrinfo(served.host or None, served.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise Unavailable(
            f"There is no address {served.host!r} to listen on ({error.strerror}): choose another `--host`."
        ) from None
    family, kind, protocol, _, address = found[0]
    if not served.token and not all(_is_loopback(str(each[4][0])) for each in found):
        raise Refused(
            f"Beyond this machine ({served.host}) nothing is served without a token: set one as TALLY_SERVER_TOKEN or "
            'as `token = "…"` under [server] in the config, or leave `--host` out.'
        )
    made = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            # A port that was in use a moment ago is free.
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_WAITING)
    except OSError as error:
        made.close()
        from errno import EADDRINUSE

        if error.errno == EADDRINUSE:
            raise Unavailable(_taken(served)) from None
        raise Unavailable(
            f"Nothing can listen on {where} ({(error.strerror or str(error)).lower()}): choose another."
        ) from None
    return made


def _taken(served: Server) -> str:
    other = served.port + 1 if served.port < 65_535 else 3847  # noqa: PLR2004  the last port there is
    url = _url(served.host, served.port)
    if _is_ours(url):
        return (
            f"Tallystick serves at {url} already: use that, stop it, or choose another port, such as `--port {other}`."
        )
    return f"Port {served.port} on {served.host} is taken: stop what uses it, or choose another, such as `tally serve --port {other}`."


def _is_ours(url: str) -> bool:
    from urllib.request import ProxyHandler, build_opener

    try:
        with build_opener(ProxyHandler({})).open(f"{url}health", timeout=1) as answer:
            return b'"adapters"' in answer.read(1 << 16)
    except (OSError, ValueError):
        return False


def _is_loopback(address: str) -> bool:
    from ipaddress import ip_address

    return ip_address(address.partition("%")[0]).is_loopback


def _names(served: Server) -> tuple[str, ...]:
    """Return the names under which it may be asked for besides those of this machine for itself."""
    own: tuple[str, ...] = (f"[{served.host}]" if ":" in served.host else served.host,)
    if served.host in _WILD:
        # Only with a token, so that a page that lends its own name to this address learns nothing.
        name = socket.gethostname()
        own = (name, f"{name.partition('.')[0]}.local")
    return (*own, *served.hosts)


def _address(served: Server, listener: socket.socket) -> str:
    return _url("127.0.0.1" if served.host in _WILD else served.host, int(listener.getsockname()[1]))


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host or '127.0.0.1'}:{port}/"


def _ready(address: str, opened: Callable[[], None] | None) -> None:
    _LOG.info("Serving at %s", address)
    entrance.write(f"Tallystick serves at {address} (Ctrl-C ends it).\n")
    sys.stdout.flush()
    if opened is not None:
        threading.Thread(target=opened, daemon=True).start()


def _opener(address: str) -> Callable[[], None] | None:
    """Return what opens the page; None where nobody would see it."""
    from tallystick.cli.updown import has_screen

    if not has_screen(os.environ, sys.platform):
        return None

    def opened() -> None:
        import webbrowser

        webbrowser.open(address)

    return opened


def _needed() -> Any:  # noqa: ANN401  a module of an extra
    """Return the server's engine; raise Unavailable, saying what to do, when it is not installed."""
    try:
        import fastapi  # noqa: F401 - only to find out
        import uvicorn
    except ImportError as error:
        raise Unavailable(_EXTRA.format(error.name)) from None
    return uvicorn


def _log_to(path: str | None) -> None:
    """Send messages to a file that is kept small; without one, what is wrong goes where messages go."""
    root = logging.getLogger()
    if path is None:
        handler: logging.Handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("tally: %(message)s"))
        root.setLevel(logging.WARNING)
        root.addHandler(handler)
        return
    from tallystick.service import log_file

    try:
        if sys.stdout is None:
            # A program without a window (pythonw): what it prints goes into the log as well.
            log_file.begin(os.path.abspath(path))
        else:
            root.addHandler(log_file.handler(os.path.abspath(path)))
    except OSError as error:
        raise Unavailable(f"The log {path} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    root.setLevel(logging.INFO)


def _serve(uvicorn: Any, parts: _Parts, listener: socket.socket, ready: Callable[[], None]) -> int:  # noqa: ANN401  a module of an extra
    """Run the server until a signal ends it."""

    class Ours(uvicorn.Server):  # type: ignore[misc]  # an extra that may not be there
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            parts.end()
            await super().shutdown(sockets)

    config = uvicorn.Config(
        parts.app,
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_TO_FINISH_S,
    )
    # uvicorn raises the signal once more when it is done; that this is the end is known by then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    parts.attendant.start()
    try:
        Ours(config).run(sockets=[listener])
    finally:
        parts.close()
    return 0
