"""Machines over HTTP: the answer as it is, its tag, and what may be asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.answers.fleet import ARRIVALS, BATCHES
from tests.faces.http.live import Live, serving

from tallystick.ledger.sqlite.engine import SqliteLedger


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a server before a small fleet, worked out by hand in its own file."""
    folder: Path = tmp_path_factory.mktemp("fleet")
    ledger = SqliteLedger(str(folder / "ledger.db"), write=True)
    ledger.add(BATCHES, ARRIVALS)
    ledger.close()
    with serving(folder, full=False) as made:
        yield made


def test_machines_and_users(fleet: Live) -> None:
    told = fleet.get("/machines").json()
    assert (told["schema"], told["now"]) == ("tallystick.machines/1", "2026-11-22T04:19:00.000Z")
    assert [(each["machine"], each["state"], each["cost_usd"]) for each in told["machines"]] == [
        ("tower", "stale", 0.855),
        # The server of the tests knows of no machine that is its own.
        ("box", "quiet", 0.57),
        ("laptop", "active", 0.285),
        ("old", "quiet", None),
        ("runner", "trouble", 0.0),
    ]
    assert [(each["user"], each["cost_usd"]) for each in told["users"]] == [
        ("ada", 1.425),
        ("grace", 0.285),
        ("", None),
    ]
    assert told["totals"]["cost_usd"] == 1.71


def test_period_and_filters(fleet: Live) -> None:
    told = fleet.get("/machines?since=7d&user=ada&no_cost=true").json()
    assert [(each["machine"], each["requests"]) for each in told["machines"]] == [("tower", 1), ("box", 0)]
    assert (told["since"], told["where"], "cost_usd" in told["totals"]) == ("2026-11-16", {"user": ["ada"]}, False)
    assert fleet.get("/machines?by=day").status_code == 400


def test_whoever_has_it_is_told_so(fleet: Live) -> None:
    first = fleet.get("/machines")
    assert fleet.get("/machines", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_filter_by_user_and_how_old_totals_are_are_those_of_every_report(fleet: Live) -> None:
    report = fleet.get("/reports/daily?user=ada").json()
    # Two events on the ledger's own machine and three on the tower.
    assert (report["totals"]["requests"], report["totals"]["cost_usd"]) == (5, 1.425)
    assert report["coverage"]["machines"] == [{"machine": "tower", "last_seen": "2026-11-19T03:19:42.597Z"}]
    assert fleet.get("/query?by=user&since=30d").json()["totals"]["requests"] == 6
    assert fleet.get("/events?user=grace").json()["events"][0]["machine"] == "laptop"
