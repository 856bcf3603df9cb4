"""Charts: whole specifications, in both themes, and drawn for real."""

import json
import re
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from tests.answers.sample import NOW, at, book_of, ledger_of
from tests.answers.stand import answers, fill
from tests.faces.web.paged import BESIDE

from tallystick.answers.answers import Answers
from tallystick.errors import Misused
from tallystick.faces.web.charts import THEMES, drawn, height, script, specification, tabular
from tallystick.faces.web.panels import PANELS
from tallystick.faces.web.panels.panel import Cell, Column, Panel, Table, View
from tallystick.faces.web.state import Place, State

BOOK = book_of()
STATE = State(Place("UTC", NOW), "all")
DAYS = PANELS["days"]
EVERY = pytest.mark.parametrize("panel", PANELS.values(), ids=lambda panel: panel.name)


def shown(panel: Panel) -> View:
    return panel.show(Answers(ledger_of(), lambda: BOOK), STATE)


def marks(found: dict[str, Any]) -> int:
    """Return how many marks a specification is drawn with."""
    text = vl_convert.vegalite_to_svg({**found, "width": 600})
    return int(text.count('role="graphics-symbol"') - text.count('aria-roledescription="legend"'))


def test_each_panel_with_a_chart_has_a_specification_of_its_own_and_no_other_is_left_over() -> None:
    folder = files("tallystick.faces.web").joinpath("specs")
    names = {each.name.removesuffix(".vl.json") for each in folder.iterdir() if each.name.endswith(".json")}
    # A table as a picture, and the two of a session's page.
    assert names == {panel.name for panel in PANELS.values() if panel.chart} | {"table", "timeline", "running"}


@EVERY
def test_every_panel_draws_as_vega_lite(panel: Panel, tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    fill(path)
    # The morning of the last events; windows were told of later.
    moment = at("2026-11-22T01:30" if panel.name in {"limits", "windows"} else "2026-11-02T10:00")
    state = State(Place("UTC", moment, beside=BESIDE), "2026-11-01")
    with closing(answers(path)) as opened:
        view = panel.show(opened, state)
    if panel.name in {"active", "users", "peaks"}:
        # Of one machine and one user there is nothing that one would not know, nor of a single day of windows.
        assert view.absent
        return
    assert not view.empty
    found = specification(panel, view)
    assert json.loads(json.dumps(found)) == found
    assert found["description"]
    # With a single machine there is nothing to be divided.
    assert bool(found["data"]["values"]) == (panel.name != "machines")
    assert marks(found) >= (panel.name != "machines")


@EVERY
def test_themes_differ_in_colours_only(panel: Panel) -> None:
    light, dark = (specification(panel, shown(panel), theme) for theme in THEMES)
    assert light["config"] != dark["config"]
    assert light["data"] == dark["data"]
    assert light.get("encoding") == dark.get("encoding")


def test_points_and_parameters_are_filled_in() -> None:
    view = shown(DAYS)
    found = specification(DAYS, view, "dark")
    assert found["data"]["values"] == [dict(point) for point in view.points]
    # The 1st and the 2nd of November, in milliseconds; their labels stand at noon.
    first, last = at("2026-11-01T00:00"), at("2026-11-03T00:00")
    assert {each["name"]: each["value"] for each in found["params"]} == {
        "money": True,
        "first": first,
        "last": last,
        "ticks": [first + 12 * 3_600_000, last - 12 * 3_600_000],
        "pattern": "%-d %b",
    }
    assert found["config"]["range"]["category"] == THEMES["dark"]["palette"]
    # Two models on one day, one on the next.
    assert vl_convert.vegalite_to_svg(found | {"width": 600}).count('aria-roledescription="bar"') == 3


@pytest.mark.parametrize("name", ["days", "activity", "cache", "machines"])
def test_days_are_labelled_in_their_middle_up_to_the_last_of_the_period(name: str) -> None:
    state = State(Place("UTC", NOW), "30d")
    view = PANELS[name].show(Answers(ledger_of(), lambda: BOOK), state)
    text = vl_convert.vegalite_to_svg({**specification(PANELS[name], view), "width": 600})
    labels = {day: float(x) for x, day in re.findall(r'translate\(([\d.]+),15\)"[^>]*>(\d+ (?:Oct|Nov))<', text)}
    assert list(labels)[-1] == "22 Nov"
    whole = max(float(each) for each in re.findall(r'd="M0,0h([\d.]+)v', text))
    # Half a day of thirty is left beside the last label.
    assert abs(whole - labels["22 Nov"] - whole / 60) < 1


def test_a_theme_that_is_none_is_told() -> None:
    with pytest.raises(Misused, match="choose among light, dark"):
        specification(DAYS, shown(DAYS), "sepia")


def test_the_room_for_a_chart_is_about_as_high_as_what_is_drawn() -> None:
    for name in ("days", "classes", "models", "cache"):
        view = shown(PANELS[name])
        text = vl_convert.vegalite_to_svg({**specification(PANELS[name], view), "width": 600})
        said = float(text.split('height="', 1)[1].split('"', 1)[0])
        assert abs(said - height(PANELS[name], view)) < 40


def test_a_table_is_drawn_as_one() -> None:
    columns = [Column("Name", number=False), Column("Cost")]
    table = Table(
        columns, [[Cell("abc"), Cell("$1.00")], [Cell("x" * 99), Cell("$22.00")]], [Cell("Total"), Cell("$23.00")]
    )
    points = [(point["row"], point["x"], point["text"], point["right"]) for point in tabular(View(table)).points]
    # Forty characters and a gap of three; then six figures, right-aligned.
    assert points[:4] == [(0, 0, "Name", False), (0, 49, "Cost", True), (1, 0, "abc", False), (1, 49, "$1.00", True)]
    assert points[4][2] == "x" * 40
    assert points[-1] == (3, 49, "$23.00", True)


def test_pictures_are_drawn_without_asking_anybody() -> None:
    found = specification(DAYS, shown(DAYS))
    text = drawn(found, "svg", "light").decode()
    assert text.startswith("<svg")
    assert THEMES["light"]["paper"] in text
    assert "http" not in text.replace("http://www.w3.org", "")
    assert drawn(found, "png", "dark").startswith(b"\x89PNG")


def test_the_script_is_whole() -> None:
    made = script()
    assert b"window.vegaEmbed" in made
    assert len(made) > 500_000


def test_names_with_signs_that_no_picture_can_hold_are_drawn_without_them() -> None:
    odd = "a\x00\x1b[31m\ud800\ufffe\uffffz"
    view = View(Table([Column("Name", number=False)], [[Cell(odd)]]))
    text = drawn(specification(PANELS["coverage"], view), "svg", "light").decode()
    assert "a\ufffd\ufffd[31m\ufffd\ufffd\ufffdz" in text
