"""How usage windows filled up: lines that break at resets, and estimates as their continuation."""

from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import at, book_of
from tests.answers.stand import answers, fill

from tallystick.answers.answers import Answers
from tallystick.answers.forecast import Forecast
from tallystick.answers.limits import Told, Window
from tallystick.faces.web.panels.panel import Point, View
from tallystick.faces.web.panels.windows import WINDOWS, history, shown
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger

NOW = at("2026-11-22T01:30")
STATE = State(Place("UTC", NOW), "7d")
RESET = at("2026-11-22T03:00")
FIVE = Window("openai", "five", 300, 40.0, RESET, at("2026-11-22T01:00"), "plus")


def told(used: float, time: str, resets_at: str, account: str = "", name: str = "five") -> Told:
    return Told("openai", name, 300, used, at(resets_at), at(time), "plus", account)


def of(view: View, kind: str) -> list[Point]:
    return [point for point in view.points if point["kind"] == kind]


def test_a_line_breaks_at_a_reset() -> None:
    samples = [
        told(20, "2026-11-21T10:00", "2026-11-21T14:00"),
        told(70, "2026-11-21T13:00", "2026-11-21T14:00"),
        told(5, "2026-11-21T14:30", "2026-11-21T19:00"),
    ]
    points = of(shown(samples, [], STATE), "told")
    assert [(point["used"], point["at"]) for point in points] == [
        (20, at("2026-11-21T10:00")),
        (70, at("2026-11-21T13:00")),
        (5, at("2026-11-21T14:30")),
    ]
    assert points[0]["run"] == points[1]["run"] != points[2]["run"]
    assert {point["window"] for point in points} == {"openai, 5 hours"}


def test_an_old_word_said_again_makes_no_line_of_its_own() -> None:
    samples = [
        told(20, "2026-11-21T10:00", "2026-11-21T14:00"),
        told(70, "2026-11-21T13:00", "2026-11-21T14:00"),
        told(20, "2026-11-21T13:10", "2026-11-21T14:00"),
    ]
    view = shown(samples, [], STATE)
    assert [point["used"] for point in of(view, "told")] == [20, 70]
    # The table has whatever was told.
    assert [row[2].text for row in view.table.rows] == ["20 %", "70 %", "20 %"]


def test_two_accounts_are_two_lines() -> None:
    samples = [
        told(20, "2026-11-21T10:00", "2026-11-21T14:00", "a"),
        told(60, "2026-11-21T10:05", "2026-11-21T14:00", "b"),
        told(25, "2026-11-21T10:10", "2026-11-21T14:00", "a"),
    ]
    points = of(shown(samples, [], STATE), "told")
    assert [(point["window"], point["used"]) for point in points] == [
        ("openai, 5 hours (a)", 20),
        ("openai, 5 hours (a)", 25),
        ("openai, 5 hours (b)", 60),
    ]


def test_even_use_goes_from_the_beginning_of_a_window_to_its_reset() -> None:
    even = of(shown([told(20, "2026-11-21T10:00", "2026-11-21T14:00")], [], STATE), "even")
    assert [(point["at"], point["used"]) for point in even] == [
        (at("2026-11-21T09:00"), 0),
        (at("2026-11-21T14:00"), 100),
    ]


def test_a_window_of_millennia_has_no_even_use() -> None:
    longest = told(20, "2026-11-21T10:00", "2026-11-21T14:00")._replace(minutes=(1 << 31) - 1)
    view = shown([longest], [], STATE._replace(timezone="America/Los_Angeles"))
    assert (len(of(view, "told")), of(view, "even")) == (1, [])


def test_an_estimate_goes_on_from_the_last_word_and_passes_all_where_it_says_so() -> None:
    # From 40 % at one to all at two, and as steeply on: 160 % at three.
    ahead = Forecast(at("2026-11-22T02:00"), None, None, 160.0, 70.0, 160.0)
    samples = [told(10, "2026-11-21T23:00", "2026-11-22T03:00"), told(40, "2026-11-22T01:00", "2026-11-22T03:00")]
    view = shown(samples, [FIVE._replace(forecast=ahead)], STATE)
    assert [(point["at"], point["used"], point["low"]) for point in of(view, "ahead")] == [
        (at("2026-11-22T01:00"), 40, 40),
        (at("2026-11-22T02:00"), 100, 55),
        (at("2026-11-22T03:00"), 160, 70),
    ]
    assert [point["high"] for point in of(view, "ahead")] == [40, 100, 160]
    assert "estimate" in view.note
    assert view.params["most"] == 150
    assert view.params["now"] == NOW


def test_over_weeks_short_windows_would_be_sticks_and_are_left_to_the_rows_of_days() -> None:
    samples = [
        told(20, "2026-11-18T10:00", "2026-11-18T14:00"),
        told(30, "2026-11-19T10:00", "2026-11-25T10:00", name="week")._replace(minutes=10_080),
        told(70, "2026-11-22T01:00", "2026-11-22T03:00"),
    ]
    ahead = Forecast(None, None, None, 90.0, 80.0, 95.0)
    view = shown(samples, [FIVE._replace(forecast=ahead)], STATE)
    assert {point["window"] for point in view.points} == {"openai, 1 week"}
    assert "day by day" in view.note
    # The table tells of all; and of three days a chart does, too.
    assert len(view.table.rows) == 3
    near = [samples[1], samples[2]]
    view = shown(near, [FIVE._replace(forecast=ahead)], STATE)
    assert {point["window"] for point in view.points} == {"openai, 5 hours", "openai, 1 week"}
    assert "day by day" not in view.note
    alone = shown([samples[0], samples[2]], [], STATE)
    assert (alone.points, alone.note.startswith("Whatever the filters. Windows of a day")) == ([], True)


def test_of_many_windows_those_nearest_their_end_are_drawn_then_those_told_of_last() -> None:
    hours = range(10, 22)
    samples = [
        told(hour, f"2026-11-21T{hour}:00", "2026-11-22T03:00", f"a{hour}")._replace(minutes=1_440) for hour in hours
    ]
    running = [FIVE._replace(account=account, used_percent=used) for account, used in (("a10", 30.0), ("a12", 90.0))]
    view = shown(samples, running, STATE)
    accounts = ("a10", "a12", "a16", "a17", "a18", "a19", "a20", "a21")
    assert {point["window"] for point in view.points} == {f"openai, 1 day ({account})" for account in accounts}
    assert view.note.endswith("Of 12 windows those nearest their end are drawn.")
    assert len(view.table.rows) == 12


def test_an_estimate_is_drawn_to_the_first_reset_at_least() -> None:
    ahead = Forecast(None, None, None, 90.0, 80.0, 95.0)
    week = FIVE._replace(name="week", minutes=10_080, resets_at=at("2026-11-27T00:00"), forecast=ahead)
    samples = [told(10, "2026-11-22T01:00", "2026-11-22T03:00")]
    samples.append(samples[0]._replace(name="week", minutes=10_080, resets_at=week.resets_at))
    # What was told goes over half an hour only.
    view = shown(samples, [FIVE._replace(forecast=ahead), week], STATE)
    assert view.params["last"] == at("2026-11-22T03:00")


def test_clocks_are_those_of_the_zone() -> None:
    view = shown([told(20, "2026-11-21T10:00", "2026-11-21T14:00")], [], STATE._replace(timezone="Asia/Kolkata"))
    assert of(view, "told")[0]["at"] == at("2026-11-21T15:30")
    assert of(view, "told")[0]["when"] == "2026-11-21 15:30"


def test_of_very_many_words_a_chart_has_what_it_can_show_and_the_csv_all() -> None:
    resets = "2026-11-21T14:00"
    samples = [told(place / 50, "2026-11-21T10:00", resets)._replace(time=at("2026-11-21T10:00") + place * 1000) for place in range(4_000)]  # fmt: skip
    view = shown(samples, [], STATE)
    points = of(view, "told")
    assert len(points) <= 902
    assert (points[0]["used"], points[-1]["used"]) == (0, 3_999 / 50)
    assert len(view.table.shown) == 60
    assert view.table.more == "The newest 60 of 4,000; the CSV has all."
    assert len(as_csv(view.table).splitlines()) == 4_001


def test_it_shows_what_the_ledger_was_told_within_the_period(tmp_path: Path) -> None:
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as opened:
        view = history(opened, STATE)
        before = history(opened, STATE._replace(until="2026-11-20"))
    assert [(row[1].text, row[2].raw) for row in view.table.rows] == [
        ("openai, 1 week", 12.5),
        ("openai, 5 hours", 66.5),
        ("openai, 5 hours", 40.0),
    ]
    assert before.empty.startswith("No usage window")


def test_a_period_without_any_says_to_choose_a_longer_one() -> None:
    assert "choose a longer one" in shown([], [FIVE], STATE).empty
    assert "tally statusline install" in history(Answers(MemoryLedger(), book_of), STATE).empty


@pytest.mark.parametrize("since, said", [("7d", "limits/history?since=7d"), ("all", "limits/history?since=2000-01-01")])
def test_the_same_is_told_of_the_same_period(since: str, said: str) -> None:
    state = STATE._replace(since=since, where={"tool": ("codex",)})
    assert WINDOWS.source(state).api(state) == f"/api/v1/{said}"
