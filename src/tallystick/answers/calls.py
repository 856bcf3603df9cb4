"""Uses of tools by models: how often each was called, how often it failed, and how long it ran; by name and by day."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from tallystick.answers.answer import Details
from tallystick.answers.fold import Calendar, grouped
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import BEGINNING, SLOT_MS


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
    groups, _ = grouped(ledger, whose)
    calendar = Calendar(asked.period.zone, ("day",))
    lengths: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    failures: defaultdict[tuple[int, str], int] = defaultdict(int)
    number, after = 0, BEGINNING
    # A length of -1 stands for an end that was not seen.
    for name, context, started, ended, failed, _ in ledger.ask(
        "runs", since=asked.period.since, until=asked.period.until
    ):
        if groups[context] < 0:
            continue
        if started >= after:
            number, slot = calendar.enter(started // SLOT_MS)
            after = slot * SLOT_MS
        lengths[number, name].append(max(ended - started, 0) if ended else -1)
        if failed:
            failures[number, name] += 1
    return _answer(asked, [names[0] for names in calendar.names], lengths, failures)


def _answer(
    asked: Question,
    days: Sequence[str],
    lengths: dict[tuple[int, str], list[int]],
    failures: dict[tuple[int, str], int],
) -> Calls:
    of_name: defaultdict[str, list[int]] = defaultdict(list)
    failed: defaultdict[str, int] = defaultdict(int)
    for (day, name), found in lengths.items():
        of_name[name] += found
        failed[name] += failures.get((day, name), 0)
    every = sum(map(len, of_name.values()))
    names = [Name(name, _uses(found, failed[name]), len(found) / every) for name, found in of_name.items()]
    by_day = [
        (days[day], name, _uses(found, failures.get((day, name), 0))._replace(median_ms=None, longest_ms=None))
        for (day, name), found in lengths.items()
    ]
    first, last = asked.period.days
    return Calls(
        asked,
        (first or (days[0] if days else ""), last or (days[-1] if days else "")),
        sorted(names, key=lambda each: (-each.uses.calls, each.name)),
        sorted(by_day, key=lambda each: (each[0], -each[2].calls, each[1])),
        _uses([length for found in of_name.values() for length in found], sum(failed.values())),
    )


def _uses(lengths: Sequence[int], failed: int) -> Uses:
    known = sorted(length for length in lengths if length >= 0)
    if not known:
        return Uses(len(lengths), failed)
    return Uses(len(lengths), failed, len(known), sum(known), known[(len(known) - 1) // 2], known[-1])
