"""The proxy's process: mitmproxy with only what passes traffic on, on this machine's own address."""

import asyncio
import logging
import os
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any, Final, NamedTuple

from mitmproxy import options
from mitmproxy.addons import core, disable_h2c, next_layer, proxyserver, tlsconfig, update_alt_svc, upstream_auth
from mitmproxy.master import Master

from tallystick.errors import Unavailable
from tallystick.intake.proxy import memory, running, signing
from tallystick.intake.proxy.addon import Addon, Desk
from tallystick.intake.proxy.archive import Archive
from tallystick.intake.proxy.plan import AGAIN, HOST, Plan, Way, matching
from tallystick.intake.proxy.refusals import Refusals
from tallystick.intake.proxy.running import Running
from tallystick.intake.wire import runs
from tallystick.intake.wire.spool import Spool
from tallystick.providers.shelf import Shelf

_AT_LEAST_S: Final = 600.0
"""Seconds for which it runs before it asks to be started anew: a bound that is too low is no reason to do so all the time."""
_IDLE_S: Final = 86_400
"""Seconds after which a silent connection is closed: websockets of a paused session say nothing for hours."""
_LOG: Final = logging.getLogger("tallystick")
_NOBODY: Final = "(?!)"
"""A pattern that fits nothing."""


class Around(NamedTuple):
    """What is around a proxy."""

    now: Callable[[], float]
    """Seconds since 1970."""
    ready: Callable[[Running], None]
    """Is called once it listens."""
    renew: Callable[[], None]
    """Sees to it, in a thread, that an authority lies in the folder that does not end soon."""


def run(plan: Plan, shelf: Shelf, around: Around) -> int:
    """Pass traffic on until a signal ends it, and return 0, or AGAIN; raise Unavailable or Refused where that cannot begin."""
    with running.alone(plan.data_dir):
        if not signing.there(_authority(plan)):
            raise Unavailable(f"There is no certificate in {_authority(plan)}: `tally ca show` makes one.")
        _check_port(plan.port)
        now = around.now
        archive = _archive(plan.archive, now)
        spool = Spool(os.path.join(plan.data_dir, "spool"), now)
        desk = Desk(shelf, spool, now, partial(runs.find, plan.data_dir), Refusals(now), archive, around.renew)

        def listens(port: int) -> None:
            found = Running(os.getpid(), port, int(now() * 1000))
            running.tell(plan.data_dir, found)
            around.ready(found)

        try:
            return asyncio.run(serve(plan, desk, listens))
        finally:
            spool.close()


async def serve(
    plan: Plan, desk: Desk, listens: Callable[[int], None], began: Callable[[Master], None] | None = None
) -> int:
    """Pass traffic on until the master is shut down; `listens` is called with the port, `began` with the master.

    Returns AGAIN where it has ended because it held too much, else 0.
    """
    loop = asyncio.get_running_loop()
    # It is what connections are made with; where a host is led to, its name and certificate stay what they are.
    loop.getaddrinfo = led(plan.ways, loop.getaddrinfo)  # type: ignore[method-assign, assignment]
    # What mitmproxy has to say of single connections is no news; what it holds for an error is.
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)
    master, server = Master(options.Options()), proxyserver.Proxyserver()  # type: ignore[no-untyped-call]
    tls = tlsconfig.TlsConfig()
    signer = signing.Signer(tls, _authority(plan), desk.now)
    addon = Addon(desk, signer)
    begun = _Begun(lambda: listens(int(server.listen_addrs()[0][1])))
    master.addons.add(*_in_order(server, tls, addon), begun)  # type: ignore[no-untyped-call]
    master.options.update(**chosen(plan, plan.hosts or desk.shelf.hosts()))  # type: ignore[no-untyped-call]
    _end_with(loop, master.shutdown)
    leaving = _Leaving(plan, addon, master.shutdown)
    watch = asyncio.create_task(memory.watched(partial(_hold, desk, leaving), most=plan.memory))
    renewal = asyncio.create_task(signing.kept_up(signer, desk.renew))
    try:
        if began is not None:
            began(master)
        await master.run()
    finally:
        for task in (watch, renewal, leaving.task):
            if task is not None:
                task.cancel()
        # mitmproxy leaves its sockets to the end of the process.
        await server.servers.update([])
    return AGAIN if leaving.left else 0


def _in_order(server: proxyserver.Proxyserver, tls: tlsconfig.TlsConfig, addon: Addon) -> tuple[object, ...]:
    return (
        core.Core(),
        disable_h2c.DisableH2C(),
        server,
        next_layer.NextLayer(),
        tls,
        addon,
        # After ours, which takes away what was said to us.
        upstream_auth.UpstreamAuth(),
        update_alt_svc.UpdateAltSvc(),
    )


class _Leaving:
    """Ends a proxy that holds too much, in a gap of its traffic."""

    def __init__(self, plan: Plan, addon: Addon, end: Callable[[], None]) -> None:
        self._plan, self._addon, self._end = plan, addon, end
        self._began = monotonic()
        self.task: asyncio.Task[None] | None = None
        self.left = False

    def begin(self) -> None:
        """Wait for a gap from here on, where there is somebody who starts it anew."""
        if self._plan.kept and self.task is None:
            self.task = asyncio.create_task(self._leave())

    async def _leave(self) -> None:
        await asyncio.sleep(self._began + _AT_LEAST_S - monotonic())
        await memory.gap(lambda: self._addon.busy)
        self.left = True
        self._end()


class _Begun:
    """Calls back once the servers listen."""

    def __init__(self, listens: Callable[[], None]) -> None:
        self._listens = listens

    def running(self) -> None:
        """Take the moment from which traffic is passed on."""
        self._listens()


def chosen(plan: Plan, hosts: Iterable[str]) -> dict[str, Any]:
    """Return mitmproxy's options for a plan."""
    # An empty list would stand for everybody.
    mode, read = "regular", matching(hosts) or [_NOBODY]
    if plan.upstream:
        mode = f"upstream:{plan.upstream}"
    elif plan.reverse:
        mode = f"reverse:{plan.reverse}"
        # It is what everything goes to: unread it would be passed on as it is, to a server that wants TLS.
        read = []
    return {
        "mode": [mode],
        "listen_host": HOST,
        "listen_port": plan.port,
        "confdir": _authority(plan),
        # Nothing but providers is decrypted: everybody else's own certificate arrives.
        "allow_hosts": read,
        # The names of a foreign certificate may lie outside of what ours may speak for.
        "upstream_cert": False,
        "upstream_auth": plan.upstream_auth or None,
        "ssl_verify_upstream_trusted_ca": _trusted(plan),
        "http3": False,
        "tcp_timeout": _IDLE_S,
        # What a server sends is its client's business, however odd.
        "validate_inbound_headers": False,
    }


def _trusted(plan: Plan) -> str | None:
    """Return a file with all certificates by which servers are known; None for those that mitmproxy brings."""
    found = [plan.stored.encode()] if plan.stored else []
    for path in plan.trusted:
        try:
            # mitmproxy takes one file, and none of it where a part is damaged: then nothing could be reached any more.
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
            with open(path, "rb") as file:
                found.append(file.read())
        except OSError as error:
            _LOG.warning("%s holds no certificates to trust: %s", path, error.strerror or error)
    if not found:
        return None
    path = os.path.join(_authority(plan), "upstream.pem")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(b"\n".join(found))
    return path


def led(ways: tuple[Way, ...], found: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return a way to look names up that leads some hosts elsewhere; all else about a connection stays as it is."""
    elsewhere = {(way.host, way.port): (way.to_host, way.to_port) for way in ways}

    async def looked_up(host: Any, port: Any, **more: Any) -> Any:  # noqa: ANN401  as asyncio has them
        name = host.decode() if isinstance(host, bytes) else str(host)
        led_to = elsewhere.get((name.lower(), port)) or elsewhere.get((name.lower(), 0))
        return await found(*(led_to or (host, port)), **more)

    return looked_up


def _authority(plan: Plan) -> str:
    return os.path.join(plan.data_dir, "ca")


def _check_port(port: int) -> None:
    """Raise Unavailable, saying what to do, where nothing can listen."""
    with socket.socket() as tried:
        if os.name == "posix":
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            raise Unavailable(
                f"Nothing can listen on {HOST} port {port} ({(error.strerror or str(error)).lower()}): "
                f"stop what uses it, or choose another with `--port`."
            ) from None


def _archive(folder: str, now: Callable[[], float]) -> Archive | None:
    if not folder:
        return None
    try:
        return Archive(folder, now)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written ({(error.strerror or str(error)).lower()}).") from None


def _end_with(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Have a signal end it. In a thread, where no signal arrives, whoever began it ends it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, end)
        except (NotImplementedError, RuntimeError, ValueError):
            with suppress(ValueError):
                signal.signal(number, lambda *_: end())


def _hold(desk: Desk, leaving: _Leaving, held: int) -> None:
    """Note that too much is held, and have that come to an end."""
    note = {"at": int(desk.now() * 1000), "host": "", "why": "memory", "mib": held >> 20}
    desk.spool.put({"v": 1, "note": note})
    _LOG.warning("It holds %d MiB, which is too much.", held >> 20)
    leaving.begin()
