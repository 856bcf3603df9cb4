"""The routes of the Token Usage Server: the shapes of its README, kept over a restart, for those who may ask."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.faces.compat.lent import Lent, lent
from tests.intake.push.test_counter import NOON, WRONG, counts

from tallystick.faces.compat import token_usage_server, tokengate
from tallystick.faces.compat.token_usage_server import Tracked, Whom
from tallystick.faces.http.ways import OPEN, Way

GUID = "user-unique-id"
OTHER = "0b0e3f1c-7d1e-4a55-9d0c-5f2a9c1b7e60"
# As the README of the Token Usage Server has them.
UPDATE = {
    "guid": GUID,
    "hostname": "machine-name",
    "tokens": {"inputTokens": 1234, "outputTokens": 567, "cacheCreationTokens": 890, "cacheReadTokens": 123},
}


class Admin(NamedTuple):
    """The grant of an administrator, or of another scope."""

    scope: str
    id: str = "1"
    machine: str = ""
    name: str = "me"
    user: str = ""


@contextmanager
def served(folder: Path, whom: Whom = Whom(frozenset(), beyond=False), **site: Any) -> Iterator[Lent]:  # noqa: ANN401, B008
    """Serve the routes beside tokengate's."""

    def made(desk: Any, take: Any, clock: Any) -> list[Any]:  # noqa: ANN401  as `lent` gives them
        about = tokengate.router(
            desk, SiteOfTokengate("9.9.9", "UTC", clock, 30), [], Tracked(desk, beyond=whom.beyond)
        )
        return [token_usage_server.router(desk, take, whom), about]

    with lent(folder, made, NOON, site) as found:
        yield found


class SiteOfTokengate(NamedTuple):
    """What tokengate's routes go by."""

    version: str
    timezone: str
    now: Any
    cache_ttl: float


def entry(host: str, *numbers: int, updated: str = "2026-11-22T12:00:00Z", **more: Any) -> Mapping[str, Any]:  # noqa: ANN401
    """Return what is told of a host."""
    tokens = counts(*numbers) | {"totalTokens": sum(numbers)}
    return {"hostname": host, "tokens": tokens, "lastUpdated": updated, **more}


def test_the_examples_of_the_readme_work_as_they_stand(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        answer = server.post("/update", UPDATE)
        assert (answer.status_code, answer.json()) == (200, {"status": "success"})
        assert server.get(f"/status/{GUID}").json() == {
            "guid": GUID,
            "entries": [entry("machine-name", 1234, 567, 890, 123)],
        }
        assert server.get("/status/user-unique").status_code == 404
        assert server.get("/status/user-unique").json() == {"error": "User not found"}


def test_several_hosts_are_told_apart_and_the_last_push_of_each_counts(tmp_path: Path) -> None:
    models = [{"modelName": "claude-opus-4-5", **counts(5, 6, 7, 8), "cost": 0.25}]
    with served(tmp_path) as server:
        server.post("/update", {"guid": GUID, "hostname": "machine-2", "tokens": counts(25_000, 12_000, 2_000, 1_000)})
        server.post("/update", {"guid": GUID, "hostname": "machine-1", "tokens": counts(1, 1, 1, 1)})
        server.clock.now += 61_000
        server.post("/update", {"guid": GUID, "hostname": "machine-1", "tokens": counts(15_000, 8_000, 1_000, 500)})
        told = {"guid": OTHER, "hostname": "machine-1", "tokens": counts(5, 6, 7, 8), "modelBreakdowns": models}
        server.post("/update", told)
        first = entry("machine-1", 15_000, 8_000, 1_000, 500, updated="2026-11-22T12:01:01Z")
        second = entry("machine-2", 25_000, 12_000, 2_000, 1_000)
        assert server.get(f"/status/{GUID}").json()["entries"] == [first, second]
        other = entry("machine-1", 5, 6, 7, 8, updated="2026-11-22T12:01:01Z", modelBreakdowns=models)
        assert server.get("/status").json() == {
            "guids": 2,
            "total_hosts": 3,
            "data": {GUID: {"machine-1": first, "machine-2": second}, OTHER: {"machine-1": other}},
        }
        health = server.get("/health").json()
        assert health == {"status": "ok", "version": "9.9.9", "adapters": [], "guids_tracked": 2, "hosts_tracked": 3}
    # Another server before the same ledger.
    with served(tmp_path) as server:
        assert server.get(f"/status/{GUID}").json()["entries"] == [first, second]
        assert server.get(f"/status/{OTHER}").json()["entries"] == [other]


def test_beyond_this_machine_how_many_there_are_is_told_to_readers_only(tmp_path: Path) -> None:
    told = {"status": "ok", "version": "9.9.9", "adapters": []}
    known = {"r": Admin("read"), "a": Admin("admin"), "i": Admin("ingest", machine="laptop")}
    more = {"token": "own", "admit": known.get}
    with served(tmp_path, Whom(frozenset((GUID,)), beyond=True), **more) as server:
        assert server.post("/update", UPDATE, Authorization="Bearer own").status_code == 200

        def health(token: str) -> Any:  # noqa: ANN401  what JSON has
            found = server.get("/health", headers={"Authorization": f"Bearer {token}"} if token else {})
            assert found.status_code == 200
            return found.json()

        for token in ("r", "a", "own"):
            assert health(token) == {**told, "guids_tracked": 1, "hosts_tracked": 1}
        for token in ("", "i", "wrong"):
            assert health(token) == told
        # It helps nobody to guess the server's own token.
        for _ in range(20):
            health("wrong")
        assert health("own") == told
        assert health("r")["guids_tracked"] == 1


def test_what_was_pushed_is_in_the_reports(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        server.post("/update", UPDATE)
        server.clock.now += 60_000
        server.post("/update", UPDATE | {"tokens": counts(1300, 600, 890, 123)})
        found = server.get("/api/v1/query", params={"by": "tool,machine,user,model"}).json()
        (row,) = found["rows"]
        assert (row["tool"], row["machine"], row["user"]) == ("token-usage-server", "machine-name", "user-un")
        assert (row["input"], row["output"], row["cache_write_5m"], row["cache_read"]) == (1300, 600, 890, 123)
        # Of no model there is no price.
        assert (row["cost_usd"], row["unpriced_tokens"]) == (None, 1300 + 600 + 890 + 123)
        assert GUID not in str(found)


def test_what_is_wrong_is_told_as_they_tell_it_and_changes_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for body, reason in WRONG:
            answer = server.post("/update", body)
            assert answer.status_code == 400
            assert reason in answer.json()["error"]
        assert server.client.post("/update", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 400
        assert server.post("/update", UPDATE, **{"Content-Encoding": "gzip"}).status_code == 400
        assert server.post("/update", b" " * (1 << 21)).status_code == 413
        assert server.get("/update").status_code == 405
        assert server.get("/health").json()["guids_tracked"] == 0
        assert server.post("/update", UPDATE).status_code == 200
        assert server.log == []


def test_where_guids_are_named_only_those_may_push_and_ask(tmp_path: Path) -> None:
    for beyond in (True, False):
        with served(tmp_path, Whom(frozenset((OTHER,)), beyond=beyond)) as server:
            refused = server.post("/update", UPDATE)
            assert refused.status_code == 403
            assert "guids under [server]" in refused.json()["error"]
            assert server.get(f"/status/{GUID}").status_code == 403
            assert server.post("/update", UPDATE | {"guid": OTHER}).status_code == 200
            assert server.get(f"/status/{OTHER}").status_code == 200


def test_beyond_this_machine_nobody_may_push_until_guids_are_named(tmp_path: Path) -> None:
    with served(tmp_path, Whom(frozenset(), beyond=True)) as server:
        assert server.post("/update", UPDATE).status_code == 403
        assert server.get("/status").status_code == 403


@pytest.mark.parametrize("scope, status", [("admin", 200), ("read", 403)])
def test_everybody_s_guids_are_told_to_administrators(tmp_path: Path, scope: str, status: int) -> None:
    site = {
        "admit": lambda token: Admin(scope) if token == "tally_x" else None,
        "guarded": lambda: True,
        "ways": {"/update": Way(OPEN), f"/status/{GUID}": Way(OPEN)},
    }
    with served(tmp_path, Whom(frozenset((GUID,)), beyond=True), **site) as server:
        assert server.post("/update", UPDATE).status_code == 200
        assert server.get(f"/status/{GUID}").status_code == 200
        assert server.get("/status").status_code == 401
        answer = server.get("/status", headers={"Authorization": "Bearer tally_x"})
        assert answer.status_code == status
        assert (GUID in answer.text) == (status == 200)


def test_names_with_markup_stay_text_in_json(tmp_path: Path) -> None:
    host = "</script><img src=x onerror=alert(1)>"
    with served(tmp_path) as server:
        assert server.post("/update", UPDATE | {"hostname": host}).status_code == 200
        answer = server.get(f"/status/{GUID}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["entries"][0]["hostname"] == host
