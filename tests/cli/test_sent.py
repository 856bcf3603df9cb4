"""How sending fares is told by `tally doctor`: in order, offline, locked out, refused, with a wrong clock."""

import json
from pathlib import Path
from typing import Any

from tests.cli.stage import Said, Stage
from tests.cli.test_push import pair
from tests.intake.push.served import Reply, served, timeless

from tallystick.cli import entrance
from tallystick.cli.sent import Sent, findings
from tallystick.intake.push import record
from tallystick.intake.push.record import Record
from tallystick.usage.period import DAY_MS


def told(said: Said) -> dict[str, Any]:
    """Return what a program is told of sending."""
    found: dict[str, Any] = json.loads(said.out)["push"]
    return found


def about_push(said: Said) -> list[tuple[bool, str]]:
    """Return the findings about sending: whether each is a trouble, and what it says."""
    return [(each["trouble"], each["what"]) for each in json.loads(said.out)["findings"] if each["about"] == "push"]


def test_a_machine_that_is_not_paired_has_nothing_to_tell(stage: Stage) -> None:
    stage.answers(1)
    assert told(stage.tally("doctor", "--json")) is None
    assert "Server" not in stage.tally("doctor").out


def test_a_machine_in_order(stage: Stage) -> None:
    stage.answers(2)
    with served(timeless()) as server:
        pair(stage, server)
        stage.tally("push")
    said = stage.tally("doctor")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[:4] == [
        "Server",
        f"  sends to     {server.url}, as laptop",
        "  waiting      0 rows",
        lines[3],
    ]
    assert lines[3].startswith("  last sent    ")
    found = told(stage.tally("doctor", "--json"))
    assert (found["server"], found["machine"], found["waiting"]) == (server.url, "laptop", 0)
    assert found["last_success"].startswith("20")
    assert (found["fault"], found["refused"], found["sends"]) == (None, [], False)


def test_a_server_that_is_away_is_a_warning_and_a_token_that_is_revoked_a_trouble(stage: Stage) -> None:
    stage.answers(2)
    with served(timeless(), Reply(500)) as server:
        pair(stage, server)
        stage.tally("push")
        stage.answers(1, model="claude-sonnet-4-5")
        server.script = [Reply(307, b"", {"Location": "https://elsewhere.example/"})]
        stage.tally("push")
        said = stage.tally("doctor", "--json")
        assert told(said)["waiting"] == 2
        assert told(said)["failed"].startswith("20")
        ((trouble, what),) = about_push(said)
        assert "elsewhere.example" in what
        server.script = [Reply(401)]
        stage.tally("push")
        said = stage.tally("doctor", "--json")
        assert said.code == 1
        assert about_push(said)[0][0]
        assert "last failed" in stage.tally("doctor").out
    del trouble


def test_what_is_refused_is_named(stage: Stage) -> None:
    stage.answers(2)
    with served(timeless([{"table": "events", "source": 0, "row": 0, "reason": "out of range"}])) as server:
        pair(stage, server)
        stage.tally("push")
    said = stage.tally("doctor", "--json")
    assert told(said)["refused"] == [{"kind": "event", "id": "1", "reason": "out of range"}]
    assert about_push(said) == [(False, "The server can never store 1 of the rows: event 1 (out of range).")]
    assert said.code == 0


def test_a_pairing_that_is_damaged_is_a_trouble(stage: Stage) -> None:
    stage.answers(1)
    (stage.home / "data").mkdir()
    (stage.home / "data" / "push.json").write_text("{")
    said = stage.tally("doctor", "--json")
    assert said.code == 1
    assert about_push(said)[0][0]
    assert "is not known, see below" in stage.tally("doctor").out


def test_a_clock_that_is_off_is_told(stage: Stage) -> None:
    stage.answers(1)
    with served(timeless()) as server:
        pair(stage, server)
        stage.tally("push")
    path = entrance.house(entrance.settings()).where.record
    record.write(path, record.read(path)._replace(skew_ms=-400_000))
    said = stage.tally("doctor", "--json")
    whats = [each["what"] for each in json.loads(said.out)["findings"] if each["about"] == "time"]
    assert any("7 min behind the server's" in what for what in whats)


def test_a_ledger_that_cannot_be_used_is_told_as_such(stage: Stage, tmp_path: Path) -> None:
    del tmp_path
    with served(timeless()) as server:
        pair(stage, server)
        (stage.home / "data" / "ledger.db").write_text("no ledger")
        said = stage.tally("doctor", "--json")
    assert said.code == 1
    assert told(said)["waiting"] == 0


def test_what_waits_for_long_is_told() -> None:
    now = 100 * DAY_MS
    made = Sent("https://a", "box", 5, (), Record(success=98 * DAY_MS), sends=False)
    assert [each.trouble for each in findings(made, now)] == [False]
    assert "nothing sends them" in next(findings(made, now)).what
    # Something does, or has a while ago, or there is nothing to be sent.
    assert list(findings(made._replace(sends=True), now)) == []
    assert list(findings(made._replace(record=Record(success=now - 1)), now)) == []
    assert list(findings(made._replace(waiting=0), now)) == []
    failing = made._replace(record=Record(98 * DAY_MS, "It cannot be reached.", now))
    assert [each.trouble for each in findings(failing, now)] == [False]
    # A week offline with work to tell of is more than a journey.
    for_long = failing._replace(record=Record(90 * DAY_MS, "It cannot be reached.", now))
    assert [each.trouble for each in findings(for_long, now)] == [True]
    assert [each.trouble for each in findings(for_long._replace(waiting=0), now)] == [False]
