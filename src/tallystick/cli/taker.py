"""The taker: hands pushes to the process beside the server that takes them in, which it starts when the first one comes."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import Final

from tallystick.intake.push.frames import HEAD_BYTES, answer, offered, sizes
from tallystick.intake.push.taking import Answer, Offer, problem

COMMAND: Final = (sys.executable, "-P", "-m", "tallystick.cli.take_in")
_WAITING_MOST: Final = 2_000
_WAITING_BYTES: Final = 128 << 20
"""What may wait; whoever comes then is to come again."""
_OF_ONE_MOST: Final = 32
_OF_ONE_BYTES: Final = 24 << 20
"""What of that may be one machine's, so that the others find room: a client sends one after the other."""
_AGAIN: Final = 2
_TO_END_S: Final = 5.0
_ANSWER_MOST: Final = 1 << 22
_SAID_AT_ONCE: Final = 1 << 14


class _Wait:
    """An offer that waits for its answer, and the process from which that will come."""

    def __init__(self, offer: Offer) -> None:
        self.machine, self.bytes = offer.sender.machine, len(offer.body)
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.process: Process | None = None

    def tell(self, told: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(told)


class Taker:
    """Takes pushes in through a process of its own; all of it runs on one event loop."""

    def __init__(self, log: Callable[[str], None], command: Sequence[str] = COMMAND) -> None:
        """Begin without a process."""
        self._log, self._command = log, tuple(command)
        self._process: Process | None = None
        self._starting = asyncio.Lock()
        self._numbers = count(1)
        self._waiting: dict[int, _Wait] = {}
        self._bytes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended = False

    async def offer(self, offer: Offer) -> Answer:
        """Return the answer to a push, once what it told is durable."""
        if len(self._waiting) >= _WAITING_MOST or self._bytes + len(offer.body) > _WAITING_BYTES:
            return problem(503, "busy", "Too much is waiting to be stored. Come again in a moment.", _AGAIN)
        own = [each.bytes for each in self._waiting.values() if each.machine == offer.sender.machine]
        if offer.sender.machine and (len(own) >= _OF_ONE_MOST or sum(own) + len(offer.body) > _OF_ONE_BYTES):
            return problem(
                429, "busy", "Too much of this machine is waiting to be stored. Send one after the other.", _AGAIN
            )
        number, wait = next(self._numbers), _Wait(offer)
        self._bytes += len(offer.body)
        self._waiting[number] = wait
        try:
            process = wait.process = await self._running()
            if process is None or process.stdin is None:
                return _not_now()
            process.stdin.write(offered(number, offer))
            await process.stdin.drain()
            return await wait.answer
        except (OSError, ConnectionError):
            return _not_now()
        finally:
            self._waiting.pop(number, None)
            self._bytes -= len(offer.body)

    async def end(self) -> None:
        """Let the process finish what it has begun, and end it."""
        self._ended = True
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(OSError):
            process.stdin.close()
        try:
            async with asyncio.timeout(_TO_END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _running(self) -> Process | None:
        """Return the process, started if there is none; None when that fails."""
        async with self._starting:
            if self._ended:
                return None
            if self._process is None or self._process.returncode is not None:
                try:
                    self._process = await asyncio.create_subprocess_exec(
                        *self._command, stdin=PIPE, stdout=PIPE, stderr=PIPE
                    )
                except OSError as error:
                    self._log(f"What takes pushes in cannot be started ({(error.strerror or str(error)).lower()}).")
                    return None
                for work in (self._listen(self._process), self._hear(self._process)):
                    task = asyncio.ensure_future(work)
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            return self._process

    async def _listen(self, process: Process) -> None:
        """Hand out answers until the process ends; what it has not answered then is to come again."""
        reader = process.stdout
        try:
            while reader is not None:
                number, head, body = sizes(await reader.readexactly(HEAD_BYTES))
                if head + body > _ANSWER_MOST:
                    raise ValueError("no answer is as long as that")  # noqa: TRY301  as whatever else is not understood
                told = answer(await reader.readexactly(head), await reader.readexactly(body))
                if wait := self._waiting.get(number):
                    wait.tell(told)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except Exception as error:  # noqa: BLE001 - whatever it says, those who wait are told
            self._log(
                f"What takes pushes in answers what is not understood ({type(error).__name__}); it is started again."
            )
            process.kill()
        code = await process.wait()
        if not self._ended:
            self._log(f"What takes pushes in has ended ({code}); the next push starts it again.")
        for each in self._waiting.values():
            if each.process is process:
                each.tell(_not_now())

    async def _hear(self, process: Process) -> None:
        """Log what the process says."""
        with suppress(ConnectionError):
            while process.stderr is not None:
                try:
                    said = await process.stderr.readline()
                except ValueError:
                    # Longer than any line: what is there of it.
                    said = await process.stderr.read(_SAID_AT_ONCE)
                if not said:
                    return
                self._log(said.decode(errors="backslashreplace").rstrip("\n"))


def _not_now() -> Answer:
    return problem(503, "unavailable", "Nothing can be stored at the moment; nothing of this was. Come again.", _AGAIN)
