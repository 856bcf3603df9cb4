"""What figures are worth: money or tokens, and what has no price is not nothing."""

from tallystick.answers.answer import Figures
from tallystick.faces.web.state import Place, State
from tallystick.faces.web.worth import amount_cell, drawn, said, shown, sign, unit, worth

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
