"""Reads a rollout: tells lines apart by their first bytes and decodes only those that matter.

Codex writes a line's keys in one order: timestamp, ordinal (since 0.145), type, payload with its own type
first. Where a line begins so, most of what it holds is passed over unread; where it does not, all of it is
decoded. Quotes inside a JSON text are escaped, so that no text can look like a key; and a key of something
nested cannot stand in these places.
"""

import sys
from collections.abc import Callable
from typing import Any, ClassVar, Final

from tallystick.tools.codex import decoded, outputs
from tallystick.tools.codex.account import Account
from tallystick.tools.codex.people import is_typed
from tallystick.tools.codex.places import thread_of
from tallystick.tools.codex.plain import Misshapen, Payload
from tallystick.tools.tool import Found, State
from tallystick.usage.instant import instant

type Data = bytes | bytearray
type Take = Callable[["Rollout", int, int, int], None]
"""Takes a line from its place, its end, and the place at which its kind was told."""

_HEAD: Final = b'{"timestamp":"'
_SECOND_AT: Final = len('{"timestamp":"2026-08-21T09:50:')
_TYPE_AT: Final = len('{"timestamp":"2026-08-21T09:50:38.128Z"')
_TYPE: Final = b',"type":"'
_ORDINAL: Final = b',"ordinal":'
_DIGITS_MOST: Final = 20
_SHORTEST: Final = 130
"""Shorter lines are decoded: their first bytes might not hold all that is looked at."""
_NEAR: Final = 200
"""Bytes within which a name stands that Codex writes before any long text."""
_META: Final = b',"type":"session_meta","payload":{'
_CONTEXT: Final = b',"type":"turn_context","payload":{'
_WHOLE: Final = tuple(
    b',"type":"%s"' % name for name in (b"event_msg", b"response_item", b"token_usage_record", b"session_meta", b"turn_context")
)
"""Lines that matter, in a layout that is not known."""
_USES: Final = (b'function_call"', b'custom_tool_call"', b'local_shell_call"')
_RESULTS: Final = (b'function_call_output"', b'custom_tool_call_output"', b'local_shell_call_output"')
_OUTPUT: Final = b'","output":"'
_ITEM_TYPE: Final = b'"item":{"type":"'
_PROMPTS: Final = (b'UserMessage"', b'EnteredReviewMode"')
_SAID: Final = b'user_message","message":"'
_ROLE: Final = b'"role":"'
_USER: Final = b'user","content":[{"type":"input_text","text":"'
_TOTALS: Final = 256
"""Bytes from the type of a `token_count` on that hold all of its totals."""
_BLOCK: Final = 1 << 20
_BRACE: Final = ord("}")
_QUOTE: Final = ord('"')

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
        self._type_at = _TYPE_AT
        """Bytes from a line's beginning to its type; more where lines have ordinals."""
        self._answers: list[int] = []
        """Places of an answer's lines, whose times mostly need not be read."""
        self._uses: list[tuple[int, Data]] = []
        """Those of them in which the model asked for a tool."""
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
        position = start
        while position < end:
            position = self._block(position, end)
        if self._answers:
            self._settle()
        self._data, self._told_at = b"", 0

    def _block(self, position: int, end: int) -> int:
        """Read lines until about a block's bytes are read, and return the place of the next line."""
        data = self._data
        find, startswith, boundary = data.find, data.startswith, self._account.boundary
        stops: list[int] = []
        stop, last = position - 1, min(position + _BLOCK, end)
        # Newlines first: looking for them without a pause reads memory at full speed, and leaves it near.
        while stop + 1 < last:
            stop = find(b"\n", stop + 1, end)
            if stop < 0:
                stop = end
            stops.append(stop)
        for stop in stops:
            if stop - position < _SHORTEST:
                self._decode(position, stop)
            else:
                at = position + self._type_at
                kind = _KINDS.get(data[at + 9])
                if kind is not None and startswith(kind[0], at) and not boundary.copying:
                    inner = at + kind[1]
                    take = kind[2].get(data[inner])
                    if take is not None:
                        take(self, position, stop, inner)
                    elif data[stop - 1] != _BRACE:
                        self._decode(position, stop)
                else:
                    self._other(position, stop)
            position = stop + 1
        return position

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another reader can go on."""
        return self._account.finish()

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

    def _time(self, position: int) -> int:
        """Return the time of a line that begins as usual; raise ValueError on nonsense."""
        head = self._data[position : position + _TYPE_AT]
        if not head.startswith(_HEAD) or head[-1] != _QUOTE:
            raise ValueError
        return instant(head[len(_HEAD) : -1].decode("ascii"))

    def _settle(self) -> None:
        """Take the lines of an answer that were only collected so far."""
        account, time, position = self._account, 0, -1
        for position, raw in self._uses:
            try:
                call, name, time = self._call_of(raw)
            except Misshapen as fault:
                account.found.skip(position + self._shift, str(fault))
                position, time = -1, 0
            else:
                account.calls.ask(call, name or "local_shell", time, account.found.calls)
        pace, answers = account.pace, self._answers
        if position != answers[-1]:
            time = self._time_or_none(answers[-1])
        if time and pace.is_near(time):
            pace.lines.clear()
            pace.answer(time)
        else:
            for time in filter(None, map(self._time_or_none, answers)):
                pace.answer(time)
        answers.clear()
        self._uses.clear()

    def _call_of(self, raw: Data) -> tuple[str, str, int]:
        try:
            return self._shape.call_of(raw)
        except self._shape.REFUSALS:
            return decoded.Whole.call_of(raw)

    def _time_or_none(self, position: int) -> int:
        try:
            return self._time(position)
        except ValueError:
            return 0

    def _place(self, position: int, at: int) -> None:
        """Tell the account where a line stands, while lines are copies of another thread's."""
        ordinal = self._data[position + _TYPE_AT + len(_ORDINAL) : at]
        try:
            time = self._time(position)
        except ValueError:
            return
        self._account.line(int(ordinal) if ordinal else -1, time)

    def _other(self, position: int, stop: int) -> None:
        """Take a line of a seldom kind, or one whose type stands elsewhere than in the line before."""
        data = self._data
        at = position + _TYPE_AT
        if data.startswith(_ORDINAL, at):
            digits = at + len(_ORDINAL)
            at = data.find(b",", digits, digits + _DIGITS_MOST)
            if at < 0 or not data[digits:at].isdigit():
                at = position
        if not data.startswith(_TYPE, at):
            self._decode(position, stop)
            return
        self._type_at = at - position
        if self._account.boundary.copying:
            self._place(position, at)
        kind = _KINDS.get(data[at + len(_TYPE)])
        if kind is not None and data.startswith(kind[0], at):
            take = kind[2].get(data[at + kind[1]], Rollout._pass)
            take(self, position, stop, at + kind[1])
        elif data.startswith(_META, at):
            self._meta(position, stop)
        elif data.startswith(_CONTEXT, at):
            self._turn(position, stop)
        elif data[stop - 1] != _BRACE or data.startswith(_WHOLE, at):
            self._decode(position, stop)

    def _pass(self, position: int, stop: int, _inner: int) -> None:
        """Take a line that tells nothing, if only it is whole."""
        if self._data[stop - 1] != _BRACE:
            self._decode(position, stop)

    def _decode(self, position: int, stop: int) -> None:
        """Take a line of any layout by decoding all of it."""
        if self._answers:
            self._settle()
        self._looked = b"\n"
        decoded.take(self._account, self._data[position:stop], position + self._shift)

    def _usage(self, position: int, stop: int, inner: int) -> None:
        """Take a `token_count`, unless it is seen at once that it tells nothing new."""
        data, account = self._data, self._account
        is_new = not data.startswith(self._looked, position)
        if not (is_new or account.muted) and data[stop - 1] == _BRACE:
            if account.recorded:
                return
            told = self._told_at
            if told and account.counters.total is self._told and data.startswith(data[told : told + _TOTALS], inner):
                return
        if self._answers:
            self._settle()
        shape = self._shape
        try:
            usage, time = shape.usage_of(data[position:stop], limits=is_new)
        except shape.REFUSALS:
            self._decode(position, stop)
            return
        account.token_count(usage, time, position + self._shift)
        if is_new and not account.muted:
            self._looked = bytes(data[position : position + _SECOND_AT])
        if account.counters.total is not self._told:
            self._told, self._told_at = account.counters.total, inner

    def _meta(self, position: int, stop: int) -> None:
        place, account = position + self._shift, self._account
        try:
            payload, time = self._shape.payload_of(self._data[position:stop]), self._time(position)
        except (*self._shape.REFUSALS, ValueError):
            self._decode(position, stop)
            return
        try:
            account.meta(payload, time, place)
        except Misshapen as fault:
            account.found.skip(place, str(fault))

    def _turn(self, position: int, stop: int) -> None:
        try:
            turn = self._shape.turn_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
        else:
            self._account.turn_context(turn)

    def _set(self, position: int, stop: int) -> None:
        try:
            settings = self._shape.settings_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
        else:
            self._account.settings(settings)

    def _start(self, position: int, stop: int) -> None:
        if self._answers:
            self._settle()
        try:
            start, time = self._shape.start_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
        else:
            self._account.started(start, time)

    def _record(self, position: int, stop: int, _inner: int) -> None:
        shape = self._shape
        if self._answers:
            self._settle()
        try:
            record, time = shape.record_of(self._data[position:stop])
        except shape.REFUSALS:
            self._decode(position, stop)
            return
        self._account.record(record, time, position + self._shift)

    def _call(self, position: int, stop: int) -> None:
        if not self._account.muted:
            self._answers.append(position)
            self._uses.append((position, self._data[position:stop]))

    def _output(self, position: int, stop: int, inner: int) -> None:
        """Take a tool's result: all that is read stands before what the tool printed."""
        data, shape = self._data, self._shape
        end = data.find(_OUTPUT, inner, inner + _NEAR)
        if end < 0 or data[stop - 1] != _BRACE:
            self._decode(position, stop)
            return
        try:
            call, time = shape.result_of(data[position:end] + b'"}}')
        except shape.REFUSALS:
            self._decode(position, stop)
            return
        if self._answers:
            self._settle()
        self._account.output(call, time, failed=outputs.failed(data, end + len(_OUTPUT), stop))

    def _answer(self, position: int, stop: int) -> None:
        """Take a line of an answer of which only the time matters."""
        if self._data[stop - 1] != _BRACE:
            self._decode(position, stop)
        elif not self._account.muted:
            self._answers.append(position)

    def _message(self, position: int, stop: int, text: int, *, announced: bool) -> None:
        """Take a user's message from the place of its text."""
        beginning = self._data[text : text + _NEAR].decode("utf-8", "replace").replace("\\n", "\n")
        try:
            time = self._time(position)
        except ValueError:
            time = -1
        if time < 0 or self._data[stop - 1] != _BRACE:
            self._decode(position, stop)
            return
        if self._answers:
            self._settle()
        self._account.message(beginning, time, position + self._shift, announced=announced)

    def _event_t(self, position: int, stop: int, inner: int) -> None:
        startswith = self._data.startswith
        if startswith(b'token_count"', inner):
            self._usage(position, stop, inner)
        elif startswith(b'task_started"', inner):
            self._start(position, stop)
        elif startswith(b'thread_settings_applied"', inner):
            self._set(position, stop)
        else:
            self._pass(position, stop, inner)

    def _event_i(self, position: int, stop: int, inner: int) -> None:
        data = self._data
        item = data.find(_ITEM_TYPE, inner, inner + _NEAR)
        if item < 0:
            self._decode(position, stop)
        elif data.startswith(_PROMPTS, item + len(_ITEM_TYPE)):
            self._item(position, stop)
        else:
            self._pass(position, stop, inner)

    def _item(self, position: int, stop: int) -> None:
        if self._answers:
            self._settle()
        try:
            thread, time = self._shape.item_of(self._data[position:stop])
        except self._shape.REFUSALS:
            self._decode(position, stop)
        else:
            self._account.item(thread, time, position + self._shift)

    def _event_u(self, position: int, stop: int, inner: int) -> None:
        if self._data.startswith(_SAID, inner):
            self._message(position, stop, inner + len(_SAID), announced=True)
        else:
            self._decode(position, stop)

    def _event_e(self, position: int, stop: int, inner: int) -> None:
        if self._data.startswith(b'entered_review_mode"', inner):
            self._decode(position, stop)
        else:
            self._pass(position, stop, inner)

    def _item_call(self, position: int, stop: int, inner: int) -> None:
        startswith = self._data.startswith
        if startswith(_USES, inner):
            self._call(position, stop)
        elif startswith(_RESULTS, inner):
            self._output(position, stop, inner)
        else:
            self._pass(position, stop, inner)

    def _item_r(self, position: int, stop: int, inner: int) -> None:
        if self._data.startswith(b'reasoning"', inner):
            self._answer(position, stop)
        else:
            self._pass(position, stop, inner)

    def _item_m(self, position: int, stop: int, inner: int) -> None:
        data = self._data
        role = data.find(_ROLE, inner, inner + _NEAR) + len(_ROLE)
        if not data.startswith(b'message"', inner):
            self._pass(position, stop, inner)
        elif data.startswith(b'assistant"', role):
            self._answer(position, stop)
        elif data.startswith(b'user"', role) and self._account.announces:
            self._pass(position, stop, inner)
        elif data.startswith(_USER, role):
            self._message(position, stop, role + len(_USER), announced=False)
        elif data.startswith(b'developer"', role):
            self._pass(position, stop, inner)
        else:
            self._decode(position, stop)

    def _item_a(self, position: int, stop: int, inner: int) -> None:
        if self._data.startswith(b'agent_message"', inner):
            self._decode(position, stop)
        else:
            self._pass(position, stop, inner)

    def _item_w(self, position: int, stop: int, inner: int) -> None:
        if self._data.startswith(b'web_search_call"', inner):
            self._decode(position, stop)
        else:
            self._pass(position, stop, inner)


type Kind = tuple[bytes, int, dict[int, Take]]
"""How a line of the kind goes on at its type, how long that is, and who takes it by the byte that follows."""


def _kind(beginning: bytes, takes: dict[str, Take]) -> Kind:
    return beginning, len(beginning), {ord(byte): take for byte, take in takes.items()}


_KINDS: Final[dict[int, Kind]] = {
    ord("e"): _kind(
        b',"type":"event_msg","payload":{"type":"',
        {"t": Rollout._event_t, "i": Rollout._event_i, "u": Rollout._event_u, "e": Rollout._event_e},
    ),
    ord("r"): _kind(
        b',"type":"response_item","payload":{"type":"',
        {
            "f": Rollout._item_call,
            "c": Rollout._item_call,
            "l": Rollout._item_call,
            "r": Rollout._item_r,
            "m": Rollout._item_m,
            "a": Rollout._item_a,
            "w": Rollout._item_w,
        },
    ),
    ord("t"): _kind(b',"type":"token_usage_record","payload":{', {'"': Rollout._record}),
}
