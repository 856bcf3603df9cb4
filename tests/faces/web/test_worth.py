"""What figures are worth: money or tokens, and what has no price is not nothing."""

from tallystick.answers.answer import Figures
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.worth import (
    COUNTS,
    amount_cell,
    brief,
    counts,
    drawn,
    of_class,
    said,
    shown,
    sign,
    unit,
    value,
    worth,
)

COST = State(Place("UTC", 0))
TOKENS = COST._replace(unit="tokens")
PRICED = Figures(2, 1_000, 0, 0, 0, 500, priced_pico=15 * 10**11, priced=2)
PARTLY = PRICED._replace(requests=3, input=1_007, unpriced_tokens=7)
UNPRICED = Figures(1, 7, 0, 0, 0, 3, unpriced_tokens=10)
NOTHING = Figures()


def test_in_money() -> None:
    assert [worth(each, COST) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == [15 * 10**11] * 2 + [None, None]
    assert [shown(each, COST) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == [
        "$1.50",
        "$1.50+",
        "no price",
        "nothing",
    ]
    assert drawn(15 * 10**11, COST) == 1.5
    assert drawn(None, COST) is None
    assert said(10**12, COST) == "$1.00"


def test_in_tokens() -> None:
    assert [worth(each, TOKENS) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == [1_500, 1_507, 10, None]
    assert shown(UNPRICED, TOKENS) == "10 tokens"
    assert shown(PARTLY, TOKENS) == "1,507 tokens"
    assert drawn(1_500, TOKENS) == 1_500
    assert said(1, TOKENS) == "1 token"


def test_what_has_no_price_has_a_sign() -> None:
    assert [sign(each, COST) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == ["", "", "?", ""]
    assert sign(UNPRICED, TOKENS) == ""


def test_cells() -> None:
    assert amount_cell(PRICED, COST, "/why").text == "$1.50"
    assert amount_cell(PRICED, COST, "/why").link == "/why"
    assert (amount_cell(UNPRICED, COST).text, amount_cell(UNPRICED, COST).raw) == ("no price", None)
    assert (amount_cell(NOTHING, COST).text, amount_cell(NOTHING, COST).tone) == ("0", "faint")
    assert (amount_cell(PRICED, TOKENS).text, amount_cell(PRICED, TOKENS).raw) == ("1,500", 1_500)


def test_the_unit_of_a_page() -> None:
    assert (unit(COST), unit(TOKENS)) == ("Cost", "Tokens")


def test_what_is_added_up() -> None:
    assert [value(each, COST) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == [15 * 10**11] * 2 + [0, 0]
    assert [value(each, TOKENS) for each in (PRICED, PARTLY, UNPRICED, NOTHING)] == [1_500, 1_507, 10, 0]
    assert (brief(15 * 10**11, COST), brief(12_345, TOKENS)) == ("$1.50", "12.3 k")


def test_tokens_by_class_are_all_tokens_once() -> None:
    figures = Figures(1, 1, 20, 300, 4_000, 50_000, 700, 3)
    classes = ("input", "cache_write", "cache_read", "output", "web_search")
    # Reasoning is a part of the output.
    assert [of_class(figures, name) for name in classes] == [1, 4_300, 20, 50_000, 0]
    assert sum(of_class(figures, name) for name in classes) == figures.total
    assert dict(zip(COUNTS, [cell.raw for cell in counts(figures)], strict=True)) == {
        "Tokens": 54_321,
        "Input": 1,
        "Cache write": 4_300,
        "Cache read": 20,
        "Output": 50_000,
        "Requests": 1,
    }
