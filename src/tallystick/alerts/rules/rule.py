"""What a rule is: a name, a look at the situation, and how long something has to be so before it counts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from tallystick.alerts.finding import Finding
from tallystick.alerts.situation import Situation

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

type Limits = Mapping[str, float]
"""The numbers that a rule goes by, as a person has set them."""


class Rule(NamedTuple):
    """One thing that an alert can be about."""

    name: str
    title: str
    """What it tells, in some words."""
    look: Callable[[Situation, Limits], Sequence[Finding] | None]
    """Returns a finding for everything that it looks at; what is left out is there no more. None: not known just now."""
    limits: Limits
    """By name, what holds where a person sets nothing."""
    confirm_ms: int
    """For how long something is to be the case before it is told."""
    calm_ms: int
    """For how long it is to be clearly fine before the episode is over."""
