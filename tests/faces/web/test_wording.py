"""Figures as a page words them."""

import pytest

from tallystick.faces.web.wording import counted, money


@pytest.mark.parametrize(
    "pico, text",
    [
        (None, "no price"),
        (0, "$0.00"),
        (1, "< $0.01"),
        (10**10 - 1, "< $0.01"),
        (10**10, "$0.01"),
        (1_234_565 * 10**9, "$1,234.57"),
        (12_345_678 * 10**10, "$123,456.78"),
        (995 * 10**9, "$1.00"),
    ],
)
def test_money_is_dollars_and_cents(pico: int | None, text: str) -> None:
    assert money(pico) == text


def test_a_number_has_its_noun() -> None:
    assert (counted(1, "request"), counted(1_000, "request")) == ("1 request", "1,000 requests")
    assert counted(2, "child", "children") == "2 children"
