"""The app as a whole: its description is true, whatever it is asked, and what others bring is served too."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter, Request
from starlette.responses import Response
from tests.faces.http.live import SITE, Live, serving

from tallystick.faces.http.site import PREFIX

ROUTES = {
    "/api/v1/reports",
    "/api/v1/reports/{name}",
    "/api/v1/query",
    "/api/v1/compare",
    "/api/v1/punchcard",
    "/api/v1/calls",
    "/api/v1/year",
    "/api/v1/energy",
    "/api/v1/machines",
    "/api/v1/events",
    "/api/v1/events/{number}",
    "/api/v1/sessions/{name}",
    "/api/v1/why",
    "/api/v1/tools",
    "/api/v1/receivers",
    "/api/v1/limits",
    "/api/v1/limits/history",
    "/api/v1/limits/points",
    "/api/v1/prices/{model}",
    "/api/v1/health",
    "/api/v1/stream",
    "/api/v1/exact",
}


@pytest.mark.slow
def test_whatever_the_description_allows_is_answered_as_it_says(live: Live, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    address = f"http://127.0.0.1:{live.port}{PREFIX}/openapi.json"
    run = subprocess.run(
        # The stream never ends. Days that end before they begin, and zones and columns that there are not, are told with
        # 400, which a schema cannot foresee.
        [
            program,
            "run",
            address,
            "--exclude-path",
            f"{PREFIX}/stream",
            "--exclude-checks",
            "positive_data_acceptance",
            "--max-examples",
            "20",
            "--generation-deterministic",
            "--no-color",
            "--suppress-health-check",
            "all",
            "--workers",
            "1",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:]
    tested = re.search(r"Tested: (\d+)", run.stdout)
    assert tested
    assert int(tested[1]) == len(ROUTES) - 1


def test_every_route_is_described_with_what_may_become_of_it(live: Live) -> None:
    paths = live.get("/openapi.json").json()["paths"]
    assert set(paths) == ROUTES
    for path, told in paths.items():
        statuses = set(told["get"]["responses"])
        assert {"200", "401", "403", "421", "503"} <= statuses, path
        assert told["get"]["summary"], path
        assert "422" not in statuses, path
        assert {each["name"] for each in told["get"].get("parameters", ()) if each["in"] == "path"} == {
            part[1:-1] for part in path.split("/") if part.startswith("{")
        }


def test_routes_of_others_stand_beside_our_own_and_behind_the_same_guard(tmp_path: Path) -> None:
    router = APIRouter()

    async def fails(_: Request) -> Response:
        raise ZeroDivisionError

    router.add_api_route("/fails", fails)
    with serving(tmp_path, SITE, [router]) as live:
        failed = live.client.get("/fails")
        assert (failed.status_code, failed.json()["error"]["code"]) == (500, "failed")
        assert failed.headers["x-content-type-options"] == "nosniff"
        assert live.client.get("/fails", headers={"Host": "evil.example"}).status_code == 421


def test_what_there_is_not_is_told_in_the_same_form(live: Live) -> None:
    nothing = live.client.get("/nothing")
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (404, "not_found")
    wrong = live.client.post(f"{PREFIX}/reports")
    assert (wrong.status_code, wrong.headers["allow"], wrong.json()["error"]["code"]) == (405, "GET", "method")
