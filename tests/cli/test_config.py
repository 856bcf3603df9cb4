"""`tally config` tells each value with where it is from, and writes a file that changes nothing by itself."""

import json
from pathlib import Path

import pytest
from tests.cli.stage import Stage


def rows(out: str) -> dict[str, list[str]]:
    """Return the rows of a table by their first column."""
    return {
        line.split("  ")[0].strip(): [part.strip() for part in line.split("  ")[1:] if part.strip()]
        for line in out.splitlines()
    }


def test_defaults_are_told_as_such(stage: Stage) -> None:
    found = rows(stage.tally("config", "show").out)
    assert found["config"] == [str(stage.config), "default; there is no such file"]
    assert found["home"] == [str(stage.home), "default"]
    assert found["data_dir"] == [str(stage.home / "data"), "TALLY_DATA_DIR in the environment"]
    assert found["timezone"] == ["UTC", "TZ in the environment"]
    assert found["prices"] == ["(none)", "default"]


def test_the_file_and_the_environment_are_told_apart(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.say(
        'timezone = "Europe/Berlin"\nmachine = "laptop"\n[prices]\nrefresh = true\n[prices."mine"]\ninput = 1\noutput = 2\n'
    )
    monkeypatch.setenv("TALLY_MACHINE", "other")
    found = rows(stage.tally("config", "show").out)
    assert found["config"] == [str(stage.config), "default"]
    assert found["timezone"] == ["Europe/Berlin", str(stage.config)]
    assert found["machine"] == ["other", "TALLY_MACHINE in the environment"]
    assert found["prices"] == ['refresh = true, "mine"', str(stage.config)]


def test_further_homes_are_told_with_their_source(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rows(stage.tally("config", "show").out)["homes"] == ["(none)", "default"]
    stage.say('[tools]\nhomes = ["/srv/alice", "~/other"]\n')
    assert rows(stage.tally("config", "show").out)["homes"] == [f"/srv/alice, {stage.home}/other", str(stage.config)]
    monkeypatch.setenv("TALLY_HOMES", "/srv/bob")
    assert rows(stage.tally("config", "show").out)["homes"] == ["/srv/bob", "TALLY_HOMES in the environment"]


def test_the_server_is_told_of_without_its_token(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "CACHE_TTL"):
        monkeypatch.delenv(name, raising=False)
    assert rows(stage.tally("config", "show").out)["server.token"] == ["(none)", "default"]
    assert rows(stage.tally("config", "show").out)["server.energy"] == ["false", "default"]
    stage.say(
        '[server]\nenergy = true\ntoken = "dont-tell"\nguids = ["dont-tell", "either"]\norigins = ["https://a.example", "https://b.example"]\n'
    )
    monkeypatch.setenv("PORT", "4000")
    said = stage.tally("config", "show").out
    found = rows(said)
    assert found["server.token"] == ["(set)", str(stage.config)]
    assert found["server.guids"] == ["(2 set)", str(stage.config)]
    assert found["server.origins"] == ["https://a.example, https://b.example", str(stage.config)]
    assert found["server.energy"] == ["true", str(stage.config)]
    assert found["server.port"] == ["4000", "PORT in the environment"]
    assert "dont-tell" not in said + stage.tally("config", "show", "--json").out


def test_a_wrong_type_is_told_in_a_sentence(stage: Stage) -> None:
    stage.say('[tools]\nhomes = "/srv/alice"\n')
    said = stage.tally("daily")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"tally: The config file {stage.config} sets homes to '/srv/alice': it must be a list of folders, each a text in quotes.\n"
    )


def test_a_program_gets_the_same(stage: Stage) -> None:
    stage.say('timezone = "Europe/Berlin"\n')
    found = json.loads(stage.tally("config", "show", "--json").out)
    assert found["schema"] == "tallystick.config/1"
    assert found["timezone"] == {"value": "Europe/Berlin", "source": str(stage.config)}


def test_the_path_is_one_line(stage: Stage) -> None:
    assert stage.tally("config", "path") == (0, f"{stage.config}\n", "")


def test_a_file_is_written_once_and_changes_nothing(stage: Stage) -> None:
    before = stage.tally("config", "show", "--json").out
    said = stage.tally("config", "init")
    assert (said.code, said.out) == (0, "")
    assert str(stage.config) in said.err
    after = stage.tally("config", "show", "--json").out
    assert json.loads(after) == json.loads(before) | {"config": {"value": str(stage.config), "source": "default"}}
    stage.config.write_text("# mine\n")
    again = stage.tally("config", "init")
    assert (again.code, stage.config.read_text()) == (2, "# mine\n")
    assert "is there already" in again.err


def test_everything_in_the_file_can_be_taken_as_it_stands(stage: Stage) -> None:
    stage.tally("config", "init")
    lines = stage.config.read_text().splitlines()
    # The first lines tell; the others are settings behind a sign.
    stage.config.write_text("\n".join(line.removeprefix("# ") for line in lines[3:]))
    found = json.loads(stage.tally("config", "show", "--json").out)
    assert found["timezone"]["value"] == "Europe/Berlin"
    assert found["homes"]["value"] == "/srv/alice"
    assert found["prices"]["value"] == 'refresh = true, "house-model-1"'


def test_a_named_file_that_is_not_there_yet_is_written(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "deep" / "tally.toml"
    monkeypatch.setenv("TALLY_CONFIG", str(file))
    assert stage.tally("config", "show").code == 2
    assert stage.tally("config", "init").code == 0
    assert stage.tally("config", "path").out == f"{file}\n"


def test_a_place_that_cannot_be_written_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (stage.home / "file").write_text("")
    monkeypatch.setenv("TALLY_CONFIG", str(stage.home / "file" / "tally.toml"))
    said = stage.tally("config", "init")
    assert said.code == 3
    assert "cannot be written (" in said.err
