"""`tally keep`: keeps server and proxy running, and starts anew whichever ends, until it is told to end both."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final, NamedTuple

import click

from tallystick.cli import background, entrance, messages
from tallystick.cli.tree import HIDDEN
from tallystick.errors import TallystickError, Unavailable
from tallystick.intake.proxy.plan import AGAIN, PORT
from tallystick.intake.proxy.running import running
from tallystick.service import parts, probe, process
from tallystick.service.parts import PROXY, SERVER, Keeper, Part

_LOG: Final = logging.getLogger("tallystick")
_AGAIN_MOST_S: Final = 60.0
_WELL_S: Final = 60.0
"""A process that ran for so long has begun well: when it ends, the next one is started at once."""
_FIRST_S: Final = 10.0
"""A server that ends with a complaint within this time of the very beginning would do so again."""
_LOOK_S: Final = 0.5
_TO_END_S: Final = 15.0
_SENTENCE_MOST: Final = 300


class Making(NamedTuple):
    """How a part is started, and how it is found once it listens."""

    name: str
    command: Callable[[], Sequence[str]]
    log: str
    """Its log, beside which a file takes what it says besides; empty where it speaks where this process does."""
    listens: Callable[[], tuple[int, int] | None]
    """Return process and port of whoever does this part's work, be it one that somebody else started; 0 is whoever was started here."""
    needed: bool = False
    """Whether all ends where it cannot even begin."""


class Kept:
    """One part, kept running on a thread of its own."""

    def __init__(self, making: Making, give_up: Callable[[int], None]) -> None:
        """Begin with whom to tell that a part that is needed cannot begin, and its exit code."""
        self._making, self._give_up = making, give_up
        self.part = Part(making.name)
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._attend, name=making.name, daemon=True)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def look(self) -> None:
        """See whether it listens by now."""
        part = self.part
        if part.pid is not None and part.port is None:
            found = self._making.listens()
            if found is not None and found[0] in {0, part.pid}:
                with self._lock:
                    if self.part is part:
                        self.part = part._replace(port=found[1])

    def ask_to_end(self) -> None:
        """Tell it to end, and start it no more."""
        with self._lock:
            self._ending.set()
            running = self._process
            if running is not None:
                running.terminate()

    def end(self) -> None:
        """Wait until it has ended; one that does not is killed."""
        running = self._process
        if running is not None:
            try:
                running.wait(_TO_END_S)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
        if self._thread.is_alive():
            self._thread.join()

    def _attend(self) -> None:
        failures = 0
        while not self._ending.is_set():
            if not self._making.needed:
                self._adopt()
            began, fault, code = monotonic(), "", 0
            try:
                code = self._run()
                fault = f"It ended (signal {-code})" if code < 0 else f"It ended (exit code {code})"
            except OSError as error:
                fault = f"It ended ({(error.strerror or str(error)).lower()})"
            if self._ending.is_set():
                return
            if code == AGAIN:
                self._tell("It asked to be started anew", 0.0)
                continue
            lasted = monotonic() - began
            if self._making.needed and not self.part.restarts and code > 0 and lasted < _FIRST_S:
                self._give_up(code)
                return
            failures = 1 if lasted >= _WELL_S else failures + 1
            again = 0.0 if failures == 1 else min(2.0 ** (failures - 2), _AGAIN_MOST_S)
            self._tell(fault, again)
            self._ending.wait(again)

    def _tell(self, fault: str, again: float) -> None:
        said = _last(self._making.log)
        trouble = f"{fault}{f': {said}' if said else '.'}"
        _LOG.warning(
            "The %s: %s It is started again%s.", self.part.name, trouble, f" in {again:.0f} s" if again else ""
        )
        with self._lock:
            self.part = Part(self.part.name, restarts=self.part.restarts + 1, trouble=trouble)

    def _adopt(self) -> None:
        """Leave the work to one that somebody else has started, as long as it runs."""
        found = self._making.listens()
        while found is not None and not self._ending.is_set():
            with self._lock:
                if self.part.pid != found[0]:
                    since = entrance.now() - int((process.age_seconds(found[0]) or 0) * 1000)
                    self.part = self.part._replace(pid=found[0], port=found[1], since=since)
            self._ending.wait(4 * _LOOK_S)
            found = self._making.listens()

    def _run(self) -> int:
        """Start it and wait until it ends; return its exit code."""
        words = messages.first_words_of(self._making.log) if self._making.log else ""
        with open(words or os.devnull, "wb") as said, self._lock:
            if self._ending.is_set():
                return 0
            # Its input is a pipe that ends with this process, however that ends.
            self._process = subprocess.Popen(  # noqa: S603  this program itself
                (sys.executable, *background.PROGRAM, "kept", *self._making.command()),
                stdin=subprocess.PIPE,
                stdout=said if words else None,
                stderr=said if words else None,
            )
            self.part = self.part._replace(pid=self._process.pid, port=None, since=entrance.now())
        with self._process as begun:
            return begun.wait()


class Supervisor:
    """Keeps all parts, and a record of them."""

    def __init__(self, makings: Sequence[Making], state: str) -> None:
        """Begin with what to keep and the folder of the record."""
        self._state, self._began = state, process.identity(os.getpid()) or ""
        self._over = threading.Event()
        self._code = 0
        self._kept = [Kept(making, self._give_up) for making in makings]

    def run(self) -> int:
        """Keep all running until a signal comes; return the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._over.set())
        for each in self._kept:
            each.start()
        told = None
        while not self._over.is_set():
            for each in self._kept:
                each.look()
            now = tuple(each.part for each in self._kept)
            if now != told:
                told = now if self._written(now) else None
            self._over.wait(_LOOK_S)
        for each in self._kept:
            each.ask_to_end()
        for each in self._kept:
            each.end()
        with suppress(TallystickError):
            parts.forget(self._state)
        return self._code

    def _give_up(self, code: int) -> None:
        self._code = code
        self._over.set()

    def _written(self, now: tuple[Part, ...]) -> bool:
        try:
            parts.tell(self._state, Keeper(os.getpid(), self._began, now))
        except Unavailable:
            # A full disk ends nothing; it is tried again.
            return False
        return True


def command(name: str) -> click.Command:
    """Return the command."""
    options: list[click.Parameter] = [
        click.Option(["--host"], required=True),
        click.Option(["--port"], type=int, required=True),
        click.Option(["--log"], required=True),
        click.Option(["--without-proxy"], is_flag=True),
    ]
    return click.Command(name, callback=run, params=options, help=HIDDEN[name].help)


def run(host: str, port: int, log: str, without_proxy: bool) -> int:  # noqa: FBT001  as click gives it
    """Keep the parts running."""
    grounds = background.grounds()
    messages.go_to(os.path.join(os.path.dirname(log), "keeper.log"))
    makings = [_server(host, port, log)]
    if not without_proxy:
        makings.append(_proxy(entrance.settings()))
    return Supervisor(makings, grounds.person.state).run()


def _server(host: str, port: int, log: str) -> Making:
    command = ("serve", "--host", host, "--port", str(port), "--log", log)

    def listens() -> tuple[int, int] | None:
        answer = probe.ask(host, port)
        return (answer.pid or 0, port) if answer.kind == probe.HEALTHY else None

    return Making(SERVER, lambda: command, "", listens, needed=True)


def _proxy(chosen: Any) -> Making:  # noqa: ANN401  settings
    from tallystick.cli.run import free

    log = messages.proxy_log(os.environ, os.path.expanduser("~"))
    last = [PORT]

    def listens() -> tuple[int, int] | None:
        found = running(chosen.data_dir)
        if found is None:
            return None
        last[0] = found.port
        return found.pid, found.port

    def command() -> Sequence[str]:
        # Tools that run have the address of the one before.
        return ("proxy", "--kept", "--port", str(free(last[0])), "--log", log)

    os.makedirs(os.path.dirname(log), mode=0o700, exist_ok=True)
    return Making(PROXY, command, log, listens)


def _last(log: str) -> str:
    """Return the last sentence that a part said outside of its log."""
    said = messages.first_words(log) if log else []
    return said[-1][:_SENTENCE_MOST] if said else ""
