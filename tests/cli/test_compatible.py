"""The routes that other programs' clients ask of `tally serve`: who may ask them, and what a client finds there."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest
from tests.cli.running import started
from tests.cli.stage import Stage
from tests.faces.compat.test_token_usage_server import GUID, UPDATE
from tests.faces.compat.tokenfold_world import PUSHES
from tests.intake.push.test_counter import counts
from tests.intake.push.test_tokenfold import marked
from tests.intake.tokenfold_database import made

from tallystick.cli.compatible import is_asked_from_beyond, waiting, ways, zone_of
from tallystick.faces.http.ways import OPEN, Way
from tallystick.settings import Server, load

KEY = "a-key-of-the-environment"


def ask(address: str, said: Any = None, **headers: str) -> tuple[int, Any]:  # noqa: ANN401  whatever JSON has
    """Ask a server, as clients do that have only the standard library."""
    data = None if said is None else json.dumps(said).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **headers})  # noqa: S310  our own
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize(
    "served, beyond",
    [
        (Server(), False),
        (Server(host="::1"), False),
        (Server(host="localhost"), False),
        (Server(host="127.0.0.2"), False),
        (Server(host="0.0.0.0"), True),  # noqa: S104
        (Server(host="192.168.1.5"), True),
        (Server(host="tally.example"), True),
        # Something in front hands on what comes from elsewhere.
        (Server(hosts=("tally.example",)), True),
    ],
)
def test_whether_others_can_ask(served: Server, beyond: bool) -> None:  # noqa: FBT001
    assert is_asked_from_beyond(served) is beyond


def test_the_days_are_those_of_tz() -> None:
    chosen = load({"TALLY_TIMEZONE": "Asia/Kathmandu"}, "/home/dev")
    assert zone_of({"TZ": "America/Chicago"}, chosen).name == "America/Chicago"
    assert zone_of({"TZ": ":Europe/Berlin"}, chosen).name == "Europe/Berlin"
    for odd in ({}, {"TZ": ""}, {"TZ": "CST6CDT,M3.2.0"}):
        assert zone_of(odd, chosen).name == "Asia/Kathmandu"


def test_only_the_addresses_of_clients_without_tokens_are_open() -> None:
    found = ways(Server(guids=("g1",)))
    assert set(found) == {"/update", "/status/g1", "/api/ingest", "/api/usage", "/api/health"}
    assert found["/api/ingest"].body_most == 32 << 20
    assert found["/update"] == Way(OPEN, 131_072)


def test_the_largest_push_of_a_counter_is_let_in_and_no_larger_one(stage: Stage) -> None:
    numbers = dict.fromkeys(("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens"), 10**10)
    models = [{"modelName": f"{number:0256}", **numbers, "cost": 123_456.789_012} for number in range(200)]
    tokens = {name: 200 * number for name, number in numbers.items()}
    push = {"guid": "g" * 256, "hostname": "h" * 256, "tokens": tokens, "modelBreakdowns": models}
    with started(stage, "serve", "--port", "0") as told:
        url = told.next(lambda line: "serves at" in line, 30).split()[3].rstrip("/")
        assert ask(f"{url}/update", push) == (200, {"status": "success"})
        # One with what is no business of ours besides.
        assert ask(f"{url}/update", {**push, "more": "x" * 60_000})[0] == 413
        assert ask(f"{url}/update", push)[0] == 200


def test_a_database_that_waits_is_told_of_until_it_is_taken_over(stage: Stage) -> None:
    path = made(stage.home / "tokenfold.db", ())
    chosen = load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home))
    assert waiting({}, chosen) == waiting({"DB_PATH": str(stage.home / "nowhere.db")}, chosen) == ""
    assert f"tally import tokenfold {path}" in waiting({"DB_PATH": str(path)}, chosen)
    assert stage.tally("import", "tokenfold", str(path)).code == 0
    assert waiting({"DB_PATH": str(path)}, chosen) == ""


def test_three_programs_clients_find_what_they_know_at_one_server(stage: Stage) -> None:
    database = made(stage.home / "old.db", ())
    environment = {"STATS_OWNER": "Ada & Co", "STATS_API_KEY": KEY, "DB_PATH": str(database), "TZ": "Europe/Berlin"}
    with started(stage, "serve", "--port", "0", **environment) as told:
        address = told.next(lambda line: "serves at" in line, 30).split()[3].rstrip("/")
        assert ask(f"{address}/update", UPDATE) == (200, {"status": "success"})
        status, found = ask(f"{address}/status/{GUID}")
        assert (status, found["entries"][0]["tokens"]["totalTokens"]) == (200, 1234 + 567 + 890 + 123)
        for each in (*PUSHES, PUSHES[0] | {"events": list(marked())}):
            assert ask(f"{address}/api/ingest", each, **{"X-API-Key": KEY})[0] == 200
        assert ask(f"{address}/api/ingest", PUSHES[0], **{"X-API-Key": "x"}) == (401, {"detail": "Invalid API key"})
        reset = (datetime.now(UTC) + timedelta(days=3)).isoformat(timespec="seconds")
        windows = {"machine": "laptop", "usage": {"seven_day": {"utilization": 42, "resets_at": reset}}}
        assert ask(f"{address}/api/usage", windows, **{"X-API-Key": KEY})[1]["status"] == "ok"
        stats = ask(f"{address}/api/stats")[1]
        # Those of the world, of the markers, and of the counter.
        assert stats["cards"]["total_tokens"] == 3_248_500 + 60 + 2_814
        assert stats["generation_time"].split()[-1] in {"CET", "CEST"}
        assert stats["weekly_budget"]["weekly_pct"] == 42.0
        health = ask(f"{address}/health")[1]
        assert (health["status"], health["guids_tracked"], health["hosts_tracked"]) == ("ok", 1, 1)
        assert ask(f"{address}/usage")[0] == 200
        assert ask(f"{address}/api/health") == (200, {"status": "ok", "mongodb": True})
        sums = ask(f"{address}/api/stats/summary")[1]
        assert sum(count for name, count in sums.items() if name != "request_count") == 3_248_500 + 60 + 2_814
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{address}/", timeout=30) as page:
            assert b"<bdi>Ada &amp; Co</bdi>" in page.read()
    with started(stage, "serve", "--port", "0", **environment) as told:
        address = told.next(lambda line: "serves at" in line, 30).split()[3].rstrip("/")
        assert ask(f"{address}/status/{GUID}")[1] == found
        assert ask(f"{address}/update", UPDATE | {"tokens": counts(1, 1, 1, 1)})[0] == 200
        # A lower value began a new count: what was counted before stays.
        tools = ask(f"{address}/api/v1/query?by=tool")[1]["rows"]
        assert {row["tool"]: row["total"] for row in tools}["token-usage-server"] == 2_814 + 4
        assert any(f"tally import tokenfold {database}" in line for line in told.all)
    for file in (stage.home / "data").rglob("*"):
        assert file.is_dir() or b"MARKER" not in file.read_bytes(), file


def test_beyond_this_machine_each_client_needs_what_it_has_and_reading_needs_a_token(stage: Stage) -> None:
    environment = {
        "TALLY_SERVER_TOKEN": "the-server-s-own",
        "TALLY_SERVER_HOSTS": "tally.example",
        "TALLY_SERVER_GUIDS": GUID,
        "STATS_API_KEY": KEY,
    }
    bearer = {"Authorization": "Bearer the-server-s-own"}
    with started(stage, "serve", "--port", "0", **environment) as told:
        address = told.next(lambda line: "serves at" in line, 30).split()[3].rstrip("/")
        assert ask(f"{address}/update", UPDATE)[0] == 200
        status, refused = ask(f"{address}/update", UPDATE | {"guid": "another"})
        assert (status, "guids under [server]" in refused["error"]) == (403, True)
        assert ask(f"{address}/status/{GUID}")[0] == 200
        assert ask(f"{address}/status/another")[0] == 401
        assert ask(f"{address}/api/health")[0] == 200
        assert ask(f"{address}/api/events")[0] == 401
        assert ask(f"{address}/status")[0] == 401
        assert ask(f"{address}/status", **bearer)[1]["guids"] == 1
        assert ask(f"{address}/api/ingest", PUSHES[0], **{"X-API-Key": KEY})[0] == 200
        # A key of this kind reads nothing, and the server's own token sends nothing.
        assert ask(f"{address}/api/stats", **{"X-API-Key": KEY})[0] == 401
        assert ask(f"{address}/api/v1/push", {}, **{"X-API-Key": KEY})[0] == 401
        assert ask(f"{address}/api/ingest", PUSHES[0], **bearer)[0] == 401
        assert ask(f"{address}/api/stats", **bearer)[1]["cards"]["tool_calls"] == 1
        assert "guids_tracked" not in ask(f"{address}/health")[1]
        assert ask(f"{address}/health", **bearer)[1]["guids_tracked"] == 1
