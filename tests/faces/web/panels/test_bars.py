"""Bars: the greatest first, in the unit of the page, and without one for what has no price."""

from tests.answers.sample import NOW

from tallystick.answers.answer import Figures
from tallystick.faces.web.panels.bars import Bar, bars
from tallystick.faces.web.state import Place, State

STATE = State(Place("UTC", NOW), "all")
DEAR = Figures(1, input=10, priced_pico=3 * 10**12, priced=1)
CHEAP = Figures(2, input=5_000, priced_pico=10**12, priced=2)
UNPRICED = Figures(1, input=70, unpriced_tokens=70)
EVERY = [Bar("cheap", CHEAP, "/?model=cheap"), Bar("", UNPRICED), Bar("dear", DEAR)]


def test_bars_of_cost() -> None:
    points = bars(EVERY, STATE)
    assert [(point["label"], point["value"], point["shown"]) for point in points] == [
        ("dear", 3.0, "$3.00"),
        ("cheap", 1.0, "$1.00"),
        ("(no name)", 0.0, "no price"),
    ]
    assert points[1]["more"] == "5,000 tokens in 2 requests"
    assert [point["href"] for point in points] == ["", "/?model=cheap", ""]


def test_bars_of_tokens() -> None:
    tokens = STATE._replace(unit="tokens")
    assert [(point["label"], point["value"], point["shown"]) for point in bars(EVERY, tokens)] == [
        ("cheap", 5_000, "5,000"),
        ("(no name)", 70, "70"),
        ("dear", 10, "10"),
    ]


def test_there_are_as_many_as_can_be_read() -> None:
    every = [Bar(f"m{place}", DEAR) for place in range(40)]
    assert len(bars(every, STATE)) == 15
    assert len(bars(every, STATE, 10)) == 10
