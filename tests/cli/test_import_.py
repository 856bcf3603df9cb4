"""`tally import`: tokenfold databases and other machines' logs, once however often, with one line of summary and exit codes."""

import json
from pathlib import Path
from shutil import copytree

import pytest
from tests.cli.stage import Stage
from tests.faces.compat.tokenfold_world import PUSHES
from tests.intake.push.test_tokenfold import SAMPLES
from tests.intake.tokenfold_database import made


def machines(stage: Stage) -> dict[str, tuple[int, int]]:
    """Return requests and tokens by machine."""
    said = stage.tally("machines", "--json", "--no-cost")
    return {row["machine"]: (row["requests"], row["total"]) for row in json.loads(said.out)["rows"]}


def test_a_database_of_tokenfold_is_taken_over_once(stage: Stage, tmp_path: Path) -> None:
    path = made(tmp_path / "old.db", PUSHES)
    before = path.read_bytes()
    said = stage.tally("import", "tokenfold", str(path))
    assert (said.code, said.err) == (0, "")
    assert (
        said.out
        == f"15 rows of 2 machines read from {path}: 6 events new, 0 better known than before, 0 known already.\n"
    )
    assert machines(stage) == {"laptop": (5, 3_243_000), "__script_": (1, 5_500)}
    again = stage.tally("import", "tokenfold", str(path))
    assert "0 events new, 0 better known than before, 6 known already" in again.out
    assert machines(stage) == {"laptop": (5, 3_243_000), "__script_": (1, 5_500)}
    assert path.read_bytes() == before
    assert stage.tally("ledger", "verify").code == 0


def test_a_copied_home_is_read_as_of_its_machine(stage: Stage, tmp_path: Path) -> None:
    copytree(SAMPLES / "streamed", tmp_path / "old" / ".claude" / "projects")
    said = stage.tally("import", "jsonl", str(tmp_path / "old"), "--machine", "attic", "--user", "alice")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"1 file read as of attic from {tmp_path / 'old'}: ")
    found = machines(stage)
    assert list(found) == ["attic"]
    again = stage.tally("import", "jsonl", str(tmp_path / "old"), "--machine", "attic", "--user", "alice")
    assert again.code == 0
    assert again.out.startswith("0 files read as of attic")
    assert machines(stage) == found
    paths = json.loads(stage.tally("events", "--json", "--limit", "1").out)
    assert str(tmp_path / "old" / ".claude") in json.dumps(paths)


def test_a_bare_folder_of_transcripts_will_do(stage: Stage, tmp_path: Path) -> None:
    copytree(SAMPLES / "agents", tmp_path / "bare")
    said = stage.tally("import", "jsonl", str(tmp_path / "bare"), "--machine", "attic")
    assert said.code == 0
    assert said.out.startswith("3 files read")
    # An agent's calls are its session's.
    assert {row["session"] for row in json.loads(stage.tally("sessions", "--json").out)["rows"]} == {
        "5e551011-0000-4000-8000-000000000001"
    }


def test_what_is_also_here_counts_once(stage: Stage, tmp_path: Path) -> None:
    stage.answers(3)
    copytree(stage.home / ".claude", tmp_path / "old" / ".claude")
    assert stage.tally("daily").code == 0
    said = stage.tally("import", "jsonl", str(tmp_path / "old"), "--machine", "attic")
    assert "0 events new" in said.out
    assert sum(requests for requests, _ in machines(stage).values()) == 3


@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        (("tokenfold", "nowhere.db"), 1, "There is no file"),
        (("tokenfold", "text.db"), 3, "not a database"),
        (("tokenfold",), 2, "Missing argument"),
        (("jsonl", "nowhere", "--machine", "attic"), 1, "There is no folder"),
        (("jsonl", "empty", "--machine", "attic"), 1, "There are no logs"),
        (("jsonl", "empty"), 2, "--machine"),
        (("jsonl", "empty", "--machine", " "), 2, "--machine must be a name"),
    ],
)
def test_what_cannot_be_taken_in_is_told_in_a_sentence(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.db").write_text("no database at all, but long enough to be looked at")
    said = stage.tally("import", *arguments)
    assert (said.code, said.out) == (code, "")
    assert sentence in said.err


def test_a_log_that_cannot_be_read_is_named_and_the_others_count(stage: Stage, tmp_path: Path) -> None:
    copytree(SAMPLES / "streamed", tmp_path / "bare")
    (tmp_path / "bare" / "gone.jsonl").symlink_to(tmp_path / "nowhere")
    said = stage.tally("import", "jsonl", str(tmp_path / "bare"), "--machine", "attic")
    assert said.code == 1
    assert "gone.jsonl could not be read" in said.err
    assert machines(stage)
