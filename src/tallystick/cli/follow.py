"""`tally follow`: brings into the ledger what is new in the logs as it comes, and tells of it."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

import click

from tallystick.answers.as_json import value as as_json
from tallystick.cli import entrance, standby
from tallystick.cli.pusher import Pusher
from tallystick.cli.tree import COMMANDS
from tallystick.errors import TallystickError
from tallystick.intake.watch import Watch

if TYPE_CHECKING:
    from tallystick.house import House
    from tallystick.intake.logs import Progress
    from tallystick.settings import Settings

_APART_S: Final = 0.7
"""Between the beginnings of two looks at changed files, so that a log that grows all the time costs little."""
_TOLD_EVERY_S: Final = 0.25
_LONG_S: Final = 0.3
_LARGE: Final = 32 << 20
"""An import that takes longer, or has more bytes to read, is told of while it runs."""
_AGAIN_MOST_S: Final = 60.0
_BUSY_TOLD_S: Final = 10.0
"""Another tally that reads the logs is mostly done by then."""
_TO_END_S: Final = 1.5
_SERVER: Final = click.Option(["--for-server"], is_flag=True, hidden=True, help="JSON lines; ends when its input ends.")
_VIEW: Final = click.Option(["--for-view"], is_flag=True, hidden=True, help="The same, while nobody else follows.")

type Event = Mapping[str, Any]
"""What is told: its kind under `event`, and what belongs to it."""


def command(name: str) -> click.Command:
    """Return the command."""
    return click.Command(
        name,
        callback=run,
        params=[_SERVER, _VIEW],
        help=f"{COMMANDS[name].help} Prints a line for each change until Ctrl-C.",
    )


def run(for_server: bool, for_view: bool) -> int:  # noqa: FBT001  as click gives them
    """Follow the logs until somebody ends it."""
    for_server = for_server or for_view
    chosen = entrance.settings()
    opened = entrance.house(chosen)
    stop = threading.Event()
    tell = _to_server if for_server else _Lines(opened, chosen)
    if for_server:
        # Ctrl-C in a terminal is meant for the server, which then ends this by closing its input.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=end_with_input, args=(stop,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    pusher = Pusher(chosen, opened.where.pairing, lambda text: tell({"event": "trouble", "text": text}), entrance.say)
    if not for_server:
        # The server has a process of its own for that.
        pusher.start()
    try:
        if for_view:
            # Who reads this is to know that it lives, though it has nothing to do.
            tell({"event": "idle"})
            standby.stand_by(chosen.data_dir, stop, lambda enough: Following(opened, tell, enough).run())
        else:
            with standby.for_all(chosen.data_dir):
                Following(opened, tell, stop).run()
    except (KeyboardInterrupt, BrokenPipeError):
        # Ctrl-C is how a person ends it, and a server that reads no more has ended.
        leave_stdout()
    finally:
        pusher.end()
        opened.close()
    return 0


class Following:
    """Follows the logs of one house, whatever goes wrong on the way."""

    def __init__(
        self,
        opened: "House",
        tell: Callable[[Event], None],
        stop: threading.Event,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Begin with who is told and with what ends it."""
        from tallystick.house import Mark

        self._house, self._tell, self._stop, self._clock = opened, tell, stop, clock
        self._mark = Mark(opened.where)
        self._marked = self._mark()
        self._began = self._told = float("-inf")
        self._importing = self._idle = False
        self._failures = 0
        self._busy_since = 0.0
        self._ails: dict[str, str] = {}
        """What is wrong by what it is about, each in a sentence."""

    def run(self) -> None:
        """Follow until the flag is set; raise KeyboardInterrupt when that comes in the middle of an import."""
        watch = Watch(
            lambda: [root for _, root in self._house.places()], lambda text: self._ail("watch", text), self._stop
        )
        try:
            while not self._stop.is_set():
                notice = watch.wait()
                if notice.everything or notice.paths:
                    took = self._bring(None if notice.everything else notice.paths)
                    if notice.everything:
                        watch.looked(took)
                self._beat()
        finally:
            watch.close()
            self._mark.close()

    def _bring(self, paths: Collection[str] | None) -> float:
        """Bring in what is new, for as long as it takes to succeed; return the seconds that looking took, about."""
        while True:
            self._stop.wait(max(self._began + _APART_S - self._clock(), 0))
            self._began = self._clock()
            if self._stop.is_set():
                return 0.0
            again = self._tried(paths)
            self._beat()
            if self._importing or not self._idle:
                self._importing, self._idle = False, True
                self._tell({"event": "idle"})
            if not again:
                return self._clock() - self._began
            # What changes until then is found by looking at everything.
            paths = None
            self._stop.wait(again)

    def _tried(self, paths: Collection[str] | None) -> float:
        """Bring in what is new; return after how many seconds it has to be tried again, 0 when it need not."""
        try:
            summary = self._house.refresh(self._progress, paths)
        except Exception as error:  # noqa: BLE001 - whatever it is, to follow goes on
            self._failures += 1
            again = min(2.0 ** (self._failures - 1), _AGAIN_MOST_S)
            self._ail("ledger", f"{_told(error)} It is tried again every {again:.0f} s.", about=_told(error))
            self._house.close()
            return again
        self._failures = 0
        if self._house.busy:
            self._busy_since = self._busy_since or self._clock()
            if self._clock() - self._busy_since >= _BUSY_TOLD_S:
                self._ail("ledger", "Another tally is reading the logs; this one waits for it.")
            return 1.0
        self._busy_since = 0.0
        self._ail("ledger", "")
        if paths is None or summary.troubles:
            self._ail("logs", _of_logs([trouble.path for trouble in summary.troubles]))
        return 0.0

    def _progress(self, done: "Progress") -> None:
        now = self._clock()
        if self._stop.is_set():
            # Between two transactions or within one: what is not committed is read again next time.
            raise KeyboardInterrupt
        if now - self._told < _TOLD_EVERY_S or (now - self._began < _LONG_S and done.bytes_all < _LARGE):
            return
        self._told, self._importing = now, True
        self._tell({"event": "importing", **done._asdict()})
        self._beat()

    def _beat(self) -> None:
        """Tell of a change, whoever committed it."""
        mark = self._mark()
        if mark != self._marked:
            self._marked = mark
            self._tell({"event": "changed"})

    def _ail(self, place: str, text: str, about: str = "") -> None:
        """Tell what is wrong in a place, once, or that it no longer is; `about` is what tells it from another trouble."""
        about = about or text
        if self._ails.get(place, "") == about:
            return
        self._ails[place] = about
        rest = [each for other, each in self._ails.items() if other != place and each]
        self._tell({"event": "trouble", "text": " ".join(part for part in (text, *rest) if part)})


class _Lines:
    """Tells a person, in a line for each change."""

    def __init__(self, opened: "House", chosen: "Settings") -> None:
        self._house, self._zone = opened, entrance.zone(chosen)
        self._begun = False

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        kind = event["event"]
        if kind == "trouble":
            if event["text"]:
                entrance.say(event["text"])
        elif kind == "importing":
            share = event["bytes"] * 100 // max(event["bytes_all"], 1)
            entrance.say(f"reading {event['files_all']:,} files: {share} %, {event['events']:,} events")
        elif kind == "changed" or not self._begun:
            # Once at the beginning, too, so that one sees from where it goes on.
            self._begun = True
            self._today()

    def _today(self) -> None:
        from tallystick.answers.question import Wish, question
        from tallystick.answers.reports.times import DAILY
        from tallystick.faces.text.words import counted, money
        from tallystick.usage.period import period

        now = entrance.now()
        asked = question(DAILY, period(self._zone, now, "today", "today"), Wish(), now)
        figures = entrance.answers(self._house).ask(asked).totals
        cost = (
            "" if figures.cost_usd is None else f", {money(figures.cost_usd)}{'+' if figures.unpriced_tokens else ''}"
        )
        requests = counted(figures.requests, "request")
        entrance.write(f"{self._zone.local(now):%H:%M:%S}  today: {requests}, {figures.total:,} tokens{cost}\n")
        sys.stdout.flush()


def _to_server(event: Event) -> None:
    sys.stdout.write(as_json(event) + "\n")
    sys.stdout.flush()


def end_with_input(stop: threading.Event) -> None:
    """End this process with its input, also when whoever wrote it was killed."""
    try:
        while os.read(0, 1 << 16):
            pass
    except OSError:
        pass
    stop.set()
    sleep(_TO_END_S)
    # In the middle of a large transaction, which is not there unless it is whole.
    os._exit(0)


def leave_stdout() -> None:
    """Let Python close a pipe that nobody reads without complaint."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: Exception) -> str:
    if isinstance(error, TallystickError):
        return str(error)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"The logs cannot be read in ({where}{(error.strerror or str(error)).lower()})."
    return f"The logs cannot be read in ({type(error).__name__}: {error}); please report this."


def _of_logs(paths: Collection[str]) -> str:
    count = len(set(paths))
    if not count:
        return ""
    what = "1 file or folder" if count == 1 else f"{count} files or folders"
    return f"{what} could not be read; `tally doctor` tells which."
