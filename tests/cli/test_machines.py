"""`tally machines`: the report as it was, and with --status when each was heard of last."""

import json

import pytest
from tests.answers.fleet import arrival
from tests.cli.stage import Stage

from tallystick.cli.entrance import now
from tallystick.ledger.sqlite.engine import SqliteLedger


@pytest.fixture
def used(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a machine called `box` with three answers, to whose ledger a laptop sent something two days ago."""
    monkeypatch.setenv("TALLY_MACHINE", "box")
    stage.answers(3)
    assert stage.tally("daily").code == 0
    ledger = SqliteLedger(str(stage.home / "data" / "ledger.db"), write=True)
    ledger.add([], [arrival("laptop", 0)._replace(time=now() - 2 * 86_400_000 - 60_000)])
    ledger.close()
    return stage


def test_the_report_is_as_it_was(used: Stage) -> None:
    told = json.loads(used.tally("machines", "--json").out)
    assert set(told) == {"schema", "report", "timezone", "since", "until", "rows", "totals", "coverage"}
    # 30 x 15 and 60 x 75 millionths of a dollar.
    assert [(row["machine"], row["requests"], row["cost_usd"]) for row in told["rows"]] == [("box", 3, 0.00495)]
    assert told == {**json.loads(used.tally("report", "--by", "machine", "--json").out), "report": "machines"}


def test_status_tells_of_every_machine(used: Stage) -> None:
    told = json.loads(used.tally("machines", "--status", "--json").out)
    assert told["schema"] == "tallystick.machines/1"
    assert [(each["machine"], each["state"], each["here"], each["requests"]) for each in told["machines"]] == [
        ("box", "here", True, 3),
        ("laptop", "stale", False, 0),
    ]
    text = used.tally("machines", "--status", "--machine", "laptop").out
    assert text.splitlines()[-1].split()[:4] == ["laptop", "stale", "2d", "00h"]


def test_reports_tell_how_old_they_are(used: Stage) -> None:
    said = used.tally("daily")
    assert "laptop: 2 days old. What was used there since is not in these figures" in said.err
    assert "laptop" not in used.tally("daily", "--machine", "box").err


def test_a_filter_by_user(used: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (user,) = json.loads(used.tally("report", "--by", "user", "--json").out)["rows"]
    monkeypatch.setenv("TALLY_USER", "somebody-else")
    assert json.loads(used.tally("daily", "--user", user["user"], "--json").out)["totals"]["requests"] == 3
    assert json.loads(used.tally("daily", "--user", "nobody", "--json").out)["totals"]["requests"] == 0


def test_what_is_of_the_report_only_is_not_of_the_status(used: Stage) -> None:
    said = used.tally("machines", "--status", "--by", "day")
    assert said.code == 2
    assert "--status and --by exclude each other" in said.err
