"""Coverage beside a figure: whose usage it lacks, how much has a price, who saw it, what was not understood, in one line."""

from typing import Final

from tallystick.answers.answer import Answer
from tallystick.answers.heard import ages
from tallystick.faces.web.wording import clipped, counted, percent, plain

_NAMED_MOST: Final = 3
_NAME_MOST: Final = 40


def covered(answer: Answer, *, prices: bool = True) -> str:
    """Return how far the figures of an answer can be relied on, in one line; empty when there are none.

    Without `prices` it is about figures that have none.
    """
    if not answer.totals.requests:
        return ""
    covered, parts = answer.coverage, old(answer)
    if prices and answer.question.prices and answer.priced_share is not None:
        parts.append(
            "all tokens priced" if answer.priced_share == 1 else f"{percent(answer.priced_share, 2)} of tokens priced"
        )
    parts += [f"{counted(number, 'request')} seen by {name}" for name, number in covered.witnesses.items()]
    if covered.coarse:
        parts.append(f"{counted(covered.coarse, 'token')} dated coarsely")
    if covered.skipped:
        parts.append(f"{counted(covered.skipped, 'piece')} of input not understood")
    return " · ".join(parts)


def old(answer: Answer) -> list[str]:
    """Return for how many days machines have not been heard of whose usage an answer lacks: laptop: 3 days old."""
    lacking = ages(answer.coverage, answer.question.period, answer.question.now)
    told = [f"{plain(clipped(name, _NAME_MOST))}: {counted(days, 'day')} old" for name, days in lacking[:_NAMED_MOST]]
    more = len(lacking) - len(told)
    return [*told, f"{counted(more, 'more machine')} not heard of for a day"] if more else told
