"""What passes, passes as it was sent; what is metered is counted to the byte; and nothing of ours is ever in between."""

import asyncio
import gzip
import http.client
import json
import os
import socket
import ssl
import zlib
from base64 import b64encode

import aiohttp
import brotli  # type: ignore[import-untyped]  # it ships none
import pytest
import zstandard
from tests.intake.proxy.origin import Authority, Origin, asked, connected
from tests.intake.proxy.passing import PLAIN, Proxy, last, sha

from tallystick.intake.wire import runs
from tallystick.intake.wire.runs import Run


def test_a_body_of_20_mib_passes_byte_for_byte_both_ways(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    up, down = os.urandom(20 << 20), os.urandom(20 << 20)
    origin.answers["/large"] = down, {"request-id": "req_large"}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    assert sha(asked(connection, "/large", up)) == sha(down)
    connection.close()
    assert origin.bodies[-1] == sha(up)
    (line,) = last(proxy, before)
    assert line["tokens"] == [20 << 20, 0, 0, 0, 20 << 20, 0]
    assert line["model"] == sha(down)
    assert (line["request"], line["status"], line["outcome"]) == ("req_large", 200, "done")
    assert (line["via"], line["host"]) == ("proxy", "listed.test")


@pytest.mark.parametrize(
    "encoding, pack",
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        ("deflate, gzip", lambda plain: gzip.compress(zlib.compress(plain))),
    ],
)
def test_packed_bodies_pass_packed_and_are_counted_unpacked(
    proxy: Proxy, ours: Authority, origin: Origin, before: int, encoding: str, pack: object
) -> None:
    packed = pack(PLAIN)  # type: ignore[operator]
    origin.answers["/packed"] = packed, {"Content-Encoding": encoding}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    connection.request("POST", "/packed", packed, {"Content-Encoding": encoding})
    answer = connection.getresponse()
    assert answer.read() == packed
    assert answer.headers["Content-Encoding"] == encoding
    connection.close()
    assert origin.bodies[-1] == sha(packed)
    (line,) = last(proxy, before)
    assert line["tokens"] == [len(PLAIN), 0, 0, 0, len(PLAIN), 0]
    assert line["model"] == sha(PLAIN)


def test_a_stream_arrives_piece_by_piece_while_it_is_sent(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    connection.request("POST", "/steps", b"{}")
    answer = connection.getresponse()
    for number in range(3):
        # The next piece is sent only once this one has been read here: whoever held it would wait for ever.
        piece = f"data: {number}\n\n".encode()
        assert answer.read(len(piece)) == piece
        origin.go.set()
    assert answer.read() == b""
    connection.close()
    (line,) = last(proxy, before)
    assert line["tokens"] == [2, 0, 0, 0, len("data: 0\n\n") * 3, 0]


@pytest.mark.parametrize("path", ["/b", "/free"])
def test_a_request_is_sent_on_while_it_comes(proxy: Proxy, ours: Authority, origin: Origin, path: str) -> None:
    origin.answers["/free"] = b"free", {}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    heads = len(origin.heads)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", "6")
    connection.endheaders()
    connection.send(b"abc")
    for _ in range(500):
        if len(origin.heads) > heads:
            break
        asyncio.run(asyncio.sleep(0.01))
    # The head has arrived there although the body has not been sent here.
    assert len(origin.heads) > heads
    connection.send(b"def")
    assert connection.getresponse().read() == (b"free" if path == "/free" else b'{"path": "/b"}')
    connection.close()
    assert origin.bodies[-1] == sha(b"abcdef")


def test_what_is_not_metered_passes_and_leaves_nothing(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    origin.answers["/free"] = PLAIN, {}
    connection = connected(proxy.port, "listed.test", ours.certificate)
    assert asked(connection, "/free", PLAIN) == PLAIN
    assert asked(connection, "/c", b"") == b'{"path": "/c"}'
    connection.close()
    assert len(last(proxy, before)) == 1


def test_other_hosts_show_their_own_certificate_and_listed_ones_ours(
    proxy: Proxy, ours: Authority, behind: Authority, before: int
) -> None:
    other = connected(proxy.port, "other.test", behind.certificate)
    assert asked(other, "/d", b"x") == b'{"path": "/d"}'
    other.close()
    for host in ("listed.test", "a.b.wild.test"):
        listed = connected(proxy.port, host, ours.certificate)
        assert asked(listed, "/e", b"") == b'{"path": "/e"}'
        listed.close()
    assert [line["host"] for line in last(proxy, before, 2)] == ["listed.test", "a.b.wild.test"]


def test_a_client_that_refuses_our_certificate_is_let_through_at_its_second_try(
    proxy: Proxy, ours: Authority, behind: Authority, before: int
) -> None:
    # It trusts the server behind, and nobody else; with one protocol version its greeting is not that of other tests.
    def tried() -> bytes:
        connection = connected(proxy.port, "listed.test", behind.certificate)
        connection._context.maximum_version = ssl.TLSVersion.TLSv1_2  # type: ignore[attr-defined]
        try:
            return asked(connection, "/f", b"x")
        finally:
            connection.close()

    with pytest.raises(ssl.SSLCertVerificationError):
        tried()
    assert last(proxy, before)[0]["note"] == {
        "at": last(proxy, before)[0]["note"]["at"],
        "host": "listed.test",
        "why": "refused-certificate",
    }
    assert tried() == b'{"path": "/f"}'
    # Another client on the same machine is still read.
    connection = connected(proxy.port, "listed.test", ours.certificate)
    assert asked(connection, "/g", b"x") == b'{"path": "/g"}'
    connection.close()
    assert len(last(proxy, before, 2)) == 2


def test_tags_come_from_the_user_in_the_proxys_address_and_are_not_sent_on(
    proxy: Proxy, ours: Authority, origin: Origin, before: int
) -> None:
    token = runs.register(str(proxy.data), Run("/home/dev/shop", {"ticket": "X-1"}), 1_795_000_000)
    heads = len(origin.heads)
    for user in (token, "somebody", "../../etc"):
        connection = connected(proxy.port, "listed.test", ours.certificate, user)
        asked(connection, "/h", b"")
        asked(connection, "/h", b"")
        connection.close()
    found = [(line["project"], line["tags"]) for line in last(proxy, before, 6)]
    assert found == [("/home/dev/shop", {"ticket": "X-1"})] * 2 + [("", {})] * 4
    assert not any("proxy-authorization" in head for head in origin.heads[heads:])


def test_headers_and_path_arrive_as_they_were_sent(proxy: Proxy, ours: Authority, origin: Origin) -> None:
    connection = connected(proxy.port, "listed.test", ours.certificate)
    said = {"X-Own": "a b", "anthropic-beta": "x,y", "Accept-Encoding": "gzip, br", "User-Agent": "test/1"}
    connection.request("POST", "/i?beta=true&x=%2F", b"{}", said)
    assert connection.getresponse().status == 200
    connection.close()
    arrived = origin.heads[-1]
    assert {name: arrived[name.lower()] for name in said} == said
    assert set(arrived) == {name.lower() for name in said} | {"host", "content-length"}
    assert arrived["host"] == "listed.test"


def test_plain_requests_pass_without_what_was_said_to_the_proxy(proxy: Proxy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
        user = b64encode(b"tabc:x").decode()
        connection.request("GET", f"http://127.0.0.1:{port}/plain", headers={"Proxy-Authorization": f"Basic {user}"})
        with listener.accept()[0] as accepted:
            head = accepted.recv(65_536)
            accepted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            assert connection.getresponse().read() == b"ok"
        connection.close()
    assert head.startswith(b"GET /plain HTTP/1.1\r\n")
    assert b"roxy-" not in head


def test_the_proxy_itself_tells_how_it_is(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
    said = json.loads(asked(connection, "/health"))
    assert (said.pop("authority").count(":"), said) == (31, {"status": "ok", "proxy": True})
    connection.request("GET", "/else")
    assert connection.getresponse().status == 404
    connection.close()


@pytest.mark.parametrize("compress", [0, 15])
def test_each_response_of_a_websocket_counts_when_it_ends_and_no_message_is_kept(
    proxy: Proxy, ours: Authority, before: int, compress: int
) -> None:
    async def talk() -> None:
        context = ssl.create_default_context(cafile=str(ours.certificate))
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                "https://listed.test/socket",
                proxy=f"http://127.0.0.1:{proxy.port}",
                ssl=context,
                max_msg_size=0,
                compress=compress,
            ) as connection,
        ):
            for _ in range(200):
                await connection.send_str("50000 please")
                assert (await connection.receive()).data == "x" * 50_000
                assert (await connection.receive()).data == "end"
            # Open still: nothing waits for the end of the connection.
            found = await asyncio.to_thread(last, proxy, before, 200)
            assert {tuple(line["tokens"]) for line in found} == {(12, 0, 0, 0, 50_003, 0)}
            assert [line["id"] for line in found] == [f"r{number}" for number in range(1, 201)]

    held = _held()
    asyncio.run(talk())
    # Kept messages would be 10 MB, in mitmproxy's own copies several times that.
    assert _held() - held < 8 << 20


def _held() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
