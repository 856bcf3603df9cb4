"""`tally serve`: the server, in the foreground, and the process beside it that follows the logs."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import click

from tallystick.cli import entrance, messages, reach
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Refused, Unavailable
from tallystick.settings import Server, Settings, server

_LOG: Final = logging.getLogger("tallystick")
_FRAME_MOST: Final = 64 << 20
"""Bytes of one message of a websocket that the gateway relays."""
_REST_S: Final = 120
"""Seconds after which a connection by which nothing comes is let go: tools think for a while between two requests."""
_TO_FINISH_S: Final = 2
_CUT_OFF: Final = (
    "ASGI callable returned without completing response.",
    # So uvicorn tells of a websocket that was answered by plain HTTP instead.
    "ASGI callable returned without completing handshake.",
)
_BELIEVED: Final = ("127.0.0.1", "::1")
"""Of whom, besides proxies that the config names, it is believed from where somebody asks, and whether encrypted."""
_WAITING: Final = 512
"""Connections that may wait for being accepted."""
_EXTRA: Final = "`tally serve` needs what is not installed ({}): `pip install 'tallystick[server]'` brings it."

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


class _Served(Protocol):
    """What is served, whatever is behind it."""

    app: Any

    def start(self) -> None:
        """Begin."""

    def end(self) -> None:
        """Let those who listen go."""

    async def finish(self) -> None:
        """Bring to its end what somebody waits for, once nobody is let in any more."""

    def close(self) -> None:
        """Let go of everything."""


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(name, callback=run, params=[*_PARAMETERS], help=COMMANDS[name].help)


def run(host: str | None, port: int | None, open: bool, log: str | None) -> int:  # noqa: A002, FBT001  as click gives them
    """Serve until somebody ends it."""
    chosen, served = _asked(host, port)
    uvicorn = _needed()
    from tallystick.cli.heap import lean
    from tallystick.cli.parts import Parts, chosen_adapters

    lean()

    adapters = chosen_adapters(chosen, os.environ.get("ADAPTERS", ""))
    with bound(served, tokens=_has_tokens(chosen)) as listener:
        # Made now, where there is none: what is wrong with it is told at once.
        house = entrance.house(chosen)
        _ = house.ledger
        house.close()
        messages.go_to(log, "")
        address = _address(served, listener)
        opened = _opener(address) if open else None
        parts = Parts(chosen, served, adapters)
        return _serve(uvicorn, parts, listener, lambda: _ready(address, opened), served.proxies)


def demo(note: str) -> click.Command:
    """Return the command that serves made-up work; the note stands above every page."""

    def run_demo(host: str | None, port: int | None, open: bool) -> int:  # noqa: A002, FBT001  as click gives them
        chosen, served = _asked(host, port)
        uvicorn = _needed()
        from tallystick.cli.parts import DemoParts

        with bound(served) as listener:
            messages.go_to(None)
            address = _address(served, listener)
            opened = _opener(address) if open else None
            return _serve(uvicorn, DemoParts(chosen, served, note), listener, lambda: _ready(address, opened))

    params: list[click.Parameter] = [parameter for parameter in _PARAMETERS if parameter.name != "log"]
    return click.Command("serve", callback=run_demo, params=params, help="The dashboard and the API on made-up data.")


def _asked(host: str | None, port: int | None) -> tuple[Settings, Server]:
    """Return what is set, the options of a command line before everything else."""
    chosen = entrance.settings()
    entrance.zone(chosen)
    flags = {"host": host or "", "port": "" if port is None else str(port)}
    return chosen, server(chosen, os.environ, flags)


def _has_tokens(chosen: Settings) -> bool:
    """Tell whether somebody has a token with which they can read."""
    from tallystick.access import keys
    from tallystick.cli import control

    store = control.store(chosen)
    try:
        return keys.can_be_read(store, entrance.now())
    finally:
        store.close()


def bound(served: Server, *, tokens: bool = False) -> socket.socket:
    """Return a socket that listens where it shall; raise with what to do when it cannot or may not.

    Beyond this machine it may where there are tokens of people's own, or one of the server.
    """
    where = f"{served.host} port {served.port}"
    try:
        found = socket.getaddrinfo(served.host or None, served.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise Unavailable(
            f"There is no address {served.host!r} to listen on ({error.strerror}): choose another `--host`."
        ) from None
    family, kind, protocol, _, address = found[0]
    # Who gave it further names, or proxies, has others ask it through these.
    asked = "hosts or proxies are set" if served.hosts or served.proxies else ""
    if not (served.token or tokens) and (asked or not reach.only_here(str(each[4][0]) for each in found)):
        raise Refused(
            f"Beyond this machine ({asked or served.host}) nothing is served without a token: make one with "
            "`tally server tokens create --scope admin`, set one as TALLY_SERVER_TOKEN or "
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


def _address(served: Server, listener: socket.socket) -> str:
    return _url("127.0.0.1" if served.everywhere else served.host, int(listener.getsockname()[1]))


def _url(host: str, port: int) -> str:
    return f"{reach.url_of(host, port)}/"


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


def _is_to_be_told(record: logging.LogRecord) -> bool:
    """Tell whether a message is of something else than a response that was cut off because the server ends."""
    # So the gateway breaks off what an upstream broke off; and the addresses of websockets may hold keys of their tools.
    if record.msg in _CUT_OFF or "WebSocket" in str(record.msg):
        return False
    return not (record.exc_info and record.exc_info[0] is asyncio.CancelledError)


def _config(uvicorn: Any, parts: _Served, proxies: Sequence[str]) -> Any:  # noqa: ANN401  a module of an extra
    """Return how the server speaks."""
    return uvicorn.Config(
        parts.app,
        http="h11",
        ws="websockets-sansio",
        ws_max_size=_FRAME_MOST,
        ws_ping_interval=None,
        timeout_keep_alive=_REST_S,
        # Ours have one of our own, and what a provider answers is passed on with the provider's.
        date_header=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=[*_BELIEVED, *proxies],
        timeout_graceful_shutdown=_TO_FINISH_S,
    )


def _serve(
    uvicorn: Any,  # noqa: ANN401  a module of an extra
    parts: _Served,
    listener: socket.socket,
    ready: Callable[[], None],
    proxies: Sequence[str] = (),
) -> int:
    """Run the server until a signal ends it."""

    class Ours(uvicorn.Server):  # type: ignore[misc]  # an extra that may not be there
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            parts.end()
            await super().shutdown(sockets)
            await parts.finish()

    logging.getLogger("uvicorn.error").addFilter(_is_to_be_told)
    # uvicorn raises the signal once more when it is done; that this is the end is known by then.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    parts.start()
    try:
        Ours(_config(uvicorn, parts, proxies)).run(sockets=[listener])
    finally:
        parts.close()
    return 0
