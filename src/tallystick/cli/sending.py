"""Sending: what waits in the outbox of a house goes to its server, once or as it comes, and how that fared is recorded."""

import os
import random
import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Protocol

from tallystick import __version__
from tallystick.cli import entrance, paired
from tallystick.cli.paired import Target
from tallystick.errors import TallystickError
from tallystick.intake.push import record
from tallystick.intake.push.delivering import delivery
from tallystick.intake.push.envelope import Client
from tallystick.intake.push.policy import applied
from tallystick.intake.push.sender import PATH, Outbox, Outcome, Sender, World, skewed
from tallystick.settings import Settings

if TYPE_CHECKING:
    from tallystick.house import House

AGAIN: Final = "again"
ALL: Final = "all"
LOOK_S: Final = 0.5
"""Between two looks at whether something was committed."""
_WAIT_FOR_OTHER_S: Final = 5.0
_AFTER_FAULT_S: Final = 300.0
"""After what waiting does not mend, unless the pairing changes before."""
_RECORDED_EVERY_S: Final = 5.0

type Tell = Callable[[str], None]


class _Outbox(Outbox, Protocol):
    """An outbox that remembers what was refused."""

    def refused(self) -> list[Any]:
        """Return what was set aside."""


class Sending:
    """Sends for one house."""

    def __init__(self, opened: "House", chosen: Settings, tell: Tell, stop: threading.Event) -> None:
        """Begin with who hears what is wrong (an empty text when nothing is any more) and with what ends it."""
        self._house, self._chosen, self._told, self._stop = opened, chosen, tell, stop
        self._record = record.read(opened.where.record)
        self._recorded = float("-inf")
        self._skewed = self._last = ""
        self._paired = 0
        """When the pairing by which it goes was written, in nanoseconds."""

    def once(self, found: Target, tries: int, sent: Callable[[int, int], None], more: str = "") -> Outcome | None:
        """Send what waits, giving up after so many failures in a row; None when another process is at it already.

        `more` has more wait: what was set aside (`AGAIN`), or everything (`ALL`); also where the other one sends it.
        """
        lock = self._house.sending_lock()
        held = lock.take(wait=False)
        try:
            with closing(self._house.outbox()) as outbox:
                if held:
                    outbox.make(found.server)
                if more and outbox.is_for(found.server):
                    (outbox.everything if more == ALL else outbox.again)()
                return self._sent(outbox, found, tries, sent) if held else None
        finally:
            lock.release()

    def follow(self, *, patient: bool) -> Outcome | None:
        """Send what comes, until the flag is set or, unless it is patient, until waiting does not mend what is wrong."""
        lock = self._house.sending_lock()
        while not lock.take(wait=False):
            if self._stop.wait(_WAIT_FOR_OTHER_S):
                return None
        try:
            while not self._stop.is_set():
                outcome = self._followed()
                if outcome is None or not outcome.code:
                    continue
                if not patient:
                    return outcome
                self._wait_for_pairing()
        finally:
            lock.release()
        return None

    def _followed(self) -> Outcome | None:
        """Send what comes to a server and from a ledger, for as long as these are the same."""
        from tallystick.house import Mark

        self._paired = _changed_at(self._house.where.pairing)
        try:
            found = paired.target(self._house.where.pairing, self._chosen, os.environ)
            with closing(self._house.outbox()) as outbox, closing(Mark(self._house.where)) as mark:
                outbox.make(found.server)
                ledger, state = mark()
                while True:
                    outcome = self._sent(outbox, found)
                    if outcome.code:
                        return outcome
                    while (now := mark()) == (ledger, state):
                        if self._stop.wait(LOOK_S) or self._paired_anew():
                            return None
                    if self._paired_anew():
                        return None
                    if now[0] != ledger:
                        # It lies elsewhere now, or is another one.
                        return None
                    ledger, state = now
        except TallystickError as error:
            if self._paired_anew():
                # Who joins has the outbox forgotten.
                return None
            self._fault(str(error), 3)
            return Outcome(0, 0, 3, str(error))

    def _paired_anew(self) -> bool:
        return _changed_at(self._house.where.pairing) != self._paired

    def _wait_for_pairing(self) -> None:
        end = monotonic() + _AFTER_FAULT_S
        while monotonic() < end and not self._paired_anew():
            if self._stop.wait(LOOK_S):
                return

    def _sent(
        self, outbox: _Outbox, found: Target, tries: int = 0, sent: Callable[[int, int], None] = lambda *_: None
    ) -> Outcome:
        chosen = paired.policy_of(self._house.where.pairing, self._chosen)
        aside = outbox.refused()
        trouble = f"{len(aside)} of its rows can never be stored here." if aside else ""

        def progress(done: int, left: int) -> None:
            self._success()
            sent(done, left)

        world = World(
            delivery(found.url + PATH, found.headers, os.environ),
            entrance.now,
            self._stop.wait,
            random.random,
            self._fault,
            progress,
        )
        client = Client("tally", __version__, trouble=trouble)
        outcome = Sender(outbox, client, world, lambda batch: applied(batch, chosen), found.url).send(tries)
        if outcome.sent:
            self._skewed = skewed(outcome.skew_ms)
            self._keep(self._record._replace(skew_ms=outcome.skew_ms), at_once=True)
        if not self._stop.is_set():
            self._fault(outcome.fault, outcome.code)
        return outcome

    def _fault(self, text: str, code: int = 1) -> None:
        code = code if text else 0
        if (text, code) != (self._record.fault, self._record.code):
            failed = entrance.now() if text else 0
            self._keep(self._record._replace(fault=text, failed=failed, code=code), at_once=True)
        told = " ".join(each for each in (text, self._skewed) if each)
        if told != self._last:
            self._last = told
            self._told(told)

    def _success(self) -> None:
        self._keep(self._record._replace(success=entrance.now()), at_once=False)

    def _keep(self, made: record.Record, *, at_once: bool) -> None:
        self._record = made
        if at_once or monotonic() - self._recorded >= _RECORDED_EVERY_S:
            self._recorded = monotonic()
            record.write(self._house.where.record, made)


def _changed_at(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
