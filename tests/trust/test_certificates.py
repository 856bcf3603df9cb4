"""What an authority's certificate says, and that OpenSSL, Python and Node hold it to that: listed hosts pass, others do not."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mitmproxy.certs import CertStore

from tallystick.trust.certificates import belongs, each, make, read

HOSTS = ("api.anthropic.com", "openai.azure.com")
NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
DAY = 86_400_000
NODE = """
const tls = require('tls')
const [port, host] = process.argv.slice(1)
const said = (what) => process.stdout.write(what, () => process.exit())
tls.connect({ port, host: '127.0.0.1', servername: host }, () => said('trusted')).on('error', (error) => said(error.message))
"""


def now() -> int:
    """Return this moment, for programs that look at the real clock."""
    return int(datetime.now(UTC).timestamp() * 1000)


class Signed:
    """An authority in a folder, and certificates that mitmproxy makes with it."""

    def __init__(self, folder: Path) -> None:
        """Make the authority."""
        key, self.pem = make(HOSTS, now())
        self.folder = folder
        (folder / "mitmproxy-ca.pem").write_bytes(key + self.pem)
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self.pem)
        self._store = CertStore.from_store(folder, "mitmproxy", 2048)

    def leaf(self, host: str, *more: x509.GeneralName) -> Path:
        """Return a file with key and certificate for a host, as mitmproxy would serve it."""
        entry = self._store.get_cert(host, [x509.DNSName(host), *more])
        key = entry.privatekey.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self.folder / f"{host}{len(more)}.pem"
        file.write_bytes(key + entry.cert.to_pem())
        return file


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    """Return an authority and what it signs."""
    return Signed(tmp_path_factory.mktemp("signed"))


@contextmanager
def serving(leaf: Path) -> Iterator[int]:
    """Serve TLS on loopback with a certificate, one connection after the other; yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                connection, _ = server.accept()
                with connection:
                    if connection.recv(1, socket.MSG_PEEK) == b"!":
                        return
                    try:
                        context.wrap_socket(connection, server_side=True).close()
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        port: int = server.getsockname()[1]
        try:
            yield port
        finally:
            with socket.create_connection(("127.0.0.1", port)) as goodbye:
                goodbye.send(b"!")
            thread.join()


def test_what_it_says() -> None:
    key, pem = make(HOSTS, NOW)
    found = x509.load_pem_x509_certificate(pem)
    told = read(pem)
    assert told.pem == pem
    assert told.hosts == HOSTS
    # Two days back, and a year from there.
    assert (told.begins, told.ends) == (NOW - 2 * DAY, NOW + 363 * DAY)
    assert told.name.startswith("Tallystick ")
    assert len(told.fingerprint) == 32 * 3 - 1
    assert belongs(key + pem)
    assert isinstance(found.public_key(), ec.EllipticCurvePublicKey)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    limits = found.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert [str(name.value) for name in limits.value.permitted_subtrees or []] == [*HOSTS, "127.0.0.1/32", "::1/128"]
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert (usage.value.key_cert_sign, usage.value.digital_signature) == (True, False)
    subject = found.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    authority = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    assert subject.value.digest == authority.value.key_identifier


def test_openssl_prints_the_same_fingerprints() -> None:
    pem = make(HOSTS, NOW)[1]
    for kind, told in (("-sha256", read(pem).fingerprint), ("-sha1", read(pem).sha1)):
        done = subprocess.run(
            ["openssl", "x509", "-noout", "-fingerprint", kind], input=pem, capture_output=True, check=True
        )
        printed = done.stdout.decode().strip().partition("=")[2]
        assert told in {printed, printed.replace(":", "")}


def test_no_two_have_a_name_in_common() -> None:
    assert len({read(make(HOSTS, NOW)[1]).name for _ in range(20)}) == 20


def test_a_key_of_another_one_does_not_belong() -> None:
    (one, _), (_, other) = make(HOSTS, NOW), make(HOSTS, NOW)
    assert not belongs(one + other)
    assert not belongs(other)
    assert not belongs(b"")


def test_each_of_several_is_read() -> None:
    pems = [make(HOSTS, NOW)[1] for _ in range(3)]
    assert [found.pem for found in each(b"".join(pems))] == pems
    with pytest.raises(ValueError, match=r"\w"):
        each(b"nothing")


def verified(ca: Path, leaf: Path) -> str:
    """Return what OpenSSL says about a server's certificate, strictly."""
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(ca), str(leaf)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "OK" if done.returncode == 0 else done.stderr


OTHERS = ("example.com", "anthropic.com", "api.anthropic.com.example.com", "xapi.anthropic.com")


@pytest.mark.parametrize("host", ["api.anthropic.com", "mine.openai.azure.com", "openai.azure.com"])
def test_openssl_takes_a_listed_host(signed: Signed, host: str) -> None:
    assert verified(signed.ca, signed.leaf(host)) == "OK"


@pytest.mark.parametrize("host", OTHERS)
def test_openssl_takes_no_other_host(signed: Signed, host: str) -> None:
    assert "permitted subtree violation" in verified(signed.ca, signed.leaf(host))


def test_addresses_are_limited_too(signed: Signed) -> None:
    from ipaddress import ip_address

    near, far = (x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "192.0.2.1"))
    assert verified(signed.ca, signed.leaf(HOSTS[0], near)) == "OK"
    assert "permitted subtree violation" in verified(signed.ca, signed.leaf("mine.openai.azure.com", far))


def test_python_takes_a_listed_host_and_no_other(signed: Signed) -> None:
    context = ssl.create_default_context(cafile=str(signed.ca))
    # From Python 3.13 on this is the default.
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    for host in (HOSTS[0], OTHERS[0]):
        with serving(signed.leaf(host)) as port, socket.create_connection(("127.0.0.1", port)) as connection:
            if host in HOSTS:
                context.wrap_socket(connection, server_hostname=host).close()
            else:
                with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
                    context.wrap_socket(connection, server_hostname=host)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_node_takes_a_listed_host_and_no_other(signed: Signed) -> None:
    for host, said in ((HOSTS[0], "trusted"), (OTHERS[0], "permitted subtree violation")):
        with serving(signed.leaf(host)) as port:
            done = subprocess.run(
                ["node", "-e", NODE, str(port), host],
                env={"NODE_EXTRA_CA_CERTS": str(signed.ca), "PATH": "/usr/bin:/bin:/usr/local/bin"},
                capture_output=True,
                text=True,
                check=True,
            )
        assert done.stdout.strip() == said
