"""Pushes over a real server: who may send, how much, in what form, and what is answered."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from tests.faces.http.live import SITE, Live, serving
from tests.intake.push.test_arrival import NOW, WHOLE

from tallystick.access import keys
from tallystick.access.door import Door
from tallystick.access.keys import Wanted
from tallystick.access.store import Store, path
from tallystick.faces.http.routes import push
from tallystick.intake.push.envelope import Client, encoded, envelope
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.kinds import KINDS
from tallystick.intake.push.taking import INFLATED_MOST, Offer, Taking
from tallystick.ledger.sqlite.engine import SqliteLedger

LATER = 1 << 50


class Place(NamedTuple):
    """A server to which machines send, and the ledger in which it keeps that."""

    live: Live
    store: Store
    ledger: Path

    def token(self, scope: str = "ingest", machine: str = "", expires: int = LATER) -> str:
        """Return a token."""
        machine = machine or (f"machine-{next(_MACHINES)}" if scope == "ingest" else "")
        made = keys.create(self.store, Wanted(scope, machine, expires=expires), "cli", 1)
        return made.text

    def send(self, token: str, content: bytes = b"{}", **headers: str) -> httpx2.Response:
        """Send a body, from an address of one's own."""
        number = next(_ADDRESSES)
        said = {"Content-Type": "application/json", "X-Forwarded-For": f"198.18.{number >> 8}.{number & 255}"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            said["Authorization"] = f"Bearer {token}"
        return self.live.client.post("/api/v1/push", content=content, headers=said)

    def stored(self) -> int:
        """Return how many events came in."""
        with closing(SqliteLedger(str(self.ledger))) as ledger:
            (number,) = ledger.connection.execute("SELECT count(*) FROM events").fetchone()
            return int(number)


_ADDRESSES = count(1)
_KEYS = count(1)
_MACHINES = count(1)


def body() -> bytes:
    """Return an envelope with an event that nobody has sent yet."""
    batch = WHOLE._replace(events=[(next(_KEYS), *WHOLE.events[0][1:])], readings=[])
    return encoded(envelope([batch], Client("tally", "0.1"), NOW))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Return a server that takes pushes into a ledger of its own, on one thread."""
    folder = tmp_path_factory.mktemp("push")
    store = Store(path(str(folder / "access")))
    door = Door(store, lambda: NOW)
    thread = ThreadPoolExecutor(1)
    target = folder / "taken.db"
    taking = thread.submit(lambda: Taking(SqliteLedger(str(target), write=True), KINDS, lambda: NOW, print)).result()

    async def take(kind: str, grant: Any, content: bytes, packed: bool) -> tuple[int, bytes, int]:  # noqa: ANN401, FBT001  as the route gives them
        offer = Offer(kind, Sender(grant.machine, grant.name, grant.user), content, packed)
        (answer,) = await asyncio.get_running_loop().run_in_executor(thread, taking.take, [offer])
        return answer

    site = SITE._replace(admit=door.admit, guarded=door.guarded, ways={push.PUSH: push.WAY})
    with serving(folder, site, [push.router(take)]) as live:
        yield Place(live, store, target)
    thread.shutdown()
    store.close()


def test_what_a_machine_sends_is_stored_under_its_name(place: Place) -> None:
    token, before = place.token(machine="laptop"), place.stored()
    answer = place.send(token, body())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["accepted"] == 8
    packed = place.send(token, gzip.compress(body()), Content_Encoding="gzip")
    assert packed.status_code == 200
    assert place.stored() == before + 2
    with closing(SqliteLedger(str(place.ledger))) as ledger:
        assert "laptop" in {row[7] for row in ledger.ask("contexts")}
        assert "laptop" in {row[0] for row in ledger.ask("machines")}


def test_a_machine_without_news_is_heard_of(place: Place) -> None:
    answer = place.send(place.token(machine="quiet"), encoded(envelope([], Client("client.pyz", "0.1"), NOW)))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 0)
    with closing(SqliteLedger(str(place.ledger))) as ledger:
        assert [(row[4], row[5]) for row in ledger.ask("machines") if row[0] == "quiet"] == [(NOW, "client.pyz")]


def test_who_may_not_send_is_told_so_and_nothing_is_stored(place: Place) -> None:
    gone = place.token(machine="gone")
    (number,) = [each.id for each in keys.listed(place.store) if each.machine == "gone"]
    keys.revoke(place.store, number, "cli", NOW)
    before = place.stored()
    tries = {
        "": 401,
        "tally_i_nonsense": 401,
        f"{place.token()[:-1]}!": 401,
        gone: 401,
        place.token(machine="old", expires=NOW - 1): 401,
        place.token("read"): 403,
        place.token("admin"): 403,
    }
    for token, status in tries.items():
        answer = place.send(token, body())
        assert (answer.status_code, "error" in answer.json()) == (status, True), token[:8]
        assert not token or token not in answer.text
    assert place.stored() == before


@pytest.mark.parametrize(
    "address", ["//api/v1/push", "/api/v1/../v1/push", "/api/v1/%70ush/", "/api/v1/push/..", "/API/v1/push"]
)
def test_no_other_way_leads_in(place: Place, address: str) -> None:
    before = place.stored()
    raw = (
        f"POST {address} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(content := body())}\r\n"
        "Connection: close\r\n\r\n"
    ).encode() + content
    status = int(place.live.raw(raw).split(b" ", 2)[1])
    assert 400 <= status < 500
    assert place.stored() == before


def test_a_body_that_is_too_large_is_refused_before_and_after_its_compression(place: Place) -> None:
    token = place.token()
    assert place.send(token, b" " * (push.WAY.body_most + 1)).status_code == 413
    bomb = gzip.compress(bytes(INFLATED_MOST + 1))
    assert len(bomb) < push.WAY.body_most
    assert place.send(token, bomb, Content_Encoding="gzip").status_code == 413
    # Without saying how much there is.
    parts = (b"x" * 65_536 for _ in range(push.WAY.body_most // 65_536 + 2))
    said = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    assert place.live.client.post("/api/v1/push", content=parts, headers=said).status_code == 413


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b'{"schema":"tallystick.push/1","sources":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"schema":"tallystick.push/1","sent_at":1e308}',
        b'{"schema":"tallystick.push/1","sources":[{"path":"</script><img onerror=alert(1)>","tool":5}]}',
    ],
)
def test_what_is_no_push_is_told_and_hinders_nobody(place: Place, content: bytes) -> None:
    token, before = place.token(), place.stored()
    answer = place.send(token, content)
    assert answer.status_code in {400, 413}
    assert answer.json()["error"]["message"].endswith(".")
    assert place.send(token, body()).status_code == 200
    assert place.stored() == before + 1


def test_numbers_that_are_none_are_refused_row_by_row(place: Place) -> None:
    told = json.loads(body())
    told["sources"][0]["events"][0][5] = 10**308
    answer = place.send(place.token(), json.dumps(told).encode())
    assert answer.status_code == 200
    assert [(row["table"], row["row"]) for row in answer.json()["rejected"]] == [("events", 0)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": ""},
        {"Content_Encoding": "br"},
        {"Content_Encoding": "gzip, gzip"},
    ],
)
def test_another_form_is_refused(place: Place, headers: dict[str, str]) -> None:
    assert place.send(place.token(), body(), **headers).status_code == 415


def test_a_page_of_another_site_cannot_send(place: Place) -> None:
    assert place.send(place.token(), body(), Origin="https://example.org").status_code == 403
    assert place.send(place.token(), body(), Sec_Fetch_Site="cross-site").status_code == 403
