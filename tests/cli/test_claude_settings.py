"""Something put into Claude Code's settings.json and taken out again."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.cli.claude_settings import Told, command, path, put, read, take_out
from tallystick.errors import Misused, Unavailable

THEIRS = '{\n    "model": "opus",\n    "hooks": {"Stop": [{"hooks": []}]},\n    "note": "größer"\n}'


def added(told: Told) -> None:
    """Add something of ours."""
    told["ours"] = {"command": "x"}


def removed(told: Told) -> None:
    """Take it out."""
    told.pop("ours", None)


@pytest.mark.parametrize(
    "before", [THEIRS, THEIRS + "\n", "{}", THEIRS.replace("    ", "\t"), '{"a":1,"b":[1,2]}', " \n"]
)
def test_what_is_put_in_and_taken_out_leaves_the_file_as_it_was_to_the_byte(tmp_path: Path, before: str) -> None:
    file, undo = tmp_path / "settings.json", str(tmp_path / "data" / "undo.json")
    file.write_text(before)
    file.chmod(0o640)
    assert put(str(file), added, undo)
    assert read(str(file)) == {**(json.loads(before) if before.strip() else {}), "ours": {"command": "x"}}
    assert not put(str(file), added, undo)
    assert take_out(str(file), removed, undo)
    assert file.read_text() == before
    assert file.stat().st_mode & 0o777 == 0o640
    assert not take_out(str(file), removed, undo)


def test_a_file_that_was_not_there_is_gone_again(tmp_path: Path) -> None:
    file, undo = tmp_path / ".claude" / "settings.json", str(tmp_path / "undo.json")
    assert put(str(file), added, undo)
    assert read(str(file)) == {"ours": {"command": "x"}}
    assert take_out(str(file), removed, undo)
    assert not file.exists()
    assert not take_out(str(file), removed, undo)


def test_what_somebody_changed_meanwhile_stays_changed(tmp_path: Path) -> None:
    file, undo = tmp_path / "settings.json", str(tmp_path / "undo.json")
    file.write_text(THEIRS)
    put(str(file), added, undo)
    file.write_text(json.dumps({**read(str(file)), "model": "sonnet"}))
    assert take_out(str(file), removed, undo)
    assert read(str(file)) == {**json.loads(THEIRS), "model": "sonnet"}


def test_everything_else_is_kept_in_its_order_and_form(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(THEIRS)
    put(str(file), added, str(tmp_path / "undo.json"))
    text = file.read_text()
    assert list(json.loads(text)) == ["model", "hooks", "note", "ours"]
    assert '\n    "note": "größer"' in text


@pytest.mark.parametrize("content", ["{", "[]", "7", '{"a": 1} {"b"'])
def test_a_file_that_is_none_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(content)
    for work in (put, take_out):
        with pytest.raises(Misused, match="nothing was changed"):
            work(str(file), added, str(tmp_path / "undo.json"))
    assert file.read_text() == content
    assert [each.name for each in tmp_path.iterdir()] == ["settings.json"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, file = tmp_path / "dotfiles.json", tmp_path / "settings.json"
    real.write_text(THEIRS)
    file.symlink_to(real)
    put(str(file), added, str(tmp_path / "undo.json"))
    assert file.is_symlink()
    assert "ours" in json.loads(real.read_text())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(THEIRS)
    tmp_path.chmod(0o500)
    with pytest.raises(Unavailable):
        put(str(tmp_path / "settings.json"), added, str(tmp_path / "undo.json"))


def test_claude_code_tells_where_its_settings_are() -> None:
    assert path("/home/dev", {}) == "/home/dev/.claude/settings.json"
    assert path("/home/dev", {"CLAUDE_CONFIG_DIR": "/srv/c"}) == "/srv/c/settings.json"


def test_a_command_is_this_program_whatever_stands_in_its_words() -> None:
    line = command("x y", "it's")
    assert shlex.split(line) == [sys.executable, "-P", "-m", "tallystick", "x y", "it's"]
    said = subprocess.run(["sh", "-c", command("--version")], check=True, capture_output=True, text=True)
    assert said.stdout.startswith("tally")


@pytest.mark.parametrize("layout", [2, None, "\t"])
def test_of_keys_that_stand_in_the_settings_nothing_is_kept(tmp_path: Path, layout: int | str | None) -> None:
    file, undo = tmp_path / "settings.json", tmp_path / "undo.json"
    held = {"env": {"ANTHROPIC_API_KEY": "sk-secret"}, "hooks": {"Stop": []}, "apiKeyHelper": "secret.sh"}
    before = json.dumps(held, indent=layout)
    file.write_text(before)

    def hooked(told: Told) -> None:
        told["hooks"]["PreToolUse"] = [{"hooks": [{"command": "x"}]}]

    assert put(str(file), hooked, str(undo))
    assert "secret" not in undo.read_text()
    assert "sk-secret" in file.read_text()
    assert take_out(str(file), lambda told: told["hooks"].pop("PreToolUse"), str(undo))
    assert file.read_text() == before
