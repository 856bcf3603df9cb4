"""Figures as people read them on a page."""

from typing import Final

_CENT: Final = 10**10
"""Pico-dollars (1e-12 USD)."""


def money(pico: int | None) -> str:
    """Return pico-dollars as dollars and cents; less than a cent is not shown as nothing."""
    if pico is None:
        return "no price"
    if 0 < pico < _CENT:
        return "< $0.01"
    cents = (pico + _CENT // 2) // _CENT
    return f"${cents // 100:,}.{cents % 100:02}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun in the right form."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
