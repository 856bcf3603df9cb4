"""How the database that servers share fares, as `tally doctor` tells it."""

import json
from contextlib import closing
from functools import partial
from time import time_ns

import pytest
from tests.cli.stage import Stage
from tests.postgres import Server

from tallystick.access.leases import Lease, Leases
from tallystick.access.store import Store
from tallystick.cli import controlled, entrance
from tallystick.cli.controlled import Controlled
from tallystick.settings import load


def test_where_files_keep_it_there_is_nothing_to_tell(stage: Stage) -> None:
    stage.answers(1)
    assert json.loads(stage.tally("doctor", "--json").out)["control"] is None
    assert "Shared with" not in stage.tally("doctor").out


def test_it_answers_and_whose_turn_what_is(stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.answers(1)
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    with closing(Store(postgres.address)) as store:
        assert Leases(store).take("alerts", "one:7:x", 60_000) == 1
    said = stage.tally("doctor")
    assert said.code == 0
    assert f"postgresql://{postgres.folder}:5432/tally" in said.out
    assert "by one:7:x, for 60 s more (turn 1)" in said.out or "by one:7:x, for 59 s more (turn 1)" in said.out
    told = json.loads(stage.tally("doctor", "--json").out)["control"]
    ((version,),) = postgres.run("SHOW server_version")
    assert told["version"] == version
    assert told["fault"] is None
    # One machine has one clock.
    assert abs(told["skew_ms"]) < 100
    assert [(each["name"], each["holder"]) for each in told["leases"]] == [("alerts", "one:7:x")]


def test_a_clock_that_differs_is_told_once_it_matters(
    stage: Stage, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_CONTROL", postgres.url)
    chosen = load({"TALLY_DATA_DIR": str(stage.home / "data")}, str(stage.home))
    for ahead, word in ((90_000, "ahead of"), (-90_000, "behind")):
        monkeypatch.setattr(entrance, "now", partial(_moment, ahead))
        found = controlled.controlled(chosen)
        assert found is not None
        assert abs(found.skew_ms - ahead) < 1_000
        (finding,) = controlled.findings(found)
        assert not finding.trouble
        assert word in finding.what
    made = Controlled("postgresql://db/t", skew_ms=2_000)
    assert list(controlled.findings(made)) == []
    assert len(list(controlled.findings(made._replace(skew_ms=-2_001)))) == 1


def _moment(behind: int) -> int:
    return time_ns() // 1_000_000 - behind


def test_one_that_does_not_answer_is_a_trouble_and_no_password_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.answers(1)
    for url, complaint in (
        ("postgresql://u:hunter2@127.0.0.1:1/t", "cannot be reached"),
        ("postgresql://u:hunter2@127.0.0.1", "must name a user, a host and a database"),
    ):
        monkeypatch.setenv("TALLY_CONTROL", url)
        said = stage.tally("doctor", "--json")
        assert said.code == 1
        told = json.loads(said.out)
        assert complaint in told["control"]["fault"]
        assert [each["about"] for each in told["findings"] if each["trouble"]] == ["control"]
        assert "is not known, see below" in stage.tally("doctor").out
        assert "hunter2" not in said.out + said.err


def test_where_nobody_has_a_turn_that_is_said() -> None:
    told = [cell.text for cell in controlled.lines(Controlled("postgresql://db/t", "15.18", 3))]
    assert any("nobody's" in line for line in told)
    told = [
        cell.text
        for cell in controlled.lines(Controlled("postgresql://db/t", leases=(Lease("alerts", "a", 3, 1_900),)))
    ]
    assert any("by a, for 2 s more (turn 3)" in line for line in told)
