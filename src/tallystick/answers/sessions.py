"""Sessions: beside their figures what each was called, where and when it ran, and how long it was at work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import add
from typing import Any

from tallystick.answers.answer import Answer, Details, Moment, Row
from tallystick.answers.book import BOOK
from tallystick.answers.fold import Folded, answered, fold, grouped
from tallystick.answers.pages import people
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.uses import prompted, used
from tallystick.answers.work import Work, work
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import Activity, activity
from tallystick.usage.period import Period


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer by session, with details where nothing else divides a session."""
    folded = fold(ledger, book, question)
    if question.group_by == question.report.group_by:
        folded = _told(ledger, question, folded)
    return answered(ledger, question, folded)


def _told(ledger: Ledger, question: Question, folded: Folded) -> Folded:
    wanted = {row.keys[0] for row in folded.rows}
    stories = _stories(ledger, question)
    rows = [Row(row.keys, row.figures, stories[row.keys[0]].details()) for row in folded.rows if row.keys[0] in wanted]
    return folded._replace(rows=rows)


def _stories(ledger: Ledger, question: Question) -> dict[str, "_Story"]:
    """Gather what the ledger knows of each session in the period, besides its sums."""
    stories: defaultdict[str, _Story] = defaultdict(_Story)
    # All filters but those by model count here: time and prompts are no model's.
    whose = question._replace(
        group_by=("session", "agent", "tool", "project", "branch"),
        where={key: value for key, value in question.where.items() if key not in OF_VARIANT},
    )
    groups, names = grouped(ledger, whose)
    first, after = question.period.slots
    for context, earliest, latest, tokens in ledger.ask("reach", since=first, until=after):
        if (group := groups[context]) >= 0:
            story = stories[names[group][0]]
            story.moments += (earliest, latest)
            story.places[names[group][2:]] += tokens
    _tell_work(ledger, question.period, (groups, names), stories)
    for session, title in ledger.ask("titles"):
        if session in stories:
            stories[session].title = title
    return stories


def _tell_work(
    ledger: Ledger,
    period: Period,
    fitting: tuple[Mapping[int, int], Sequence[tuple[str, ...]]],
    stories: Mapping[str, "_Story"],
) -> None:
    """Add prompts, uses of tools, and the time at work: of all spans that ended in the period, with what was before it."""
    booked = BOOK.worth(ledger, period)
    groups, whose = fitting[0], people(ledger, *fitting)
    for (_, context), prompts in prompted(ledger, period, booked=booked):
        if groups[context] >= 0:
            story = stories[whose[context][0]]
            story.moments += prompts[1:]
            story.prompts += prompts.number
    span = {"since": period.since, "until": period.until}
    counts = (
        ((context, len(uses.names)) for (_, context), uses in used(ledger, period))
        if booked
        else ((context, number) for _, context, number, *_ in ledger.ask("calls", **span))
    )
    for context, number in counts:
        if groups[context] >= 0:
            stories[whose[context][0]].calls += number
    found = work(ledger, period, groups, whose) if booked else Work([], ledger.ask("spans", **span))
    for (_, session), cell in found.cells:
        story = stories[session]
        story.times[:] = map(add, story.times, cell.times)
        if cell.begins:
            story.moments += cell.begins
    for context, kind, begin, end in found.spans:
        if groups[context] >= 0 and period.since <= end < period.until:
            session, agent = whose[context]
            stories[session].spans.append((agent, kind, begin, end))
            stories[session].moments.append(begin)


class _Story:
    """What is told of one session."""

    def __init__(self) -> None:
        self.title = ""
        self.places: defaultdict[tuple[str, ...], int] = defaultdict(int)
        """Tokens by tool, project and branch."""
        self.moments: list[int] = []
        self.times = [0, 0, 0, 0, 0]
        """Time at work, as the fields of `Activity`."""
        self.spans: list[tuple[str, int, int, int]] = []
        """What is to be added to that: agent, kind, begin, end."""
        self.prompts = 0
        self.calls = 0

    def details(self) -> Details:
        """Return the details of its row; a session that moved is told by where most of its tokens went."""
        tool, project, branch = min(self.places, key=lambda place: (-self.places[place], place), default=("", "", ""))
        found: dict[str, Any] = {
            "tool": tool,
            "title": self.title,
            "project": project,
            "branch": branch,
            "first": Moment(min(self.moments)) if self.moments else None,
            "last": Moment(max(self.moments)) if self.moments else None,
        }
        at_work = Activity(*(map(add, self.times, activity(self.spans)) if self.spans else self.times))
        found |= {f"{name}_ms": value for name, value in at_work._asdict().items()}
        return found | {"prompts": self.prompts, "tool_calls": self.calls}
