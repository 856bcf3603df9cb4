"""The shelf of what can be pushed: each kind by its name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tallystick.intake.push import arrival, counter, tokenfold
from tallystick.intake.push.kind import Kind

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {"push": arrival.take, "counter": counter.take, "tokenfold": tokenfold.ingest, "usage": tokenfold.usage}
)
