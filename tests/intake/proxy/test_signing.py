"""Another authority is taken while traffic passes, an ending one is replaced in time, and leaves do not grow old."""

import asyncio
import http.client
import json
import logging
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from mitmproxy.certs import Cert, CertStore
from tests.intake.proxy.origin import Authority, Origin, asked, authority, connected
from tests.intake.proxy.passing import Proxy, passing, plan

from tallystick.intake.proxy import running
from tallystick.intake.proxy.signing import LAST_S, LEAVES_S, Signer, kept_up, there

DAY = 86_400.0


def made(folder: Path) -> Authority:
    """Return an authority in a folder of its own."""
    folder.mkdir(parents=True)
    return authority(folder)


def fingerprint(one: Authority) -> str:
    """Return it as OpenSSL prints it."""
    return Cert.from_pem(one.certificate.read_bytes()).fingerprint().hex(":").upper()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the authority with which the proxy begins."""
    return made(tmp_path_factory.mktemp("of proxy") / "ca")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Return the one that takes its place."""
    return made(tmp_path_factory.mktemp("second") / "ca")


@pytest.fixture(scope="module")
def proxy(first: Authority, behind: Authority, origin: Origin) -> Iterator[Proxy]:
    """Pass traffic on."""
    with passing(plan(first.folder.parent, origin, behind)) as found:
        yield found


def told(proxy: Proxy, method: str, path: str) -> tuple[int, dict[str, object]]:
    """Return status and body of what the proxy says of itself."""
    head, _, body = running.asked(proxy.port, method, path, 5).partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_another_authority_is_taken_while_a_stream_goes_on(
    proxy: Proxy, first: Authority, second: Authority, origin: Origin
) -> None:
    key, trusted = first.folder / "mitmproxy-ca.pem", Path(shutil.copy(first.certificate, first.folder / "first.pem"))
    before = connected(proxy.port, "listed.test", trusted)
    before.request("GET", "/steps")
    answer = before.getresponse()
    assert answer.read(9) == b"data: 0\n\n"
    shutil.copy(second.folder / "mitmproxy-ca.pem", key)
    # It lies there, and nobody has asked for it yet.
    assert told(proxy, "GET", "/health") == (200, {"status": "ok", "proxy": True, "authority": fingerprint(first)})
    assert told(proxy, "POST", "/authority") == (200, {"authority": fingerprint(second)})
    assert told(proxy, "GET", "/health")[1]["authority"] == fingerprint(second)
    after = connected(proxy.port, "listed.test", second.certificate)
    assert asked(after, "/a") == b'{"path": "/a"}'
    refusing = connected(proxy.port, "listed.test", trusted)
    with pytest.raises(ssl.SSLCertVerificationError):
        refusing.request("GET", "/a")
    origin.go.set()
    assert answer.read(9) == b"data: 1\n\n"
    origin.go.set()
    assert answer.read(9) == b"data: 2\n\n"
    origin.go.set()
    assert answer.read() == b""
    # The same connection, which goes on with what it was shown.
    assert asked(before, "/b") == b'{"path": "/b"}'
    # What cannot be read is not taken, and nothing stops.
    key.write_bytes(b"damaged")
    assert told(proxy, "POST", "/authority")[0] == 503
    assert asked(connected(proxy.port, "a.b.wild.test", second.certificate), "/c") == b'{"path": "/c"}'
    for each in (before, after, refusing):
        each.close()


def test_nobody_takes_one_by_looking(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
    connection.request("GET", "/authority")
    assert connection.getresponse().status == 404
    connection.close()


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.now


def signer(folder: Path, clock: Clock) -> tuple[Signer, SimpleNamespace]:
    """Return a signer, and what it signs for."""
    tls = SimpleNamespace(certstore=CertStore.from_store(folder, "mitmproxy", 2048))
    return Signer(tls, str(folder), clock), tls  # type: ignore[arg-type]  # what it uses of it


def test_one_is_used_until_its_last_day(second: Authority, tmp_path: Path) -> None:
    one, clock = made(tmp_path / "ca"), Clock()
    found, _ = signer(one.folder, clock)
    shutil.copy(second.folder / "mitmproxy-ca.pem", one.folder / "mitmproxy-ca.pem")
    ends = Cert.from_pem(one.certificate.read_bytes()).notafter.timestamp()
    clock.now = ends - LAST_S - 1
    found.look()
    assert found.fingerprint == fingerprint(one)
    clock.now = ends - LAST_S + 1
    found.look()
    assert found.fingerprint == fingerprint(second)


def test_leaves_are_signed_anew_long_before_they_end(second: Authority) -> None:
    clock = Clock()
    found, tls = signer(second.folder, clock)

    def leaf() -> Cert:
        return tls.certstore.get_cert("listed.test", [x509.DNSName("listed.test")]).cert  # type: ignore[no-any-return]

    before = leaf()
    lasts = (before.notafter - before.notbefore).total_seconds()
    # Two looks, an hour apart, and the clocks of clients that are two days fast.
    assert lasts - 2 * DAY > LEAVES_S + 2 * DAY
    clock.now = LEAVES_S - 1
    found.look()
    assert leaf() == before
    clock.now = LEAVES_S + 1
    found.look()
    assert leaf() != before
    assert found.fingerprint == fingerprint(second)


def test_a_renewal_that_fails_is_told_and_tried_again(second: Authority, caplog: pytest.LogCaptureFixture) -> None:
    found, _ = signer(second.folder, Clock())
    calls: list[int] = []

    def renew() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("made up")

    async def run() -> None:
        task = asyncio.create_task(kept_up(found, renew, 0.01))
        while len(calls) < 3:  # noqa: ASYNC110  it is called in another thread
            await asyncio.sleep(0.01)
        task.cancel()

    with caplog.at_level(logging.ERROR, "tallystick"):
        asyncio.run(run())
    assert [record.getMessage() for record in caplog.records] == ["The certificate could not be renewed: made up"]


def test_where_none_is_none_is_found(tmp_path: Path, second: Authority) -> None:
    assert there(str(second.folder))
    assert not there(str(tmp_path))
