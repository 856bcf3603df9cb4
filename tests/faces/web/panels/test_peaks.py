"""How full short windows got: the most of each day, in a row of days for each window."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import at
from tests.answers.stand import answers, fill
from tests.faces.web.panels.test_windows import told

from tallystick.faces.web.charts import drawn, specification
from tallystick.faces.web.panels.panel import View
from tallystick.faces.web.panels.peaks import PEAKS, peaks, shown
from tallystick.faces.web.state import EVER, Place, State
from tallystick.faces.web.table import as_csv

NOW = at("2026-11-22T01:30")
STATE = State(Place("UTC", NOW), "7d")
SAMPLES = [
    told(20, "2026-11-18T09:00", "2026-11-18T13:00"),
    told(70, "2026-11-18T12:00", "2026-11-18T13:00"),
    told(35, "2026-11-18T15:00", "2026-11-18T19:00"),
    told(99.6, "2026-11-20T23:30", "2026-11-21T02:00"),
    told(100, "2026-11-21T00:30", "2026-11-21T02:00"),
    told(101.5, "2026-11-21T01:00", "2026-11-21T02:00"),
]
"""Two windows on the 18th, and one that was used up after a midnight."""


def cells(view: View) -> list[tuple[str, str, str]]:
    return [(row[0].text, row[2].text, row[3].text) for row in view.table.rows]


def test_each_day_has_the_most_that_was_told_on_it() -> None:
    view = shown(SAMPLES, STATE)
    assert cells(view) == [
        ("2026-11-21", "102 %", "01:00"),
        ("2026-11-20", "99.6 %", "23:30"),
        ("2026-11-18", "70 %", "12:00"),
    ]
    assert [(point["day"], point["sign"], point["full"]) for point in view.points] == [
        ("Wed 2026-11-18", "70", False),
        ("Fri 2026-11-20", "99.6", False),
        ("Sat 2026-11-21", "102", True),
    ]
    assert all(point["until"] - point["at"] == 86_400_000 for point in view.points)
    assert "Red is used up." in view.note
    assert "Red" not in shown(SAMPLES[:4], STATE).note


def test_days_are_those_of_the_zone() -> None:
    # At half past eleven in the evening it is the next day in Calcutta.
    view = shown(SAMPLES, STATE._replace(timezone="Asia/Kolkata"))
    assert cells(view) == [("2026-11-21", "102 %", "06:30"), ("2026-11-18", "70 %", "17:30")]


def test_the_row_goes_from_the_first_word_to_today() -> None:
    params = shown(SAMPLES, STATE).params
    assert (params["first"], params["last"], params["days"]) == (at("2026-11-18T00:00"), at("2026-11-23T00:00"), 5)
    ever = shown(SAMPLES, STATE._replace(since=EVER)).params
    assert ever["days"] == 5
    closed = shown(SAMPLES, STATE._replace(since="2026-11-18", until="2026-11-21")).params
    assert (closed["last"], closed["days"]) == (at("2026-11-22T00:00"), 4)


def test_accounts_have_rows_of_their_own() -> None:
    view = shown([each._replace(account=account) for account in ("a", "b") for each in SAMPLES], STATE)
    assert {point["window"] for point in view.points} == {"openai, 5 hours (a)", "openai, 5 hours (b)"}


def test_of_very_many_windows_those_told_of_last_are_drawn_and_the_csv_has_all() -> None:
    many = [each._replace(account=f"a{number:02}", time=each.time + number) for number in range(40) for each in SAMPLES]
    view = shown(many, STATE)
    names = [f"openai, 5 hours (a{number:02})" for number in range(24, 40)]
    assert sorted({point["window"] for point in view.points}) == names
    assert view.note.endswith("Drawn are 16 of 40 windows, those told of last.")
    assert view.table.more == "The newest 31 of 120; the CSV has all."
    assert len(as_csv(view.table).splitlines()) == 121


@pytest.mark.parametrize("samples", [[], SAMPLES[3:], [each._replace(minutes=10_080) for each in SAMPLES], [each._replace(minutes=0) for each in SAMPLES]])  # fmt: skip
def test_without_short_windows_or_of_few_days_there_is_no_such_panel(samples: list[object]) -> None:
    state = STATE._replace(since="2026-11-20", until="2026-11-21")
    assert shown(samples, state).absent  # type: ignore[arg-type]  # lists of one kind


def test_it_is_drawn() -> None:
    view = shown(SAMPLES, STATE)
    svg = drawn(specification(PEAKS, view), "svg", "light").decode()
    for text in ("openai, 5 hours", ">70<", ">102<", "100 %"):
        assert text in svg
    assert "#a3243b" in svg


def test_it_shows_what_the_ledger_was_told(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        later = State(Place("UTC", at("2026-11-25T01:30")), "7d")
        view = peaks(opened, later)
    assert [(row[0].text, row[2].raw) for row in view.table.rows] == [("2026-11-22", 66.5), ("2026-11-21", 40.0)]


def test_the_same_is_told_of_the_same_period() -> None:
    assert PEAKS.source(STATE).cli(STATE) == "tally limits --history --since 7d"
