"""Places that alerts go to, as servers on the loopback: some take them, some hang, fail, lead elsewhere or never end."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tallystick.alerts.outlets.outlet import Alert, Ended, To, World
from tallystick.cli import program

NOW = 1_767_600_000_000
ALERT = Alert(
    7,
    "budget",
    "critical",
    "Budget used up: project=~/wörk <b>",
    "$51.00 of $50.00 for this week are used (102%) & more.",
    {"filters": (("project", "~/wörk"),), "share": 1.02},
    NOW,
    "laptop",
)


class Asked(NamedTuple):
    """A request as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  whatever JSON holds
        """The body."""
        return json.loads(self.body)


class Place:
    """A server, and what it was told."""

    def __init__(self, port: int) -> None:
        """Begin with nothing."""
        self.port = port
        self.asked: list[Asked] = []
        self.mails: list[list[bytes]] = []
        self.connections = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


type Manner = Callable[[Place, socket.socket], None]
"""How a server treats a connection."""


@contextmanager
def place(manner: Manner, context: ssl.SSLContext | None = None) -> Iterator[Place]:
    """Serve for as long as it is needed, each connection on a thread of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Place(server.getsockname()[1])
        threads: list[threading.Thread] = []
        open_now: list[socket.socket] = []

        def treat(connection: socket.socket) -> None:
            with suppress(OSError, ValueError), connection:
                raw = context.wrap_socket(connection, server_side=True) if context else connection
                with raw:
                    manner(made, raw)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    made.connections += 1
                    open_now.append(connection.dup())
                    threads.append(threading.Thread(target=treat, args=(connection,)))
                    threads[-1].start()

        first = threading.Thread(target=serve)
        first.start()
        try:
            yield made
        finally:
            made.over.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
            first.join(5)
            for each in open_now:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
            for thread in threads:
                thread.join(5)
                assert not thread.is_alive()


def _taken(at: Place, connection: socket.socket) -> None:
    """Read a request and keep it."""
    with connection.makefile("rb") as file:
        line = file.readline().decode().strip()
        headers = {}
        while text := file.readline().decode().strip():
            name, _, told = text.partition(":")
            headers[name.lower()] = told.strip()
        at.asked.append(Asked(line, headers, file.read(int(headers.get("content-length", 0)))))


def answers(status: int, headers: str = "", body: str = "ok") -> Manner:
    """Return the manner of a server that answers so."""

    def manner(at: Place, connection: socket.socket) -> None:
        _taken(at, connection)
        connection.sendall(f"HTTP/1.1 {status} Said\r\n{headers}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    return manner


def hangs(at: Place, connection: socket.socket) -> None:
    """Take everything and answer nothing."""
    _taken(at, connection)
    at.over.wait(30)


def drips(at: Place, connection: socket.socket) -> None:
    """Answer a byte at a time, without end: no single wait is long."""
    _taken(at, connection)
    connection.sendall(b"HTTP/1.1 2")
    while not at.over.wait(0.05):
        connection.sendall(b"x")


def goes_on(at: Place, connection: socket.socket) -> None:
    """Take it, and go on to speak without end."""
    _taken(at, connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    while not at.over.wait(0.05):
        connection.sendall(b"x")


def talks_nonsense(at: Place, connection: socket.socket) -> None:
    """Answer what is no HTTP, with a secret in it."""
    _taken(at, connection)
    connection.sendall(b"hunter2 hunter2\r\n\r\n")


class Mailbox(NamedTuple):
    """How a mail server behaves."""

    context: ssl.SSLContext | None = None
    """For STARTTLS."""
    password: str = ""
    refuses: bool = False
    drips: bool = False

    def manner(self, at: Place, connection: socket.socket) -> None:
        """Speak SMTP (RFC 5321), as much of it as is needed."""
        if self.drips:
            while not at.over.wait(0.05):
                connection.sendall(b"220-well\r\n")
            return
        said: list[bytes] = []
        raw, file = connection, connection.makefile("rb")
        raw.sendall(b"220 box.test\r\n")
        while line := file.readline():
            said.append(line)
            verb = line[:4].upper()
            if line.upper().startswith(b"STARTTLS") and self.context:
                raw.sendall(b"220 go on\r\n")
                raw = self.context.wrap_socket(raw, server_side=True)
                file = raw.makefile("rb")
                continue
            raw.sendall(self._answer(verb, line, encrypted=isinstance(raw, ssl.SSLSocket)))
            if verb == b"DATA":
                while (line := file.readline()) not in {b".\r\n", b""}:
                    said.append(line)
                raw.sendall(b"250 taken\r\n")
                at.mails.append(said)
            if verb == b"QUIT":
                break
        raw.close()

    def _answer(self, verb: bytes, line: bytes, *, encrypted: bool) -> bytes:
        if verb == b"EHLO":
            more = b"250-STARTTLS\r\n" if self.context and not encrypted else b""
            return b"250-box.test\r\n" + more + (b"250-AUTH PLAIN\r\n" if self.password else b"") + b"250 8BITMIME\r\n"
        if verb == b"AUTH":
            from base64 import b64decode

            given = b64decode(line.split()[2]).split(b"\0")[2].decode()
            return b"235 in\r\n" if given == self.password else b"535 not hunter2\r\n"
        if verb == b"RCPT" and self.refuses:
            return b"550 nobody\r\n"
        return {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")


def certified(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return how a server on 127.0.0.1 encrypts, and the file by which it is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "places")])
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
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "pair.pem").write_bytes(private + pem)
    (folder / "ca.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair.pem")
    return context, str(folder / "ca.pem")


def to(kind: str, timeout: float = 5.0, **said: Any) -> To:  # noqa: ANN401  whatever a config says
    """Return a place of a kind."""
    return To(kind, kind, said, timeout=timeout)


class Runs:
    """Runs nothing, and remembers what was to be run: for systems that are not this one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.calls: list[tuple[list[str], bytes, dict[str, str]]] = []

    def __call__(self, arguments: Sequence[str], said: bytes, environ: Mapping[str, str], seconds: float) -> Ended:
        """Remember a call."""
        assert seconds > 0
        self.calls.append((list(arguments), said, dict(environ)))
        return Ended(0)


def world(**environ: str) -> World:
    """Return this machine at a fixed moment, on which programs really run."""
    return World(environ, "linux", lambda: NOW, program.run)
