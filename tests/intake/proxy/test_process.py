"""The process: what it refuses to begin with, where it leads connections, and through whom; each test has one of its own.

Two at once in one Python would share mitmproxy's global state.
"""

import asyncio
import http.client
import os
import re
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.intake.proxy.origin import Authority, Origin, asked, connected
from tests.intake.proxy.passing import passing, plan, spooled
from tests.intake.wire.stand_in import Listed

from tallystick.errors import Refused, Unavailable
from tallystick.intake.proxy.plan import AGAIN, Plan, Way
from tallystick.intake.proxy.process import Around, chosen, led, run
from tallystick.intake.proxy.running import Running


class World(NamedTuple):
    """What is around a proxy that may ask to be started anew at once."""

    ours: Authority
    behind: Authority
    origin: Origin


@pytest.fixture
def world(ours: Authority, behind: Authority, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return it."""
    monkeypatch.setattr("tallystick.intake.proxy.process._AT_LEAST_S", 0)
    return World(ours, behind, origin)


def begun(planned: Plan) -> Running:
    """Run it for real, where it is expected not to come that far."""
    found: list[Running] = []
    run(planned, Listed(), Around(time.time, found.append, lambda: None))
    return found[0]


def test_without_an_authority_it_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="tally ca"):
        begun(Plan(str(tmp_path), 0))
    assert not (tmp_path / "ca" / "mitmproxy-ca.pem").exists()


def test_a_port_that_is_taken_is_told(tmp_path: Path, ours: Authority) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"port {port} .*--port"):
            begun(Plan(str(tmp_path), port))


def test_an_archive_that_cannot_be_written_is_told(tmp_path: Path, ours: Authority) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with pytest.raises(Unavailable, match=r"proxy\.lock cannot be written"):
        begun(Plan(str(tmp_path), 0, archive=str(tmp_path / "proxy.lock")))


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_an_archive_that_others_can_get_into_is_refused(tmp_path: Path, ours: Authority) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o711)
    with pytest.raises(Refused, match="chmod 700"):
        begun(Plan(str(tmp_path), 0, archive=str(folder)))
    assert folder.stat().st_mode & 0o777 == 0o711


def test_it_listens_here_only_and_reads_providers_only() -> None:
    options = chosen(Plan("/data", 8377), ["api.example"])
    assert options["listen_host"] == "127.0.0.1"
    assert options["mode"] == ["regular"]
    assert options["allow_hosts"] == [r"^api\.example:\d+$"]
    assert options["confdir"] == os.path.join("/data", "ca")
    assert options["upstream_cert"] is False
    assert options["ssl_verify_upstream_trusted_ca"] is None


def test_without_any_host_to_read_it_reads_none() -> None:
    (pattern,) = chosen(Plan("/data"), [])["allow_hosts"]
    assert not re.search(pattern, "api.example:443")


def test_names_are_led_elsewhere_and_all_else_is_looked_up_as_it_is() -> None:
    asked_for: list[Any] = []

    async def found(host: object, port: object, **more: object) -> str:
        asked_for.append((host, port, more))
        return "found"

    look = led((Way("a.example", 443, "127.0.0.1", 1), Way("b.example", 0, "::1", 2)), found)

    async def run() -> None:
        assert await look("A.example", 443, family=0) == "found"
        await look(b"b.example", 80)
        await look("a.example", 80)
        await look("c.example", 443)

    asyncio.run(run())
    assert asked_for == [
        ("127.0.0.1", 1, {"family": 0}),
        ("::1", 2, {}),
        ("a.example", 80, {}),
        ("c.example", 443, {}),
    ]


def test_a_server_that_nobody_vouches_for_is_not_talked_to(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    heads = len(origin.heads)
    with passing(plan(tmp_path, origin, behind)._replace(trusted=(str(ours.certificate),))) as proxy:
        connection = connected(proxy.port, "listed.test", ours.certificate)
        connection.request("POST", "/a", b"secret")
        assert connection.getresponse().status == 502
        connection.close()
    assert len(origin.heads) == heads


def test_a_file_without_certificates_does_not_shut_everything_out(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    trusted = (str(damaged), "/nonexistent", str(tmp_path), str(behind.certificate))
    with passing(plan(tmp_path, origin, behind)._replace(trusted=trusted)) as proxy:
        connection = connected(proxy.port, "listed.test", ours.certificate)
        assert asked(connection, "/a", b"x") == b'{"path": "/a"}'
        connection.close()


def test_it_stands_for_a_server(tmp_path: Path, ours: Authority, behind: Authority, origin: Origin) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    planned = plan(tmp_path, origin, behind)._replace(reverse="https://listed.test:443")
    with passing(planned) as proxy:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
        said = {"Authorization": "Bearer x"}
        connection.request("POST", "/a", b"123", said)
        assert connection.getresponse().read() == b'{"path": "/a"}'
        connection.close()
    assert origin.heads[-1]["host"] == "listed.test"
    assert origin.heads[-1]["authorization"] == "Bearer x"
    (line,) = spooled(tmp_path)
    assert (line["host"], line["tokens"]) == ("listed.test", [3, 0, 0, 0, 14, 0])


class Corporate:
    """A proxy behind ours that wants to know who asks."""

    def __init__(self, origin: Origin) -> None:
        """Take where everything goes."""
        self._origin = origin
        self.heads: list[str] = []

    def serve(self, listener: socket.socket) -> None:
        """Pass tunnels on until the listener is closed."""
        with suppress(OSError):
            while True:
                accepted, _ = listener.accept()
                threading.Thread(target=self._tunnel, args=(accepted,), daemon=True).start()

    def _tunnel(self, client: socket.socket) -> None:
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(65_536)
            self.heads.append(head.decode())
            with socket.create_connection(("127.0.0.1", self._origin.port)) as server:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                back = threading.Thread(target=_copied, args=(server, client), daemon=True)
                back.start()
                _copied(client, server)
                back.join(10)


def _copied(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def corporate(origin: Origin) -> Iterator[tuple[Corporate, int]]:
    """Run one."""
    proxy = Corporate(origin)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=proxy.serve, args=(listener,), daemon=True)
        thread.start()
        yield proxy, listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_it_goes_through_a_proxy_behind_it(tmp_path: Path, ours: Authority, behind: Authority, origin: Origin) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with corporate(origin) as (other, port):
        planned = plan(tmp_path, origin, behind)._replace(
            ways=(), upstream=f"http://127.0.0.1:{port}", upstream_auth="me:pass"
        )
        with passing(planned) as proxy:
            listed = connected(proxy.port, "listed.test", ours.certificate, user="tabc")
            assert asked(listed, "/a", b"123") == b'{"path": "/a"}'
            listed.close()
            # What is not read goes through it as well.
            unlisted = connected(proxy.port, "other.test", behind.certificate, user="tabc")
            assert asked(unlisted, "/b", b"123") == b'{"path": "/b"}'
            unlisted.close()
        assert [head.split("\r\n")[0] for head in other.heads] == [
            "CONNECT listed.test:443 HTTP/1.1",
            "CONNECT other.test:443 HTTP/1.1",
        ]
        said = f"Basic {b64encode(b'me:pass').decode()}"
        assert all(f"Proxy-Authorization: {said}\r\n" in head for head in other.heads)
        assert not any("tabc" in head or b64encode(b"tabc:x").decode() in head for head in other.heads)
    assert [line["host"] for line in spooled(tmp_path)] == ["listed.test"]


@contextmanager
def slow(origin: Origin, go: threading.Event) -> Iterator[int]:
    """Take connections to a server, and pass nothing on until it may go."""

    def wait(client: socket.socket) -> None:
        with client:
            while not go.wait(0.05):
                pass
            with socket.create_connection(("127.0.0.1", origin.port)) as server:
                back = threading.Thread(target=_copied, args=(server, client), daemon=True)
                back.start()
                _copied(client, server)
                back.join(10)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=wait, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        go.set()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_who_does_not_wait_for_a_server_that_hangs_has_refused_nothing(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    go = threading.Event()
    with slow(origin, go) as port:
        planned = plan(tmp_path, origin, behind)._replace(ways=(Way("listed.test", 443, "127.0.0.1", port),))
        with passing(planned) as proxy:
            for _ in range(3):
                connection = connected(proxy.port, "listed.test", ours.certificate, timeout=0.3)
                with pytest.raises(TimeoutError):
                    asked(connection, "/a", b"x")
                connection.close()
                time.sleep(0.1)
            go.set()
            # Read still: it is our certificate that is shown.
            connection = connected(proxy.port, "listed.test", ours.certificate)
            assert asked(connection, "/b", b"x") == b'{"path": "/b"}'
            connection.close()
            (line,) = proxy.lines()
            assert line["outcome"] == "done"


def test_one_that_stands_for_itself_does_not_go_round_in_circles(
    tmp_path: Path, ours: Authority, behind: Authority
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    planned = plan(tmp_path, None, behind)._replace(port=port, reverse=f"http://127.1:{port}")
    with passing(planned):
        before = len(os.listdir("/proc/self/fd"))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(http.client.HTTPException, ConnectionError):
            connection.request("GET", "/x")
            assert connection.getresponse().status == 502
        assert len(os.listdir("/proc/self/fd")) <= before + 2
        connection.close()


def test_a_spool_that_cannot_be_written_changes_nothing_for_the_traffic(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    (tmp_path / "spool").write_text("no folder")
    with passing(plan(tmp_path, origin, behind)) as proxy:
        connection = connected(proxy.port, "listed.test", ours.certificate)
        for _ in range(20):
            assert asked(connection, "/k", b"x") == b'{"path": "/k"}'
        connection.close()
        (tmp_path / "spool").unlink()
        # Nothing of it is lost.
        assert len(proxy.lines(20)) == 20


def test_what_is_on_its_way_when_the_proxy_ends_is_told_as_cut(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    with passing(plan(tmp_path, origin, behind)) as proxy:
        connection = connected(proxy.port, "listed.test", ours.certificate)
        connection.request("GET", "/endless")
        assert connection.getresponse().read(9) == b"data: 0\n\n"
    connection.close()
    (line,) = spooled(tmp_path)
    assert line["outcome"] == "cut"


def test_an_archive_holds_whole_exchanges_that_are_metered_and_no_keys(
    tmp_path: Path, ours: Authority, behind: Authority, origin: Origin
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    folder = tmp_path / "kept"
    with passing(plan(tmp_path, origin, behind), folder) as proxy:
        connection = connected(proxy.port, "listed.test", ours.certificate)
        # A login passes on the same host.
        assert asked(connection, "/free/token", b"refresh_token=DDDD") == b'{"path": "/free/token"}'
        connection.request("POST", "/kept?key=AAAA&x=1", b"hello", {"X-Api-Key": "BBBB", "Authorization": "CCCC"})
        connection.getresponse().read()
        connection.close()
    answer, request = (file.read_bytes() for file in sorted(folder.iterdir()))
    assert request.startswith(b"POST /kept?key=(left out)&x=1\n")
    assert request.endswith(b"\n\nhello")
    assert not any(secret in request for secret in (b"AAAA", b"BBBB", b"CCCC"))
    assert answer.startswith(b"200\n")
    assert answer.endswith(b'{"path": "/kept"}')
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("host", ["listed.test", "other.test"])
def test_one_that_holds_too_much_asks_to_be_started_anew_between_two_exchanges(
    tmp_path: Path, world: World, host: str
) -> None:
    (tmp_path / "ca").symlink_to(world.ours.folder)
    found: list[Running] = []
    codes: list[int] = []
    around = Around(time.time, found.append, lambda: None)
    planned = plan(tmp_path, world.origin, world.behind)._replace(memory=1, kept=True)
    proxy = threading.Thread(target=lambda: codes.append(run(planned, Listed(), around)), daemon=True)
    proxy.start()
    deadline = time.monotonic() + 20
    while not found:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    # What is not read has an end of its own: that of its connection.
    metered = host == "listed.test"
    connection = connected(found[0].port, host, (world.ours if metered else world.behind).certificate)
    connection.request("POST", "/steps", b"x")
    answer = connection.getresponse()
    assert answer.read(9) == b"data: 0\n\n"
    # Longer than a gap has to be.
    proxy.join(2)
    assert proxy.is_alive()
    for _ in range(3):
        world.origin.go.set()
        time.sleep(0.05)
    assert answer.read() == b"data: 1\n\ndata: 2\n\n"
    connection.close()
    proxy.join(10)
    assert codes == [AGAIN]
    assert [line["outcome"] for line in spooled(tmp_path)] == ["done"] * metered


def test_one_that_nobody_starts_anew_only_notes_that_it_holds_too_much(
    tmp_path: Path, ours: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca").symlink_to(ours.folder)
    monkeypatch.setattr("tallystick.intake.proxy.process._AT_LEAST_S", 0)
    with passing(Plan(str(tmp_path), 0, memory=1)) as proxy:
        time.sleep(1.5)
        asked(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20), "/health")
    text = "".join(file.read_text() for file in (tmp_path / "spool").iterdir())
    assert '"why":"memory"' in text
