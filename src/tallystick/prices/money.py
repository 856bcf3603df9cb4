"""Dollars as whole pico-dollars (1e-12 USD), so that sums of prices are exact."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

DOLLAR: Final = 10**12
MILLION: Final = 1_000_000

_USD_MOST: Final = 1_000_000
"""No unit that anybody sells costs more; also keeps a number like 1e999999 from filling the memory."""


def pico(usd: object, per: int = 1) -> int:
    """Return the pico-dollars of one unit whose price is given in USD per so many units; ValueError where that is no price."""
    if isinstance(usd, bool) or not isinstance(usd, Decimal | int | str):
        raise ValueError(f"not a price: {usd!r}")  # noqa: TRY004  it comes from foreign data, not from a caller's mistake
    try:
        amount = Decimal(usd)
    except ArithmeticError:
        raise ValueError(f"not a price: {usd!r}") from None
    if not amount.is_finite() or not 0 <= amount <= _USD_MOST:
        raise ValueError(f"not a price: {usd}")
    return int((amount * DOLLAR / per).to_integral_value(ROUND_HALF_EVEN))
