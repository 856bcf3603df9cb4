"""The routes of tokenfold: its client's pushes with its answers, and its statistics with figures worked out by hand."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.faces.compat.lent import Lent, lent
from tests.faces.compat.test_token_usage_server import Admin
from tests.intake.push.test_tokenfold import NOON, WRONG, answer, body, marked

from tallystick.faces.compat import tokenfold
from tallystick.faces.compat.tokenfold import BODY_MOST, Door
from tallystick.faces.http.ways import OPEN, Way
from tallystick.usage.period import Zone

KEY = "a-key-of-the-environment"
MACHINE = Admin("ingest", machine="m-1", name="Desk", user="alice")
SITE = {"ways": {"/api/ingest": Way(OPEN, BODY_MOST, decides=True), "/api/usage": Way(OPEN, BODY_MOST, decides=True)}}


@contextmanager
def served(folder: Path, key: str = KEY, zone: str = "UTC") -> Iterator[Lent]:
    """Serve the routes; `tally_i` is a machine's token, `tally_r` one for reading."""
    known = {"tally_i": MACHINE, "tally_r": Admin("read")}

    def made(desk: Any, take: Any, clock: Any) -> list[Any]:  # noqa: ANN401  as `lent` gives them
        return [tokenfold.router(desk, take, Door(key, known.get), Zone(zone), clock)]

    with lent(folder, made, NOON, SITE) as found:
        yield found


def push(server: Lent, said: Any, key: str = KEY) -> Any:  # noqa: ANN401  whatever JSON has
    """Push a batch; return what is answered."""
    found = server.post("/api/ingest", said, **{"X-API-Key": key})
    assert found.status_code == 200, found.text
    return found.json()


def test_a_batch_is_acknowledged_and_one_that_comes_again_is_all_duplicates(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        sent = body(answer(1), answer(2), cursor={"last_line_num": 7})
        assert push(server, sent) == {"accepted": 2, "duplicates": 0, "cursor": {"last_line_num": 9}}
        assert push(server, sent) == {"accepted": 0, "duplicates": 2, "cursor": {"last_line_num": 9}}
        assert server.get("/api/v1/query", params={"by": "machine"}).json()["rows"][0]["requests"] == 2


def test_who_shows_no_key_or_another_one_is_turned_away(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for path in ("/api/ingest", "/api/usage"):
            missing = server.post(path, body(answer(1)))
            assert (missing.status_code, missing.json()["detail"][0]["loc"]) == (422, ["header", "x-api-key"])
            for wrong in ("", "another", "tally_r", "é"):
                found = server.client.post(path, json=body(answer(1)), headers={b"X-API-Key": wrong.encode()})
                assert (found.status_code, found.json()) == (401, {"detail": "Invalid API key"})
    with served(tmp_path, key="") as server:
        assert server.post("/api/ingest", body(answer(1)), **{"X-API-Key": ""}).status_code == 401
        assert server.get("/api/v1/query", params={"by": "machine"}).json()["rows"] == []


def test_what_counts_gets_in_however_often_others_at_the_address_were_wrong(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for _ in range(20):
            assert server.post("/api/usage", {}, **{"X-API-Key": "wrong"}).status_code == 401
        for path in ("/api/ingest", "/api/usage"):
            found = server.post(path, {}, **{"X-API-Key": "wrong"})
            assert (found.status_code, "Try again" in found.json()["detail"]) == (429, True)
            assert 1 <= int(found.headers["retry-after"]) <= 60
        for right in (KEY, "tally_i"):
            assert server.post("/api/ingest", body(answer(1)), **{"X-API-Key": right}).status_code == 200


@pytest.mark.parametrize("shown", [{"X-API-Key": "tally_i"}, {"Authorization": "Bearer tally_i"}])
def test_with_a_machine_s_token_the_machine_is_its_own(tmp_path: Path, shown: dict[str, str]) -> None:
    with served(tmp_path) as server:
        assert server.post("/api/ingest", body(answer(1)), **shown).status_code == 200
        (row,) = server.get("/api/v1/query", params={"by": "machine,user"}).json()["rows"]
        assert (row["machine"], row["user"]) == ("Desk", "alice")


def test_what_is_wrong_is_told_as_there_and_changes_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        for sent, status, reason in WRONG:
            found = server.post("/api/ingest", sent, **{"X-API-Key": KEY})
            assert found.status_code == status
            assert reason in json.dumps(found.json()["detail"])
        odd = server.post("/api/usage", {"machine": "m", "usage": 7}, **{"X-API-Key": KEY})
        assert (odd.status_code, odd.json()) == (400, {"detail": "Missing usage data"})
        assert server.post("/api/usage", [], **{"X-API-Key": KEY}).status_code == 422
        bomb = gzip.compress(b" " * (40 << 20))
        assert server.post("/api/ingest", bomb, **{"X-API-Key": KEY, "Content-Encoding": "gzip"}).status_code == 413
        assert server.post("/api/ingest", b" " * (BODY_MOST + 1), **{"X-API-Key": KEY}).status_code == 413
        assert server.post("/api/ingest", b"{}", **{"X-API-Key": KEY, "Content-Encoding": "br"}).status_code == 415
        packed = gzip.compress(json.dumps(body(answer(1))).encode())
        assert server.post("/api/ingest", packed, **{"X-API-Key": KEY, "Content-Encoding": "gzip"}).status_code == 200
        assert server.get("/api/stats").json()["cards"]["total_tokens"] == 30
        assert server.log == []


def test_nothing_that_was_said_reaches_a_byte_of_the_server(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        push(server, body(*marked()))
        told = server.get("/api/stats")
        assert told.json()["cards"]["total_tokens"] == 60
        assert "MARKER" not in told.text
    for file in tmp_path.iterdir():
        assert b"MARKER" not in file.read_bytes(), file


def test_the_version_is_another_one_when_something_came(tmp_path: Path) -> None:
    with served(tmp_path) as server:
        before = server.get("/api/stats/version").json()["version"]
        assert server.get("/api/stats/version").json() == {"version": before}
        push(server, body(answer(1)))
        after = server.get("/api/stats/version").json()["version"]
        assert isinstance(before, int)
        assert after > before
        assert server.get("/api/stats").json()["version"] == after
