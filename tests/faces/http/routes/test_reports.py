"""Reports over HTTP: what the command line prints, to the byte."""

import json
import os
import subprocess
import sys
from contextlib import closing
from decimal import Decimal

import pytest
from tests.answers.sample import asked
from tests.answers.stand import answers
from tests.faces.http.live import Live

from tallystick.answers import as_json
from tallystick.answers.question import Wish
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.faces.http.routes.reports import BY_NAME


@pytest.mark.parametrize("name", BY_NAME)
def test_a_report_is_what_the_command_line_prints(live: Live, name: str) -> None:
    # Blocks tell of the moment; the command line has none but its own.
    environ = {**os.environ, "TALLY_DATA_DIR": str(live.ledger.parent), "HOME": str(live.ledger.parent), "TZ": "UTC"}
    command = [sys.executable, "-m", "tallystick", name, "--json", "--no-refresh", "--until", "2026-11-30"]
    printed = subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout
    sent = live.get(f"/reports/{name}", params={"until": "2026-11-30"})
    assert sent.headers["content-type"] == "application/json"
    if name == "tools":
        # The command tells of what is installed besides.
        assert printed.startswith(sent.text.removesuffix("}\n"))
    else:
        assert sent.text == printed


def test_any_grouping_and_every_option(live: Live) -> None:
    wish = Wish("project,model", {"tool": ["claude*"]}, "total:asc", 2, prices=False)
    with closing(answers(live.ledger)) as ours:
        expected = as_json.report(ours.ask(asked(ANY, wish, "Asia/Kathmandu", "2026-11-01", "2026-11-02")))
    query = "by=project,model&tool=claude*&order=total:asc&limit=2&no_cost=true&timezone=Asia/Kathmandu&since=2026-11-01&until=2026-11-02"
    assert live.get(f"/query?{query}").text == expected


def test_sums_are_exact(live: Live) -> None:
    body = json.loads(live.get("/reports/daily", params={"until": "2026-11-01"}).text, parse_float=Decimal)
    # Three calls on Opus at $0.285, and one on Sonnet: 6 300 millionths and a search for a cent.
    assert body["totals"]["cost_usd"] == Decimal("0.8713")


def test_the_list_names_all_reports(live: Live) -> None:
    told = live.get("/reports").json()
    assert [each["name"] for each in told["reports"]] == [report.name for report in REPORTS if report is not ANY]
    assert "branch" in told["keys"]
    assert told["measures"][0] == "requests"


@pytest.mark.parametrize(
    "path, status, sentence",
    [
        ("/reports/nightly", 404, "There is no report 'nightly': choose among daily, weekly"),
        ("/reports/report", 404, "There is no report 'report'"),
        ("/reports/daily?nope=1", 400, "There is no parameter 'nope' here"),
        ("/reports/blocks?by=model", 400, "ask `/api/v1/query?by=model` instead"),
        ("/reports/daily?order=up", 400, "order 'up' is none"),
        ("/query", 400, "Say by, for example by=day,model."),
        ("/reports?limit=1", 400, "There is no parameter 'limit' here: there is none."),
    ],
)
def test_what_cannot_be_asked_is_told(live: Live, path: str, status: int, sentence: str) -> None:
    answer = live.get(path)
    assert answer.status_code == status
    assert sentence in answer.json()["error"]["message"]
    assert "--" not in answer.json()["error"]["message"]
