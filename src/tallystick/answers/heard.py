"""Heard of: when each machine that sends was heard of last, which is how old a total is that its usage belongs to."""

from collections.abc import Sequence
from typing import Final

from tallystick.answers.answer import Coverage
from tallystick.answers.question import Question, fits
from tallystick.ledger.ledger import Ledger
from tallystick.usage.period import DAY_MS, Period

STALE_MS: Final = DAY_MS
"""A machine that was not heard of for longer than that lacks usage, as far as anybody knows."""
_MISSED_MS: Final = 30 * DAY_MS
"""For as long a machine is missed where a period has nothing of it: whoever wants a total of today thinks of yesterday's laptop,
and not of last year's."""

type Heard = tuple[tuple[str, int], ...]
"""Machines by the names under which they are shown, and when each was heard of last: milliseconds since 1970, UTC."""


def heard(ledger: Ledger, question: Question) -> Heard:
    """Return the machines that send and fit a question's filters, unless its period ends before they were heard of last.

    Those not heard of for longest come first. What is told of a machine holds for all of one name.
    """
    rows = ledger.ask("machines")
    if not rows:
        return ()
    latest: dict[str, int] = {}
    for _, name, _, _, last, *_ in rows:
        latest[name] = max(last, latest.get(name, last))
    fitting = _fitting(ledger, question, rows)
    found = [(name, last) for name, last in latest.items() if name in fitting and last < question.period.until]
    return tuple(sorted(found, key=lambda each: (each[1], each[0])))


def _fitting(ledger: Ledger, question: Question, rows: Sequence[Sequence[str]]) -> set[str]:
    where = question.where
    names = {row[1] for row in rows}
    if "machine" in where:
        names = {name for name in names if fits("machine", where["machine"], name)}
    if "user" in where:
        # Of a machine that was paired for nobody only its work tells who used it.
        pairs = {(row[1], row[2]) for row in rows} | {row[-2:] for row in ledger.ask("contexts")}
        names &= {name for name, user in pairs if fits("user", where["user"], user)}
    return names


def ages(coverage: Coverage, period: Period, now: int) -> list[tuple[str, int]]:
    """Return the machines whose usage a total lacks, as far as anybody knows, and for how many days: the longest first."""
    since = min(period.since, now - _MISSED_MS)
    return [(name, (now - last) // DAY_MS) for name, last in coverage.heard if now - last > STALE_MS and last >= since]
