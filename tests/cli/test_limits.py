"""Usage windows by command line."""

import json
from collections.abc import Iterator

import pytest
from tests.cli.stage import Stage
from tests.intake.endpoint import KEPT, Endpoint, keep, serving

from tallystick.cli import entrance
from tallystick.faces.text.limits import NONE
from tallystick.intake.inbox import append
from tallystick.intake.plan_usage import VARIABLE

NOON = 1_795_348_800_000


@pytest.fixture(autouse=True)
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "now", lambda: NOON)


def leave(stage: Stage, used: float, minutes: int, window: str = "five_hour") -> None:
    """Leave in the inbox what a status line was told some minutes before noon."""
    told = {"rate_limits": {window: {"used_percentage": used, "resets_at": NOON // 1000 + 3_600}}}
    line = json.dumps({"v": 1, "time": NOON - minutes * 60_000, "told": told})
    assert append(str(stage.home / "data" / "inbox" / "limits"), [line], NOON)


def test_what_a_status_line_left_is_told(stage: Stage) -> None:
    leave(stage, 41.5, 10)
    (window,) = json.loads(stage.tally("limits", "--json").out)["windows"]
    # Four hours of five have gone by.
    assert (window["name"], window["used_percent"], window["pace"], window["over"]) == ("five_hour", 41.5, 80.0, False)
    told = stage.tally("limits")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[1].split()[:3] == ["anthropic", "five_hour", "42"]


def test_windows_of_one_name_only(stage: Stage) -> None:
    leave(stage, 41.5, 10)
    leave(stage, 7, 9, "seven_day")
    assert len(json.loads(stage.tally("limits", "--json").out)["windows"]) == 2
    for options in (("--name", "seven_day"), ("--provider", "anthropic", "--name", "seven_day")):
        (window,) = json.loads(stage.tally("limits", *options, "--json").out)["windows"]
        assert window["used_percent"] == 7
    assert json.loads(stage.tally("limits", "--provider", "openai", "--json").out)["windows"] == []


def test_how_it_came(stage: Stage) -> None:
    for used, minutes in ((10, 90), (20, 60), (30, 0)):
        leave(stage, used, minutes)
    told = json.loads(stage.tally("limits", "--history", "--json").out)
    assert told["schema"] == "tallystick.limits_history/1"
    assert [each["used_percent"] for each in told["samples"]] == [10, 20, 30]
    told = json.loads(stage.tally("limits", "--history", "--since", "2026-11-22T10:45", "--json").out)
    assert [each["used_percent"] for each in told["samples"]] == [20, 30]
    assert len(stage.tally("limits", "--history").out.splitlines()) == 4


def test_what_a_session_used_is_told_or_that_it_cannot_be(stage: Stage) -> None:
    stage.answers(1)
    told = stage.tally("limits", "--session", "s")
    assert (told.code, "cannot be told" in told.out) == (0, True)
    # A session of three weeks ago used nothing of a window that runs.
    leave(stage, 41.5, 10)
    (spent,) = json.loads(stage.tally("limits", "--session", "s", "--json").out)["windows"]
    assert (spent["name"], spent["used_percent"], spent["points"], spent["high"]) == ("five_hour", 41.5, 0, 0)
    assert "about 0 points of anthropic five_hour" in stage.tally("limits", "--session", "s").out
    assert stage.tally("limits", "--session", "s", "--history").code == 2
    unknown = stage.tally("limits", "--session", "s9", "--json")
    assert (unknown.code, unknown.out) == (1, "")
    assert "There is no session 's9'" in unknown.err


def test_where_nothing_was_told(stage: Stage) -> None:
    assert "No usage window has been told of" in stage.tally("limits").out
    assert json.loads(stage.tally("limits", "--json").out)["windows"] == []


def test_what_makes_no_sense_is_refused(stage: Stage) -> None:
    assert stage.tally("limits", "--since", "7d").code == 2
    assert stage.tally("limits", "nonsense").code == 2
    assert "Example: tally limits --history" in stage.tally("limits", "-h").out


@pytest.fixture
def endpoint(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """Return a stand-in of the vendor's endpoint, and somebody who has logged in here."""
    keep(stage.home / ".claude", KEPT)
    with serving(Endpoint()) as made:
        monkeypatch.setenv(VARIABLE, made.address)
        yield made


def test_nobody_is_asked_unless_that_is_wanted(stage: Stage, endpoint: Endpoint) -> None:
    stage.tally("limits")
    stage.say("[limits]\nfetch = []\n")
    stage.tally("limits")
    assert endpoint.asked == []


def test_who_wants_it_asks_now(stage: Stage, endpoint: Endpoint) -> None:
    (window,) = json.loads(stage.tally("limits", "fetch", "--json").out)["windows"]
    assert (window["name"], window["used_percent"], window["plan"]) == ("five_hour", 23.5, "max")
    again = stage.tally("limits", "fetch")
    assert again.err == "tally: Anthropic was asked a short while ago; it can be asked again in 180 seconds.\n"
    assert "anthropic five_hour" in again.out
    assert len(endpoint.asked) == 1


def test_where_the_config_allows_it_is_asked_first(stage: Stage, endpoint: Endpoint) -> None:
    stage.say('[limits]\nfetch = ["anthropic"]\n')
    assert stage.tally("limits", "--no-refresh").out == f"{NONE}\n"
    assert endpoint.asked == []
    assert "anthropic five_hour" in stage.tally("limits").out
    stage.tally("limits")
    assert len(endpoint.asked) == 1


def test_what_went_wrong_is_told(stage: Stage, endpoint: Endpoint) -> None:
    endpoint.status = 401
    found = stage.tally("limits", "fetch")
    assert (found.code, found.err) == (3, "tally: Anthropic refused the login of Claude Code (status 401).\n")
    stage.say('[limits]\nfetch = ["anthropic"]\n')
    (stage.home / "data" / "limits.asked.json").unlink()
    found = stage.tally("limits")
    assert (found.code, found.err) == (0, "tally: Anthropic refused the login of Claude Code (status 401).\n")
