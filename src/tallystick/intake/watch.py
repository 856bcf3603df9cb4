"""Watching the tools' places: tells when something in them may have changed, by the system's own notices and with looks as a net.

Folders that are searched deeply are watched by the system. A place of which only its own files count, where databases
lie, is looked at every second instead: it is small, but what lies below it need not be. Notices can get lost, so from
time to time everything is to be looked at, the more seldom the longer that takes.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from time import monotonic
from typing import Final, NamedTuple, Protocol

from tallystick.intake.logs import News
from tallystick.intake.walk import File, file_at, text_of, walk
from tallystick.ledger.ledger import Ledger, Source
from tallystick.tools.tool import DATABASE, Root, Tool

_BEAT_S: Final = 1.0
"""How often small places are looked at, and whether a place has appeared."""
_STEP_MS: Final = 100
_GATHERED_MS: Final = 300
"""How long notices are gathered when they do not end."""
_NET_S: Final = 3.0
_NET_SHARE: Final = 200
"""Of all time, one part in so many goes into looking at everything while the system tells what changes."""
_ALONE_S: Final = 1.0
_ALONE_SHARE: Final = 20
"""The same where looking is all there is."""
_NET_MOST_S: Final = 300.0
_TRY_AGAIN_S: Final = 600.0
_ADDED: Final = 1
"""As watchfiles numbers what is new."""
_OF_DATABASE: Final = "-wal"

type Changes = Iterator[Collection[tuple[int, str]]]


class Flag(Protocol):
    """What ends the watching once it is set, as `threading.Event` does."""

    def is_set(self) -> bool:
        """Tell whether it is set."""

    def wait(self, timeout: float) -> bool:
        """Wait until it is set, for so many seconds at most; tell whether it is."""


class Notice(NamedTuple):
    """What may have changed; nothing where only time has passed."""

    paths: frozenset[str] = frozenset()
    everything: bool = False
    """Whether all that there is has to be looked at."""


class Watch:
    """Waits for changes in places."""

    def __init__(
        self,
        places: Callable[[], Sequence[Root]],
        say: Callable[[str], None],
        stop: Flag,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with the places, there or not; `say` is told in a sentence that the system cannot watch them, "" that it can."""
        self._places, self._say, self._stop, self._clock = places, say, stop, clock
        self._deep: tuple[str, ...] | None = None
        self._to_begin = False
        self._told = ""
        self._changes: Changes | None = None
        self._small: dict[str, File] | None = None
        self._took = 0.0
        self._due = self._try_again = 0.0

    def wait(self) -> Notice:
        """Return what may have changed, after a second at most; the first time, and when a place has appeared, it is everything."""
        places = self._places()
        deep = _deepest(places)
        if deep != self._deep or (self._try_again and self._clock() >= self._try_again):
            self._deep, self._to_begin, self._try_again = deep, True, 0.0
            return Notice(everything=True)
        if self._to_begin:
            # Looked at once before, so that nobody waits for this, and once more for what came in between.
            self._to_begin = False
            self._begin(deep)
            return Notice(everything=True)
        found, everything = self._noticed()
        found |= self._looked_at(places)
        if everything or self._clock() >= self._due:
            return Notice(everything=True)
        return Notice(frozenset(found))

    def looked(self, seconds: float) -> None:
        """Hear how long it took to look at everything, and plan by that when to do so again."""
        self._took = seconds
        alone = self._changes is None
        rest = seconds * (_ALONE_SHARE if alone else _NET_SHARE)
        self._due = self._clock() + min(max(rest, _ALONE_S if alone else _NET_S), _NET_MOST_S)

    def close(self) -> None:
        """Let go of what the system watches."""
        # To let go of the iterator ends its watch.
        self._changes = None

    def _begin(self, deep: tuple[str, ...], *, lenient: bool = False) -> None:
        self.close()
        if not deep:
            return
        try:
            from watchfiles import watch
        except ImportError:
            self._tell(
                "Changes are noticed by looking only: `pip install 'tallystick[server]'` brings what notices them at once."
            )
            return
        self._changes = watch(
            *deep,
            watch_filter=None,
            debounce=_GATHERED_MS,
            step=_STEP_MS,
            rust_timeout=int(_BEAT_S * 1000),
            yield_on_timeout=True,
            stop_event=self._stop,
            # Polling, which it would choose on WSL, looks at everything three times a second.
            force_polling=False,
            # This makes it silent about the limit of watches too (watchfiles 1.3): only where it cannot be done without.
            ignore_permission_denied=lenient,
        )
        # Only asking it makes it begin; everything is looked at afterwards.
        try:
            next(self._changes, None)
        except PermissionError as error:
            if not lenient:
                self._begin(deep, lenient=True)
                return
            self._give_up(error)
        except Exception as error:  # noqa: BLE001 - whatever ails it, there is another way
            self._give_up(error)
        else:
            self._tell("")

    def _give_up(self, error: Exception) -> None:
        self.close()
        self._try_again = self._clock() + _TRY_AGAIN_S
        self._tell(
            f"The system cannot watch the logs ({_cause(error)}), so that they are looked at every few seconds instead."
        )

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._say(text)

    def _noticed(self) -> tuple[set[str], bool]:
        """Return the paths that the system tells of within a second, and whether they do not tell all."""
        if self._changes is None:
            self._stop.wait(_BEAT_S)
            return set(), False
        try:
            found = next(self._changes, None)
        except Exception as error:  # noqa: BLE001 - whatever ails it, there is another way
            self._give_up(error)
            return set(), True
        if found is None:
            return set(), False
        # Files that came together with their folder may have come before it was watched.
        return {path for _, path in found}, any(kind == _ADDED and os.path.isdir(path) for kind, path in found)

    def _looked_at(self, places: Sequence[Root]) -> set[str]:
        small = {file.path: file for file in walk((root for root in places if not root.depth), [])}
        before, self._small = self._small, small
        return set() if before is None else {path for path, file in small.items() if before.get(path) != file}


def _deepest(places: Iterable[Root]) -> tuple[str, ...]:
    """Return the folders that are there and that are searched deeply, none within another."""
    found: list[str] = []
    for path in sorted({root.path for root in places if root.depth}):
        inside = any(path.startswith(f"{other}/") for other in found)
        if not inside and os.path.isdir(path):
            found.append(path)
    return tuple(found)


def _cause(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "limit" in text.lower():
        return "the limit fs.inotify.max_user_watches is reached; an administrator can raise it"
    return text.partition(" about [")[0].rstrip(".").lower()


def news_at(paths: Iterable[str], places: Sequence[tuple[Tool, Root]], ledger: Ledger) -> list[News] | None:
    """Return what is new in logs that the ledger knows; None when one is new to it, so that only a look at everything tells.

    The same log may be reached by several paths: which of them counts, the look at everything decides.
    """
    news: dict[str, News] = {}
    for noticed in paths:
        path = noticed.removesuffix(_OF_DATABASE)
        for tool, root in places:
            if not _is_log(path, root) or (path != noticed and root.form != DATABASE):
                continue
            file = file_at(path, root.form)
            if file is None:
                continue
            known = ledger.ask("source", path=text_of(path))
            if not known:
                return None
            before = Source(*known[0])
            if (before.inode, before.size, before.mtime) != file[1:4]:
                news[path] = News(tool, file, before)
    return list(news.values())


def _is_log(path: str, root: Root) -> bool:
    """Tell whether a path is that of a log of a root, going by its name alone."""
    if not path.startswith(f"{root.path}/") or not path.endswith(root.suffixes):
        return False
    folder, _, name = path.rpartition("/")
    levels = folder.count("/") - root.path.count("/")
    return (
        name.startswith(root.prefix) and name not in root.skip and root.within in f"{folder}/" and levels <= root.depth
    )
