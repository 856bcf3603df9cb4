"""Sessions: beside their figures what each was called, where and when it ran, and how long it was at work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import add
from typing import Any, Protocol

from tallystick.answers.answer import Answer, Figures, Row, chosen, measured
from tallystick.answers.book import BOOK
from tallystick.answers.fold import answer as plainly
from tallystick.answers.fold import covered, folded, grouped, parted
from tallystick.answers.pages import people
from tallystick.answers.parts import KEPT
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.story import Story
from tallystick.answers.told import Wanted
from tallystick.answers.uses import prompted, used
from tallystick.answers.work import Work, work
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import Period

type Sums = Mapping[tuple[str, ...], tuple[int, ...]]
"""Figures by session."""


class Telling(Protocol):
    """What can be told of the sessions of a period."""

    def ends(self, wanted: Wanted) -> Mapping[str, int]:
        """Return by session when it was first or last at work; those are missing of which that is not known."""

    def stories(self, sessions: Sequence[str]) -> Mapping[str, Story]:
        """Return what is told of some sessions."""


def answer(ledger: Ledger, book: PriceBook | None, question: Question) -> Answer:
    """Answer by session, with details where nothing else divides a session."""
    if question.group_by != question.report.group_by:
        return plainly(ledger, book, question)
    part, totals, dated = parted(ledger, book, question)
    telling = _telling(ledger, question)
    # There may be many thousands of sessions: of all is asked what the order depends on, the rest of those that are shown.
    names, values = _ordered(question, telling, part.sums)
    shown = [names[place] for place in chosen(question, names, values)]
    stories = telling.stories([name for (name,) in shown])
    rows = [Row(keys, Figures(*part.sums[keys]), stories[keys[0]].details()) for keys in shown]
    found = folded(part, dated)._replace(totals=totals)
    return covered(ledger, question, found, rows, len(part.sums) - len(rows))


def _ordered(question: Question, telling: Telling, sums: Sums) -> tuple[list[tuple[str, ...]], Sequence[Any]]:
    """Return the rows among which those are that are shown, and what they are ordered by."""
    names = list(sums)
    column, greatest_first = question.order
    if column in question.group_by:
        return names, names
    if column in {"first", "last"}:
        # Days need not be looked at from which nothing is shown.
        most = question.limit or 0 if (column == "last") == greatest_first else 0
        ends = telling.ends(Wanted(column == "last", sums, most))
        names = [(name,) for name in ends] if most and len(ends) >= most else names
        return names, [ends.get(name) for (name,) in names]
    if column in question.report.details:
        stories = telling.stories([name for (name,) in names])
        return names, [stories[name].details()[column] for (name,) in names]
    return names, measured(list(sums.values()), column)


def _telling(ledger: Ledger, question: Question) -> Telling:
    if KEPT.book is not None and BOOK.worth(ledger, question.period):
        from tallystick.answers.stories import Kept

        return Kept(ledger, KEPT.book, question)
    return _Gathered(ledger, question)


class _Gathered:
    """Gathers what the ledger knows of each session in a period, for whoever asks once."""

    def __init__(self, ledger: Ledger, question: Question) -> None:
        self._stories: defaultdict[str, Story] = defaultdict(Story)
        # All filters but those by model count here: time and prompts are no model's.
        whose = question._replace(
            group_by=("session", "agent", "tool", "project", "branch"),
            where={key: value for key, value in question.where.items() if key not in OF_VARIANT},
        )
        groups, names = grouped(ledger, whose)
        first, after = question.period.slots
        for context, earliest, latest, tokens in ledger.ask("reach", since=first, until=after):
            if (group := groups[context]) >= 0:
                session, _, tool, project, branch = names[group]
                story = self._stories[session]
                story.moments += (earliest, latest)
                story.places[tool, project, branch] += tokens
        self._tell_work(ledger, question.period, (groups, names))
        for session, title in ledger.ask("titles"):
            if session in self._stories:
                self._stories[session].title = title

    def ends(self, wanted: Wanted) -> dict[str, int]:
        """Return by session when it was first or last at work."""
        choose = max if wanted.last else min
        return {
            name: choose(story.moments)
            for name, story in self._stories.items()
            if story.moments and (name,) in wanted.sessions
        }

    def stories(self, sessions: Sequence[str]) -> dict[str, Story]:
        """Return what is told of some sessions."""
        return {session: self._stories[session] for session in sessions}

    def _tell_work(
        self, ledger: Ledger, period: Period, fitting: tuple[Mapping[int, int], Sequence[tuple[str, ...]]]
    ) -> None:
        """Add prompts, uses of tools, and the time at work: of all spans that ended in the period, with what was before it."""
        stories, booked = self._stories, BOOK.worth(ledger, period)
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
            story.times = list(map(add, story.times, cell.times))
            if cell.begins:
                story.moments += cell.begins
        for context, kind, begin, end in found.spans:
            if groups[context] >= 0 and period.since <= end < period.until:
                session, agent = whose[context]
                stories[session].spans.append((agent, kind, begin, end))
                stories[session].moments.append(begin)
