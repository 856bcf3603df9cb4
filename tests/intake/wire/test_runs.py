"""A run is found by its token, and nothing else is, whatever a client sends as one."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.wire.runs import NO_RUN, Run, find, forget, register

NOW = 1_795_000_000.0
RUN = Run("/home/dev/shop", {"ticket": "X-1", "größe": "ü"})


def test_a_run_is_found_until_it_is_forgotten(tmp_path: Path) -> None:
    token, other = register(str(tmp_path), RUN, NOW), register(str(tmp_path), Run("/b"), NOW)
    assert find(str(tmp_path), token) == RUN._replace(token=token)
    assert find(str(tmp_path), other) == Run("/b", {}, other)
    forget(str(tmp_path), token)
    assert find(str(tmp_path), token) == NO_RUN
    assert find(str(tmp_path), other).project == "/b"


def test_its_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    token = register(str(tmp_path), RUN, NOW)
    file = tmp_path / "runs" / f"{token}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "runs").stat().st_mode & 0o777 == 0o700
    assert json.loads(file.read_text()) == {"project": RUN.project, "tags": RUN.tags}


def test_a_token_can_stand_in_an_address(tmp_path: Path) -> None:
    token = register(str(tmp_path), RUN, NOW)
    assert token.isascii()
    assert token.isalnum()
    assert len(token) >= 20


def test_runs_that_nobody_ended_are_gone_after_a_month(tmp_path: Path) -> None:
    old = register(str(tmp_path), RUN, NOW)
    young = register(str(tmp_path), RUN, NOW + 20 * 86_400)
    register(str(tmp_path), RUN, NOW + 31 * 86_400)
    assert find(str(tmp_path), old) == NO_RUN
    assert find(str(tmp_path), young) == RUN._replace(token=young)


@given(st.text(max_size=40) | st.sampled_from(["../t", "t/../../secret", "t\x00", "", "T1", "t.json", "t" * 5_000]))
def test_whatever_is_sent_as_a_token_finds_nothing_and_fails_nothing(token: str) -> None:
    assert find("/nonexistent", token) == NO_RUN
    forget("/nonexistent", token)


def test_only_files_of_the_folder_are_read(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "t1.json").write_text('{"project": "/x", "tags": {}}')
    assert find(str(tmp_path), "../t1") == NO_RUN


def test_a_damaged_file_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    for number, text in enumerate(["", "{", "[]", '{"project": 1}', '{"project": "", "tags": 3}']):
        (tmp_path / "runs" / f"t{number}.json").write_text(text)
        assert find(str(tmp_path), f"t{number}") == NO_RUN
