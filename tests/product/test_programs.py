"""Everyday programs in a shell that looks for the proxy: they reach everybody, whether it is there or not."""

import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.product.fleet import PROGRAM, Machine
from tests.product.realclients import running

pytestmark = pytest.mark.slow

LISTED, OTHER = "api.anthropic.com", "other.test"
HERE = "127.0.0.2"
"""An address of this machine that no variable excepts, as it does 127.0.0.1."""
COMMIT = "0123456789abcdef0123456789abcdef01234567"
URLLIB = "import sys, urllib.request as asking; print(asking.urlopen(sys.argv[1]).read().decode())"
REQUESTS = "import sys, requests; answer = requests.get(sys.argv[1]); answer.raise_for_status(); print(answer.text)"
FETCH = "fetch(process.argv[1]).then(answer => answer.text()).then(console.log)"
PROGRAMS = {
    "curl": ("curl", "-fsS"),
    "urllib": (sys.executable, "-c", URLLIB),
    "requests": (sys.executable, "-c", REQUESTS),
    "git": ("git", "ls-remote"),
    "npm": ("npm", "ping", "--fetch-retries=0", "--registry"),
}

_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Server(BaseHTTPRequestHandler):
    """Answers everything, and as a repository too."""

    def do_GET(self) -> None:
        """Answer with a list of branches, or with words."""
        body = f"{COMMIT}\trefs/heads/main\n" if "info/refs" in self.path else '{"words": "as they should be"}'
        self.send_response(200 if not self.path.endswith("HEAD") else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the class has it
        """Say nothing."""


class World(NamedTuple):
    """A server that a person trusts by a variable of their own, and their machine."""

    machine: Machine
    port: int
    ca: Path
    folder: Path

    def environ(self) -> dict[str, str]:
        """Return what a person's shell begins with."""
        own = dict.fromkeys(
            ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"), str(self.ca)
        )
        # What this machine tells npm and git is none of the test's business.
        more = {"npm_config_update_notifier": "false", "npm_config_cache": str(self.folder / "npm")}
        more |= {"npm_config_globalconfig": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        return self.machine.environ(**own, **more)

    def shell(self, *command: str) -> str:
        """Run a program in a shell that looks for the proxy; return what it says."""
        path = self.machine.home / "init.bash"
        if not path.exists():
            path.write_text(self.machine.tally("shell", "init", "bash", code=0, **self.environ()))
        line = ["bash", "--norc", "-c", f'. {path}; "$@"', "bash", *command]
        done = subprocess.run(line, env=self.environ(), capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def proxy(self) -> tuple[str, ...]:
        """Return the command of a proxy that finds the server under either name."""
        ways = [word for host in (LISTED, OTHER) for word in ("--connect-to", f"{host}={HERE}:{self.port}")]
        return (*PROGRAM, "proxy", "--port", "0", "--direct", *ways)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Serve under all names with a certificate of one's own."""
    folder = tmp_path_factory.mktemp("programs")
    ca, pair = _certificates(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair)
    with ThreadingHTTPServer((HERE, 0), Server) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield World(Machine(folder, "person"), server.server_port, ca, folder)
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture(scope="module")
def up(world: World) -> Iterator[int]:
    """Have the proxy run; return its port."""
    # It makes the certificates, and the bundle with the person's own.
    world.machine.tally("ca", "path", code=0, **world.environ())
    with running(world.proxy(), world.environ(), "passes traffic on", world.folder / "log") as line:
        world.machine.tally("env", code=0, **world.environ())
        yield int(line.split("127.0.0.1:")[1].split()[0])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("host", [LISTED, OTHER])
def test_programs_reach_everybody_through_the_proxy(world: World, up: int, program: str, host: str) -> None:
    # Nobody knows where those hosts are but the proxy.
    assert up
    assert _words(program) in _asked(world, program, f"https://{host}/")


def test_node_alone_goes_its_own_way_and_trusts_what_it_trusted(world: World, up: int) -> None:
    assert up
    _found("node")
    assert "as they should be" in world.shell("node", "-e", FETCH, f"https://{HERE}:{world.port}/")


@pytest.fixture(scope="module")
def killed(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a machine on which the proxy ran, and was killed."""
    folder = tmp_path_factory.mktemp("killed")
    found = world._replace(machine=Machine(folder, "another"))
    with running(found.proxy(), found.environ(), "passes traffic on", folder / "log", how="kill"):
        assert "127.0.0.1" in found.shell("printenv", "HTTPS_PROXY")
    assert (found.machine.data / "proxy.json").exists(), "it had no time to tidy up"
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_reach_everybody_after_the_proxy_was_killed(killed: World, program: str) -> None:
    assert _words(program) in _asked(killed, program, f"https://{HERE}:{killed.port}/")


def test_so_does_node(killed: World) -> None:
    _found("node")
    assert "as they should be" in killed.shell("node", "-e", FETCH, f"https://{HERE}:{killed.port}/")


def test_only_a_host_of_a_provider_shows_our_certificate(world: World, up: int) -> None:
    ours = world.machine.data / "ca" / "tallystick-ca.pem"
    assert _answers(up, LISTED, ours)
    assert not _answers(up, LISTED, world.ca)
    assert _answers(up, OTHER, world.ca)
    assert not _answers(up, OTHER, ours)


def _asked(world: World, program: str, where: str) -> str:
    _found(PROGRAMS[program][0])
    if program == "git":
        where += "repository.git"
    return world.shell(*PROGRAMS[program], where)


def _words(program: str) -> str:
    return {"git": COMMIT, "npm": "PONG"}.get(program, "as they should be")


def _found(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed here")


def _answers(proxy: int, host: str, trusted: Path) -> bool:
    """Tell whether a host answers through the proxy to somebody who trusts one authority alone."""
    connection = HTTPSConnection(
        "127.0.0.1", proxy, context=ssl.create_default_context(cafile=str(trusted)), timeout=10
    )
    connection.set_tunnel(host, 443)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except ssl.SSLCertVerificationError:
        return False
    finally:
        connection.close()


def _certificates(folder: Path) -> tuple[Path, Path]:
    """Make an authority and what it certifies; return the file of the one, and that of the other with its key."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("a test", "its server")]
    alternatives = [*map(x509.DNSName, (LISTED, OTHER)), x509.IPAddress(ip_address(HERE))]
    now = datetime.now(UTC)
    made = []
    for key, name, authority in zip(keys, names, (True, False), strict=True):
        builder = x509.CertificateBuilder(names[0], name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        # Python looks for these as well (RFC 5280, 4.2.1.1 to 4.2.1.3).
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key())
        builder = builder.add_extension(issuer, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if authority:
            builder = builder.add_extension(_SIGNS, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(Encoding.PEM))
    ca, pair = folder / "ca.pem", folder / "server.pem"
    ca.write_bytes(made[0])
    pair.write_bytes(keys[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made[1])
    return ca, pair
