"""`tally demo`: every report, marked as made up wherever it is read."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.stage import Stage

from tallystick.answers.reports import REPORTS
from tallystick.cli.demo import NOTE

ALL = [report.name for report in REPORTS if report.group_by]


def test_the_overview_is_marked(stage: Stage) -> None:
    said = stage.tally("demo")
    assert said.code == 0
    assert said.out.count("Demo data: made up") == 2
    assert "ledger-api" in said.out


@pytest.mark.parametrize("name", ALL)
def test_every_report_is_there_and_marked(stage: Stage, name: str) -> None:
    said = stage.tally("demo", name, "--json")
    found = json.loads(said.out)
    assert (said.code, found["demo"], found["schema"], found["report"]) == (0, True, "tallystick.report/1", name)
    assert found["totals"]["requests"] > 1_000
    assert said.err == f"tally: {NOTE}\n"


def test_any_grouping_is_there(stage: Stage) -> None:
    found = json.loads(stage.tally("demo", "report", "--by", "tool,model", "--json").out)
    assert {row["tool"] for row in found["rows"]} == {"claude-code", "codex"}


def test_plain_columns_begin_with_the_mark(stage: Stage) -> None:
    said = stage.tally("demo", "daily", "--since", "7d")
    assert said.out.startswith(f"{NOTE}\n")
    assert said.code == 0


def test_a_table_begins_with_the_mark(stage: Stage) -> None:
    said = stage.tally("demo", "models", "--format", "table")
    assert " ".join(said.out.split()).startswith(NOTE)
    assert "house-model-1" in said.out


def test_what_scripts_expect_of_ccusage_is_marked_too(stage: Stage) -> None:
    found = json.loads(stage.tally("demo", "daily", "--format", "ccusage").out)
    assert found["demo"] is True
    assert "totals" in found


def test_csv_is_marked_beside_it(stage: Stage) -> None:
    said = stage.tally("demo", "models", "--csv")
    assert said.err == f"tally: {NOTE}\n"
    assert said.out.startswith("model,")


def test_options_are_those_of_the_report(stage: Stage) -> None:
    found = json.loads(stage.tally("demo", "projects", "--json", "--project", "notes", "--no-cost").out)
    assert [row["project"] for row in found["rows"]] == ["/home/dev/work/notes"]
    assert "cost_usd" not in found["totals"]


def test_an_unknown_report_is_told(stage: Stage) -> None:
    assert stage.tally("demo", "yearly").code == 2


def test_nothing_is_written_and_nothing_real_is_read(stage: Stage) -> None:
    stage.answers(5, model="house-model-2")
    said = stage.tally("demo", "models", "--json")
    assert "house-model-2" not in said.out
    assert not (stage.home / "data" / "ledger.db").exists()


def test_a_price_of_the_persons_own_counts_there_too(stage: Stage) -> None:
    stage.say('[prices."house-model-1"]\ninput = 1\noutput = 1\n')
    assert json.loads(stage.tally("demo", "models", "--json").out)["totals"]["unpriced_tokens"] == 0


def test_it_works_where_nothing_can_be_written(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists(Path(__file__).parents[2] / "src" / "tallystick" / "prices" / "book.bin"):
        pytest.skip("a checkout without a compiled price book has to write one")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TALLY_DATA_DIR", str(tmp_path / "file" / "data"))
    assert stage.tally("demo", "daily", "--json").code == 0


def test_the_overview_can_be_had_as_a_picture(stage: Stage, tmp_path: Path) -> None:
    said = stage.tally("demo", "--svg", str(tmp_path / "overview.svg"))
    assert (said.code, said.out) == (0, "")
    assert "Demo\xa0data:\xa0made\xa0up" in (tmp_path / "overview.svg").read_text().replace("&#160;", "\xa0")


def test_a_picture_that_cannot_be_written_is_told(stage: Stage, tmp_path: Path) -> None:
    said = stage.tally("demo", "--svg", str(tmp_path / "nowhere" / "overview.svg"))
    assert said.code == 3
    assert "cannot be written (no such file or directory)" in said.err
