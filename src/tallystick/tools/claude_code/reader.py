"""Reads a transcript's bytes: finds the lines that matter without decoding the rest.

Most bytes of a transcript are results of tools. A line is told by what stands near its beginning, and
only answers (lines with a usage object) and prompts are decoded; of a result, its id, its time and its
failure are taken from their places. Quotes inside a JSON text are escaped, so that the patterns below
cannot occur within one. A line of another layout is decoded whole.
"""

import sys
from collections.abc import Callable
from typing import Any, ClassVar, Final

from tallystick.tools.claude_code import plain
from tallystick.tools.claude_code.transcript import EARLIEST, LATEST, SYNTHETIC, WEB_SEARCH, LookAt, Transcript
from tallystick.tools.tool import Found, State
from tallystick.usage.instant import instant

type Data = bytes | bytearray

_USER: Final = b'"type":"user","message":{"role":"user","content":'
_USER_SIZE: Final = len(_USER)
_MODEL: Final = b'"message":{"model":"'
"""How an answer begins, and nothing else that has no counts."""
_HEAD: Final = 900
"""Bytes from the beginning of a line within which its kind shows."""
_QUOTE: Final = ord('"')
_BRACE: Final = ord("{")
_USAGE: Final = b'"usage"'
_RESULT: Final = b'"tool_use_id":"'
_RESULT_SIZE: Final = len(_RESULT)
_FIRST_RESULT: Final = b"[{" + _RESULT
_FIRST_RESULT_SIZE: Final = len(_FIRST_RESULT)
_TIMESTAMP: Final = b',"timestamp":"'
_TIMESTAMP_SIZE: Final = len(_TIMESTAMP)
_TIME_SIZE: Final = len("2026-08-21T09:50:38.128Z")
_FAILED: Final = b'"is_error":true'
_NEAR: Final = 120
"""Bytes within which the small fields around a result's text stand."""
_LONGEST_ID: Final = 100
_SEARCHES: Final = b'"searchCount":'
_OF_NO_INTEREST: Final = tuple(
    b'{"type":"%s' % kind
    for kind in (
        b"api-request", b'file-history-snapshot"', b'cost-state"', b'queue-operation"', b'last-prompt"', b'atis-latch"',
        b'mode"', b'permission-mode"', b'tools-used"',
    )
)  # fmt: skip
_OF_INTEREST: Final = (
    b'"user"',
    b'"assistant"',
    b'"queued_command"',
    b'-title"',
    b'"summary"',
    b"<command-name>/rename<",
)
_WORTH_IMPORTING: Final = 150_000
"""Bytes from which on msgspec's import is repaid by its speed."""


class ClaudeReader:
    """Reads one transcript in as many pieces as it comes."""

    fed: ClassVar[int] = 0
    """Bytes read in this process, in all transcripts."""

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        self._transcript = Transcript(path, state)
        self._decode: Callable[[Any], Any] = plain.decode
        self._load: Callable[[Any], Any] = plain.load
        self._look_at: LookAt = plain.look_at

    def feed(self, data: Data, start: int, end: int, offset: int) -> None:  # noqa: C901 - a step less for each line
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""
        self._prepare(end - start)
        find, startswith, shift, position = data.find, data.startswith, offset - start, start
        # The lines of one transcript begin alike: where a pattern stood last, it mostly stands again.
        user_at = model_at = 0
        with memoryview(data) as view:
            while position < end:
                stop = find(b"\n", position, end)
                if stop < 0:
                    stop = end
                if startswith(_MODEL, position + model_at, stop):
                    self._answer(view[position:stop], position + shift)
                elif startswith(_USER, position + user_at, stop):
                    if not self._result(data, position + user_at + _USER_SIZE, stop):
                        self._whole(view[position:stop], position + shift)
                elif stop > position:
                    near = min(position + _HEAD, stop)
                    if (at := find(_USER, position, near)) >= 0:
                        user_at = at - position
                        if not self._result(data, at + _USER_SIZE, stop):
                            self._whole(view[position:stop], position + shift)
                    elif find(_USAGE, position, stop) >= 0:
                        model_at = max(find(_MODEL, position, near) - position, 0)
                        self._answer(view[position:stop], position + shift)
                    elif self._matters(data, position, stop):
                        self._whole(view[position:stop], position + shift)
                position = stop + 1

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        return self._transcript.finish()

    def _prepare(self, size: int) -> None:
        ClaudeReader.fed += size
        if self._decode is plain.decode and (ClaudeReader.fed >= _WORTH_IMPORTING or "msgspec" in sys.modules):
            try:
                from tallystick.tools.claude_code import shape
            except ImportError:
                # Where nothing may be installed, the standard library has to do.
                ClaudeReader.fed = 0
            else:
                self._decode, self._load, self._look_at = shape.decode, shape.load, shape.look_at

    def _answer(self, raw: memoryview, offset: int) -> None:
        """Take a line that holds a usage object: an answer, or something else's sum."""
        set_aside = None
        try:
            line = self._decode(raw)
        except (ValueError, RecursionError):
            try:
                line, set_aside = plain.look_again(raw)
            except plain.Misshapen as error:
                self._transcript.found.skip(offset, str(error))
                return
        message = line.message
        if line.type != "assistant" or message is None or message.usage is None or message.model == SYNTHETIC:
            self._whole(raw, offset)
        elif self._transcript.answer(line, offset) and set_aside:
            self._transcript.found.skip(offset, set_aside[0])

    def _whole(self, raw: memoryview, offset: int) -> None:
        """Take a line decoded whole: a prompt, a title, or one of an unusual layout."""
        look_at = self._look_at
        try:
            line = self._load(raw)
        except (ValueError, RecursionError):
            line = None
        if not isinstance(line, dict):
            look_at = plain.look_at
            try:
                line = plain.load(raw)
            except plain.Misshapen as error:
                self._transcript.found.skip(offset, str(error))
                return
        self._transcript.take(line, offset, look_at)

    def _matters(self, data: Data, position: int, stop: int) -> bool:
        """Tell whether a line that is neither an answer nor a usual user's line may tell us anything."""
        if data[position] != _BRACE or data[stop - 1] not in b"}\r":
            # Not an object, whose place has to be noted, or nothing at all.
            return bool(data[position:stop].strip())
        if data.startswith(_OF_NO_INTEREST, position):
            return False
        near = min(position + _HEAD, stop)
        return any(data.find(word, position, near) >= 0 for word in _OF_INTEREST)

    def _result(self, data: Data, at: int, stop: int) -> bool:
        """Take a tool's result from its places in the line; tell False when the line is something else."""
        find = data.find
        if data.startswith(_FIRST_RESULT, at):
            begin = at + _FIRST_RESULT_SIZE
        elif data.startswith(b"[", at):
            begin = find(_RESULT, at, at + _NEAR) + _RESULT_SIZE
        else:
            return False
        time_at = find(_TIMESTAMP, begin, stop)
        close = find(b'"', begin, begin + _LONGEST_ID)
        if begin < _RESULT_SIZE or time_at < 0 or close < 0:
            return False
        transcript = self._transcript
        # Looking for a second result means reading the first one's whole text: only where one can be expected.
        if len(transcript.waiting) > 1 and find(_RESULT, begin, time_at) >= 0:
            return False
        when = time_at + _TIMESTAMP_SIZE
        until = when + _TIME_SIZE
        if until >= stop or data[until] != _QUOTE:
            until = max(find(b'"', when, stop), when)
        try:
            use, time = data[begin:close].decode("ascii"), instant(data[when:until].decode("ascii"))
        except ValueError:
            return False
        if not EARLIEST <= time < LATEST:
            return False
        near = time_at - _NEAR
        if near > begin:
            failed = find(_FAILED, near, time_at) >= 0 or find(_FAILED, at, begin + _NEAR) >= 0
        else:
            failed = find(_FAILED, at, time_at) >= 0
        call = transcript.result(use, time, failed)
        if call is not None and call.name == WEB_SEARCH:
            transcript.searched(call, _number_after(_SEARCHES, data, time_at, stop))
        return True


def _number_after(name: bytes, data: Data, start: int, stop: int) -> int:
    """Return the whole number of the last field of that name, 0 when there is none."""
    at = data.rfind(name, start, stop) + len(name)
    digits = data[at : at + 4].partition(b",")[0].partition(b"}")[0]
    return int(digits) if at > start and digits.isdigit() else 0
