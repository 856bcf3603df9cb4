"""Answers that several ask for at once, each worked out by whoever asks first, while the ledger stays as it is."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Final

MOST: Final = 48


class Shared:
    """What was worked out of one version of a ledger; for any thread."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with nothing; beyond so many answers, the one asked for longest ago is let go."""
        self._made: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def once[T](self, key: Hashable, work: Callable[[], T], large: Callable[[T], bool] = lambda _: False) -> T:
        """Return what some work gives; whoever asks for the same while it is done waits for that, and errors are not kept.

        Nor is what is `large`: only who waited for it has it, too.
        Whoever works does so in the same thread: nobody waits for something that has not been begun. Work that asks for
        something else here must not be waited for by that.
        """
        with self._lock:
            future = self._made.get(key)
            mine = future is None
            if future is None:
                future = self._made[key] = Future()
                if len(self._made) > self._most:
                    self._made.popitem(last=False)
            else:
                self._made.move_to_end(key)
        if not mine:
            found: T = future.result()
            return found
        try:
            made = work()
        except BaseException as error:
            self._let_go(key, future)
            future.set_exception(error)
            raise
        if large(made):
            self._let_go(key, future)
        future.set_result(made)
        return made

    def _let_go(self, key: Hashable, future: Future[Any]) -> None:
        with self._lock:
            if self._made.get(key) is future:
                del self._made[key]
