"""Reports over HTTP: what the command line prints, to the byte."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from tests.answers.sample import MAIN, OPUS, asked, event
from tests.answers.stand import answers, fill
from tests.faces.http.live import SITE, Live, running

from tallystick.answers import as_json
from tallystick.answers.desk import Desk
from tallystick.answers.question import Wish
from tallystick.answers.reports import REPORTS
from tallystick.answers.reports.places import ANY
from tallystick.answers.turns import in_turn
from tallystick.faces.http.app import create_app
from tallystick.faces.http.routes.reports import BY_NAME, ready
from tallystick.faces.http.site import PREFIX
from tallystick.usage.tokens import Tokens


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


def test_of_many_rows_a_thousand_are_listed_where_no_limit_is_said(tmp_path: Path) -> None:
    # 1,003 sessions of one call and one token each, a second apart: the latest come first.
    events = [
        event(
            f"2026-11-01T10:{second // 60:02}:{second % 60:02}", OPUS, MAIN._replace(session=f"{second:04}"), Tokens(1)
        )
        for second in range(1_003)
    ]
    fill(tmp_path / "ledger.db", events)
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 1)
    with running(create_app(desk, SITE), desk) as (client, _, _):
        told = client.get(f"{PREFIX}/reports/sessions").json()
        assert (len(told["rows"]), told["left_off"], told["totals"]["total"]) == (1_000, 3, 1_003)
        assert [told["rows"][place]["session"] for place in (0, -1)] == ["1002", "0003"]
        every = client.get(f"{PREFIX}/reports/sessions?limit=0").json()
        assert (len(every["rows"]), "left_off" in every) == (1_003, False)
        few = client.get(f"{PREFIX}/query?by=session&limit=2&order=session").json()
        assert ([row["session"] for row in few["rows"]], few["left_off"]) == (["0000", "0001"], 1_001)


def test_what_is_made_ready_is_each_report_as_it_is_asked_for_first(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    desk = Desk(lambda: answers(tmp_path / "ledger.db"), 2)

    def begun() -> dict[object, float]:
        """Return when each report that is there was begun."""
        every = [entry for entry in list(desk._kept._entries.values()) if entry.key[:2] == ("body", "report")]
        return {entry.key[2]: entry.begun for entry in every if entry.future.done()}

    try:
        in_turn(desk, ready(desk, SITE))
        until = time.monotonic() + 20
        while len(begun()) < len(BY_NAME) and time.monotonic() < until:
            time.sleep(0.01)
        before = begun()
        assert list(before) == list(BY_NAME)
        with running(create_app(desk, SITE), desk) as (client, _, _):
            for name in BY_NAME:
                assert client.get(f"{PREFIX}/reports/{name}").status_code == 200
        assert begun() == before
    finally:
        desk.close()
