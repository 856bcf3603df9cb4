"""Who comes in, and where: every kind of token on every kind of way, with the real app and a real store."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from tests.faces.http.live import SITE, Live, serving

from tallystick.access import keys, tokens
from tallystick.access.door import Door
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.errors import Unavailable
from tallystick.faces.http.gate import Gate
from tallystick.faces.http.routes import join
from tallystick.faces.http.site import BY_COOKIE, GRANT, Grant
from tallystick.faces.http.ways import INGEST, OPEN, Way

NOW = 1_000_000
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
READS = ("/api/v1/reports/daily", "/api/v1/health", "/api/v1/openapi.json", "/metrics-like")
SENDS = ("/api/v1/push", "/api/ingest", "/api/usage", "/update")
ADMINS = ("/api/v1/admin/tokens", "/api/v1/admin")


def _routes() -> APIRouter:
    """Return routes that tell who asks."""
    router = APIRouter()

    async def who(request: Request) -> Response:
        await request.body()
        grant: Grant | None = request.scope[GRANT]
        told = "nobody" if grant is None else f"{grant.id} {grant.scope} {grant.machine} {grant.user}"
        return PlainTextResponse(f"{told} {request.scope[BY_COOKIE]}")

    for each in SENDS:
        router.add_api_route(each, who, methods=["POST"], include_in_schema=False)
    for each in ("/metrics-like", *ADMINS, "/client.pyz"):
        router.add_api_route(each, who, methods=["GET", "POST"], include_in_schema=False)
    return router


class Place(NamedTuple):
    """A server and those who have tokens for it."""

    live: Live
    store: Store
    door: Door
    ingest: str
    read: str
    admin: str

    def ask(self, method: str, address: str, token: str = "", **more: Any) -> httpx2.Response:  # noqa: ANN401  what httpx takes
        """Ask with a token, from an address of one's own."""
        headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **more.pop("headers", {})}
        headers.setdefault("X-Forwarded-For", elsewhere())
        return self.live.client.request(method, address, headers=headers, **more)

    def status(self, method: str, address: str, token: str = "", **more: Any) -> tuple[int, str]:  # noqa: ANN401  the same
        """Return status and code of the problem, empty where there is none."""
        answer = self.ask(method, address, token, **more)
        assert answer.status_code < 500
        found = answer.json()["error"]["code"] if answer.status_code >= 400 else ""
        return answer.status_code, found


_ADDRESSES = count(1)


def elsewhere() -> str:
    """Return an address from which nobody has asked yet."""
    number = next(_ADDRESSES)
    return f"198.19.{number >> 8}.{number & 255}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a server with a token of each kind."""
    folder = tmp_path_factory.mktemp("gate")
    store = Store(path(str(folder / "access")))
    door = Door(store, lambda: NOW)
    made = [keys.create(store, wanted, "cli", 1).text for wanted in (Wanted("ingest", "laptop", "anna"), Wanted("read"), Wanted("admin"))]  # fmt: skip
    site = SITE._replace(
        admit=door.admit,
        guarded=door.guarded,
        logged_in=door.logged_in,
        origins=(EXTENSION,),
        ways={"/update": Way(INGEST), "/client.pyz": Way(OPEN)},
    )
    with serving(folder, site, [_routes(), join.router(door, "hub")]) as live:
        yield Place(live, store, door, *made)
    store.close()


@pytest.mark.parametrize(
    "method, addresses, may",
    [
        ("GET", READS, {"read", "admin"}),
        ("POST", SENDS, {"ingest"}),
        ("GET", ADMINS, {"admin"}),
        ("POST", ADMINS, {"admin"}),
    ],
)
def test_each_scope_opens_its_own_ways_and_no_other(
    place: Place, method: str, addresses: tuple[str, ...], may: set[str]
) -> None:
    for address in addresses:
        assert place.status(method, address) == (401, "unknown"), address
        for scope, token in (("ingest", place.ingest), ("read", place.read), ("admin", place.admin)):
            wanted = (200, "") if scope in may else (403, "scope")
            assert place.status(method, address, token) == wanted, (address, scope)


def test_a_route_is_told_who_asks(place: Place) -> None:
    assert place.ask("POST", "/api/v1/push", place.ingest).text == "1 ingest laptop anna False"
    assert place.ask("GET", "/metrics-like", place.read).text == "2 read   False"
    assert place.ask("GET", "/client.pyz").text == "nobody False"


def wrong_tokens(place: Place) -> dict[str, str]:
    """Return everything that is no token, or no longer one."""
    revoked = keys.create(place.store, Wanted("admin"), "cli", 1)
    keys.revoke(place.store, revoked.id, "cli", 2)
    rotated = keys.create(place.store, Wanted("admin"), "cli", 1)
    keys.rotate(place.store, rotated.id, "cli", 2)
    return {
        "revoked": revoked.text,
        "rotated": rotated.text,
        "expired": keys.create(place.store, Wanted("admin", expires=NOW), "cli", 1).text,
        "of nobody": tokens.make("admin"),
        "cut off": place.admin[:-1],
        "longer": f"{place.admin}0",
        "another scope": place.read.replace("_r_", "_a_"),
        "another case": place.admin.swapcase(),
        "a word": "letmein",
        "very long": "x" * 30_000,
        "a pattern": "%",
        "a statement": "' OR 1=1 --",
    }


def test_what_is_no_token_opens_nothing_and_is_not_repeated(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for why, token in wrong_tokens(place).items():
        for method, address in (("GET", READS[0]), ("POST", SENDS[0]), ("GET", ADMINS[0])):
            answer = place.ask(method, address, token)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown"), (why, address)
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert "retry-after" not in answer.headers
            assert len(token) < 4 or token not in answer.text + str(answer.headers)
    assert "tally_" not in caplog.text


def test_the_key_of_an_api_counts_only_where_tokenfold_shows_it(place: Place) -> None:
    key = {"X-API-Key": place.ingest}
    assert place.status("POST", "/api/ingest", headers=key) == (200, "")
    assert place.status("POST", "/api/usage", headers=key) == (200, "")
    assert place.status("POST", "/api/v1/push", headers=key) == (401, "unknown")
    assert place.status("POST", "/update", headers=key) == (401, "unknown")
    for each in (place.read, place.admin):
        assert place.status("GET", READS[0], headers={"X-API-Key": each}) == (401, "unknown")
        assert place.status("POST", "/api/ingest", headers={"X-API-Key": each}) == (403, "scope")
    assert place.status("POST", "/api/ingest", headers={"X-API-Key": "wrong"}) == (401, "unknown")
    assert place.status("POST", "/api/ingest", "wrong", headers=key) == (401, "unknown")


def test_a_password_counts_like_a_token(place: Place) -> None:
    def basic(token: str) -> dict[str, str]:
        return {"Authorization": f"Basic {b64encode(f'me:{token}'.encode()).decode()}"}

    assert place.status("GET", READS[0], headers=basic(place.read)) == (200, "")
    assert place.status("GET", READS[0], headers=basic(place.ingest)) == (403, "scope")
    assert place.status("GET", READS[0], headers=basic("wrong")) == (401, "unknown")


TRICKS = (
    "//api/v1/push",
    "/api/v1//push",
    "/api/v1/push/",
    "/api/v1/../v1/push",
    "/api/v1/../../etc/passwd",
    "/api/v1/%2e%2e/v1/push",
    "/api/v1/push%2f",
    "/API/V1/PUSH",
    "/api/v1/push;x=1",
    "/api/v1/push%00",
    "/api/v1\\push",
    "/./api/v1/push",
    "/health/../api/v1/push",
    "/health%2f..%2fapi/v1/push",
    "/static/tally.css/../../api/v1/push",
    "/login/../api/v1/admin",
    "/api/v1/join/../push",
    "/api/v1/admin/../reports/daily",
    "//api/v1/admin",
    "/api/v1/%61dmin/tokens",
    "/api/v1/admin%2ftokens",
)


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_spelling_of_an_address_opens_what_another_closes(place: Place, trick: str, method: str) -> None:
    def raw(token: str) -> bytes:
        shown = f"Authorization: Bearer {token}\r\n" if token else ""
        head = f"{method} {trick} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\nX-Forwarded-For: {elsewhere()}\r\n"
        return place.live.raw(f"{head}{shown}\r\n".encode())[9:12]

    assert raw("") in {b"401", b"400"}
    # Either the address is none, or it is one that this token does not open.
    assert raw(place.ingest) in {b"403", b"404", b"405", b"400"}
    assert raw(place.read) in {b"403", b"404", b"405", b"400"}


def test_a_header_that_names_somebody_comes_once(place: Place) -> None:
    for name, first, second in (
        ("Authorization", f"Bearer {place.read}", f"Bearer {place.admin}"),
        ("Authorization", f"Bearer {place.admin}", "Bearer wrong"),
        ("X-API-Key", place.ingest, place.ingest),
        ("Cookie", "tally_session=a", "tally_session=b"),
        ("Content-Encoding", "gzip", "identity"),
        ("Content-Length", "0", "1"),
    ):
        lines = f"Host: localhost\r\nConnection: close\r\n{name}: {first}\r\n{name}: {second}\r\n"
        told = place.live.raw(f"GET /api/v1/admin HTTP/1.1\r\n{lines}\r\n".encode())
        assert told.startswith(b"HTTP/1.1 400"), (name, told[:80])


def test_a_browsers_login_reads_and_changes_only_from_own_pages(place: Place) -> None:
    cookie = {"Cookie": f"tally_session={place.door.log_in(place.admin)}"}
    own = f"http://127.0.0.1:{place.live.port}"
    assert place.ask("GET", "/metrics-like", headers=cookie).text == "3 admin   True"
    assert place.status("POST", ADMINS[0], headers={**cookie, "Origin": own}) == (200, "")
    assert place.status("POST", ADMINS[0], headers={**cookie, "Sec-Fetch-Site": "same-origin"}) == (200, "")
    for more in (
        {},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert place.status("POST", ADMINS[0], headers={**cookie, **more}) == (403, "foreign"), more
    # A page of another site that may ask has to show a token of its own.
    assert place.status("GET", READS[0], headers={**cookie, "Origin": EXTENSION}) == (401, "unknown")
    assert place.status("GET", READS[0], place.read, headers={**cookie, "Origin": EXTENSION}) == (200, "")
    assert place.status("POST", "/api/v1/push", headers={**cookie, "Origin": own}) == (403, "scope")
    reader = {"Cookie": f"tally_session={place.door.log_in(place.read)}", "Origin": own}
    assert place.status("GET", READS[0], headers=reader) == (200, "")
    assert place.status("POST", ADMINS[0], headers=reader) == (403, "scope")
    assert place.status("GET", READS[0], headers={"Cookie": "tally_session=x"}) == (401, "unknown")


def test_a_login_counts_before_a_password_that_is_meant_for_somebody_else(place: Place) -> None:
    # Behind a proxy that asks for passwords of its own.
    cookie = f"tally_session={place.door.log_in(place.read)}"
    other = f"Basic {b64encode(b'me:of the proxy').decode()}"
    assert place.status("GET", READS[0], headers={"Cookie": cookie, "Authorization": other}) == (200, "")
    assert place.status("GET", READS[0], "wrong", headers={"Cookie": cookie}) == (401, "unknown")


PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    "address, place_to_go",
    [
        ("/", "/login?next=%2F"),
        ("/events?tool=codex&since=7d", "/login?next=%2Fevents%3Ftool%3Dcodex%26since%3D7d"),
        ("/%0d%0aX-Bad:%201", "/login?next=%2F%250d%250aX-Bad%3A%25201"),
        ("/?a=" + "x" * 3_000, "/login?next=%2F"),
    ],
)
def test_a_browser_that_wants_a_page_is_led_to_the_login(place: Place, address: str, place_to_go: str) -> None:
    answer = place.ask("GET", address, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, place_to_go)
    assert answer.headers["cache-control"] == "no-store"
    assert place.ask("GET", address, "wrong", headers=PAGE).status_code == 303
    # Programs, and whoever wants to change something, are told in JSON.
    assert place.status("GET", address) == (401, "unknown")
    assert place.status("POST", "/api/v1/push", headers=PAGE) == (401, "unknown")


def test_twenty_wrong_tokens_in_a_minute_are_enough_and_harm_nobody_else(place: Place) -> None:
    here = {"X-Forwarded-For": "203.0.113.7"}
    for number in range(20):
        assert place.status("GET", READS[0], "wrong", headers=here) == (401, "unknown"), number
    answer = place.ask("GET", READS[0], "wrong", headers=here)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_often")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    # Codes and logins have to wait as well; whoever has a token does not, nor does anybody elsewhere.
    assert place.status("POST", "/api/v1/join", headers=here, json={"code": "x"})[0] == 429
    assert place.status("POST", "/login", headers=here)[0] == 429
    assert place.status("GET", "/client.pyz", headers=here) == (200, "")
    assert place.status("GET", READS[0], place.read, headers=here) == (200, "")
    assert place.status("POST", "/api/v1/push", place.ingest, headers=here) == (200, "")
    assert place.status("GET", READS[0], "wrong") == (401, "unknown")
    # To show nothing is no try.
    assert place.status("GET", READS[0], headers=here) == (401, "unknown")


def test_with_the_key_of_all_a_machine_sends_under_the_name_that_it_says(place: Place, tmp_path: Path) -> None:
    with serving(tmp_path, SITE._replace(key="of-all", admit=place.door.admit), [_routes()]) as live:

        def sent(token: str, name: str | None, address: str = SENDS[0]) -> tuple[int, str]:
            named = {} if name is None else {"X-Tally-Machine": name}
            found = live.client.post(address, headers={"Authorization": f"Bearer {token}", **named})
            return found.status_code, found.text if found.status_code == 200 else found.json()["error"]["code"]

        # Its id is none that a paired machine can have.
        assert sent("of-all", "B%C3%BCro 2") == (200, " ingest key/Büro 2  False")
        for wrong in (None, "", "a%3Ab", "a:b", "%FF", "x" * 65):
            assert sent("of-all", wrong) == (400, "machine"), wrong
        # A machine's own token says whose it is.
        assert sent(place.ingest, None) == sent(place.ingest, "laptop") == (200, "1 ingest laptop anna False")
        assert sent(place.ingest, "desk") == sent(place.ingest, "a%3Ab") == (403, "machine")
        assert sent(place.read, "desk") == (403, "scope")
        # It opens nothing else.
        assert sent("of-all", "laptop", ADMINS[0]) == (401, "unknown")
        for _ in range(20):
            sent("of-al", "laptop")
        assert sent("of-al", "laptop") == (429, "too_often")
        assert sent("of-all", "laptop")[0] == 200


def test_wrong_codes_count_as_tries(place: Place) -> None:
    here = {"X-Forwarded-For": "203.0.113.8"}
    for number in range(20):
        assert place.status("POST", "/api/v1/join", headers=here, json={"code": "wrong"}) == (401, "wrong"), number
    assert place.status("POST", "/api/v1/join", headers=here, json={"code": "wrong"})[0] == 429
    assert place.status("GET", READS[0], "wrong", headers=here)[0] == 429


def test_bodies_have_the_bound_of_their_way(place: Place) -> None:
    def parts(size: int) -> Iterator[bytes]:
        for _ in range(4):
            yield b"x" * (size // 4)
        yield b"x" * (size % 4)

    for address, most in (
        ("/api/v1/push", 4 << 20),
        ("/api/ingest", 4 << 20),
        ("/api/usage", 1 << 20),
        ("/update", 1 << 20),
    ):
        assert place.status("POST", address, place.ingest, content=b"x" * most) == (200, "")
        assert place.status("POST", address, place.ingest, content=b"x" * (most + 1)) == (413, "too_large")
        assert place.status("POST", address, place.ingest, content=parts(most + 1)) == (413, "too_large")
        # Nobody has to be known for being told so.
        assert place.status("POST", address, content=b"x" * (most + 1)) == (413, "too_large")
    assert place.status("POST", "/api/v1/join", content=b"x" * ((1 << 14) + 1)) == (413, "too_large")


def test_while_nobody_can_be_recognised_nobody_comes_in(tmp_path: Path) -> None:
    def broken(_: str) -> Grant | None:
        raise Unavailable("The file is damaged.")

    with serving(tmp_path, SITE._replace(admit=broken, guarded=lambda: True)) as live:
        answer = live.get("/reports/daily", headers={"Authorization": "Bearer x"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
        assert "damaged" not in answer.text
        assert live.get("/reports/daily").status_code == 401


def test_where_reading_is_open_sending_and_administering_are_not(tmp_path: Path) -> None:
    with serving(tmp_path, SITE, [_routes()]) as live:
        assert live.get("/reports/daily").status_code == 200
        assert live.get("/reports/daily", headers={"Authorization": "Bearer wrong"}).status_code == 200
        for address in (*SENDS[:3], *ADMINS):
            assert live.client.post(address, headers={"X-Tally-Machine": "laptop"}).status_code == 401


def test_the_servers_own_token_reads_and_administers_and_can_be_tried_twenty_times(tmp_path: Path) -> None:
    with serving(tmp_path, SITE._replace(token="own"), [_routes()]) as live:
        right = {"Authorization": "Bearer own"}
        assert live.client.get(ADMINS[0], headers=right).text == "server admin   False"
        assert live.client.post(SENDS[0], headers=right).status_code == 403
        for _ in range(20):
            assert live.client.get(READS[0], headers={"Authorization": "Bearer own1"}).status_code == 401
        # Else it could be guessed on.
        assert live.client.get(READS[0], headers=right).status_code == 429
        assert live.client.get(READS[0], headers={**right, "X-Forwarded-For": "203.0.113.9"}).status_code == 200


def test_ways_are_found_by_whole_addresses() -> None:
    gate = Gate(SITE)
    assert gate.way("/api/v1/push") == Way("ingest", 4 << 20)
    assert gate.way("/api/v1/admin/x/y").scope == "admin"
    assert gate.way("/api/v1/administer").scope == "read"
    for each in ("/api/v1/push/", "/x/health", "", "/api/v1/push?x"):
        assert gate.way(each) == Way("read", 1 << 20)
