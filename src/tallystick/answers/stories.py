"""Stories: what the ledger knows of each session in a period besides its sums, from what is kept of each day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add
from typing import TYPE_CHECKING, Any, Final

from tallystick.answers.fold import grouped
from tallystick.answers.foldbook import Foldbook, How
from tallystick.answers.pages import Everyone, Page, Whose, people
from tallystick.answers.parts import Span, Sums, spans
from tallystick.answers.question import OF_VARIANT, Question
from tallystick.answers.story import Place, Story
from tallystick.answers.told import Moments, Told, Wanted, ends, spread
from tallystick.answers.work import Groups, Whole
from tallystick.ledger.ledger import Ledger, Row
from tallystick.usage.period import DAY_MS, SLOT_MS, Period

if TYPE_CHECKING:
    from tallystick.answers.growth import News

_SLOTS: Final = DAY_MS // SLOT_MS

type Places = tuple[tuple[Place, int], ...]
"""Tokens by place."""
type Asked = tuple[int, int]
"""Prompts, and uses of tools."""


class Kept:
    """What is told of the sessions of a period, from parts of days: of all when they were at work, the rest of those that are shown."""

    def __init__(self, ledger: Ledger, book: Foldbook, question: Question) -> None:
        """Gather the parts; filters by model leave time and prompts as they are, since those are no model's."""
        self._ledger, self._period = ledger, question.period
        where = {key: value for key, value in question.where.items() if key not in OF_VARIANT}
        self._whose = question._replace(group_by=("session", "tool", "project", "branch"), where=where)
        # Of sessions that do not fit nothing is asked for here: only those that are divided matter.
        divided = any(key != "session" for key in where)
        groups, self._people = _divided(ledger, self._whose) if divided else (None, Everyone(ledger))
        self._whole = Whole(ledger, self._period, groups, self._people)
        self._worked = self._whole.told()
        days = _Days(ledger, self._whose, self._whole.pages)
        kind = tuple(sorted((name, tuple(patterns)) for name, patterns in where.items()))
        zone, slots = self._period.zone, self._period.slots
        self._reached = book.parts(ledger, ("reached", kind), slots, How(days.reached, days.reached_more), zone)
        self._asked = book.parts(ledger, ("asked", kind), slots, How(days.asked, days.asked_anew), zone)
        every = Period(zone).slots
        self._astray = book.parts(ledger, ("astray", kind), every, How(days.astray, days.astray_anew), zone)
        self._others: dict[str, list[tuple[str, int, int, int]]] | None = None

    def ends(self, wanted: Wanted) -> dict[str, int]:
        """Return by session when it was first or last at work; those are missing of which that is not known."""
        days: defaultdict[int, list[Told[Any]]] = defaultdict(list)
        every = (span for span, _ in spans(self._ledger, self._period.slots))
        for span, reached, asked in zip(every, self._reached, self._asked, strict=True):
            days[span[0] // _SLOTS] += (reached, asked)
        for day, worked in self._worked.items():
            days[day].append(worked)
        found = ends(days, wanted, self._whole.apart)
        for session, moments in self._apart().items():
            if moments and (session,) in wanted.sessions:
                found[session] = max(moments) if wanted.last else min(moments)
        return found

    def _apart(self) -> dict[str, list[int]]:
        """Return the moments of the sessions that do not count as a whole."""
        apart = self._whole.apart
        found: dict[str, list[int]] = {session: [] for session in apart}
        days: list[Told[Any]] = [*self._reached, *self._asked] if apart else []
        for told in days:
            for session, moments, _ in told.some(apart):
                found[session] += moments
        for session, spells in self._spells().items():
            found[session] += [begin for _, _, begin, _ in spells]
        return found

    def stories(self, sessions: Sequence[str]) -> dict[str, Story]:
        """Return what is told of some sessions."""
        stories = {session: Story() for session in sessions}
        some = stories.keys()
        for places in self._reached:
            for session, moments, found in places.some(some):
                stories[session].moments += moments
                for place, tokens in found:
                    stories[session].places[place] += tokens
        for asked in self._asked:
            for session, moments, (prompts, calls) in asked.some(some):
                story = stories[session]
                story.moments += moments
                story.prompts += prompts
                story.calls += calls
        self._tell_astray(stories)
        self._tell_work(stories)
        for session, title in self._ledger.ask("titles"):
            if session in stories:
                stories[session].title = title
        return stories

    def _tell_astray(self, stories: dict[str, Story]) -> None:
        """Add the uses that began on other days than those of the events that asked for them."""
        first, after = self._period.slots
        for uses in self._astray:
            for session, slot, calls in uses:
                if first <= slot < after and session in stories:
                    stories[session].calls += calls

    def _tell_work(self, stories: dict[str, Story]) -> None:
        apart = self._whole.apart
        some = stories.keys() - apart
        for told in self._worked.values():
            for session, moments, times in told.some(some):
                story = stories[session]
                story.moments += moments
                story.times = list(map(add, story.times, times))
        for session in apart & stories.keys():
            spans = self._spells().get(session, [])
            stories[session].spans += spans
            stories[session].moments += [begin for _, _, begin, _ in spans]

    def _spells(self) -> dict[str, list[tuple[str, int, int, int]]]:
        """Return the spans, as agent, kind, begin and end, of the sessions that do not count as a whole."""
        if self._others is None:
            found: defaultdict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
            for context, kind, begin, end in self._whole.others():
                if self._period.since <= end < self._period.until:
                    session, agent = self._people[context]
                    found[session].append((agent, kind, begin, end))
            self._others = dict(found)
        return self._others


def _divided(ledger: Ledger, whose: Question) -> tuple[Groups, Whose]:
    groups, names = grouped(ledger, whose._replace(group_by=("session", "agent")))
    return groups, people(ledger, groups, names)


class _Days:
    """Works out what a day adds, for those contexts that fit."""

    def __init__(self, ledger: Ledger, whose: Question, pages: Mapping[int, Page]) -> None:
        self._ledger, self._whose, self._pages = ledger, whose, pages

    def reached(self, span: Span, sums: Callable[[], Sums]) -> Told[Places]:
        """Return from when to when sessions consumed something, and where."""
        rows = self._ledger.ask("reach", since=span[0], until=span[1])
        return self._reached(rows, sums().contexts)

    def reached_more(self, part: Told[Places], _: Span, came: "News") -> Told[Places]:
        """Return the same with what has come."""
        rows = [
            (row[4], timed[0], timed[1], sum(row[6:11])) for row, timed in zip(came.sums.rows, came.timed, strict=True)
        ]
        return part.grown(self._reached(rows, came.sums.contexts), _together)

    def _reached(self, rows: Iterable[Row], contexts: Sequence[Row]) -> Told[Places]:
        groups, names = grouped(self._ledger, self._whose, contexts)
        found: dict[str, tuple[Moments, Places]] = {}
        for context, earliest, latest, tokens in rows:
            if (group := groups[context]) >= 0:
                session, *place = names[group]
                moments, places = found.get(session, ((), ()))
                more: Places = ((tuple(place), tokens),)  # type: ignore[assignment]
                found[session] = spread(moments, (earliest, latest)), _together(places, more) if places else more
        return Told(found)

    def asked(self, span: Span, sums: Callable[[], Sums]) -> Told[Asked]:
        """Return the prompts and the uses of tools of sessions; those that began on another day are astray."""
        page, (first, after) = self._page(span), span
        prompts = [(place[1], told) for place, told in page.prompted.items() if first <= place[0] < after]
        uses = [(place[1], len(told.names)) for place, told in page.used.items() if first <= place[0] < after]
        fitting = self._fitting(
            {context for context, _ in (*prompts, *uses)}, sums().contexts if prompts or uses else ()
        )
        found: dict[str, tuple[Moments, Asked]] = {}
        for context, (number, earliest, latest) in prompts:
            if (session := fitting.get(context)) is not None:
                moments, asked = found.get(session, ((), (0, 0)))
                found[session] = spread(moments, (earliest, latest)), (asked[0] + number, asked[1])
        for context, number in uses:
            if (session := fitting.get(context)) is not None:
                moments, asked = found.get(session, ((), (0, 0)))
                found[session] = moments, (asked[0], asked[1] + number)
        return Told(found)

    def asked_anew(self, _: Told[Asked], span: Span, came: "News") -> Told[Asked]:
        """Return the same as of now: not everything that has come is told apart."""
        return self.asked(span, lambda: came.sums)

    def astray(self, span: Span, sums: Callable[[], Sums]) -> list[tuple[str, int, int]]:
        """Return session, quarter-hour and number of the uses that began on another day."""
        first, after = span
        uses = [
            (*place, len(told.names)) for place, told in self._page(span).used.items() if not first <= place[0] < after
        ]
        fitting = self._fitting({context for _, context, _ in uses}, sums().contexts if uses else ())
        return [(fitting[context], slot, number) for slot, context, number in uses if context in fitting]

    def astray_anew(self, _: list[tuple[str, int, int]], span: Span, came: "News") -> list[tuple[str, int, int]]:
        """Return the same as of now."""
        return self.astray(span, lambda: came.sums)

    def _page(self, span: Span) -> Page:
        return self._pages[span[0] // _SLOTS]

    def _fitting(self, contexts: set[int], known: Iterable[Row]) -> dict[int, str]:
        """Return the sessions of those of some contexts that fit."""
        rows = {row[0]: row for row in known if row[0] in contexts}
        rows |= {row[0]: row for each in contexts - rows.keys() for row in self._ledger.ask("context", context=each)}
        groups, names = grouped(self._ledger, self._whose, list(rows.values())) if rows else ({}, [])
        return {context: names[group][0] for context, group in groups.items() if group >= 0}


def _together(one: Places, other: Places) -> Places:
    both = defaultdict(int, one)
    for place, tokens in other:
        both[place] += tokens
    return tuple(both.items())
