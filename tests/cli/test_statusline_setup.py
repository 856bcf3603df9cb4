"""`tally statusline install` and `uninstall`: what they leave of a person's settings, which is everything."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.cli.running import around
from tests.cli.stage import Stage

OTHERS = (
    '{\n    "model": "opus",\n    "statusLine": {"type":"command",  "command":"~/line.sh"},\n    "env": {"A": "ü"}\n}\n'
)


@pytest.fixture
def settings(stage: Stage) -> Path:
    """Return the place of the settings, of which there are none."""
    return stage.home / ".claude" / "settings.json"


def written(path: Path, text: str = OTHERS) -> Path:
    """Write a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def shown(path: Path) -> dict[str, Any]:
    """Return the status line of settings."""
    found: dict[str, Any] = json.loads(path.read_text())["statusLine"]
    return found


def test_where_there_are_no_settings_some_are_made_and_removed_again(stage: Stage, settings: Path) -> None:
    said = stage.tally("statusline", "install")
    assert (said.code, said.out) == (0, "")
    assert f"{settings} has Claude Code show it from now on" in said.err
    assert set(shown(settings)) == {"type", "command", "refreshInterval"}
    assert shown(settings)["refreshInterval"] == 10
    assert f"{settings} is as it was." in stage.tally("statusline", "uninstall").err
    assert not settings.exists()


def test_the_command_is_this_program_wherever_it_is_run(stage: Stage, settings: Path) -> None:
    stage.tally("statusline", "install")
    done = subprocess.run(
        ["sh", "-c", shown(settings)["command"]],
        env=around(stage, PATH="/usr/bin:/bin"),
        input='{"model": {"display_name": "House 1"}}',
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    assert "House 1" in done.stdout


@pytest.mark.parametrize(
    "text", [OTHERS, OTHERS.replace("\n", "\r\n"), "\ufeff" + OTHERS, '{"statusLine":{}}', "{}", " \n", ""]
)
def test_what_was_there_comes_back_to_the_byte(stage: Stage, settings: Path, text: str) -> None:
    written(settings, text)
    stage.tally("statusline", "install")
    assert shown(settings)["command"].endswith(" statusline") if not text.startswith("\ufeff") else True
    stage.tally("statusline", "uninstall")
    assert settings.read_bytes() == text.encode()
    assert not (stage.home / "data" / "statusline.undo.json").exists()


def test_everything_else_stays_as_it_is(stage: Stage, settings: Path) -> None:
    written(settings)
    said = stage.tally("statusline", "install")
    assert "It showed another one before, which is kept and comes back then: ~/line.sh" in said.err
    head, _, tail = settings.read_text().partition('"statusLine": {')
    assert head == '{\n    "model": "opus",\n    '
    assert tail.endswith('    },\n    "env": {"A": "ü"}\n}\n')


def test_what_came_to_the_settings_meanwhile_stays(stage: Stage, settings: Path) -> None:
    written(settings)
    stage.tally("statusline", "install")
    settings.write_text(settings.read_text().replace('"opus"', '"sonnet"'))
    # Once more, in another way: what was before ours is not forgotten for that.
    stage.tally("statusline", "install", "--every", "0")
    assert set(shown(settings)) == {"type", "command"}
    said = stage.tally("statusline", "uninstall")
    assert "has the status line that was there before: ~/line.sh" in said.err
    assert settings.read_text() == OTHERS.replace('"opus"', '"sonnet"')


def test_installing_twice_does_nothing(stage: Stage, settings: Path) -> None:
    written(settings)
    stage.tally("statusline", "install")
    before = settings.read_bytes()
    assert "has it already" in stage.tally("statusline", "install").err
    assert settings.read_bytes() == before
    stage.tally("statusline", "uninstall")
    assert settings.read_text() == OTHERS


def test_another_status_line_is_left_alone(stage: Stage, settings: Path) -> None:
    written(settings)
    assert "has another status line, which stays: ~/line.sh" in stage.tally("statusline", "uninstall").err
    stage.tally("statusline", "install")
    written(settings, OTHERS.replace("line.sh", "other.sh"))
    assert "which stays: ~/other.sh" in stage.tally("statusline", "uninstall").err
    assert settings.read_text() == OTHERS.replace("line.sh", "other.sh")


def test_without_any_there_is_nothing_to_take_out(stage: Stage) -> None:
    said = stage.tally("statusline", "uninstall")
    assert (said.code, said.err) == (0, "tally: It is not installed.\n")


def test_a_link_stays_one(stage: Stage, settings: Path) -> None:
    real = written(stage.home / "dotfiles" / "claude.json")
    real.chmod(0o640)
    settings.parent.mkdir()
    settings.symlink_to(real)
    stage.tally("statusline", "install")
    assert settings.is_symlink()
    assert "statusline" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    stage.tally("statusline", "uninstall")
    assert settings.is_symlink()
    assert real.read_text() == OTHERS


def test_a_file_that_is_read_only_stays_and_one_is_told_what_to_do(stage: Stage, settings: Path) -> None:
    written(settings).chmod(0o444)
    said = stage.tally("statusline", "install")
    assert said.code == 3
    assert f"{settings} is read-only; nothing was changed. Put this into it yourself:" in said.err
    assert '"statusLine": {' in said.err
    assert settings.read_text() == OTHERS
    settings.chmod(0o644)
    stage.tally("statusline", "install")
    settings.chmod(0o444)
    said = stage.tally("statusline", "uninstall")
    assert (said.code, "Take it out yourself." in said.err) == (3, True)
    settings.chmod(0o644)


def test_another_place_of_the_settings_is_heeded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(stage.home / "elsewhere"))
    stage.tally("statusline", "install")
    assert shown(stage.home / "elsewhere" / "settings.json")
    # Each file has what was in it before of its own.
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(stage.home / "third"))
    path = written(stage.home / "third" / "settings.json")
    stage.tally("statusline", "install")
    stage.tally("statusline", "uninstall")
    assert path.read_text() == OTHERS
    assert shown(stage.home / "elsewhere" / "settings.json")


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1,}', "// a\n{}"])
def test_what_are_no_settings_stays_as_it_is(stage: Stage, settings: Path, text: str) -> None:
    written(settings, text)
    for verb in ("install", "uninstall"):
        said = stage.tally("statusline", verb)
        assert said.code == 2
        assert f"tally: {settings}: It is no JSON object: mend it first; nothing was changed." in said.err
        assert settings.read_text() == text


def test_bytes_that_are_no_text_stay_as_they_are(stage: Stage, settings: Path) -> None:
    settings.parent.mkdir()
    settings.write_bytes(b'{"a": "\xff"}')
    assert "is no text in UTF-8" in stage.tally("statusline", "install").err
    assert settings.read_bytes() == b'{"a": "\xff"}'


def test_a_dry_run_changes_nothing(stage: Stage, settings: Path) -> None:
    written(settings)
    said = stage.tally("statusline", "install", "--dry-run")
    assert said.out.startswith(f"# change {settings}\n{{\n")
    assert " statusline" in said.out
    assert settings.read_text() == OTHERS
    assert not (stage.home / "data").exists()
    stage.tally("statusline", "install")
    before = settings.read_bytes()
    assert stage.tally("statusline", "uninstall", "--dry-run").out == f"# change {settings}\n{OTHERS}"
    assert settings.read_bytes() == before


def test_a_program_on_the_path_is_called_by_that_name(
    stage: Stage, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.tally("statusline", "install")
    (own, _) = shlex.split(shown(settings)["command"])
    place = stage.home / "my bin"
    place.mkdir()
    (place / "tally").symlink_to(own)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    stage.tally("statusline", "install")
    assert shlex.split(shown(settings)["command"]) == [str(place / "tally"), "statusline"]


def test_of_keys_that_stand_in_the_settings_nothing_is_kept(stage: Stage, settings: Path) -> None:
    written(
        settings, '{"env": {"ANTHROPIC_API_KEY": "sk-secret"}, "statusLine": {"type": "command", "command": "mine"}}'
    )
    stage.tally("statusline", "install")
    kept = (stage.home / "data" / "statusline.undo.json").read_text()
    assert "mine" in kept
    assert "secret" not in kept
