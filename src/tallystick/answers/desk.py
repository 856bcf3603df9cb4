"""The desk: answers the questions of many at once, each only once while nothing changes, on threads of its own."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from math import inf
from typing import Any, Final, NamedTuple

from tallystick.answers.answers import Answers
from tallystick.answers.kept import Entry, Kept
from tallystick.answers.shared import Shared
from tallystick.errors import Unavailable

WORKERS: Final = 4
_LOOK_SECONDS: Final = 1.0
"""How often the ledger and the prices are looked at, for what nobody says."""
_PATIENCE_SECONDS: Final = 10.0
"""How long a question waits for a ledger that cannot be used just now."""
_AGAIN_SECONDS: Final = (0.02, 0.1, 0.5, 1.0)
_WAITING_MOST: Final = 512
_HOT_MOST: Final = 32
_HOT_SECONDS: Final = 60.0
_LATE_SECONDS: Final = 10.0
"""How old an answer may be that stands in for one of its version that is still being worked out."""
_PAUSE_SECONDS: Final = 0.25
_SHARE: Final = 2
"""How often the time that it took to answer anew passes before that is done again."""
_TURN_SECONDS: Final = 0.0005
_CLOSING_SECONDS: Final = 10.0

type Mark = tuple[Hashable, Hashable]
"""Which ledger and prices there are, so that others mean to open anew; and what state they are in, so that another one means
a new version."""


class Status(NamedTuple):
    """What is going on behind the desk."""

    importing: float | None = None
    """How much of what is being read in has been read, 0 to 1; None when nothing is."""
    since: int = 0
    """When the desk was opened: milliseconds since 1970, UTC."""
    files: int = 0
    """Files that the running or last import has read."""
    events: int = 0
    """Events that it found."""
    trouble: str = ""
    """What is wrong, in one sentence; empty when nothing is."""
    alive: bool = True
    """Whether something follows the logs."""
    note: str = ""
    """What all figures are, in a sentence or two, where they are not a person's own: made up, in a demo."""


class Desk:
    """Answers questions on threads of its own; whatever it offers may be used from any thread, and nothing of it waits."""

    def __init__(
        self,
        open_answers: Callable[[], Answers],
        workers: int = WORKERS,
        mark: Callable[[], Mark] | None = None,
        ahead: float = 0.0,
        since: int = 0,
    ) -> None:
        """Begin with how a worker opens answers of its own.

        With `ahead` a new version shows when what was asked for lately has been answered anew, so that nobody waits for it,
        and so many seconds later at most. For what takes longer an answer of a moment ago stands in until it is there, which
        is another version.
        """
        # An event loop beside the workers gets its turn after that time; by default it would wait ten times as long.
        sys.setswitchinterval(_TURN_SECONDS)
        self._supply, self._ahead = _Supply(open_answers, mark), ahead
        self._mark = self._supply.mark()
        # No answer of another run of the program shall pass for one of this.
        self._run, self._number = os.urandom(4).hex(), 1
        self._kept = Kept()
        self._queue: deque[Entry] = deque()
        self._later: deque[Entry] = deque()
        """What is answered when nobody waits, one after another."""
        self._preparing: Entry | None = None
        self._listeners: list[Callable[[], object]] = []
        self._lock = threading.Condition()
        self._news, self._stop = threading.Event(), threading.Event()
        self._ending = False
        self._status = Status(since=since)
        names = [*(f"answers-{number}" for number in range(1, workers + 1)), "desk-clerk"]
        works = [*[self._work] * workers, self._clerk]
        self._threads = [
            threading.Thread(target=work, name=name, daemon=True) for name, work in zip(names, works, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def version(self) -> str:
        """Another text whenever an answer may be another one."""
        return f"{self._run}-{self._number}"

    @property
    def status(self) -> Status:
        """Return what is going on."""
        broken = self._supply.broken
        return self._status._replace(trouble=str(broken)) if broken else self._status

    @property
    def ending(self) -> bool:
        """Whether the end is near, so that whoever listens shall let go."""
        return self._ending

    def get[T](
        self, key: tuple[Hashable, ...], work: Callable[[Answers], T], *, ahead: bool = True, holds: float = inf
    ) -> "Future[T]":
        """Return the answer to come; everybody who asks for the same key while a version holds gets the same one.

        Errors of the work are those of the answer, and are not kept. Who asks again at its own pace, so that nobody waits, asks
        not `ahead`: that makes it nothing to be answered anew before the next version shows. What changes as time goes by
        `holds` for so many seconds, and stands in for a moment more while it is worked out anew.
        """
        with self._lock:
            entry = self._kept.find(key, asked=ahead)
            if entry is None:
                entry = Entry(key, work)
                if self._supply.closed or len(self._queue) >= _WAITING_MOST:
                    entry.future.set_exception(Unavailable(_STOPPED if self._supply.closed else _TOO_MANY))
                    return entry.future
                self._kept.put(entry, asked=ahead)
                self._queue.append(entry)
                self._lock.notify()
            elif not entry.begun and entry in self._later:
                # Now somebody waits.
                self._later.remove(entry)
                self._queue.append(entry)
                self._lock.notify()
            elif entry.future.done() and (past := time.monotonic() - entry.begun - holds) > 0:
                if entry.next is None:
                    self._queue.append(entry.followed(work))
                    self._lock.notify()
                entry = entry if past < _LATE_SECONDS else entry.next or entry
            return entry.future

    def changed(self) -> None:
        """Take note that something new was committed; without `ahead`, a new version holds from now on."""
        if self._ahead:
            self._news.set()
        else:
            self._renew(self._supply.mark())

    def heard(self, event: Mapping[str, Any]) -> None:
        """Take note of what whoever follows the logs says: importing, changed, idle or trouble."""
        kind = event.get("event")
        if kind == "importing":
            part = event["bytes"] / event["bytes_all"] if event["bytes_all"] else 1.0
            self.tell(importing=min(part, 1.0), files=event["files"], events=event["events"], trouble="")
        elif kind == "idle":
            self.tell(importing=None)
        elif kind == "trouble":
            self.tell(trouble=str(event.get("text", "")))
        elif kind == "changed":
            self.changed()

    def tell(self, **parts: Any) -> None:  # noqa: ANN401  the fields of Status
        """Change parts of the status, and let everybody who listens know."""
        with self._lock:
            self._status = self._status._replace(**parts)
        self._notify()

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call a listener, from any thread, when version or status have changed or the end is near; return what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return stop

    def end(self) -> None:
        """Let whoever listens know that the end is near; questions are still answered."""
        self._ending = True
        self._notify()

    def close(self) -> None:
        """Finish what has been begun, refuse the rest, and let go of everything."""
        self.end()
        with self._lock:
            self._supply.closed = True
            left = [*self._queue, *self._later]
            self._queue.clear()
            self._later.clear()
            self._lock.notify_all()
        self._news.set()
        self._stop.set()
        for entry in left:
            entry.future.set_exception(Unavailable(_STOPPED))
        until = time.monotonic() + _CLOSING_SECONDS
        for thread in self._threads:
            thread.join(max(until - time.monotonic(), 0))

    def _notify(self) -> None:
        for listener in list(self._listeners):
            # A listener whose event loop is gone must not keep others from hearing.
            with suppress(RuntimeError):
                listener()

    # The workers.

    def _work(self) -> None:
        counter = _Counter(self._supply)
        try:
            while (entry := self._next()) is not None:
                entry.begun = time.monotonic()
                try:
                    answer = counter.answer(entry.work, entry.kept.shared if entry.kept else None)
                except Exception as error:  # noqa: BLE001  whoever asked is told, and the worker goes on
                    with self._lock:
                        entry.dropped()
                    entry.future.set_exception(error)
                else:
                    entry.took = time.monotonic() - entry.begun
                    with self._lock:
                        entry.weighed(answer)
                    entry.future.set_result(answer)
                finally:
                    self._done(entry)
        finally:
            counter.close()

    def _next(self) -> Entry | None:
        with self._lock:
            while not self._queue and not (self._later and not self._preparing):
                if self._supply.closed:
                    return None
                self._lock.wait()
            if self._queue:
                return self._queue.popleft()
            # One at a time: whoever asks comes first.
            self._preparing = self._later[0]
            return self._later.popleft()

    def _done(self, entry: Entry) -> None:
        with self._lock:
            if self._preparing is entry:
                self._preparing = None
                self._lock.notify()
            entry.takes_its_place()
            came = entry.late and self._came(entry)
        if came:
            self._notify()

    def _came(self, entry: Entry) -> bool:
        """Take in what its version shows without; tell whether that is news."""
        now = self._kept.peek(entry.key)
        if not entry.stands_in(0):
            # It failed: what stood in for it does so no longer.
            if now is not None and now.late:
                now.dropped()
            return False
        if (now is None and entry.kept is not self._kept) or (
            now is not None and not (now.late and now.begun < entry.begun)
        ):
            return False
        # It may be of a version before the one that shows now, and is newer than what stands in there all the same.
        mine = entry.kept is self._kept
        self._kept.put(taken := entry.lent(late=not mine), asked=False)
        taken.weighed(taken.future.result())
        self._number += 1
        return True

    # The clerk, who sees to it that a new version shows.

    def _clerk(self) -> None:
        while True:
            told = self._news.wait(_LOOK_SECONDS)
            self._news.clear()
            if self._supply.closed:
                return
            mark = self._supply.mark()
            if not told and mark == self._mark:
                continue
            if not self._ahead:
                self._renew(mark)
                continue
            begun = time.monotonic()
            self._renew(mark, self._prepared(begun + self._ahead))
            # While logs grow all the time, most of the time is for those who ask, and for what comes.
            self._stop.wait(min(max((time.monotonic() - begun) * _SHARE, _PAUSE_SECONDS), self._ahead))

    def _prepared(self, until: float) -> Kept:
        """Return what was asked for lately, answered anew as far as that gets in time: first what was answered longest ago."""
        made = Kept()
        with self._lock:
            for entry in self._later:
                entry.dropped()
            self._later.clear()
            lately = self._kept.lately(_HOT_SECONDS)[:_HOT_MOST]
            hot = [entry.again() for entry in sorted(lately, key=lambda entry: entry.begun)]
            if self._supply.closed:
                return made
            for entry in hot:
                made.put(entry, asked=False)
            self._later.extend(hot)
            self._lock.notify_all()
        for entry in hot:
            with suppress(Exception):
                entry.future.result(max(until - time.monotonic(), 0))
        with self._lock:
            for entry in hot:
                if not entry.future.done():
                    self._stand_in(made, entry)
        return made

    def _stand_in(self, made: Kept, entry: Entry) -> None:
        """Have an answer of a moment ago stand in for one that is not there in time; who asks where there is none waits for it."""
        entry.late = True
        before = self._kept.peek(entry.key)
        if before is not None and before.stands_in(time.monotonic() - _LATE_SECONDS):
            made.put(taken := before.lent(late=True), asked=False)
            taken.weighed(taken.future.result())

    def _renew(self, mark: Mark | None, kept: Kept | None = None) -> None:
        with self._lock:
            self._mark, self._kept = mark, Kept() if kept is None else kept
            self._number += 1
        self._notify()


class _Supply:
    """What all workers share: where answers come from, and whether those can be had."""

    def __init__(self, open_answers: Callable[[], Answers], look: Callable[[], Mark] | None) -> None:
        self.open, self._look = open_answers, look
        self.broken: Unavailable | None = None
        """Why there are none just now."""
        self.closed = False

    def mark(self) -> Mark | None:
        """Return what there is; None when there is no way to tell."""
        return self._look() if self._look else None


class _Counter:
    """One worker's own answers, opened anew when the ledger is another one or cannot be used any more."""

    def __init__(self, supply: _Supply) -> None:
        self._supply = supply
        self._answers: Answers | None = None
        self._of: Hashable = None

    def answer(self, work: Callable[[Answers], Any], shared: Shared | None) -> Any:  # noqa: ANN401  whatever the work gives
        """Do some work; a ledger that is being moved, mended or replaced is waited for."""
        supply = self._supply
        # What was broken a moment ago is tried once: not everybody has to wait for what will not be.
        until, tries = time.monotonic() + (0.0 if supply.broken else _PATIENCE_SECONDS), 0
        while True:
            try:
                answers = self._opened()
                answers.share(shared)
                found = answers.at_one_moment(work)
            except Unavailable as error:
                self.close()
                if time.monotonic() >= until or supply.closed:
                    supply.broken = error
                    raise
                time.sleep(_AGAIN_SECONDS[min(tries, len(_AGAIN_SECONDS) - 1)])
                tries += 1
            else:
                supply.broken = None
                return found

    def _opened(self) -> Answers:
        mark = self._supply.mark()
        which = mark[0] if mark else None
        if self._answers is not None and which != self._of:
            self.close()
        if self._answers is None:
            self._answers = self._supply.open()
            # Opening may have made the ledger.
            mark = self._supply.mark()
            self._of = mark[0] if mark else None
        return self._answers

    def close(self) -> None:
        """Let go of the answers."""
        if self._answers is not None:
            self._answers.close()
            self._answers = None


_STOPPED: Final = "The server is stopping. Ask again when it is back."
_TOO_MANY: Final = "Too many questions are waiting. Ask again in a moment."
