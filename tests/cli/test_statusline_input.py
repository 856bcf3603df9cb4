"""What the status line goes by, read without the modules that usually do: the same as those would read."""

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformdirs.macos import MacOS

from tallystick.cli import statusline_input
from tallystick.cli.statusline_input import branch, folders, parsed, plainly, wishes
from tallystick.errors import Misused
from tallystick.settings import load

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_reads_as_ever(told: object, indent: int | None) -> None:
    assert parsed(b" " + json.dumps(told, indent=indent).encode() + b"\n") == told


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{broken", b'{"a":1} x', b"\xff\xfe", b"[" * 100_000, b'{"a":}', b"nul", b"1" * 5_000]
)
def test_what_is_no_json_is_nothing(data: bytes) -> None:
    assert parsed(data) is None


def test_json_is_read_where_pythons_own_scanner_is_not_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    assert parsed(b'\xef\xbb\xbf{"a": [1.5, null]}') == {"a": [1.5, None]}
    assert parsed(b"{broken") is None


CONFIGS = (
    "",
    "# data_dir = 'x'\n",
    'data_dir = "~/ledgers"\n',
    "data_dir = 'here' # beside this file\n[statusline]\nwidth = 100\n",
    '[statusline]\ntemplate = "{model}[ · {today}]"\n',
    "[statusline]\ntemplate = '\\[{model}\\]'\nwidth = 0 # any\n",
    '[server]\nport = 4000\norigins = [\n  "https://a.example",\n]\n[statusline]\ntemplate = "{model}"\n',
    'statusline = { template = "{model}", width = 7 }\n',
    'statusline.template = "{limit}"\n',
    '"data_dir" = "quoted"\n',
    'data_dir = "a\\u0062c"\n',
    '["statusline"]\ntemplate = "{cache}"\n',
    '[statusline]\ntemplate = """\nlong"""\n',
    '[statusline]\n"template" = "{model}"\n',
    "[ statusline ]\nwidth=12\n[prices.x]\ntemplate = 'no'\ndata_dir = 'no'\n",
    '[tools]\nhomes = ["data_dir", "x"]\n[statusline]\nwidth = 1_0\n',
)


@pytest.mark.parametrize("content", CONFIGS)
@pytest.mark.parametrize(
    "environ", [{}, {"TALLY_DATA_DIR": "~/named"}, {"XDG_DATA_HOME": "/xdg/data"}, {"XDG_DATA_HOME": " "}]
)
def test_wishes_are_those_of_the_settings(tmp_path: Path, content: str, environ: dict[str, str]) -> None:
    config = tmp_path / ".config" / "tallystick" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(content)
    for named in (environ, {**environ, "TALLY_CONFIG": str(config)}):
        chosen, found = load(named, str(tmp_path)), wishes(named, str(tmp_path))
        assert (found.data, found.template, found.width) == (
            chosen.data_dir,
            chosen.statusline.get("template"),
            chosen.statusline.get("width"),
        )
        assert found.complaints == []


def test_a_usual_config_takes_no_reader_of_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text("data_dir = 'x'\n[statusline]\ntemplate = '{model}'\n")
    monkeypatch.setattr(statusline_input, "_in_full", lambda *_: pytest.fail("the settings were read in full"))
    assert wishes({"TALLY_CONFIG": str(config)}, str(tmp_path)).data == str(tmp_path / "x")


@pytest.mark.parametrize("content", ["[statusline]\nwidth = 'x'\n", "[statusline]\ncolour = 1\n", "data_dir = \n"])
def test_a_config_that_makes_no_sense_is_told_and_does_not_keep_the_line_away(tmp_path: Path, content: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(content)
    environ = {"TALLY_CONFIG": str(config), "TALLY_DATA_DIR": "/data"}
    with pytest.raises(Misused) as wrong:
        load(environ, str(tmp_path))
    found = wishes(environ, str(tmp_path))
    assert (found.data, found.template, found.complaints) == ("/data", None, [str(wrong.value)])


def test_a_config_that_is_named_and_missing_is_told(tmp_path: Path) -> None:
    assert "There is no config file" in wishes({"TALLY_CONFIG": str(tmp_path / "x")}, str(tmp_path)).complaints[0]


def test_only_plain_values_are_read_plainly() -> None:
    assert plainly("[statusline]\nwidth = 07\n") is None
    assert plainly("[statusline]\nwidth = -1\n") is None
    assert plainly('[statusline]\ntemplate = "a\n') is None
    assert plainly("[statusline\n") is None


def test_folders_are_those_of_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/Home/dev")
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    theirs = MacOS("tallystick", appauthor=False)
    assert folders({}, "/Home/dev", "darwin") == (theirs.user_config_dir, theirs.user_data_dir)
    # Newer ones heed those variables there, too.
    assert folders({"XDG_DATA_HOME": "/x"}, "/Home/dev", "darwin") is None
    assert folders({}, "/Home/dev", "win32") is None
    assert folders({"XDG_CONFIG_HOME": "/c"}, "/h", "linux") == ("/c/tallystick", "/h/.local/share/tallystick")


def test_the_branch_is_that_of_the_folder_or_of_one_above(tmp_path: Path) -> None:
    inner = tmp_path / "repo" / "src" / "deep"
    inner.mkdir(parents=True)
    git = tmp_path / "repo" / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/feature/x\n")
    assert branch(str(inner)) == branch(str(tmp_path / "repo")) == "feature/x"
    (git / "HEAD").write_text("0123456789abcdef0123456789abcdef01234567\n")
    assert branch(str(inner)) == "0123456"


def test_a_worktree_has_a_branch_of_its_own(tmp_path: Path) -> None:
    work, place = tmp_path / "work", tmp_path / "main" / ".git" / "worktrees" / "work"
    work.mkdir()
    place.mkdir(parents=True)
    (work / ".git").write_text("gitdir: ../main/.git/worktrees/work\n")
    (place / "HEAD").write_text("ref: refs/heads/fix\n")
    assert branch(str(work)) == "fix"


@pytest.mark.parametrize("folder", ["", "nowhere", "a\0b", "/"])
def test_where_there_is_no_branch_there_is_none(tmp_path: Path, folder: str) -> None:
    assert branch(str(tmp_path / "x" / folder) if folder != "/" else "/") == ""
