"""A rough estimate of the electricity and water that usage took: a range, from published figures per token.

Nobody who sells these models says what a token takes. So this is told only to whoever asks for it, it is added to nothing,
and it has no single figure: low and high follow different published works, worked out in docs/energy.md.

* Output, low, and prompt: Epoch AI, "How much energy does ChatGPT use?" (February 2025,
  https://epoch.ai/gradient-updates/how-much-energy-does-chatgpt-use): 0.3 Wh for an answer of some 500 tokens, that is 600 Wh
  per million; 2.5 Wh with a prompt of 10,000 tokens and 40 Wh with one of 100,000, that is 220 to 400 Wh per million.
* Output, high: Jegham et al., "How Hungry is AI?" (https://arxiv.org/abs/2505.09598): 2.78 Wh for 1,000 tokens in and 1,000
  out with Claude 3.7 Sonnet, taken for the output alone.
* Read from a cache: nobody has published it. Between nothing, since it is not computed again, and a tenth of a prompt, as
  vendors price it.
* Water, low: Google (https://arxiv.org/abs/2508.15734): 0.26 mL for 0.24 Wh, cooling alone. High: Li et al., "Making AI Less
  Thirsty" (https://arxiv.org/abs/2304.03271): 0.55 L per kWh on site and 3.14 at the power station, at a PUE of 1.17.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from tallystick.answers.answer import Details, Figures, added
from tallystick.answers.fold import answer
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.ledger.ledger import Ledger

KINDS: Final = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
_PROMPT: Final = (220, 400)
WATT_HOURS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "input": _PROMPT,
        "cache_read": (0, 40),
        "cache_write_5m": _PROMPT,
        "cache_write_1h": _PROMPT,
        "output": (600, 2_780),
    }
)
"""By kind of token, the low and the high end: watt-hours per million."""
WATER: Final = (1.08, 4.22)
"""Litres per kilowatt-hour: 0.26 / 0.24, and 0.55 + 1.17 x 3.14."""
_MILLION: Final = 10**6


class Range(NamedTuple):
    """The low and the high end of an estimate."""

    low: float
    high: float


class Estimate(NamedTuple):
    """What something took, estimated."""

    name: str
    figures: Figures
    watt_hours: Mapping[str, Range]
    """By kind of token."""

    @property
    def energy(self) -> Range:
        """Watt-hours of all kinds together."""
        return Range(
            sum(each.low for each in self.watt_hours.values()), sum(each.high for each in self.watt_hours.values())
        )

    @property
    def water(self) -> Range:
        """Litres."""
        return Range(self.energy.low * WATER[0] / 1000, self.energy.high * WATER[1] / 1000)


class Energy(NamedTuple):
    """An estimate for a period, and for each model in it."""

    question: Question
    days: tuple[str, str]
    models: list[Estimate]
    """The greatest first."""
    total: Estimate
    schema: str = "tallystick.energy/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            "timezone": self.question.period.zone.name,
            "since": self.days[0] or None,
            "until": self.days[1] or None,
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "estimate": True,
            "method": {
                "watt_hours_per_million": {name: list(ends) for name, ends in WATT_HOURS.items()},
                "litres_per_kilowatt_hour": list(WATER),
                "sources": list(SOURCES),
            },
            "models": [{"model": each.name, **_told(each)} for each in self.models],
            "totals": {
                **_told(self.total),
                "watt_hours_by_kind": {name: list(ends) for name, ends in self.total.watt_hours.items()},
            },
        }


SOURCES: Final = (
    "https://epoch.ai/gradient-updates/how-much-energy-does-chatgpt-use",
    "https://arxiv.org/abs/2505.09598",
    "https://arxiv.org/abs/2508.15734",
    "https://arxiv.org/abs/2304.03271",
)


def energy(ledger: Ledger, asked: Question) -> Energy:
    """Estimate what the usage that fits a question's period and filters took."""
    found = answer(
        ledger, None, question(ANY, asked.period, Wish("model", asked.where, "model", prices=False), asked.now)
    )
    models = [estimate(row.keys[0], row.figures) for row in found.rows]
    models.sort(key=lambda each: (-each.energy.high, each.name))
    return Energy(asked, found.days, models, estimate("", added(each.figures for each in models)))


def estimate(name: str, figures: Figures) -> Estimate:
    """Return what so many tokens took."""
    ends = {kind: Range(*(getattr(figures, kind) * end / _MILLION for end in WATT_HOURS[kind])) for kind in KINDS}
    return Estimate(name, figures, ends)


def _told(each: Estimate) -> Details:
    return {"total": each.figures.total, "watt_hours": list(each.energy), "litres": list(each.water)}
