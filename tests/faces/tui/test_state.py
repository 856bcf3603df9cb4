"""What a person has chosen."""

from tallystick.faces.tui.state import CALLS, MODELS, PANELS, SESSIONS, SORTS, View


def test_sorting_goes_round() -> None:
    view, seen = View(panel=MODELS), []
    for _ in range(4):
        seen.append(view.sort(MODELS))
        view = view.sorted_next()
    assert seen == ["cost", "tokens", "requests", "cost"]
    assert view.sort(SESSIONS) == "last"


def test_each_panel_has_its_own_row_and_its_own_ways_of_sorting() -> None:
    view = View().at("s1")._replace(panel=CALLS).at("7")
    assert view.rows == {SESSIONS: "s1", CALLS: "7"}
    assert set(SORTS) == set(PANELS)
