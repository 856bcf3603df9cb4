"""Who is let in: names, pages of other sites, tokens, and requests that mean harm."""

import asyncio
import logging
import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Event

import httpx2
import pytest
from fastapi import APIRouter, Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from tests.faces.http.live import SITE, Live, serving

from tallystick.errors import Unavailable
from tallystick.faces.http.answering import CSP
from tallystick.faces.http.guard import Guard
from tallystick.faces.http.ways import BODY_MOST

HEALTH = "/api/v1/health"
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
SECRET = "tt_0123456789abcdef"


def _routes() -> APIRouter:
    router = APIRouter()

    async def write(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def health(_: Request) -> Response:
        return PlainTextResponse("well")

    router.add_api_route("/write", write, methods=["POST"])
    router.add_api_route("/health", health)
    return router


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server that knows another name and another origin."""
    site = SITE._replace(hosts=("tally.lan", "box:8080"), origins=(EXTENSION, "https://dash.example"))
    with serving(tmp_path_factory.mktemp("guarded"), site, [_routes()]) as made:
        yield made


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server that wants a token."""
    site = SITE._replace(token=SECRET, origins=(EXTENSION,))
    with serving(tmp_path_factory.mktemp("locked"), site, [_routes()]) as made:
        made.client.event_hooks = {"request": [from_elsewhere]}
        yield made


_ADDRESSES = count(1)


def elsewhere() -> str:
    """Return an address from which nobody has asked yet: after twenty wrong tries one has to wait."""
    number = next(_ADDRESSES)
    return f"198.18.{number >> 8}.{number & 255}"


def from_elsewhere(request: httpx2.Request) -> None:
    """Have a request come through a proxy on this machine, from somebody else each time."""
    request.headers.setdefault("X-Forwarded-For", elsewhere())


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:3847", "127.0.0.1:1", "[::1]", "[::1]:3847", "tally.lan", "tally.lan:99", "box:8080"],
)
def test_its_own_names_are_let_in(guarded: Live, host: str) -> None:
    assert guarded.client.get(HEALTH, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:3847",
        "localhost:3847:evil",
        "localhost:",
        "localhost:x",
        "box",
        "box:8081",
        "[::2]",
        "[::1",
        "::1",
        "127.0.0.1.nip.io",
        "user@localhost",
        "",
    ],
)
def test_other_names_are_misdirected(guarded: Live, host: str) -> None:
    answer = guarded.client.get(HEALTH, headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]["code"]) == (421, "misdirected")
    assert "access-control-allow-origin" not in answer.headers


def test_its_own_pages_may_ask_and_those_of_others_may_not(guarded: Live) -> None:
    own = f"http://127.0.0.1:{guarded.port}"
    assert guarded.client.get(HEALTH, headers={"Origin": own}).status_code == 200
    for origin in (
        "https://evil.example",
        "null",
        "http://localhost:1",
        f"{own}0",
        "chrome-extension://other",
        f"{EXTENSION}/",
        "",
    ):
        answer = guarded.client.get(HEALTH, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign"), origin
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("origin", [EXTENSION, "https://dash.example"])
def test_origins_of_the_config_may_ask_and_are_told_so_by_name(guarded: Live, origin: str) -> None:
    answer = guarded.client.get(HEALTH, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert "Origin" in answer.headers["vary"]
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}
    before = guarded.client.options(HEALTH, headers=asked)
    assert (before.status_code, before.content) == (204, b"")
    assert before.headers["access-control-allow-origin"] == origin
    assert "Authorization" in before.headers["access-control-allow-headers"]
    assert before.headers["access-control-allow-private-network"] == "true"


def test_a_question_before_the_question_from_elsewhere_is_refused(guarded: Live) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = guarded.client.options(HEALTH, headers=asked)
    assert answer.status_code == 403
    assert "access-control-allow-methods" not in answer.headers


@pytest.mark.parametrize(
    "site, status", [("cross-site", 403), ("same-site", 403), ("x", 403), ("same-origin", 200), ("none", 200)]
)
def test_only_its_own_pages_may_change_anything(guarded: Live, site: str, status: int) -> None:
    assert guarded.client.post("/write", headers={"Sec-Fetch-Site": site}, content=b"abc").status_code == status
    assert guarded.client.get(HEALTH, headers={"Sec-Fetch-Site": site}).status_code == 200


def test_every_response_tells_browsers_to_be_careful(guarded: Live) -> None:
    for answer in (
        guarded.client.get(HEALTH),
        guarded.client.get("/none"),
        guarded.client.get(HEALTH, headers={"Host": "x"}),
    ):
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "*" not in answer.headers.get("access-control-allow-origin", "")


def test_without_the_token_nothing_is_told_but_that_it_is_well(locked: Live) -> None:
    for shown in (
        {},
        {"Authorization": SECRET},
        {"Authorization": f"Bearer {SECRET}x"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {SECRET}"},
    ):
        for path in (
            HEALTH,
            "/api/v1/reports/daily",
            "/api/v1/stream",
            "/api/v1/openapi.json",
            "/none",
            "/health/",
            "//health",
        ):
            answer = locked.client.get(path, headers=shown)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown"), (path, shown)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert locked.client.get("/health").text == "well"
    for word in ("Bearer", "bearer"):
        assert locked.client.get(HEALTH, headers={"Authorization": f"{word} {SECRET}"}).status_code == 200
    asked = {"Origin": EXTENSION, "Access-Control-Request-Method": "GET"}
    assert locked.client.options(HEALTH, headers=asked).status_code == 204


PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def basic(shown: bytes) -> dict[str, str]:
    """Return the header with which a browser shows a name and a password."""
    return {"Authorization": f"Basic {b64encode(shown).decode()}"}


@pytest.mark.parametrize("user", ["", "me", "a b", "ü"])
def test_a_browser_shows_the_token_as_a_password_whoever_its_person_is(locked: Live, user: str) -> None:
    for headers in ({}, PAGE):
        shown = basic(f"{user}:{SECRET}".encode())
        assert locked.client.get(HEALTH, headers={**headers, **shown}).status_code == 200
        shown = {"Authorization": shown["Authorization"].replace("Basic", "BASIC")}
        assert locked.client.get(HEALTH, headers={**headers, **shown}).status_code == 200


@pytest.mark.parametrize(
    "shown",
    [
        basic(f"me:{SECRET}x".encode()),
        basic(f"me:{SECRET[:-1]}".encode()),
        basic(f"me:x:{SECRET}".encode()),
        basic(f"{SECRET}:".encode()),
        basic(SECRET.encode()),
        basic(b"me:\xff\xfe"),
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": basic(f"me:{SECRET}".encode())["Authorization"].rstrip("=") + "*"},
        {"Authorization": f"Basic me:{SECRET}"},
        {"Authorization": f"Digest {SECRET}"},
        {},
    ],
)
def test_who_wants_a_page_without_the_token_is_asked_for_it_as_browsers_do(locked: Live, shown: dict[str, str]) -> None:
    answer = locked.client.get("/", headers={**PAGE, **shown})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="tallystick", charset="UTF-8"'
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"] == CSP
    assert "as the password the token" in answer.text
    assert not re.search("<(script|style|link|img)|style=", answer.text)
    assert SECRET not in answer.text
    # Programs are asked as before, so that no browser shows a dialogue for what a page fetches.
    for accept in ("*/*", "application/json", "text/event-stream", "text/*", ""):
        answer = locked.client.get(HEALTH, headers={**shown, "Accept": accept})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown"), accept
        assert answer.headers["www-authenticate"] == 'Bearer realm="tallystick"'


def test_a_token_may_have_colons_and_any_letter(tmp_path: Path) -> None:
    token = "pass:wörd:"
    with serving(tmp_path, SITE._replace(token=token)) as live:
        assert live.client.get(HEALTH, headers=basic(f"me:{token}".encode())).status_code == 200
        assert live.client.get(HEALTH, headers=basic(f"me:{token[:-1]}".encode())).status_code == 401
        bearer = b"Bearer " + token.encode()
        assert live.client.get(HEALTH, headers=[(b"Authorization", bearer)]).status_code == 200


def test_without_a_token_nobody_is_asked_for_one(guarded: Live) -> None:
    assert guarded.client.get(HEALTH, headers={**PAGE, "Authorization": "Basic !!!"}).status_code == 200


def test_large_bodies_are_refused_whether_their_length_is_told_or_not(guarded: Live) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(17):
            yield b"x" * (BODY_MOST // 16)

    assert guarded.client.post("/write", content=b"x" * BODY_MOST).text == str(BODY_MOST)
    assert guarded.client.post("/write", content=b"x" * (BODY_MOST + 1)).status_code == 413
    assert guarded.client.post("/write", content=parts()).status_code == 413


def test_who_goes_away_in_the_middle_is_nothing_to_tell_of(guarded: Live, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", guarded.port), timeout=10) as connection:
            connection.sendall(b"POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf of it")
    assert guarded.client.post("/write", content=b"whole").text == "5"
    time.sleep(0.2)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_header_that_comes_once_may_not_come_twice(guarded: Live) -> None:
    for header in (
        b"Host: localhost\r\nHost: localhost",
        b"Host: localhost\r\nOrigin: http://localhost\r\nOrigin: null",
    ):
        told = guarded.raw(b"GET /api/v1/health HTTP/1.1\r\n" + header + b"\r\nConnection: close\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 400"), told[:100]


def test_what_can_be_got_can_be_asked_about(guarded: Live) -> None:
    answer = guarded.client.head("/api/v1/reports/daily")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == guarded.client.get("/api/v1/reports/daily").headers["etag"]
    assert guarded.client.head("/api/v1/stream").status_code == 200


_VALUE = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=40)


@given(
    st.sampled_from(
        [
            "Host",
            "Origin",
            "Authorization",
            "Sec-Fetch-Site",
            "If-None-Match",
            "Accept-Encoding",
            "Content-Length",
            "Transfer-Encoding",
            "Accept",
            "X-A",
        ]
    ),
    _VALUE,
)
def test_no_header_makes_the_server_fail(locked: Live, name: str, value: str) -> None:
    for token in (b"", f"Authorization: Bearer {SECRET}\r\n".encode()):
        head = b"GET /api/v1/reports HTTP/1.1\r\nConnection: close\r\n" + token
        host = b"" if name == "Host" else b"Host: localhost\r\n"
        told = locked.raw(head + host + name.encode() + b": " + value.encode("latin-1") + b"\r\n\r\n")
        assert told[9:10] in {b"2", b"3", b"4"}, told[:200]


@given(st.binary(max_size=30), st.integers(0, 40), _VALUE)
def test_no_password_makes_the_server_fail_or_lets_anybody_in(locked: Live, shown: bytes, most: int, rest: str) -> None:
    packed = b64encode(shown)
    for told in (packed, packed[:most], rest.encode("latin-1")):
        head = b"GET /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: %s\r\nAuthorization: Basic "
        head %= elsewhere().encode()
        assert locked.raw(head + told + b"\r\n\r\n")[9:12] in {b"401", b"400"}, told


@given(st.binary(max_size=60))
def test_no_address_makes_the_server_fail(locked: Live, rest: bytes) -> None:
    path = b"".join(b"%%%02x" % each if each < 33 or each > 126 else bytes([each]) for each in rest)
    head = (
        b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " + SECRET.encode() + b"\r\n\r\n"
    )
    for start in (
        b"/",
        b"/api/v1/reports/",
        b"/api/v1/sessions/",
        b"/api/v1/prices/",
        b"/api/v1/events/",
        b"/api/v1/query?by=day&project=",
        b"/api/v1/query?by=",
        b"/api/v1/query?by=day&timezone=",
    ):
        told = locked.raw(b"GET " + start + path + head)
        assert told[9:10] in {b"2", b"3", b"4"}, (start, told[:300])


def test_a_site_without_origins_sends_nothing_about_them(tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        assert "origin" not in live.client.get(HEALTH).headers.get("vary", "").lower()


def test_whoever_is_looked_up_far_away_holds_up_nobody_else(tmp_path: Path) -> None:
    asked, answered, in_time = Event(), Event(), list[bool]()

    def admit(shown: str) -> None:
        if shown == "slow":
            asked.set()
            in_time.append(answered.wait(5))

    site = SITE._replace(admit=admit, guarded=lambda: True, far=True)
    with serving(tmp_path, site, [_routes()]) as live, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(live.client.get, "/write", headers={"Authorization": "Bearer slow"})
        try:
            assert asked.wait(10)
            assert live.client.get("/write", headers={"Authorization": "Bearer other"}).status_code == 401
        finally:
            answered.set()
        assert slow.result(10).status_code == 401
    # The other one was answered first.
    assert in_time == [True]


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand behind the door, where nobody comes."""
    raise AssertionError(scope, receive, send)


@pytest.mark.parametrize("far", [False, True])
def test_where_nobody_can_be_recognised_nobody_passes_by_the_app(
    caplog: pytest.LogCaptureFixture, *, far: bool
) -> None:
    def admit(_: str) -> None:
        raise Unavailable("It is away.")

    guard = Guard(_nothing, SITE._replace(admit=admit, far=far))
    headers = [(b"host", b"localhost"), (b"x-tally-token", b"tally_r_x")]
    scope = {"type": "http", "method": "POST", "path": "/gateway/x", "headers": headers, "client": ("10.0.0.1", 1)}
    found = asyncio.run(guard.hindered(scope, always=True))
    assert found is not None
    assert found[:2] == (503, "unavailable")
    assert "It is away." in caplog.text
