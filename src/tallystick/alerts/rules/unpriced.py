"""Unpriced models: tokens that no price is known for, so that money is told too low."""

from typing import Final

from tallystick.alerts.finding import CASE, NEAR, WARNING, Finding
from tallystick.alerts.rules.rule import HOUR_MS, Limits, Rule
from tallystick.alerts.situation import Situation


def look(now: Situation, limits: Limits) -> list[Finding] | None:
    """Return a finding of each model; one that has a price by now is left out."""
    if now.unpriced is None:
        return None
    return [
        Finding(
            f"unpriced:{model}",
            CASE if tokens >= limits["tokens"] else NEAR,
            WARNING,
            "No price is known for {model}",
            f"{tokens:,} tokens of it are in no cost: `tally prices update` fetches newer prices, and the config can set one.",
            {"model": model, "tokens": tokens},
        )
        for model, tokens in now.unpriced
    ]


UNPRICED: Final = Rule("unpriced", "a model without a known price is used", look, {"tokens": 10_000}, 0, HOUR_MS)
