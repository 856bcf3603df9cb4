"""Former panels: the last one under each name, not for ever, and not too many."""

import pytest
from tests.faces.web.test_state import PLACE

from tallystick.answers.desk import Desk
from tallystick.faces.web import former as room
from tallystick.faces.web.former import Former, former
from tallystick.faces.web.panels.panel import Table, View
from tallystick.faces.web.state import State

ASKED = State(PLACE)


def view(empty: str) -> View:
    """Return a view that is told from others."""
    return View(Table((), ()), empty=empty)


def test_what_was_shown_last_is_found() -> None:
    held, state = Former(), ASKED
    held.note("days", state, view("one"))
    held.note("days", state, view("two"))
    assert held.find("days") == (state, view("two"))
    assert held.find("models") is None


def test_what_was_shown_long_ago_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr(room, "monotonic", lambda: moment[0])
    held = Former(seconds=60)
    held.note("days", ASKED, view("one"))
    moment[0] = 160.0
    assert held.find("days") is not None
    moment[0] = 160.5
    assert held.find("days") is None


def test_of_many_those_shown_last_are_kept() -> None:
    held = Former(most=2)
    for name in ("a", "b", "a", "c"):
        held.note(name, ASKED, view(name))
    assert [name for name in "abc" if held.find(name)] == ["a", "c"]


def test_each_desk_has_its_own() -> None:
    def nothing() -> None:
        raise AssertionError

    one, other = Desk(nothing, 1), Desk(nothing, 1)  # type: ignore[arg-type]
    try:
        former(one).note("days", ASKED, view("one"))
        assert former(one).find("days")
        assert former(other).find("days") is None
    finally:
        one.close()
        other.close()
