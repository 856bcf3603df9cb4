"""Asking for the picture on a thread of its own: whenever there is news, never more often than it takes, and only the newest kept."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from tallystick.answers.live import Live
from tallystick.answers.question import EVERYTHING, Filters, Wish, question
from tallystick.answers.reports.places import ANY
from tallystick.errors import TallystickError
from tallystick.faces.tui.state import Besides
from tallystick.usage.period import Period, Zone

if TYPE_CHECKING:
    from tallystick.answers.answers import Answers
    from tallystick.answers.remote import Remote

LOOK_S: Final = 1.0
"""How often it is looked whether there is news, where nobody tells."""
APART_S: Final = 0.5
"""Between two pictures at least."""
_SHARE: Final = 4
"""How often the time that a picture took of a core passes before the next one, so that a large ledger keeps none busy."""
_BESIDE_S: Final = 10.0
"""Between two looks at what is in no ledger, at least."""
_AGED_S: Final = 60.0
"""After so long a picture is another one though nothing was counted: windows are reset, sessions come to rest, days end."""
_AGAIN_MOST_S: Final = 30.0
_JOBS_MOST: Final = 4
_TO_END_S: Final = 0.3

type Asked = Answers | Remote


class Wanted(NamedTuple):
    """What a picture is to be of."""

    zone: Zone
    where: Filters = EVERYTHING
    prices: bool = True

    def asked(self, now: int, span: Period | None = None) -> Any:  # noqa: ANN401  a question
        """Return the question for it, at a moment."""
        return question(ANY, span or Period(self.zone), Wish("day", self.where, prices=self.prices), now)


class Opened(Protocol):
    """What answers, and tells whether there is news."""

    @property
    def answers(self) -> Asked:
        """What is asked."""

    def news(self) -> object:
        """Return another value than before when something has changed."""

    def besides(self, now: int) -> Besides:
        """Return how budgets stand at a moment (milliseconds since 1970, UTC), and which alerts are open."""

    def close(self) -> None:
        """Let go of it."""


class Asking:
    """Keeps the newest picture at hand; of pictures that nobody has taken, only the last one is kept."""

    def __init__(self, opens: Callable[[], Opened], wanted: Wanted, clock: Callable[[], int]) -> None:
        """Begin with how answers are opened, on the thread that asks; the clock tells milliseconds since 1970."""
        self._opens, self._wanted, self._clock = opens, wanted, clock
        self._lock = threading.Condition()
        self._jobs: deque[tuple[Callable[[Asked], Any], Callable[[Any], None]]] = deque(maxlen=_JOBS_MOST)
        self._again = self._ending = False
        self._tell: Callable[[], object] = lambda: None
        self._told = False
        self.live: Live | None = None
        """The newest picture."""
        self.trouble = ""
        """What is wrong, in a sentence; empty when nothing is."""
        self.besides = Besides()
        self._beside_due = 0.0
        self._thread = threading.Thread(target=self._run, name="asking", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def listen(self, tell: Callable[[], object]) -> None:
        """Have something called, from the thread that asks, when there is a new picture; once until `taken`."""
        with self._lock:
            self._tell, self._told = tell, False

    def taken(self) -> None:
        """Take note that the newest picture has been drawn."""
        self._told = False

    def wait(self, seconds: float) -> bool:
        """Wait for the first picture or trouble; tell whether it came in time."""
        with self._lock:
            return self._lock.wait_for(lambda: self.live is not None or bool(self.trouble), seconds)

    @property
    def wanted(self) -> Wanted:
        """What pictures are of."""
        return self._wanted

    def want(self, wanted: Wanted) -> None:
        """From now on, ask for other pictures."""
        with self._lock:
            self._wanted, self._again = wanted, True
            self._lock.notify_all()

    def again(self) -> None:
        """Ask anew soon, for there is news."""
        with self._lock:
            self._again = True
            self._lock.notify_all()

    def do[T](self, work: Callable[[Asked], T], done: Callable[[T | TallystickError], None]) -> None:
        """Have some work done with the answers, and hand on what it gives, from that thread; of many the last ones count."""
        with self._lock:
            self._jobs.append((work, done))
            self._lock.notify_all()

    def end(self) -> None:
        """Ask no more; an answer that takes long is not waited for."""
        with self._lock:
            self._ending = True
            self._lock.notify_all()
        if self._thread.is_alive():
            self._thread.join(_TO_END_S)

    def _run(self) -> None:
        failures = 0
        while not self._ending:
            try:
                opened = self._opens()
            except Exception as error:  # noqa: BLE001 - whatever it is, the picture stays and it is tried again
                failures = self._failed(error, failures)
                continue
            try:
                while not self._ending:
                    self._round(opened)
                    failures = 0
            except Exception as error:  # noqa: BLE001 - the same
                failures = self._failed(error, failures)
            finally:
                with suppress(Exception):
                    opened.close()

    def _failed(self, error: Exception, failures: int) -> int:
        """Tell of an error and wait a while; return how many there were one after another."""
        told = str(error) if isinstance(error, TallystickError) else f"{type(error).__name__}: {error}"
        self._show(None, told)
        with self._lock:
            self._again = False
            self._lock.wait_for(lambda: self._ending or self._again, min(2.0**failures, _AGAIN_MOST_S))
        return failures + 1

    def _round(self, opened: Opened) -> None:
        """Ask for a picture, and wait until there is reason for another one."""
        with self._lock:
            self._again, wanted = False, self._wanted
        before, began, worked = opened.news(), monotonic(), thread_time()
        live = opened.answers.live(wanted.asked(self._clock()))
        # A busy machine makes it late, and is no reason to ask more seldom; a server that is slow is.
        took, cost = monotonic() - began, thread_time() - worked
        self._show(live, "")
        self._look_beside(opened)
        rest = began + took + max(APART_S, took, cost * _SHARE)
        while not self._ending and monotonic() < began + _AGED_S:
            self._work(opened)
            with self._lock:
                changed = self._wanted is not wanted
                due = monotonic() >= rest
                if changed or (due and self._again):
                    return
                if not self._jobs:
                    self._lock.wait(LOOK_S if due else min(rest - monotonic(), LOOK_S))
            if not self._again and opened.news() != before:
                self.again()

    def _look_beside(self, opened: Opened) -> None:
        """Look at what is in no ledger, now and then, once there is a picture."""
        if monotonic() < self._beside_due:
            return
        try:
            found = opened.besides(self._clock())
        except TallystickError:
            # The picture is what matters: what is wrong there is told by the commands that are about it.
            found = Besides()
        self._beside_due = monotonic() + _BESIDE_S
        if found != self.besides:
            self.besides = found
            self._show(self.live, "")

    def _work(self, opened: Opened) -> None:
        while self._jobs and not self._ending:
            work, done = self._jobs.popleft()
            try:
                done(work(opened.answers))
            except TallystickError as error:
                done(error)

    def _show(self, live: Live | None, trouble: str) -> None:
        with self._lock:
            self.live, self.trouble = live or self.live, trouble
            tell = None if self._told else self._tell
            self._told = True
            self._lock.notify_all()
        if tell is not None:
            tell()
