"""Answers from the server of another machine, by the same promise as those from a ledger on this one."""

from collections.abc import Callable
from json import dumps
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from tallystick.answers.answer import Answer
from tallystick.answers.asked import said
from tallystick.answers.exact import NotUnderstoodError, unpacked
from tallystick.answers.question import Question, Wish, question
from tallystick.answers.reaching import Reach, fetched, strange
from tallystick.answers.reports.places import ANY
from tallystick.usage.period import Period, Zone

if TYPE_CHECKING:
    from tallystick.answers.calls import Calls
    from tallystick.answers.compare import Comparison
    from tallystick.answers.energy import Energy
    from tallystick.answers.events import Event, Page
    from tallystick.answers.limits import History, Limits
    from tallystick.answers.live import Live
    from tallystick.answers.machines import Machines
    from tallystick.answers.overview import Overview
    from tallystick.answers.points import OfSession
    from tallystick.answers.punchcard import Punchcard
    from tallystick.answers.timeline import Timeline
    from tallystick.answers.why import Why
    from tallystick.answers.year import Year

ADDRESS: Final = "/api/v1/exact"


class Remote:
    """Asks a server what `Answers` asks a ledger."""

    def __init__(self, reach: Reach, told: Callable[[float], None] = lambda _: None) -> None:
        """Begin with where to ask, and who hears how far the server has come when it is still reading logs in."""
        self._reach, self._told = reach, told

    def ask(self, question: Question) -> Answer:
        """Answer a question the way its report answers."""
        found: Answer = self._asked(Answer, "report", question)
        return found._replace(question=question)

    def why(self, question: Question) -> "Why":
        """Explain what fits a question's period and filters."""
        from tallystick.answers.why import Why

        return self._asked(Why, "why", question)

    def overview(self, zone: Zone, now: int) -> "Overview":
        """Answer what a person wants to know first."""
        from tallystick.answers.overview import Overview

        return self._asked(Overview, "overview", _anything(zone, now))

    def events(self, question: Question, after: str = "", *, newest_first: bool = True) -> "Page":
        """Return a page of single events, which goes on behind the one before it when given what that has as `after`."""
        from tallystick.answers.events import Page

        return self._asked(Page, "events", question, after=after, newest_first=newest_first)

    def event(self, number: int) -> "Event":
        """Return one event with all its sightings; raise NotFound when there is none of that number."""
        from tallystick.answers.events import Event

        return self._asked(Event, "event", _anything(Zone()), number=number)

    def session(self, name: str, zone: Zone) -> "Timeline":
        """Return what happened in one session; raise NotFound when there is none of that name."""
        from tallystick.answers.timeline import Timeline

        return self._asked(Timeline, "session", _anything(zone), name=name)

    def punchcard(self, question: Question) -> "Punchcard":
        """Return usage by weekday and hour, and the last 24 hours."""
        from tallystick.answers.punchcard import Punchcard

        return self._asked(Punchcard, "punchcard", question)

    def calls(self, question: Question) -> "Calls":
        """Return the uses of tools by their names, and by day."""
        from tallystick.answers.calls import Calls

        return self._asked(Calls, "calls", question)

    def compare(self, question: Question, *, weekdays: bool = False) -> "Comparison":
        """Hold a period against the one before it; on wish against one that has the same weekdays."""
        from tallystick.answers.compare import Comparison

        return self._asked(Comparison, "compare", question, weekdays=weekdays)

    def year(self, question: Question, year: int | None = None) -> "Year":
        """Return each day of a calendar year, or of the 365 days up to today; days from before there were data are unknown."""
        from tallystick.answers.year import Year

        return self._asked(Year, "year", question, year=year)

    def machines(self, question: Question) -> "Machines":
        """Return all machines and users, when each was heard of last, and what of a question was used there."""
        from tallystick.answers.machines import Machines

        return self._asked(Machines, "machines", question)

    def energy(self, question: Question) -> "Energy":
        """Estimate the electricity and water that usage took."""
        from tallystick.answers.energy import Energy

        return self._asked(Energy, "energy", question)

    def live(self, question: Question) -> "Live":
        """Return what goes on at the moment of a question."""
        from tallystick.answers.live import Live

        return self._asked(Live, "live", question)

    def limits(self, now: int) -> "Limits":
        """Return how far each usage window of a vendor was used up when it was last told."""
        from tallystick.answers.limits import Limits

        return self._asked(Limits, "limits", _anything(Zone(), now))

    def limits_history(self, since: int, until: int, provider: str = "", name: str = "") -> "History":
        """Return what was said of the usage windows of a provider and a name, or of all, in a time."""
        from tallystick.answers.limits import History

        asked = question(ANY, Period(Zone(), since, until), Wish("day"), 0)
        return self._asked(History, "limits_history", asked, provider=provider, name=name)

    def points(self, session: str, now: int) -> "OfSession":
        """Return how much of each window a session used, of those of which that can be told."""
        from tallystick.answers.points import OfSession

        return self._asked(OfSession, "points", _anything(Zone(), now), name=session)

    def _asked[T](self, kind: type[T], look: str, question: Question, **more: Any) -> T:  # noqa: ANN401  what JSON holds
        told = dumps({"look": look, "question": said(question), **more}, separators=(",", ":"))
        text = fetched(self._reach, f"{ADDRESS}?{urlencode({'asked': told})}")
        try:
            carried = unpacked(text)
        except NotUnderstoodError as error:
            raise strange(self._reach, str(error)) from None
        if not isinstance(carried.value, kind):
            raise strange(self._reach, "it answers another question")
        if carried.importing is not None:
            self._told(carried.importing)
        return carried.value


def _anything(zone: Zone, now: int = 0) -> Question:
    return question(ANY, Period(zone), Wish("day"), now)
