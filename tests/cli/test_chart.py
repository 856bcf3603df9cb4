"""`tally chart`: panels as pictures, specifications and tables."""

import json
from csv import reader
from io import StringIO

import pytest
from tests.cli.stage import Stage

from tallystick.faces.web.panels import PANELS


def test_without_a_name_it_tells_which_there_are(stage: Stage) -> None:
    found = stage.tally("chart")
    assert (found.code, found.err) == (0, "")
    assert [line.split()[0] for line in found.out.splitlines()] == list(PANELS)


def test_the_table_is_aligned_text_with_totals(stage: Stage) -> None:
    stage.answers(3)
    found = stage.tally("chart", "days", "--since", "all")
    head, day, total = found.out.splitlines()
    # 10 x 15 + 20 x 75 millionths of a dollar each.
    assert day.split()[:3] == ["2026-11-01", "<", "$0.01"]
    assert total.split() == ["Total", "<", "$0.01", "90", "30", "0", "0", "60", "3"]
    assert len(head) == len(day) == len(total)


def test_data_as_csv_and_as_vega_lite(stage: Stage) -> None:
    stage.answers(3)
    rows = list(reader(StringIO(stage.tally("chart", "days", "--since", "all", "--csv").out)))
    assert rows[1] == ["2026-11-01", "0.00495", "90", "30", "0", "0", "60", "3"]
    told = json.loads(stage.tally("chart", "days", "--since", "all", "--by", "tool", "--unit", "tokens", "--json").out)
    (point,) = told["data"]["values"]
    assert (point["day"], point["series"], point["value"]) == ("2026-11-01", "claude-code", 90)


@pytest.mark.parametrize(
    "name, begin", [("x.svg", b"<svg"), ("x.png", b"\x89PNG"), ("x.json", b"{"), ("x.csv", b"Day,")]
)
def test_a_file_has_the_form_of_its_ending(stage: Stage, name: str, begin: bytes) -> None:
    stage.answers(1)
    path = stage.home / name
    found = stage.tally("chart", "days", "--since", "all", "--out", str(path), "--theme", "dark")
    assert (found.code, found.out) == (0, "")
    assert path.read_bytes().startswith(begin)


def test_a_panel_that_is_a_table_is_drawn_as_one(stage: Stage) -> None:
    stage.answers(1)
    path = stage.home / "x.svg"
    assert stage.tally("chart", "coverage", "--out", str(path)).code == 0
    assert "Claude Code" in path.read_text()


def test_nothing_is_told_and_still_drawn(stage: Stage) -> None:
    path = stage.home / "x.svg"
    found = stage.tally("chart", "days", "--out", str(path))
    assert (found.code, found.err) == (0, "tally: Nothing was used on these days.\n")
    assert "Nothing was used on these days." in path.read_text()


@pytest.mark.parametrize(
    "arguments, code, sentence",
    [
        (("none",), 2, "There is no chart 'none': choose among active, limits"),
        (("days", "--out", "x.gif"), 2, "end it with .svg, .png, .json, .csv"),
        (("days", "--json", "--csv"), 2, "csv and json exclude each other"),
        (("days", "--by", "colour"), 2, "choose among model"),
        (("days", "--out", "/nowhere/x.svg"), 3, "/nowhere/x.svg cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_told(stage: Stage, arguments: tuple[str, ...], code: int, sentence: str) -> None:
    found = stage.tally("chart", *arguments)
    assert found.code == code
    assert sentence in found.err
