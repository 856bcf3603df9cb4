"""Joining and leaving, as a machine asks for it."""

import json
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import httpx2
import pytest
from tests.faces.http.live import SITE, Live, serving

from tallystick.access import keys
from tallystick.access.door import Door
from tallystick.access.invites import invite
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.faces.http.routes import join

NOW = 1_000_000


class Place(NamedTuple):
    """A server at which machines join."""

    live: Live
    store: Store

    def join(self, body: object) -> httpx2.Response:
        """Ask to join, from an address of one's own."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        number = next(_ADDRESSES)
        return self.live.client.post(
            "/api/v1/join", content=content, headers={"X-Forwarded-For": f"198.18.{number >> 8}.{number & 255}"}
        )

    def code(self, machine: str = "", user: str = "", expires: int = NOW + 1) -> str:
        """Return a new code."""
        return invite(self.store, Wanted("ingest", machine, user, expires=expires), "cli", 1)


_ADDRESSES = count(1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a server."""
    folder = tmp_path_factory.mktemp("join")
    store = Store(path(str(folder / "access")))
    door = Door(store, lambda: NOW)
    site = SITE._replace(admit=door.admit, guarded=door.guarded)
    with serving(folder, site, [join.router(door, "hub")]) as live:
        yield Place(live, store)
    store.close()


def test_a_code_is_exchanged_for_a_token_that_counts_until_the_machine_leaves(place: Place) -> None:
    answer = place.join({"code": place.code(user="anna"), "machine": "laptop", "of": "a newer client"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert {name: found[name] for name in ("schema", "machine", "user", "server")} == {
        "schema": "tallystick.join/1",
        "machine": "laptop",
        "user": "anna",
        "server": "hub",
    }
    grant = keys.admit(place.store, found["token"], NOW)
    assert grant
    assert (grant.scope, grant.machine, grant.user) == ("ingest", "laptop", "anna")
    shown = {"Authorization": f"Bearer {found['token']}"}
    assert place.live.client.post("/api/v1/leave").status_code == 401
    left = place.live.client.post("/api/v1/leave", headers=shown)
    assert (left.status_code, left.json()) == (200, {"schema": "tallystick.join/1", "machine": "laptop"})
    assert keys.admit(place.store, found["token"], NOW) is None
    assert place.live.client.post("/api/v1/leave", headers=shown).status_code == 401


def test_a_code_that_does_not_count_is_told_of_in_a_sentence(place: Place) -> None:
    used = place.code()
    assert place.join({"code": used, "machine": "desktop"}).status_code == 200
    for code, machine, status, word in (
        (used, "other", 410, "used"),
        (place.code(expires=NOW), "other", 410, "expired"),
        ("ABCD-EFGH-JKLM", "other", 401, "wrong"),
        ("", "other", 401, "wrong"),
        (place.code(), "desktop", 409, "taken"),
        (place.code(), "<script>", 400, "nameless"),
        (place.code(), "", 400, "nameless"),
    ):
        answer = place.join({"code": code, "machine": machine})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, word)
        assert len(answer.json()["error"]["message"]) > 20
        assert "<script>" not in answer.text
        assert not code or code not in answer.text


def test_an_invitation_by_name_says_what_the_machine_is_called(place: Place) -> None:
    first = place.join({"code": place.code("server-room"), "machine": "x"}).json()
    second = place.join({"code": place.code("server-room")}).json()
    assert first["machine"] == second["machine"] == "server-room"
    assert keys.admit(place.store, first["token"], NOW) is None
    assert keys.admit(place.store, second["token"], NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 8_000,
        b"null",
        b"[]",
        b'"code"',
        b"1e308",
        {"machine": "laptop"},
        {"code": 5},
        {"code": None},
        {"code": ["x"]},
        {"code": "x", "machine": {"a": 1}},
        {"code": "x", "machine": None},
    ],
    ids=lambda body: repr(body)[:20],
)
def test_a_body_of_another_shape_is_refused(place: Place, body: object) -> None:
    before = len(keys.listed(place.store))
    answer = place.join(body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")
    assert len(keys.listed(place.store)) == before


@pytest.mark.parametrize("code", ["\ud800", "\x00", "A" * 10_000, "ÄBCD-EFGH-JKLM"])
def test_no_code_makes_the_server_fail(place: Place, code: str) -> None:
    place.code()
    assert place.join({"code": code, "machine": "x"}).status_code == 401


def test_joining_is_described(place: Place) -> None:
    keys_of_reader = keys.create(place.store, Wanted("read"), "cli", 1).text
    told = place.live.get("/openapi.json", headers={"Authorization": f"Bearer {keys_of_reader}"}).json()["paths"]
    assert set(told["/api/v1/join"]["post"]["responses"]) >= {"200", "400", "401", "409", "410"}
    assert set(told["/api/v1/leave"]["post"]["responses"]) >= {"200", "401", "403"}
