"""Coverage beside a figure: how much has a price, who saw it, what was not understood, in one line."""

from tallystick.answers.answer import Answer
from tallystick.faces.web.wording import counted, percent


def covered(answer: Answer) -> str:
    """Return how far the figures of an answer can be relied on, in one line; empty when there are none."""
    if not answer.totals.requests:
        return ""
    covered, parts = answer.coverage, []
    if answer.question.prices and answer.priced_share is not None:
        parts.append(
            "all tokens priced" if answer.priced_share == 1 else f"{percent(answer.priced_share, 2)} of tokens priced"
        )
    parts += [f"{counted(number, 'request')} seen by {name}" for name, number in covered.witnesses.items()]
    if covered.coarse:
        parts.append(f"{counted(covered.coarse, 'token')} dated coarsely")
    if covered.skipped:
        parts.append(f"{counted(covered.skipped, 'piece')} of input not understood")
    return " · ".join(parts)
