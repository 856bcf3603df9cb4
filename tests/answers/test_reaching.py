"""Reaching a server: which addresses are any, what refusals mean, and that a token never goes where it was not meant to."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import pytest

from tallystick.answers.reaching import Reach, address, fetched
from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

TEXT: Final = '{"answer": "ünï"}' * 500


def problem(code: str, message: str) -> bytes:
    """Return a problem as servers of ours tell it."""
    return json.dumps({"error": {"code": code, "message": message}}).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers as its server was told to, and remembers what it was asked."""

    server: "Server"

    def do_GET(self) -> None:
        """Answer."""
        self.server.seen.append((self.path, dict(self.headers)))
        status, headers, body = self.server.say.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", headers.get("X-Length", str(len(body))))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """A server that says what a test wants."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.say: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []

    @property
    def at(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving() -> Iterator[Server]:
    """Run a server for as long as it is needed."""
    with Server() as made:
        thread = Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    """Return a server."""
    with serving() as made:
        yield made


def reach(server: Server, token: str = "") -> Reach:
    """Return where a server is."""
    return Reach(server.at, token, "the config", "Set a token.")


@pytest.mark.parametrize(
    "text, meant",
    [
        ("https://tally.example.com", "https://tally.example.com"),
        (" https://tally.example.com/ ", "https://tally.example.com"),
        ("http://box:3847", "http://box:3847"),
        ("http://[::1]:3847/tally/", "http://[::1]:3847/tally"),
    ],
)
def test_an_address_is_taken_as_it_is_meant(text: str, meant: str) -> None:
    assert address(text, "--server") == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "box",
        "box:3847",
        "ftp://box",
        "file:///etc/passwd",
        "http://",
        "http://box:0",
        "http://box:99999",
        "http://box:x",
        "http://box?x=1",
        "http://box#x",
        "http://b ox",
        "http://böx",
        "http://box/\nHost: other",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_told_with_where_it_was_said(text: str) -> None:
    with pytest.raises(Misused, match=r"config\.toml names the server .*give an address such as https://"):
        address(text, "config.toml")


@pytest.mark.parametrize("text", ["https://me:secret@box", "https://secret@box"])
def test_a_password_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Misused) as told:
        address(text, "--server")
    assert "secret" not in str(told.value)


def test_an_answer_is_read_plain_and_packed(server: Server) -> None:
    server.say["/plain?x=1"] = 200, {}, TEXT.encode()
    server.say["/packed"] = 200, {"Content-Encoding": "gzip"}, gzip.compress(TEXT.encode())
    assert fetched(reach(server), "/plain?x=1") == TEXT
    assert fetched(reach(server, "tally_r_x"), "/packed") == TEXT
    (_, first), (_, second) = server.seen
    assert first["Accept-Encoding"] == "gzip"
    assert "Authorization" not in first
    assert second["Authorization"] == "Bearer tally_r_x"


@pytest.mark.parametrize(
    "headers, body",
    [
        ({"Content-Encoding": "gzip"}, gzip.compress(TEXT.encode())[:-9]),
        ({"Content-Encoding": "gzip"}, b"no gzip"),
        ({"X-Length": "99999"}, b"cut off"),
        ({}, b"\xff\xfe"),
    ],
)
def test_an_answer_that_is_damaged_is_told(server: Server, headers: dict[str, str], body: bytes) -> None:
    server.say["/x"] = 200, headers, body
    with pytest.raises(Unavailable, match=r"cannot be reached|not understood"):
        fetched(reach(server), "/x")


REFUSALS: Final[list[tuple[int, bytes, type[TallystickError], str]]] = [
    (400, problem("misused", "Say since."), Misused, "^Say since.$"),
    (400, b"Bad Request", Unavailable, "status 400"),
    (401, problem("unknown", "…"), Refused, "wants a token. Set a token."),
    (403, problem("scope", "It may only send."), Refused, "It may only send.*Set a token."),
    (404, problem("not_found", "There is no event 9."), NotFound, "^There is no event 9.$"),
    (404, problem("not_found", "There is nothing at this address: …"), Unavailable, "same version"),
    (404, b"<html>", Unavailable, "same version"),
    (405, problem("method", "…"), Unavailable, "same version"),
    (421, problem("misdirected", "…"), Unavailable, "TALLY_SERVER_HOSTS"),
    (500, problem("failed", "A reason."), Unavailable, "status 500: A reason"),
    (502, b"[" * 60_000, Unavailable, "status 502"),
    (503, problem("unavailable", "Busy."), Unavailable, "Busy.*try again later"),
]


@pytest.mark.parametrize("status, body, kind, told", REFUSALS)
def test_what_a_refusal_means(server: Server, status: int, body: bytes, kind: type[TallystickError], told: str) -> None:
    server.say["/x"] = status, {}, body
    with pytest.raises(kind, match=told):
        fetched(reach(server), "/x")


def test_a_token_that_is_not_known_is_told_with_where_it_is_from_and_without_itself(server: Server) -> None:
    server.say["/x"] = 401, {}, problem("unknown", "…")
    with pytest.raises(Refused, match="does not know the token from the config, or no longer") as told:
        fetched(reach(server, "tally_r_secret"), "/x")
    assert "secret" not in str(told.value)


def test_a_server_that_is_busy_says_when_to_come_again(server: Server) -> None:
    server.say["/x"] = 429, {"Retry-After": "7"}, problem("often", "Too often.")
    with pytest.raises(Unavailable, match="in 7 seconds"):
        fetched(reach(server), "/x")


def test_a_redirect_within_the_server_is_followed(server: Server) -> None:
    server.say["/x"] = 307, {"Location": "/y"}, b""
    server.say["/y"] = 200, {}, b"here"
    assert fetched(reach(server, "tally_r_x"), "/x") == "here"
    assert server.seen[-1][1]["Authorization"] == "Bearer tally_r_x"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_is_told_and_nothing_is_asked_there(server: Server, status: int) -> None:
    with serving() as other:
        server.say["/x"] = status, {"Location": f"{other.at}/x"}, b""
        other.say["/x"] = 200, {}, b"there"
        with pytest.raises(Unavailable, match=f"sends elsewhere, to {other.at}: "):
            fetched(reach(server, "tally_r_x"), "/x")
        assert other.seen == []


@pytest.mark.parametrize("to", ["https://127.0.0.1/x", "file:///etc/passwd", "http://localhost.example/x"])
def test_no_other_scheme_and_no_other_name_is_followed(server: Server, to: str) -> None:
    server.say["/x"] = 302, {"Location": to}, b""
    with pytest.raises(Unavailable):
        fetched(reach(server, "tally_r_x"), "/x")


def test_a_redirect_that_never_ends_is_told(server: Server) -> None:
    server.say["/x"] = 302, {"Location": "/x"}, b""
    with pytest.raises(Unavailable):
        fetched(reach(server), "/x")


def test_this_machine_is_never_asked_by_a_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.say["/x"] = 200, {}, b"here"
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetched(reach(server), "/x") == "here"


def test_elsewhere_is_asked_by_the_proxy_that_is_set(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("http_proxy", server.at)
    server.say["http://tally.example/x"] = 200, {}, b"by proxy"
    assert fetched(Reach("http://tally.example"), "/x") == "by proxy"


def test_a_server_that_does_not_speak_tls_is_told(server: Server) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        fetched(Reach(server.at.replace("http:", "https:")), "/x")
