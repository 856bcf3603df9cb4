"""Alerts as people read them: open ones first, since when, what, and what to do."""

from typing import Any

from tests.answers.sample import at, book_of

from tallystick.answers.answer import Moment
from tallystick.answers.answers import Answers
from tallystick.answers.beside import Beside
from tallystick.faces.web.panels.alerts import NONE, alerts, shown
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.table import as_csv
from tallystick.ledger.memory import MemoryLedger

NOW = at("2026-11-22T12:00")
STATE = State(Place("UTC", NOW))
NOTHING: dict[str, Any] = {"open": [], "past": [], "muted": [], "to": []}


def episode(**more: object) -> dict[str, Any]:
    """Return an episode as it is told."""
    began = Moment(at("2026-11-22T10:00"))
    found = {"id": 1, "rule": "budget", "key": "budget:1:over", "level": "critical", "title": "Budget used up", "text": "All of `it`."}  # fmt: skip
    return {**found, "began": began, "ended": None, "why": None, **more}


def test_without_any_it_says_what_is_looked_for() -> None:
    view = alerts(Answers(MemoryLedger(), book_of), STATE)
    assert view.empty == NONE
    assert "`[[alerts.to]]`" in view.note


def test_open_ones_come_first_with_what_to_do() -> None:
    past = episode(title="Window", rule="window", ended=Moment(at("2026-11-21T11:30")), began=Moment(at("2026-11-21T10:00")), why="term")  # fmt: skip
    view = shown({**NOTHING, "open": [episode()], "past": [past]}, STATE)
    assert view.title == "Alerts: 1 open"
    first, second = view.table.rows
    assert [cell.text for cell in first] == [
        "Budget used up", "All of it. To do: tally budget override, or use less.", "2 h ago", "open",
    ]  # fmt: skip
    assert (first[0].link, first[3].tone, first[2].title) == ("#budgets", "bad", "2026-11-22 10:00:00, UTC")  # fmt: skip
    assert [cell.text for cell in second] == ["Window", "", "1 day ago", "over"]
    assert (second[0].link, second[1].raw, second[3].title) == ("", "All of it.", "After 1 h 30 min")


def test_a_rule_that_is_not_known_is_told_all_the_same() -> None:
    (row,) = shown({**NOTHING, "open": [episode(rule="new", level="warning")]}, STATE).table.rows
    assert (row[0].text, row[0].link, row[3].tone, row[1].text) == ("Budget used up", "", "", "All of it.")


def test_all_that_are_open_are_shown_and_of_the_others_the_latest() -> None:
    past = [episode(id=number, ended=Moment(NOW), why="fine") for number in range(30)]
    view = shown({**NOTHING, "past": past}, STATE)
    assert (len(view.table.shown), view.table.more) == (6, "The latest 6 of 30; the CSV has all of these.")
    assert len(as_csv(view.table).splitlines()) == 31
    many = shown({**NOTHING, "open": [episode()] * 20, "past": past}, STATE).table
    assert (len(many.shown), many.more) == (20, "The latest 20 of 50; the CSV has all of these.")
    assert shown({**NOTHING, "open": [episode()] * 20}, STATE).table.more == ""


def test_where_they_go_and_what_is_muted_is_told() -> None:
    to = [{"name": "desk", "trouble": None}, {"name": "chat", "trouble": "no address"}]
    note = shown({**NOTHING, "open": [episode()], "to": to, "muted": [{"what": "spend"}]}, STATE).note
    assert note == (
        "Whatever the period and the filters. Told to desk, chat. Muted: spend. 1 way out cannot be used: chat."
    )


def test_they_are_those_of_whoever_keeps_them() -> None:
    asked = []

    def kept(_: Answers, most: int) -> dict[str, Any]:
        asked.append(most)
        return {**NOTHING, "open": [episode()]}

    place = Place("UTC", NOW, beside=Beside(alerts=kept))
    assert alerts(Answers(MemoryLedger(), book_of), State(place)).title == "Alerts: 1 open"
    assert asked == [100]
