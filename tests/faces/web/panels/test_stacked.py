"""Stacked bars: sums by day and series, and what a pointer at them tells."""

from tallystick.answers.answer import Figures
from tallystick.faces.web.panels.stacked import stacked
from tallystick.faces.web.state import Place, State

COST = State(Place("UTC", 0), "all")
TOKENS = COST._replace(unit="tokens")
WHOLE = {"2026-11-01": Figures(3, 70, priced_pico=3 * 10**12, priced=3), "2026-11-02": Figures(1, 5)}


def test_what_agrees_in_day_and_name_is_one_bar_and_the_greatest_series_comes_first() -> None:
    parts = [("2026-11-01", "a", 10**12), ("2026-11-01", "b", 2 * 10**12), ("2026-11-01", "a", 10**11)]
    points = stacked(parts, WHOLE, COST)
    assert [(point["series"], point["rank"], point["value"], point["shown"]) for point in points] == [
        ("b", 0, 2.0, "$2.00"),
        ("a", 1, 1.1, "$1.10"),
    ]
    assert {point["whole"] for point in points} == {"$3.00"}
    assert points[0]["href"] == "/?since=2026-11-01&until=2026-11-01"


def test_in_tokens() -> None:
    parts = [("2026-11-01", "a", 70), ("2026-11-02", "a", 5), ("2026-11-02", "b", 0)]
    assert [(point["day"], point["value"], point["whole"]) for point in stacked(parts, WHOLE, TOKENS)] == [
        ("2026-11-01", 70, "70"),
        ("2026-11-02", 5, "5"),
    ]


def test_an_order_holds_whatever_the_sums_are() -> None:
    parts = [("2026-11-01", "c", 9), ("2026-11-01", "a", 1)]
    points = stacked(parts, WHOLE, TOKENS, ("a", "b", "c"))
    assert [(point["series"], point["rank"]) for point in points] == [("a", 0), ("c", 2)]


def test_the_least_of_many_share_a_series_and_names_are_short() -> None:
    parts = [("2026-11-01", f"{number}" * 100, 10 - number) for number in range(9)]
    points = stacked(parts, WHOLE, TOKENS)
    assert len(points) == 8
    # 3 and 2.
    assert (points[-1]["series"], points[-1]["value"]) == ("other", 5)
    assert points[0]["series"] == "0" * 59 + "…"
