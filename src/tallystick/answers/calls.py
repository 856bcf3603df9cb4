"""Uses of tools by models: how often each was called, how often it failed, and how long it ran; by name and by day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.answers.answer import Details
from tallystick.answers.book import BOOK
from tallystick.answers.fold import LocalDays, grouped
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.uses import used
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import SLOT_MS


class Uses(NamedTuple):
    """What is told of several uses together."""

    calls: int = 0
    failed: int = 0
    ended: int = 0
    """Those with an end that was seen, on which the lengths rest."""
    total_ms: int = 0
    median_ms: int | None = None
    """The middle length; of an even number the lower one of the middle two; None without any."""
    longest_ms: int | None = None

    def told(self) -> dict[str, Any]:
        """Return it as details."""
        return self._asdict()


class Name(NamedTuple):
    """The uses of one tool of a model."""

    name: str
    uses: Uses
    share: float
    """Its part of all uses, 0 to 1."""


class Calls(NamedTuple):
    """The uses of tools that fit a question, by the day on which each began."""

    question: Question
    days: tuple[str, str]
    """First and last local day, as asked, else as found; empty when there is nothing."""
    names: list[Name]
    """The one used most first."""
    by_day: list[tuple[str, str, Uses]]
    """Day, name and uses, in order of day, then the one used most first; the median and the longest are left out."""
    totals: Uses
    schema: str = "tallystick.calls/1"

    def told(self) -> Details:
        """Return it as the details of an answer."""
        return {
            "timezone": self.question.period.zone.name,
            "since": self.days[0] or None,
            "until": self.days[1] or None,
            "where": {name: list(patterns) for name, patterns in self.question.where.items()},
            "names": [{"name": each.name, **each.uses.told(), "share": each.share} for each in self.names],
            "days": [
                {"day": day, "name": name, "calls": uses.calls, "failed": uses.failed, "total_ms": uses.total_ms}
                for day, name, uses in self.by_day
            ],
            "totals": self.totals.told(),
        }


def calls(ledger: Ledger, asked: Question) -> Calls:
    """Return the uses of tools that began in a question's period; filters by model are none: a use is of no model."""
    whose = asked._replace(
        group_by=(), where={key: value for key, value in asked.where.items() if key not in OF_VARIANT}
    )
    # Without filters, who it was matters to nobody, and a large ledger has many to look up.
    groups: Mapping[int, int] = grouped(ledger, whose)[0] if whose.where else defaultdict(int)
    names = LocalDays(asked.period.zone)
    days: defaultdict[str, _Day] = defaultdict(_Day)
    if BOOK.worth(ledger, asked.period):
        for (slot, context), uses in used(ledger, asked.period):
            if groups[context] >= 0:
                day = days[names[slot]]
                for name, length in zip(uses.names, uses.lengths, strict=True):
                    day.lengths[name].append(length)
                for name in uses.failed:
                    day.failures[name] += 1
        return _answer(asked, days)
    span = {"since": asked.period.since, "until": asked.period.until}
    for name, context, started, ended, failed, _ in ledger.ask("runs", **span):
        if groups[context] >= 0:
            day = days[names[started // SLOT_MS]]
            day.lengths[name].append(max(ended - started, 0) if ended else -1)
            if failed:
                day.failures[name] += 1
    return _answer(asked, days)


class _Day:
    """The uses of one day, by name."""

    def __init__(self) -> None:
        self.lengths: defaultdict[str, list[int]] = defaultdict(list)
        """A length of -1 stands for an end that was not seen."""
        self.failures: defaultdict[str, int] = defaultdict(int)


def _answer(asked: Question, days: dict[str, _Day]) -> Calls:
    of_name: defaultdict[str, list[int]] = defaultdict(list)
    failed: defaultdict[str, int] = defaultdict(int)
    by_day: list[tuple[str, str, Uses]] = []
    for day, told in days.items():
        for name, found in told.lengths.items():
            of_name[name] += found
            failed[name] += told.failures.get(name, 0)
            by_day.append((day, name, _sums(found, told.failures.get(name, 0))))
    for found in of_name.values():
        # Sorted now, they are sorted sooner all together.
        found.sort()
    every = sum(map(len, of_name.values()))
    names = [Name(name, _uses(found, failed[name]), len(found) / every) for name, found in of_name.items()]
    first, last = asked.period.days
    return Calls(
        asked,
        (first or min(days, default=""), last or max(days, default="")),
        sorted(names, key=lambda each: (-each.uses.calls, each.name)),
        sorted(by_day, key=lambda each: (each[0], -each[2].calls, each[1])),
        _uses([length for found in of_name.values() for length in found], sum(failed.values())),
    )


def _sums(lengths: Sequence[int], failed: int) -> Uses:
    unseen = lengths.count(-1)
    return Uses(len(lengths), failed, len(lengths) - unseen, sum(lengths) + unseen)


def _uses(lengths: Sequence[int], failed: int) -> Uses:
    """Return what is told of uses, all lengths of which are given."""
    known = sorted(lengths)[lengths.count(-1) :]
    if not known:
        return Uses(len(lengths), failed)
    return Uses(len(lengths), failed, len(known), sum(known), known[(len(known) - 1) // 2], known[-1])
