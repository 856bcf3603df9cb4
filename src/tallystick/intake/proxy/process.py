"""The proxy's process: mitmproxy with only what passes traffic on, on this machine's own address."""

import asyncio
import logging
import os
import signal
import socket
import ssl
import stat
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from mitmproxy import options
from mitmproxy.addons import core, disable_h2c, next_layer, proxyserver, tlsconfig, update_alt_svc, upstream_auth
from mitmproxy.master import Master

from tallystick.errors import Refused, Unavailable
from tallystick.intake.proxy import memory, running
from tallystick.intake.proxy.addon import Addon, Desk
from tallystick.intake.proxy.archive import Archive
from tallystick.intake.proxy.plan import HOST, Plan, Way, matching
from tallystick.intake.proxy.refusals import Refusals
from tallystick.intake.proxy.running import Running
from tallystick.intake.wire import runs
from tallystick.intake.wire.spool import Spool
from tallystick.providers.shelf import Shelf

_KEY_AND_CERTIFICATE: Final = "mitmproxy-ca.pem"
"""As mitmproxy looks for it."""
_IDLE_S: Final = 86_400
"""Seconds after which a silent connection is closed: websockets of a paused session say nothing for hours."""
_LOG: Final = logging.getLogger("tallystick")
_NOBODY: Final = "(?!)"
"""A pattern that fits nothing."""
_READABLE_BY_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def run(plan: Plan, shelf: Shelf, now: Callable[[], float], ready: Callable[[Running], None]) -> None:
    """Pass traffic on until a signal ends it; raise Unavailable or Refused where that cannot begin.

    `now` gives seconds since 1970; `ready` is called once it listens.
    """
    with running.alone(plan.data_dir):
        _check_key(plan.data_dir)
        _check_port(plan.port)
        archive = _archive(plan.archive, now)
        spool = Spool(os.path.join(plan.data_dir, "spool"), now)
        desk = Desk(shelf, spool, now, partial(runs.find, plan.data_dir), Refusals(now), archive)

        def listens(port: int) -> None:
            found = Running(os.getpid(), port, int(now() * 1000))
            running.tell(plan.data_dir, found)
            ready(found)

        try:
            asyncio.run(serve(plan, desk, listens))
        finally:
            spool.close()


async def serve(
    plan: Plan, desk: Desk, listens: Callable[[int], None], began: Callable[[Master], None] | None = None
) -> None:
    """Pass traffic on until the master is shut down; `listens` is called with the port, `began` with the master."""
    loop = asyncio.get_running_loop()
    # It is what connections are made with; where a host is led to, its name and certificate stay what they are.
    loop.getaddrinfo = led(plan.ways, loop.getaddrinfo)  # type: ignore[method-assign, assignment]
    # What mitmproxy has to say of single connections is no news; what it holds for an error is.
    logging.getLogger("mitmproxy").setLevel(logging.ERROR)
    master = Master(options.Options())
    server = proxyserver.Proxyserver()  # type: ignore[no-untyped-call]
    master.addons.add(  # type: ignore[no-untyped-call]
        core.Core(),
        disable_h2c.DisableH2C(),
        server,
        next_layer.NextLayer(),
        tlsconfig.TlsConfig(),
        Addon(desk),
        # After ours, which takes away what was said to us.
        upstream_auth.UpstreamAuth(),
        update_alt_svc.UpdateAltSvc(),
        _Begun(lambda: listens(int(server.listen_addrs()[0][1]))),
    )
    master.options.update(**chosen(plan, plan.hosts or desk.shelf.hosts()))  # type: ignore[no-untyped-call]
    _end_with(loop, master.shutdown)
    watch = asyncio.create_task(memory.watched(partial(_tell_memory, desk)))
    try:
        if began is not None:
            began(master)
        await master.run()
    finally:
        watch.cancel()
        # mitmproxy leaves its sockets to the end of the process.
        await server.servers.update([])


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
        "confdir": os.path.join(plan.data_dir, "ca"),
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
    path = os.path.join(plan.data_dir, "ca", "upstream.pem")
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


def _check_key(data_dir: str) -> None:
    path = os.path.join(data_dir, "ca", _KEY_AND_CERTIFICATE)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        raise Unavailable(f"There is no certificate at {path}: `tally ca show` makes one.") from None
    if os.name == "posix" and mode & _READABLE_BY_OTHERS:
        raise Refused(f"Others can read the key {path}: `chmod 600 {path}`, and `tally ca rotate` if they may have.")


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


def _tell_memory(desk: Desk, held: int) -> None:
    note = {"at": int(desk.now() * 1000), "host": "", "why": "memory", "mib": held >> 20}
    desk.spool.put({"v": 1, "note": note})
