"""Delivering: answers come back as they are, what breaks off is told in a sentence, and a token goes nowhere else."""

import socket
import ssl
from http.server import BaseHTTPRequestHandler

import pytest
from tests.intake.push.served import Reply, cut, garbage, reset, served

from tallystick.intake.push.delivering import Answer, Unreachable, complaint, delivery, is_open, may_follow, proxy_for

TOKEN = {"Authorization": "Bearer secret"}


def test_a_body_arrives_with_its_headers_and_the_answer_comes_back() -> None:
    with served(Reply(429, b"later", {"Retry-After": "7"})) as server:
        answer = delivery(f"{server.url}/a/b?c=d", TOKEN, {})(b"hello")
    assert answer == Answer(429, b"later", "7")
    (request,) = server.requests
    assert (request.path, request.body, request.headers["Authorization"]) == ("/a/b?c=d", b"hello", "Bearer secret")


@pytest.mark.parametrize(
    "behaviour, told", [(cut, "broke off"), (reset, "reset|broke off|closed"), (garbage, "broke off or is none")]
)
def test_an_answer_that_is_none_is_told_of(behaviour: object, told: str) -> None:
    with served(behaviour) as server, pytest.raises(Unreachable, match=told):  # type: ignore[arg-type]
        delivery(server.url, {}, {})(b"x")


def test_a_server_that_says_nothing_is_given_up() -> None:
    with served() as server:

        def slow(_: BaseHTTPRequestHandler) -> None:
            server.ending.wait(5)

        server.script = [slow]
        with pytest.raises(Unreachable, match="it took too long"):
            delivery(server.url, {}, {}, (1, 0.2))(b"x")


def test_a_port_where_nobody_listens_is_told_of() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"http://127.0.0.1:\d+ cannot be reached \(connection refused\)"):
            delivery(f"http://127.0.0.1:{free.getsockname()[1]}/x", {}, {})(b"x")


def test_a_server_that_answers_before_it_has_read_all_is_heard() -> None:
    with served(Reply(413, b"{}")) as server:
        server.hasty = True
        # What is not read when the connection closes may take the answer with it, which is told as such.
        try:
            status = delivery(server.url, {}, {})(b"x" * 200_000).status
        except Unreachable:
            status = 413
    assert status == 413


def test_a_redirect_at_the_same_host_is_followed_with_the_body() -> None:
    with served(Reply(307, b"", {"Location": "/there"}), Reply(200, b"ok")) as server:
        assert delivery(f"{server.url}/here", TOKEN, {})(b"x") == Answer(200, b"ok")
    assert [(each.path, each.body) for each in server.requests] == [("/here", b"x"), ("/there", b"x")]


def test_a_redirect_to_another_place_is_not_followed() -> None:
    with served() as other, served(Reply(308, b"", {"Location": f"{other.url}/there"})) as server:
        answer = delivery(server.url, TOKEN, {})(b"x")
    assert answer == Answer(308, b"", "", f"{other.url}/there")
    assert other.requests == []


def test_redirects_in_a_ring_end() -> None:
    with served(Reply(302, b"", {"Location": "/"})) as server:
        assert delivery(server.url, TOKEN, {})(b"x").status == 302
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "before, after, may",
    [
        ("http://a.example/x", "http://a.example/y", True),
        ("http://a.example/x", "http://a.example:80/y", True),
        ("http://a.example/x", "https://a.example/x", True),
        ("http://a.example:8080/x", "https://a.example/x", True),
        ("https://a.example/x", "http://a.example/x", False),
        ("https://a.example/x", "https://a.example:8443/x", False),
        ("https://a.example/x", "https://b.example/x", False),
        ("https://a.example/x", "https://a.example.evil/x", False),
        ("https://a.example/x", "https://a.example@evil/x", False),
        ("https://a.example/x", "ftp://a.example/x", False),
        ("https://a.example/x", "https://a.example:x/x", False),
        ("https://a.example/x", "https://[/x", False),
    ],
)
def test_a_token_goes_to_its_host_only(before: str, after: str, may: bool) -> None:  # noqa: FBT001
    assert may_follow(before, after) is may


@pytest.mark.parametrize("url", ["https://tally.example.org", "http://10.0.0.1:3847/base", "http://[::1]:8000"])
def test_an_address_of_a_server_is_fine(url: str) -> None:
    assert complaint(url) == ""


@pytest.mark.parametrize(
    "url", ["", "tally.example.org", "ftp://a.example", "http://", "http://a:x", "http://a:70000", "http://a:0", "http://a b", "http://a\n", "http://["]
)  # fmt: skip
def test_what_is_no_address_of_a_server_is_told(url: str) -> None:
    assert "is no address of a server" in complaint(url)


@pytest.mark.parametrize(
    "url, could",
    [("http://a.example", True), ("HTTP://10.0.0.1:3847", True), ("http://localhost.a.example", True), ("https://a.example", False), ("http://127.0.0.1:1", False), ("http://LOCALHOST", False), ("http://[::1]:1", False)],
)  # fmt: skip
def test_who_is_on_the_way_could_read_along(url: str, could: bool) -> None:  # noqa: FBT001  a row of a table
    assert is_open(url) is could


@pytest.mark.parametrize(
    "environ, proxy",
    [
        ({}, None),
        ({"https_proxy": "http://p:1"}, "p:1"),
        ({"HTTPS_PROXY": "p:1"}, "p:1"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "q:2"),
        ({"all_proxy": "http://p:1"}, "p:1"),
        ({"http_proxy": "http://p:1"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "example.org"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "*"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "other.org"}, "p:1"),
        ({"https_proxy": ""}, None),
    ],
)
def test_proxies_are_those_of_the_environment(environ: dict[str, str], proxy: str | None) -> None:
    found = proxy_for("https", "tally.example.org", 443, environ)
    assert (found and found.netloc) == proxy


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "a.localhost"])
def test_this_machine_is_talked_to_directly(host: str) -> None:
    assert proxy_for("http", host, 80, {"http_proxy": "http://p:1", "all_proxy": "http://p:1"}) is None


@pytest.mark.parametrize("text", ["socks5://p:1", "http://", "http://p:x"])
def test_a_proxy_that_cannot_be_used_is_told_of(text: str) -> None:
    with pytest.raises(Unreachable, match="proxy"):
        proxy_for("http", "a.example", 80, {"http_proxy": text})


def test_http_goes_through_a_proxy() -> None:
    with served(Reply(200, b"ok")) as proxy:
        environ = {"http_proxy": proxy.url.replace("://", "://ann:p%40ss@")}
        assert delivery("http://tally.example.org/x?y=z", TOKEN, environ)(b"b") == Answer(200, b"ok")
    (request,) = proxy.requests
    assert request.path == "http://tally.example.org/x?y=z"
    # Name and password as they are, no longer as an address spells them: "ann:p@ss" in base 64.
    assert request.headers["Proxy-Authorization"] == "Basic YW5uOnBAc3M="
    assert request.headers["Host"] == "tally.example.org"


def test_https_goes_through_a_tunnel_and_the_proxy_sees_no_token() -> None:
    with served(Reply(502, b"")) as proxy:
        environ = {"https_proxy": proxy.url.replace("://", "://ann:x@")}
        with pytest.raises(Unreachable, match="502"):
            delivery("https://tally.example.org/x", TOKEN, environ)(b"b")
    (request,) = proxy.requests
    assert request.path == "tally.example.org:443"
    assert request.headers["Proxy-Authorization"] == "Basic YW5uOng="
    assert "Authorization" not in request.headers


def test_a_certificate_that_nobody_vouches_for_is_told_of() -> None:
    # A server that speaks no TLS at all is as little to be trusted.
    with served() as server, pytest.raises(Unreachable, match="cannot be reached") as caught:
        delivery(server.url.replace("http:", "https:"), TOKEN, {})(b"b")
    assert isinstance(caught.value.__context__, ssl.SSLError)
    assert server.requests == []
