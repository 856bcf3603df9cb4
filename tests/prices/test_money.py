"""Dollars as whole pico-dollars."""

from decimal import Decimal

import pytest

from tallystick.prices.money import MILLION, pico


def test_the_smallest_list_price_is_exact() -> None:
    assert pico("0.0375", MILLION) == 37_500


def test_ten_dollars_per_thousand_searches() -> None:
    assert pico(10, 1000) == 10_000_000_000


def test_a_price_per_token_of_litellm() -> None:
    assert pico(Decimal("2.5e-06")) == 2_500_000


def test_what_is_finer_than_a_pico_dollar_is_rounded() -> None:
    assert pico(Decimal("0.0833333333333333"), MILLION) == 83_333
    assert pico(Decimal("0.0416666666666667"), MILLION) == 41_667
    assert pico(Decimal("0.18000000000000002"), MILLION) == 180_000


@pytest.mark.parametrize(
    "usd", ["-1", "NaN", "Infinity", "cheap", "", None, True, 1.5, [1], Decimal("1e999999"), "1000001"]
)
def test_what_is_no_price_is_refused(usd: object) -> None:
    with pytest.raises(ValueError, match="not a price"):
        pico(usd)
