"""Answers from a ledger on this machine."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tallystick.answers.answer import Answer
from tallystick.answers.fold import answer
from tallystick.answers.question import Question
from tallystick.ledger.ledger import Ledger
from tallystick.prices.price_book import PriceBook
from tallystick.usage.period import END, Zone

if TYPE_CHECKING:
    from tallystick.answers.audit import Audit
    from tallystick.answers.calls import Calls
    from tallystick.answers.compare import Comparison
    from tallystick.answers.counters import Standing
    from tallystick.answers.energy import Energy
    from tallystick.answers.events import Event, Page
    from tallystick.answers.limits import History, Limits, Window
    from tallystick.answers.live import Live
    from tallystick.answers.machines import Machines
    from tallystick.answers.overview import Overview
    from tallystick.answers.pattern import Habits
    from tallystick.answers.points import OfSession, Spent
    from tallystick.answers.price_card import Card
    from tallystick.answers.punchcard import Punchcard
    from tallystick.answers.receivers import Receivers, Tools
    from tallystick.answers.shared import Shared
    from tallystick.answers.shares import Shares
    from tallystick.answers.timeline import Timeline
    from tallystick.answers.why import Why
    from tallystick.answers.year import Year
    from tallystick.usage.event import Variant
    from tallystick.usage.period import Period

_ROWS_MOST: Final = 2_000
"""Rows of an answer that is kept for who else asks: one of all sessions of a month takes tens of MiB."""


class Answers:
    """Answers questions from one ledger by one price book."""

    def __init__(self, ledger: Ledger, book: Callable[[], PriceBook], here: str = "") -> None:
        """Begin with a ledger; the book is opened when a question asks for prices; `here` is the machine on which it lies."""
        self._ledger, self._here = ledger, here
        self._book = book
        self._shared: Shared | None = None
        self._habits: Habits | None = None

    def share(self, shared: "Shared | None") -> None:
        """From now on, work out together with others what they ask for too; the ledger must be the same for all of them."""
        self._shared = shared

    def _once[T](self, name: str, key: Hashable, work: Callable[[], T]) -> T:
        return work() if self._shared is None else self._shared.once((name, key), work)

    def _rows_once(self, question: Question, work: Callable[[], Answer]) -> Answer:
        if self._shared is None:
            return work()
        return self._shared.once(("ask", question.key), work, lambda made: len(made.rows) > _ROWS_MOST)

    def ask(self, question: Question) -> Answer:
        """Answer a question the way its report answers."""
        answers = question.report.answer or answer
        book = self._book() if question.prices else None
        found = self._rows_once(question, lambda: answers(self._ledger, book, question))
        # Who else asked may have done so long before, which is what tells how old the answer is.
        return found if found.question is question else found._replace(question=question)

    def why(self, question: Question) -> "Why":
        """Explain what fits a question's period and filters."""
        from tallystick.answers.why import why

        return why(self._ledger, self._book(), question)

    def audit(self, question: Question) -> "Audit":
        """Hold what logs and the wire saw in a question's period against one another."""
        from tallystick.answers.audit import audit

        return audit(self._ledger, question)

    def overview(self, zone: Zone, now: int) -> "Overview":
        """Answer what a person wants to know first."""
        from tallystick.answers.overview import overview

        return overview(self._ledger, self._book(), zone, now)

    def events(self, question: Question, after: str = "", *, newest_first: bool = True) -> "Page":
        """Return a page of single events, which goes on behind the one before it when given what that has as `after`."""
        from tallystick.answers.events import events

        return events(self._ledger, self._priced(question), question, after, newest_first=newest_first)

    def event(self, number: int) -> "Event":
        """Return one event with all its sightings; raise NotFound when there is none of that number."""
        from tallystick.answers.events import event

        return event(self._ledger, self._book(), number)

    def names(self, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return by key the names to filter by that there are."""
        from tallystick.answers.names import names

        return names(self._ledger, keys)

    def session(self, name: str, zone: Zone) -> "Timeline":
        """Return what happened in one session; raise NotFound when there is none of that name."""
        from tallystick.answers.timeline import session

        return session(self._ledger, self._book(), name, zone)

    def punchcard(self, question: Question) -> "Punchcard":
        """Return usage by weekday and hour, and the last 24 hours."""
        from tallystick.answers.punchcard import punchcard

        key = (question.key, question.now)
        return self._once("punchcard", key, lambda: punchcard(self._ledger, self._priced(question), question))

    def calls(self, question: Question) -> "Calls":
        """Return the uses of tools by their names, and by day."""
        from tallystick.answers.calls import calls

        return self._once("calls", question.key, lambda: calls(self._ledger, question))

    def compare(self, question: Question, *, weekdays: bool = False) -> "Comparison":
        """Hold a period against the one before it; on wish against one that has the same weekdays."""
        from tallystick.answers.compare import compare

        key = (question.key, question.now, weekdays)
        return self._once(
            "compare", key, lambda: compare(self._ledger, self._priced(question), question, weekdays=weekdays)
        )

    def year(self, question: Question, year: int | None = None) -> "Year":
        """Return each day of a calendar year, or of the 365 days up to today; days from before there were data are unknown."""
        from tallystick.answers.year import year as days_of

        return days_of(self._ledger, self._priced(question), question, year)

    def energy(self, question: Question) -> "Energy":
        """Estimate the electricity and water that usage took."""
        from tallystick.answers.energy import energy

        return energy(self._ledger, question)

    def limits(self, now: int, *, until: int = END) -> "Limits":
        """Return how far each usage window of a vendor was used up when it was last told before a moment, and when it runs out."""
        from tallystick.answers.limits import limits

        if self._habits is None:
            from tallystick.answers.pattern import Habits

            self._habits = Habits(self._ledger)
        return limits(self._ledger, now, self._habits.at, until=until)

    def points(self, session: str, now: int) -> "OfSession":
        """Return how much of each window a session used, of those of which that can be told."""
        from tallystick.answers.points import of_session

        return of_session(self._ledger, self.limits(now).windows, session, now)

    def spent(
        self, sessions: Collection[str], windows: "Sequence[Window]", now: int
    ) -> "Mapping[str, Sequence[Spent]]":
        """Return how much of some windows each of some sessions used, where that can be told."""
        from tallystick.answers.points import of_sessions

        return of_sessions(self._ledger, windows, sessions, now)

    def limits_history(self, since: int, until: int, provider: str = "", name: str = "") -> "History":
        """Return what was said of the usage windows of a provider and a name, or of all, in a time."""
        from tallystick.answers.limits import history

        return history(self._ledger, since, until, provider=provider, name=name)

    def live(self, question: Question) -> "Live":
        """Return what goes on at the moment of a question, all as of one state of the ledger."""
        from tallystick.answers.live import live

        book = self._priced(question)
        return self.at_one_moment(lambda answers: live(answers, (self._ledger, book, self._here), question))

    def shares(self, period: "Period") -> "Shares":
        """Return what of the prompts and uses of tools in a period falls to each machine and to each hour."""
        from tallystick.answers.shares import shares

        return shares(self._ledger, period)

    def machines(self, question: Question) -> "Machines":
        """Return all machines and users, when each was heard of last, and what of a question was used there."""
        from tallystick.answers.machines import machines

        book, key = self._priced(question), (question.key, question.now)
        return self._once("machines", key, lambda: machines(self._ledger, book, question, self._here))

    def counters(self) -> "list[Standing]":
        """Return what every running total that is pushed stood at last."""
        from tallystick.answers.counters import counters

        return counters(self._ledger)

    def receivers(self, now: int) -> "Receivers":
        """Return what came in from each tool, what was not understood, and what has no price."""
        from tallystick.answers.receivers import receivers

        return self._once("receivers", now, lambda: receivers(self._ledger, self._book(), now))

    def tools(self, now: int) -> "Tools":
        """Return what the ledger holds of each tool that can be read."""
        from tallystick.answers.receivers import tools

        return tools(self._ledger, now)

    def cards(self, asked: "Variant", prompt: int | None, time: int) -> "list[Card]":
        """Return what a model costs at a moment; raise NotFound when that is not known."""
        from tallystick.answers.price_card import cards

        return cards(self._book(), asked, prompt, time)

    def prepare(self) -> None:
        """Work out what many answers about the whole history are made of, so that nobody who asks has to wait for that."""
        from tallystick.answers.work import prepare

        prepare(self._ledger)

    def prepare_sums(self, zone: Zone) -> int:
        """Have the sums of which reports in a zone are made at hand, where those are kept; return of how many days they were not."""
        from tallystick.answers.parts import KEPT

        return KEPT.book.prepare(self._ledger, zone) if KEPT.book else 0

    def at_one_moment[T](self, work: "Callable[[Answers], T]") -> T:
        """Return what some work with these answers gives; whatever it asks, it sees the ledger as it is now."""
        return self._ledger.snapshot(lambda: work(self))

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def _priced(self, question: Question) -> PriceBook | None:
        return self._book() if question.prices else None
