"""Sessions: beside their figures what each was called, where and when it ran, and how long it was at work."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from tallystick.answers.answer import Answer, Details, Moment, Row
from tallystick.answers.fold import Folded, answered, fold, grouped
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.activity import activity

_TOKENS: Final = slice(6, 11)
"""In a row of `usage_by_context`: the disjoint kinds of tokens."""

type _Stories = Iterator[tuple["_Story", tuple[str, ...], tuple[Any, ...]]]
type _Of = Callable[[Iterable[tuple[Any, ...]], int], _Stories]


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
    of = _told_apart(ledger, question, stories)
    since, until = question.period.since, question.period.until
    first, after = question.period.slots
    for story, name, row in of(ledger.ask("usage_by_context", since=first, until=after), 4):
        story.places[name[2:]] += sum(row[_TOKENS])
    for story, _, (_, first_ms, last_ms) in of(ledger.ask("reach", since=since, until=until), 0):
        story.moments += (first_ms, last_ms)
    for story, _, row in of(ledger.ask("prompts", since=since, until=until), 1):
        story.moments.append(row[0])
        story.prompts += 1
    for story, _, row in of(ledger.ask("calls", since=since, until=until), 1):
        story.calls += row[2]
    for story, name, (_, kind, begin, end) in of(ledger.ask("spans", since=since, until=until), 0):
        story.spans.append((name[1], kind, begin, end))
        story.moments.append(begin)
    for session, title in ledger.ask("titles"):
        if session in stories:
            stories[session].title = title
    return stories


def _told_apart(ledger: Ledger, question: Question, stories: Mapping[str, "_Story"]) -> "_Of":
    """Return what tells of rows, by the place of their context, which session and context they are of."""
    # All filters but those by model count here: time and prompts are no model's.
    whose = question._replace(
        group_by=("session", "agent", "tool", "project", "branch"),
        where={key: value for key, value in question.where.items() if key not in OF_VARIANT},
    )
    groups, names = grouped(ledger, whose)

    def of(rows: Iterable[tuple[Any, ...]], context: int) -> "_Stories":
        for row in rows:
            if (group := groups[row[context]]) >= 0:
                yield stories[names[group][0]], names[group], row

    return of


class _Story:
    """What is told of one session."""

    def __init__(self) -> None:
        self.title = ""
        self.places: defaultdict[tuple[str, ...], int] = defaultdict(int)
        """Tokens by tool, project and branch."""
        self.moments: list[int] = []
        self.spans: list[tuple[str, int, int, int]] = []
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
        at_work = activity(self.spans)
        found |= {f"{name}_ms": value for name, value in at_work._asdict().items()}
        return found | {"prompts": self.prompts, "tool_calls": self.calls}
