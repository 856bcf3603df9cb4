"""What looks closer than a report, over HTTP: what the command line prints, whatever the moment within a quarter-hour."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.answers.sample import NOW
from tests.faces.http.live import SITE, Live, serving

from tallystick.faces.http.routes.closer import LOOKS

QUARTER = 900_000
DAY = "2026-11-02"


@pytest.mark.parametrize(
    "name, more",
    [
        ("compare", {}),
        ("compare", {"weekdays": "true", "tool": "claude-code"}),
        ("compare", {"no_cost": "true"}),
        ("calls", {"project": "shop"}),
        ("energy", {"model": "gpt*"}),
    ],
)
def test_it_is_what_the_command_line_prints(live: Live, name: str, more: dict[str, str]) -> None:
    environ = {**os.environ, "TALLY_DATA_DIR": str(live.ledger.parent), "HOME": str(live.ledger.parent), "TZ": "UTC"}
    said = {"since": DAY, "until": DAY, "timezone": "Asia/Kathmandu", **more}
    options = [f"--{key.replace('_', '-')}{'' if word == 'true' else f'={word}'}" for key, word in said.items()]
    command = [sys.executable, "-m", "tallystick", name, "--json", "--no-refresh", *options]
    printed = subprocess.run(command, env=environ, capture_output=True, check=True, text=True).stdout
    assert live.get(f"/{name}", params=said).text == printed


def test_a_period_is_held_against_the_one_before_it(live: Live) -> None:
    told = live.get(f"/compare?since={DAY}&until={DAY}").json()
    # On the first day three calls on Opus at $0.285 and one on Sonnet for $0.0163, on the second one for $0.0049 and one
    # without a price.
    cost = next(each for each in told["changes"] if each["measure"] == "cost_usd")
    assert (cost["before"], cost["now"]) == (0.8713, 0.0049)
    assert told["before"] == {"since": "2026-11-01", "until": "2026-11-01"}
    assert told["same_time_of_day"] is False
    # Weeks before, there was nothing.
    told = live.get(f"/compare?since={DAY}&until={DAY}&weekdays=1").json()
    assert told["before"]["since"] == "2026-10-26"
    assert told["totals_before"]["requests"] == 0


def test_a_comparison_needs_a_first_day(live: Live) -> None:
    for said in ("", "?until=today", "?since="):
        told = live.get(f"/compare{said}")
        assert (told.status_code, told.json()["error"]["message"]) == (400, "Say since, for example since=7d.")


def test_hours_are_those_of_the_zone(live: Live) -> None:
    told = live.get("/punchcard?timezone=Asia/Kathmandu").json()
    used = {(each["weekday"], each["hour"]): each["requests"] for each in told["cells"] if each["requests"]}
    # 5:45 ahead; 1 November 2026 is a Sunday.
    assert used == {(6, 15): 2, (6, 16): 1, (0, 5): 1, (0, 14): 2}
    # The clock of the tests stands at 04:19 UTC.
    assert told["strip"][-1]["hour"] == "2026-11-22T10:00+05:45"


def test_uses_of_tools_and_their_failures(live: Live) -> None:
    told = live.get("/calls?model=nobody*").json()
    assert [(each["name"], each["calls"], each["failed"]) for each in told["names"]] == [
        ("Bash", 1, 0),
        ("Grep", 1, 0),
        ("Read", 1, 1),
    ]


def test_a_year_tells_days_without_work_from_days_of_which_nothing_is_known(live: Live) -> None:
    days = {each["day"]: each for each in live.get("/year?year=2026").json()["days"]}
    assert len(days) == 365
    assert days["2026-10-31"] == {"day": "2026-10-31", "known": False}
    assert (days["2026-11-01"]["requests"], days["2026-11-03"]["requests"]) == (4, 0)
    assert days["2026-11-23"]["known"] is False
    assert len(live.get("/year").json()["days"]) == 365
    assert live.get("/year?year=2024&agent=a1").json()["totals"]["requests"] == 0
    assert live.get("/year?agent=a1").json()["totals"]["requests"] == 1


def test_energy_is_told_whether_pages_show_it_or_not(live: Live) -> None:
    assert SITE.energy is False
    totals = live.get(f"/energy?since={DAY}").json()["totals"]
    # 1 007 tokens of input, 10 000 from a cache and 103 of output, at 220, 0 and 600 Wh per million.
    assert totals["total"] == 11_110
    assert totals["watt_hours"][0] == pytest.approx(0.28334)


@pytest.mark.parametrize(
    "path, sentence",
    [
        ("/year?year=1969", "year '1969' is no number from 1970 to 9998"),
        ("/year?year=9999", "is no number from"),
        ("/year?since=7d", "There is no parameter 'since' here"),
        ("/calls?no_cost=true", "There is no parameter 'no_cost' here"),
        ("/energy?by=model", "There is no parameter 'by' here"),
        ("/punchcard?weekdays=true", "There is no parameter 'weekdays' here"),
        ("/compare?since=7d&weekdays=perhaps", "weekdays 'perhaps' is neither true nor false"),
        ("/compare?since=99999w", "That is too long a period: ask for 100 years at most."),
        ("/compare?since=1970-01-01&until=9998-12-30", "That is too long a period"),
        ("/punchcard?until=9998-12-30", "That is too long a period"),
    ],
)
def test_what_cannot_be_asked_is_told(live: Live, path: str, sentence: str) -> None:
    told = live.get(path)
    assert told.status_code == 400
    assert sentence in told.json()["error"]["message"]


def test_the_longest_periods_are_answered(live: Live) -> None:
    begun = time.monotonic()
    for path in ("/punchcard?since=1970-01-01&until=2069-12-31", "/compare?since=99999w&until=99990w"):
        assert live.get(f"{path}&timezone=Europe/Berlin").status_code == 200, path
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("name", LOOKS)
def test_an_answer_holds_for_a_quarter_hour_and_no_longer(tmp_path: Path, name: str) -> None:
    clock = [NOW // QUARTER * QUARTER]
    with serving(tmp_path, SITE._replace(now=lambda: clock[0])) as live:

        def ask() -> tuple[str, Any]:
            told = live.get(f"/{name}?timezone=Australia/Lord_Howe{'&since=7d' if name == 'compare' else ''}")
            return told.headers["etag"], told.json()

        first = ask()
        clock[0] += QUARTER - 1
        assert ask() == first
        clock[0] += 1
        assert (ask()[0] == first[0]) == (name in {"calls", "energy"})
        # 14:30 UTC is half past one of the day after there.
        clock[0] += 10 * 3_600_000
        later = ask()[1]
        if name == "year":
            assert later["until"] == "2026-11-23"
        elif name == "punchcard":
            assert later["strip"][-1]["hour"] == "2026-11-23T01:00+11:00"
        elif name == "compare":
            assert later["until"] == "2026-11-23"
