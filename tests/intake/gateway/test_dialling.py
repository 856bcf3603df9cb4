"""The way out: encrypted and checked, through a proxy where there is one, and told in words where it does not come about."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.intake.gateway.stage import Line, upstream

from tallystick.intake.gateway.dialling import Closed, Dialler, Unreachable
from tallystick.intake.gateway.upstreams import Upstream, upstreams

NAME = "llm.example.com"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate of NAME and its key, in one file, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("own") / "own.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, form, plain)
    )
    return path


@pytest.fixture
def encrypted(certificate: Path) -> ssl.SSLContext:
    """Return how an upstream encrypts."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


def to(url: str) -> Upstream:
    """Return an upstream."""
    return upstreams({"own": url}, {}, "the test")["own"]


async def asked(dialler: Dialler, where: Upstream) -> bytes:
    """Return what is answered to a request."""
    answer = await dialler.ask(where, "GET", (b"/v1", b"x=%zz"), [(b"x-a", b"1")])
    return await answer.content.read()


async def answering(line: Line) -> None:
    """Answer everything."""
    while True:
        await line.head()
        line.say(ANSWER)


def proxy_to(port: int, seen: list[bytes]) -> Callable[[Line], Awaitable[None]]:
    """Return a proxy that leads everywhere to one port."""

    async def handle(line: Line) -> None:
        seen.append(await line.head())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if seen[-1].startswith(b"CONNECT "):
            line.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            writer.write(seen[-1])

        async def back() -> None:
            while data := await reader.read(1 << 16):
                line.say(data)

        returning = asyncio.create_task(back())
        try:
            while data := await line.reader.read(1 << 16):
                writer.write(data)
        finally:
            returning.cancel()
            writer.close()

    return handle


def test_a_corporate_proxy_and_a_certificate_of_ones_own(certificate: Path, encrypted: ssl.SSLContext) -> None:
    seen: list[bytes] = []

    async def run() -> None:
        async with upstream(answering, ssl=encrypted) as port, upstream(proxy_to(port, seen)) as proxy:
            dialler = Dialler(str(certificate), {"HTTPS_PROXY": f"http://me:secret@127.0.0.1:{proxy}"})
            assert [await asked(dialler, to(f"https://{NAME}/base")) for _ in range(3)] == [b"ok"] * 3
            await dialler.close()

    asyncio.run(run())
    # One tunnel, which is kept.
    assert len(seen) == 1
    assert seen[0].startswith(f"CONNECT {NAME}:443 HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in seen[0]


def test_a_plain_request_is_handed_to_the_proxy_as_it_is() -> None:
    seen: list[bytes] = []

    async def run() -> None:
        async with upstream(answering) as port, upstream(proxy_to(port, seen)) as proxy:
            dialler = Dialler("", {"http_proxy": f"127.0.0.1:{proxy}"})
            assert await asked(dialler, to(f"http://{NAME}/base")) == b"ok"
            await dialler.close()

    asyncio.run(run())
    assert seen[0] == f"GET http://{NAME}/base/v1?x=%zz HTTP/1.1\r\nHost: {NAME}\r\nx-a: 1\r\n\r\n".encode()


def test_a_certificate_that_is_not_trusted_is_told(encrypted: ssl.SSLContext) -> None:
    async def run() -> None:
        async with upstream(answering, ssl=encrypted) as port:
            dialler = Dialler()
            with pytest.raises(Unreachable, match="its certificate is not trusted"):
                await asked(dialler, to(f"https://127.0.0.1:{port}"))
            await dialler.close()

    asyncio.run(run())


def test_a_certificate_of_another_name_is_told(certificate: Path, encrypted: ssl.SSLContext) -> None:
    async def run() -> None:
        async with upstream(answering, ssl=encrypted) as port:
            dialler = Dialler(str(certificate))
            with pytest.raises(Unreachable, match="its certificate is not trusted"):
                await asked(dialler, to(f"https://127.0.0.1:{port}"))
            await dialler.close()

    asyncio.run(run())


def test_a_proxy_that_refuses_is_told() -> None:
    async def refuse(line: Line) -> None:
        await line.head()
        line.say(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async def run() -> None:
        async with upstream(refuse) as proxy:
            dialler = Dialler("", {"HTTPS_PROXY": f"http://127.0.0.1:{proxy}"})
            with pytest.raises(Unreachable, match="the proxy on the way answered 407"):
                await asked(dialler, to(f"https://{NAME}"))
            await dialler.close()

    asyncio.run(run())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_an_upstream_that_hangs_up_is_told(said: bytes) -> None:
    async def handle(line: Line) -> None:
        await line.head()
        line.say(said)

    async def run() -> None:
        async with upstream(handle) as port:
            dialler = Dialler()
            with pytest.raises(Closed):
                await asked(dialler, to(f"http://127.0.0.1:{port}"))
            await dialler.close()

    asyncio.run(run())


def test_a_connection_that_the_upstream_closed_meanwhile_is_not_used_again() -> None:
    connections = 0

    async def handle(line: Line) -> None:
        nonlocal connections
        connections += 1
        await line.head()
        line.say(ANSWER)

    async def run() -> None:
        async with upstream(handle) as port:
            dialler = Dialler()
            for _ in range(3):
                assert await asked(dialler, to(f"http://127.0.0.1:{port}")) == b"ok"
                await asyncio.sleep(0.02)
            await dialler.close()

    asyncio.run(run())
    assert connections == 3


def test_no_clock_cuts_a_stream() -> None:
    async def run() -> None:
        dialler = Dialler()
        timeout = dialler._dialled().timeout
        assert (timeout.total, timeout.sock_read, timeout.connect) == (None, None, None)
        await dialler.close()

    asyncio.run(run())
