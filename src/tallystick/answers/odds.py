"""Odds: how likely it is that what is used comes to so much, when only its mean and variance are known.

Amounts that are never below zero and now and then much larger than usual are taken as of a gamma distribution. Its cube root is
nearly a normal distribution (Wilson and Hilferty, 1931): within a hundredth, where the deviation is no more than the mean. A
deviation of more than twice the mean is taken as that: beyond it this tells nothing.
"""

from math import erfc, sqrt
from typing import Final

_MOST: Final = 2.0


def reached(need: float, mean: float, variance: float) -> float:
    """Return how likely an amount is to be no less than what is needed, from 0 to 1."""
    if min(need, mean, variance) <= 0:
        return float(need <= max(mean, 0.0))
    ninth = min(variance / mean / mean, _MOST**2) / 9
    off = ((need / mean) ** (1 / 3) - 1 + ninth) / sqrt(ninth)
    return erfc(off / sqrt(2)) / 2


def amount(deviations: float, mean: float, variance: float) -> float:
    """Return the amount that is exceeded as seldom as a normal distribution exceeds so many standard deviations."""
    if mean <= 0 or variance <= 0:
        return max(mean, 0.0)
    ninth = min(variance / mean / mean, _MOST**2) / 9
    return mean * max(0.0, 1 - ninth + deviations * sqrt(ninth)) ** 3
