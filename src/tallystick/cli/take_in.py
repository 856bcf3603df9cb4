"""The process beside the server that takes pushes in: it reads them from its input and answers when they are committed.

It ends with its input, so also when the server is killed. Whatever waits goes into one transaction: a commit costs a
write to the disk, however much it holds.
"""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Final

from tallystick.access import keys
from tallystick.cli import control, entrance
from tallystick.intake.push.frames import Read, answered, offer
from tallystick.intake.push.taking import Offer, Taking

_AT_ONCE_BYTES: Final = 8 << 20
_AT_ONCE: Final = 256
"""What one transaction takes at most, as it comes over the wire: others may want to write, too."""
_WAITING_BYTES: Final = 64 << 20


class Queue:
    """Offers that wait, in the order in which they came."""

    def __init__(self) -> None:
        """Begin empty."""
        self._offers: deque[tuple[int, Offer]] = deque()
        self._bytes = 0
        self._ended = False
        self._changed = threading.Condition()

    def fill(self, read: Read) -> None:
        """Put in what is read until there is no more, waiting while too much waits already."""
        while found := offer(read):
            with self._changed:
                self._changed.wait_for(lambda: self._bytes < _WAITING_BYTES)
                self._offers.append(found)
                self._bytes += len(found[1].body)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def take(self) -> list[tuple[int, Offer]]:
        """Return what waits, as much as one transaction is to take; nothing at the end."""
        taken: list[tuple[int, Offer]] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._offers or self._ended)
            while self._offers and len(taken) < _AT_ONCE and size < _AT_ONCE_BYTES:
                taken.append(self._offers.popleft())
                size += len(taken[-1][1].body)
            self._bytes -= size
            self._changed.notify_all()
        return taken


def serve(taking: Taking, source: BinaryIO, answer: Callable[[bytes], object]) -> None:
    """Take in what comes until there is no more."""
    queue = Queue()
    threading.Thread(target=queue.fill, args=(source.read,), name="offers", daemon=True).start()
    while offers := queue.take():
        answers = taking.take([each for _, each in offers])
        answer(b"".join(answered(number, each) for (number, _), each in zip(offers, answers, strict=True)))


def main() -> int:
    """Take in for the server of which this is a child."""
    from tallystick.intake.push.kinds import KINDS

    # Ctrl-C in a terminal is meant for the server, which then ends this by closing its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    chosen = entrance.settings()
    opened = entrance.house(chosen)
    store = control.store(chosen)
    # Its own, so that what a library prints cannot come between two answers.
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def told(text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def sent(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[out.write(view) :]

    def still(token: str) -> bool:
        return keys.still(store, int(token), entrance.now()) is not None

    try:
        serve(Taking(opened.writing(), KINDS, entrance.now, told, still), sys.stdin.buffer, sent)
    except BrokenPipeError:
        return 0
    finally:
        opened.close()
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
