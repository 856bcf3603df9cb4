"""What is to run in the background: from the environment and the options, wherever the person stands."""

import os
from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick import __version__
from tallystick.cli import background
from tallystick.errors import Misused


def test_the_plan_by_default(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    grounds = background.grounds()
    found = background.plan(grounds.person, None, None)
    log = f"{stage.home}/.local/state/tallystick/log/server.log"
    assert found.command[1:] == (
        *("-P", "-m", "tallystick", "serve", "--host", "127.0.0.1", "--port", "3847", "--log"),
        log,
    )
    assert os.path.isabs(found.interpreter)
    assert (found.folder, found.log, found.version) == (str(stage.home), log, __version__)
    environment = dict(found.environment)
    assert environment["TZ"] == "UTC"
    assert environment["HOME"] == str(stage.home)
    assert "PORT" not in environment


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("said, option, found", [("8080", None, 8080), ("8080", 9090, 9090), ("", None, 3847)])
def test_an_option_counts_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, said: str, option: int | None, found: int
) -> None:
    monkeypatch.setenv("PORT", said)
    plan = background.plan(background.grounds().person, None, option)
    assert plan.port == found
    assert plan.arguments[4] == str(found)
    assert dict(plan.environment).get("PORT") == (str(found) if said else None)


@pytest.mark.usefixtures("stage")
@pytest.mark.parametrize("said", ["0", "65536", "-1", "x", "38 47"])
@pytest.mark.usefixtures("stage")
def test_a_port_that_is_none_is_wrong_usage(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("PORT", said)
    with pytest.raises(Misused, match="PORT in the environment sets"):
        background.plan(background.grounds().person, None, None)


def test_the_config_file_counts_last(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    stage.say('[server]\nhost = "127.0.0.2"\nport = 4001\n')
    plan = background.plan(background.grounds().person, None, None)
    assert (plan.host, plan.port) == ("127.0.0.2", 4001)
    assert plan.arguments[1:5] == ("--host", "127.0.0.2", "--port", "4001")
    monkeypatch.setenv("TALLY_SERVER_PORT", "4002")
    assert background.plan(background.grounds().person, None, None).port == 4002
    assert background.plan(background.grounds().person, "127.0.0.1", 4003)[-3:-1] == ("127.0.0.1", 4003)


@pytest.mark.usefixtures("stage")
def test_places_are_kept_in_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine.toml").write_text("")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TALLY_DATA_DIR", "led ger")
    monkeypatch.setenv("TALLY_CONFIG", "mine.toml")
    monkeypatch.setenv("TALLY_HOMES", "/srv/alice,other")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/srv/a b")
    environment = dict(background.plan(background.grounds().person, None, None).environment)
    assert environment["TALLY_DATA_DIR"] == f"{tmp_path}/here/led ger"
    assert environment["TALLY_CONFIG"] == f"{tmp_path}/here/mine.toml"
    assert environment["TALLY_HOMES"] == f"/srv/alice,{tmp_path}/here/other"
    assert environment["CLAUDE_CONFIG_DIR"] == "/srv/a b"


def test_the_password_of_a_database_is_kept_where_one_is_shared(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    assert "PGPASSWORD" not in dict(background.plan(background.grounds().person, None, None).environment)
    stage.say('[server]\ncontrol = "postgresql://tally@db/tally"\n')
    assert dict(background.plan(background.grounds().person, None, None).environment)["PGPASSWORD"] == "hunter2"
    stage.say('[server]\ncontrol = "postgresql://tally@"\n')
    with pytest.raises(Misused, match="must name a user, a host and a database"):
        background.plan(background.grounds().person, None, None)


@pytest.mark.usefixtures("stage")
def test_what_cannot_be_kept_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TALLY_X", "a\nb")
    assert "TALLY_X" not in dict(background.plan(background.grounds().person, None, None).environment)
    assert "TALLY_X cannot be kept" in capsys.readouterr().err


@pytest.mark.usefixtures("stage")
def test_the_account_is_told_as_windows_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERDOMAIN", "LAPTOP")
    monkeypatch.setenv("USERNAME", "dev")
    assert background.grounds().person.account == "LAPTOP\\dev"
