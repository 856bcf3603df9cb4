"""Logging in and out: the cookie, where it leads, and what it opens, before a real server and in a real browser."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.answers.stand import answers
from tests.faces.http.live import SITE, Live, serving
from tests.faces.web.chromium import required
from tests.faces.web.paged import Read, no_script

from tallystick.access import keys
from tallystick.access.door import Door
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.answers.desk import Desk
from tallystick.faces.http.shown import COOKIE as COOKIE_OF_GUARD
from tallystick.faces.web import login_page, pages
from tallystick.faces.web.login_page import COOKIE, local

NOW = 1_000_000
PAGE = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
OWN = "the server's own"


class Place(NamedTuple):
    """A server at which one can log in."""

    live: Live
    store: Store
    read: str
    ingest: str

    def log_in(self, token: str, after: str = "", **headers: str) -> httpx2.Response:
        """Send the form as a browser does."""
        number = next(_ADDRESSES)
        headers = {**PAGE, "X-Forwarded-For": f"198.18.{number >> 8}.{number & 255}", **headers}
        return self.live.client.post("/login", data={"token": token, "next": after}, headers=headers)

    def get(self, address: str, text: str = "", **more: Any) -> httpx2.Response:  # noqa: ANN401  what httpx takes
        """Ask for a page with a login."""
        return self.live.client.get(address, headers={**PAGE, "Cookie": f"{COOKIE}={text}"} if text else PAGE, **more)


_ADDRESSES = count(1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a server with all pages."""
    folder = tmp_path_factory.mktemp("login")
    store = Store(path(str(folder / "access")))
    door = Door(store, lambda: NOW, OWN)
    made = [keys.create(store, wanted, "cli", 1).text for wanted in (Wanted("read"), Wanted("ingest", "laptop"))]
    site = SITE._replace(token=OWN, admit=door.admit, guarded=door.guarded, logged_in=door.logged_in)
    desk = Desk(lambda: answers(folder / "ledger.db"), 2)
    try:
        with serving(folder, site, [pages.router(desk, site, no_script), login_page.router(door, "9.9.9")]) as live:
            yield Place(live, store, *made)
    finally:
        desk.close()
        store.close()


def text_of(answer: httpx2.Response) -> str:
    """Return the text of a login that was begun."""
    found = re.match(rf"{COOKIE}=([\w-]{{40,}}); ", answer.headers["set-cookie"])
    assert found
    return found[1]


def test_guard_and_page_mean_the_same_cookie() -> None:
    assert COOKIE == COOKIE_OF_GUARD


def test_the_page_and_all_that_it_needs_are_there_for_everybody(place: Place) -> None:
    answer = place.get("/login?next=/events%3Ftool%3Dcodex")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    page = Read(answer.text)
    assert ("value", "/events?tool=codex") in page.attributes
    assert "alert" not in answer.text
    fetched = [address for _, address in page.addresses if address.startswith("/static")]
    assert len(fetched) >= 3
    for address in fetched:
        assert place.live.client.get(address).status_code == 200
    assert place.live.client.get("/static/page.js").status_code == 401


def test_a_token_is_exchanged_for_a_cookie_that_opens_pages(place: Place) -> None:
    for token in (place.read, OWN, f" {place.read}\n"):
        answer = place.log_in(token, "/events?tool=codex")
        assert (answer.status_code, answer.headers["location"]) == (303, "/events?tool=codex")
        assert answer.headers["cache-control"] == "no-store"
        flags = answer.headers["set-cookie"].split("; ")[1:]
        assert {flag.lower() for flag in flags} == {"httponly", "max-age=2592000", "path=/", "samesite=strict"}
        text = text_of(answer)
        assert place.read not in answer.headers["set-cookie"]
        for address in ("/", "/events", "/api/v1/reports/daily"):
            assert place.get(address, text).status_code == 200, address


def test_over_https_the_cookie_goes_over_nothing_else(place: Place) -> None:
    # As a proxy on this machine says it.
    flags = place.log_in(place.read, **{"X-Forwarded-Proto": "https"}).headers["set-cookie"].lower().split("; ")
    assert "secure" in flags
    assert "httponly" in flags


def test_what_opens_nothing_is_told_of_on_the_page_or_in_json(place: Place) -> None:
    for token in ("", "not it", place.ingest, place.read[:-1], "<b>x</b>", "\ud83d"):
        answer = place.log_in(token.encode("utf-8", "replace").decode(), "/events")
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "This token is wrong, revoked or expired, or it may only send." in answer.text
        assert 'role="alert"' in answer.text
        assert ("value", "/events") in Read(answer.text).attributes
        assert not token or token not in answer.text
    answer = place.log_in("wrong", Accept="*/*")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown")
    assert (
        place.live.client.post(
            "/login", content=b"\xff=%ff&&&==", headers={"X-Forwarded-For": "198.19.0.1"}
        ).status_code
        == 401
    )


def test_wrong_logins_count_as_tries(place: Place) -> None:
    here = {"X-Forwarded-For": "203.0.113.20"}
    for _ in range(20):
        assert place.log_in("wrong", **here).status_code == 401
    answer = place.log_in(OWN, **here)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert place.log_in(OWN).status_code == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_no_page_of_another_site_logs_anybody_in_or_out(place: Place, headers: dict[str, str]) -> None:
    assert place.log_in(OWN, **headers).status_code == 403
    text = text_of(place.log_in(OWN))
    cookie = {"Cookie": f"{COOKIE}={text}"}
    assert place.live.client.post("/logout", headers={**headers, **cookie}).status_code == 403
    assert place.get("/", text).status_code == 200


def test_whoever_logs_out_is_out(place: Place) -> None:
    text = text_of(place.log_in(place.read))
    answer = place.live.client.post("/logout", headers={"Cookie": f"{COOKIE}={text}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert place.get("/", text).status_code == 303
    assert place.live.client.post("/logout").status_code == 303
    assert place.live.client.get("/logout").status_code == 405


def test_only_who_has_logged_in_can_sign_out(place: Place) -> None:
    for address in ("/", "/events"):
        assert 'action="/logout"' in place.get(address, text_of(place.log_in(place.read))).text, address
        shown = place.live.client.get(address, headers={**PAGE, "Authorization": f"Bearer {place.read}"})
        assert shown.status_code == 200
        assert "logout" not in shown.text


@pytest.mark.parametrize(
    "address", ["/", "/events", "/events?tool=codex&since=7d", "/sessions/a%20b", "/why#x", "/?timezone=Europe/Berlin"]
)
def test_one_comes_back_to_where_one_was(address: str) -> None:
    assert local(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "events",
        "/\x00",
        "/a\r\nSet-Cookie: x=y",
        "/login",
        "/login?next=/login",
        "/logout",
        "/" + "x" * 2_000,
    ],
)
def test_nobody_is_led_elsewhere(place: Place, address: str) -> None:
    assert local(address) == "/"
    assert place.log_in(place.read, address).headers["location"] == "/"


@given(st.text(max_size=40), st.sampled_from(["", "/", "//", "/\\", "/.", "/@", "https:"]))
def test_wherever_one_is_led_is_here(rest: str, start: str) -> None:
    found = local(start + rest)
    assert found.isascii()
    assert found.startswith("/")
    parts = urlsplit(f"http://here.example{found}")
    assert parts.netloc == "here.example"
    assert not found.startswith("//")
    assert not set(found) & set("\\\r\n\t \x00")


def test_a_person_logs_in_and_signs_out_in_a_browser(place: Place) -> None:
    program = required()
    from playwright.sync_api import sync_playwright

    address = f"http://127.0.0.1:{place.live.port}"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.goto(f"{address}/events?since=all")
            assert page.url == f"{address}/login?next=%2Fevents%3Fsince%3Dall"
            page.get_by_label("Token").fill("wrong")
            page.get_by_role("button", name="Log in").click()
            assert "This token is wrong" in page.get_by_role("alert").inner_text()
            page.get_by_label("Token").fill(place.read)
            page.get_by_label("Token").press("Enter")
            page.wait_for_url(f"{address}/events?since=all")
            assert page.evaluate("document.cookie") == ""
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url(f"{address}/login")
            page.goto(f"{address}/events")
            assert page.url == f"{address}/login?next=%2Fevents"
        finally:
            browser.close()
