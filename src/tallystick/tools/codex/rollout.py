"""Reads a rollout: tells lines apart by how they begin and decodes only those that matter.

Where a line begins as Codex writes it, most of what it holds is passed over unread; where it does not, all
of it is decoded.
"""

import sys
from collections.abc import Callable
from typing import Any, ClassVar, Final

from tallystick.tools.codex import decoded, outputs
from tallystick.tools.codex.account import Account
from tallystick.tools.codex.answer import Answer
from tallystick.tools.codex.layout import (
    CONTEXT,
    EVENT,
    EVENT_LETTER,
    ITEM,
    ITEM_LETTER,
    LETTER,
    LOOKED_AT,
    MATTERS,
    META,
    RECORD,
    SECOND_AT,
    TYPE_AT,
    Data,
    ordinal_of,
    time_or_none,
    type_at,
)
from tallystick.tools.codex.places import thread_of
from tallystick.tools.codex.plain import Misshapen
from tallystick.tools.tool import Found, State

type Take = Callable[["Rollout", int, int, int], None]
"""Takes a line from its place, its end, and the place at which its type stands."""

_USES: Final = (b'function_call"', b'custom_tool_call"', b'local_shell_call"')
_RESULTS: Final = (b'function_call_output"', b'custom_tool_call_output"', b'local_shell_call_output"')
_OUTPUT: Final = b'","output":"'
_ITEM_TYPE: Final = b'"item":{"type":"'
_PROMPTS: Final = (b'UserMessage"', b'EnteredReviewMode"')
_SAID: Final = b'user_message","message":"'
_ROLE: Final = b'"role":"'
_USER: Final = b'user","content":[{"type":"input_text","text":"'
_BEGINNING: Final = 200
"""Bytes of a message that tell whether a person typed it."""
_TOTALS: Final = 256
"""Bytes from the type of a `token_count` on that hold all of its totals."""
_BRACE: Final = ord("}")
_E: Final = ord("e")
_R: Final = ord("r")
_T: Final = ord("t")
_WORTH_IMPORTING: Final = 100_000
"""Bytes from which on msgspec's import is repaid by its speed."""


class Rollout:
    """Reads one rollout in as many pieces as it comes."""

    fed: ClassVar[int] = 0
    """Bytes read in this process, in all rollouts."""

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        self._account = Account(thread_of(path), state)
        self._data: Data = b""
        self._shift = 0
        """What makes a place in the data one in the source."""
        self._type_at = 0
        """Bytes from a line's beginning to its type, in the line before."""
        self._answer = Answer()
        self._told: object = None
        self._told_at = 0
        """The totals told last, and where in the data at hand; 0 is nowhere."""
        self._looked: bytes = b"\n"
        """How lines begin in the minute in which limits were looked at."""
        self._shape: Any = decoded.Whole
        """The module `shape`, once it is worth importing."""

    def feed(self, data: Data, start: int, end: int, offset: int) -> None:
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""
        self._prepare(end - start)
        self._data, self._shift = data, offset - start
        # The first bytes of a line near the end of the data have to be looked at with care.
        position = max(start, data.rfind(b"\n", start, min(end, len(data) - LOOKED_AT)) + 1)
        self._lines(start, position)
        while position < end:
            stop = data.find(b"\n", position, end)
            if stop < 0:
                stop = end
            self._other(position, stop)
            position = stop + 1
        self._settle()
        self._data, self._told_at = b"", 0

    def _lines(self, position: int, end: int) -> None:
        """Read lines with an end that are followed by enough bytes to look at any line's beginning."""
        data, boundary, types = self._data, self._account.boundary, 0
        find, startswith = data.find, data.startswith
        record, event, item = Rollout._record, self._events.get, self._items.get
        while position < end:
            stop = find(b"\n", position, end)
            at = position + types
            letter = data[at + LETTER]
            take: Take | None
            if letter == _R and startswith(ITEM, at):
                take = item(data[at + ITEM_LETTER])
            elif letter == _E and startswith(EVENT, at):
                take = event(data[at + EVENT_LETTER])
            elif letter == _T and startswith(RECORD, at):
                take = record
            else:
                self._other(position, stop)
                # While lines are copies, each is looked at with more care.
                types = 0 if boundary.copying else self._type_at
                position = stop + 1
                continue
            if take is not None:
                take(self, position, stop, at)
            elif data[stop - 1] != _BRACE:
                self._decode(position, stop)
            position = stop + 1

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        found, state = self._account.finish()
        # A tool's use is looked at after lines that follow it.
        found.skipped.sort()
        return found, state

    def _prepare(self, size: int) -> None:
        Rollout.fed += size
        if self._shape is decoded.Whole and (Rollout.fed >= _WORTH_IMPORTING or "msgspec" in sys.modules):
            try:
                from tallystick.tools.codex import shape
            except ImportError:
                # Where nothing may be installed, the standard library has to do.
                Rollout.fed = 0
            else:
                self._shape = shape

    def _settle(self) -> None:
        """Hand over the lines of an answer, before what comes after them."""
        if self._answer.lines:
            self._answer.settle(self._account, self._data, self._shift, self._shape)

    def _other(self, position: int, stop: int) -> None:
        """Take a line of a seldom kind, or one whose type stands elsewhere than in the line before."""
        data = self._data
        at = type_at(data, position)
        if at < 0:
            self._decode(position, stop)
            return
        self._type_at = at - position
        if self._account.boundary.copying:
            self._place(position, at)
        for beginning, take in self._by_type:
            if data.startswith(beginning, at):
                take(self, position, stop, at)
                return
        if data[stop - 1] != _BRACE or data.startswith(MATTERS, at):
            self._decode(position, stop)

    def _place(self, position: int, at: int) -> None:
        """Tell the account where a line stands, while lines are copies of another thread's."""
        if time := time_or_none(self._data, position):
            self._account.line(ordinal_of(self._data, position, at), time)

    def _pass(self, position: int, stop: int, _inner: int) -> None:
        """Take a line that tells nothing, if only it is whole."""
        if self._data[stop - 1] != _BRACE:
            self._decode(position, stop)

    def _decode(self, position: int, stop: int) -> None:
        """Take a line of any layout by decoding all of it."""
        self._settle()
        self._looked = b"\n"
        decoded.take(self._account, self._data[position:stop], position + self._shift)

    def _usage(self, position: int, stop: int, at: int) -> None:
        """Take a `token_count`, unless it is seen at once that it tells nothing new."""
        data, account, inner = self._data, self._account, at + len(EVENT)
        if not data.startswith(b'token_count"', inner):
            self._pass(position, stop, at)
            return
        if not data.startswith(self._looked, position):
            self._limits(position, stop)
            return
        if not account.muted and data[stop - 1] == _BRACE:
            if account.recorded:
                return
            told = self._told_at
            if told and account.counters.total is self._told and data.startswith(data[told : told + _TOTALS], inner):
                return
        if self._answer.lines:
            self._settle()
        try:
            total, last, time = self._shape.counts_of(data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
            return
        account.token_count(total, last, time, position + self._shift)
        if total is account.counters.total:
            self._told, self._told_at = total, inner

    def _limits(self, position: int, stop: int) -> None:
        """Take a `token_count` that may be the first of its minute, of which the limits matter too."""
        self._settle()
        try:
            usage, time = self._shape.usage_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
            time = time_or_none(self._data, position)
        else:
            self._account.usage(usage, time, position + self._shift)
        if time and not self._account.muted and not self._account.wants_limits(time):
            self._looked = bytes(self._data[position : position + SECOND_AT])

    def _meta(self, position: int, stop: int, _at: int) -> None:
        time, place = time_or_none(self._data, position), position + self._shift
        if not time:
            self._decode(position, stop)
        elif (payload := self._seldom("payload_of", position, stop)) is not None:
            try:
                self._account.meta(payload, time, place)
            except Misshapen as fault:
                self._account.found.skip(place, str(fault))

    def _seldom(self, of: str, position: int, stop: int) -> Any:
        """Return what a line tells; None when it had to be decoded whole, and was taken so."""
        self._settle()
        try:
            return getattr(self._shape, of)(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
            return None

    def _turn(self, position: int, stop: int, _at: int) -> None:
        if turn := self._seldom("turn_of", position, stop):
            self._account.turn_context(turn)

    def _record(self, position: int, stop: int, _at: int) -> None:
        if self._answer.lines:
            self._settle()
        try:
            counts, thread, response, time = self._shape.record_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
            return
        self._account.record(counts, (thread, response), time, position + self._shift)

    def _output(self, position: int, stop: int, at: int) -> None:
        """Take a tool's result: all that is read stands before what the tool printed."""
        data, shape = self._data, self._shape
        end = data.find(_OUTPUT, at, stop)
        if end < 0 or data[stop - 1] != _BRACE:
            self._decode(position, stop)
            return
        told = data[position:end] + b'"}}'
        try:
            call, time = shape.result_of(told)
        except shape.REFUSALS:
            try:
                call, time = decoded.Whole.result_of(told)
            except Misshapen:
                self._decode(position, stop)
                return
        if self._answer.lines:
            self._settle()
        self._account.output(call, time, failed=outputs.failed(data, end + len(_OUTPUT), stop))

    def _wait(self, position: int, stop: int) -> None:
        """Take a line of an answer of which only the time matters."""
        if not self._is_usual(position, stop):
            self._decode(position, stop)
        elif not self._account.muted:
            self._answer.lines.append(position)

    def _is_usual(self, position: int, stop: int) -> bool:
        """Tell whether a line that is not decoded begins and ends as it should."""
        data = self._data
        return data[stop - 1] == _BRACE and (self._type_at == TYPE_AT or type_at(data, position) >= 0)

    def _message(self, position: int, stop: int, text: int, *, announced: bool) -> None:
        """Take a user's message from the place of its text."""
        beginning = self._data[text : text + _BEGINNING].decode("utf-8", "replace").replace("\\n", "\n")
        time = time_or_none(self._data, position)
        if not time or not self._is_usual(position, stop):
            self._decode(position, stop)
            return
        self._settle()
        self._account.message(beginning, time, position + self._shift, announced=announced)

    def _event_a(self, position: int, stop: int, at: int) -> None:
        if self._data.startswith(b'task_started"', at + len(EVENT)):
            if told := self._seldom("start_of", position, stop):
                self._account.started(*told)
        else:
            self._pass(position, stop, at)

    def _event_h(self, position: int, stop: int, at: int) -> None:
        if self._data.startswith(b'thread_settings_applied"', at + len(EVENT)):
            if settings := self._seldom("settings_of", position, stop):
                self._account.settings(settings)
        else:
            self._pass(position, stop, at)

    def _event_t(self, position: int, stop: int, at: int) -> None:
        data = self._data
        item = data.find(_ITEM_TYPE, at, stop)
        if not data.startswith(b'item_completed"', at + len(EVENT)):
            self._pass(position, stop, at)
        elif item < 0:
            self._decode(position, stop)
        elif data.startswith(_PROMPTS, item + len(_ITEM_TYPE)):
            if told := self._seldom("item_of", position, stop):
                thread, time = told
                self._account.item(thread, time, position + self._shift)
        else:
            self._pass(position, stop, at)

    def _event_s(self, position: int, stop: int, at: int) -> None:
        if self._data.startswith(_SAID, at + len(EVENT)):
            self._message(position, stop, at + len(EVENT) + len(_SAID), announced=True)
        else:
            self._decode(position, stop)

    def _item_call(self, position: int, stop: int, at: int) -> None:
        startswith, inner = self._data.startswith, at + len(ITEM)
        if startswith(_USES, inner):
            if not self._account.muted:
                self._answer.use(position, self._data[position:stop])
        elif startswith(_RESULTS, inner):
            self._output(position, stop, inner)
        else:
            self._pass(position, stop, at)

    def _item_r(self, position: int, stop: int, at: int) -> None:
        if self._data.startswith(b'reasoning"', at + len(ITEM)):
            self._wait(position, stop)
        else:
            self._pass(position, stop, at)

    def _item_m(self, position: int, stop: int, at: int) -> None:
        data = self._data
        role = data.find(_ROLE, at, stop) + len(_ROLE)
        if not data.startswith(b'message"', at + len(ITEM)):
            self._pass(position, stop, at)
        elif data.startswith(b'assistant"', role):
            self._wait(position, stop)
        elif data.startswith(b'developer"', role) or (data.startswith(b'user"', role) and self._account.announces):
            self._pass(position, stop, at)
        elif data.startswith(_USER, role):
            self._message(position, stop, role + len(_USER), announced=False)
        else:
            self._decode(position, stop)

    def _whole(self, position: int, stop: int, _at: int) -> None:
        """Take a line of a kind too seldom to be told from its beginning."""
        self._decode(position, stop)

    def _event(self, position: int, stop: int, at: int) -> None:
        letter = at + EVENT_LETTER
        self._events.get(self._data[letter] if letter < stop else 0, Rollout._pass)(self, position, stop, at)

    def _any_item(self, position: int, stop: int, at: int) -> None:
        letter = at + ITEM_LETTER
        self._items.get(self._data[letter] if letter < stop else 0, Rollout._pass)(self, position, stop, at)

    _events: ClassVar[dict[int, Take]] = {
        ord("o"): _usage,
        ord("a"): _event_a,
        ord("h"): _event_h,
        ord("t"): _event_t,
        ord("s"): _event_s,
        ord("n"): _whole,
    }
    """Who takes an event, by the second letter of its type."""
    _items: ClassVar[dict[int, Take]] = {
        ord("f"): _item_call,
        ord("c"): _item_call,
        ord("l"): _item_call,
        ord("r"): _item_r,
        ord("m"): _item_m,
        ord("a"): _whole,
        ord("w"): _whole,
    }
    """Who takes an item, by the first letter of its type."""
    _by_type: ClassVar[tuple[tuple[bytes, Take], ...]] = (
        (EVENT, _event),
        (ITEM, _any_item),
        (RECORD, _record),
        (CONTEXT, _turn),
        (META, _meta),
    )
