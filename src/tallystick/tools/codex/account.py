"""The meaning of a rollout's lines, in their order: what counts, for whom, and what only repeats it."""

from typing import Any, Final

from tallystick.tools.codex.boundary import Boundary
from tallystick.tools.codex.calls import Calls
from tallystick.tools.codex.counters import Counters, Counts, tokens_of
from tallystick.tools.codex.limits import Windows
from tallystick.tools.codex.pace import Pace
from tallystick.tools.codex.people import Turns, is_typed
from tallystick.tools.codex.plain import Fields, Limits, Misshapen, Payload, Settings, Start, Turn, Usage
from tallystick.tools.codex.thread import NAME, Thread
from tallystick.tools.tool import Found, State
from tallystick.usage.event import FINISHED, PENDING, Context, Prompt, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key, key_of_bytes
from tallystick.usage.tokens import Tokens

_HELD_MOST: Final = 64
"""Requests that wait for the name of their model; beyond that it is not expected any more."""
_MINUTE_MS: Final = 60_000
_RESPONSE: Final = f"{NAME}\x1f".encode()


class Account:
    """Takes lines one by one, each with its time (milliseconds since 1970) and its place in the source."""

    def __init__(self, thread: str, state: State) -> None:
        """Begin with the thread that the file's name tells, or go on from the state of another account."""
        self.found = Found()
        self.thread = Thread(thread, state.get("thread"))
        self.boundary = Boundary(state.get("boundary"))
        self.calls = Calls(state.get("calls"))
        self.pace = Pace(state.get("pace"))
        self.counters = Counters(state.get("counters"))
        self._turns = Turns(state.get("turns"))
        self._windows = Windows(state.get("windows"))
        self.recorded = False
        """The present turn has records, so that its totals only repeat them."""
        self._number, self._requests, self._looked = 0, 0, 0
        """Requests without an id in this turn, all requests, and the minute in which limits were looked at."""
        self._turn_key = 0
        self._record: Counts | None = None
        if "requests" in state:
            self.recorded, self._number, self._requests, self._looked, record = state["requests"]
            self._record = tuple(record) if record else None
        self._held: list[UsageEvent] = [_restored(each) for each in state.get("held", ())]
        self.muted = self.boundary.copying or self.thread.imported
        """The lines at hand are told of elsewhere."""

    def finish(self) -> tuple[Found, State]:
        """Return what was found since the last call, and the state from which another account goes on."""
        found, self.found = self.found, Found()
        found.calls += self.calls.running()
        found.events += [event._replace(grade=PENDING) for event in self._held]
        state = {
            "thread": self.thread.state(),
            "boundary": self.boundary.state(),
            "calls": self.calls.state(),
            "pace": self.pace.state(),
            "counters": self.counters.state(),
            "turns": self._turns.state(),
            "windows": self._windows.state(),
            "requests": [self.recorded, self._number, self._requests, self._looked, self._record],
            "held": [_kept(event) for event in self._held] or None,
        }
        return found, {name: part for name, part in state.items() if part is not None}

    def _mute(self) -> None:
        was, self.muted = self.muted, self.boundary.copying or self.thread.imported
        if was and not self.muted:
            self.counters.inherit()

    def line(self, ordinal: int, time: int) -> None:
        """Take any line while lines are copies, before its own meaning; an ordinal below 0 is none."""
        self.boundary.line(ordinal, time)
        self._mute()

    def meta(self, payload: Payload, time: int, _place: int) -> None:
        """Take a `session_meta`; raise `Misshapen` after it when a part of it is damaged."""
        fields, known = Fields(payload), self.thread.is_known
        if not self.thread.meta(fields):
            self.boundary.other_meta()
        elif not known:
            self._turn_key = 0
            self.boundary.own_meta(fields, self.thread.id, time)
        self._mute()
        fields.check()

    def turn_context(self, turn: Turn) -> None:
        """Take a `turn_context`."""
        self.boundary.turn(turn[0])
        before = self.thread.turn
        self.thread.turn_context(turn, copied=self.boundary.copying)
        self._turned(before)

    def started(self, start: Start, time: int) -> None:
        """Take a `task_started`."""
        turn, seconds = start
        self.boundary.started(turn, seconds)
        if not self.boundary.copying:
            before = self.thread.turn
            self.thread.begin(turn)
            self._turned(before)
            self.recorded = False
            self._turns.begin()
            self.calls.turn(self.found.calls)
            self.pace.request(time)

    def _turned(self, before: str) -> None:
        if before != self.thread.turn:
            self._number = 0
        self._mute()
        self._release()

    def settings(self, settings: Settings) -> None:
        """Take `thread_settings_applied`; since 0.152 it says of which thread."""
        thread, model, provider, tier = settings
        if thread and thread == self.thread.id:
            self.boundary.own_id()
            self._mute()
        if not self.boundary.copying and thread in ("", self.thread.id):
            self.thread.settings(model, provider, tier)
            self._release()

    def record(self, counts: Counts, names: tuple[str, str], time: int, place: int, tier: str = "") -> None:
        """Take a `token_usage_record` of a thread and a response: one for each answered request, and for nothing else."""
        thread, response = names
        if thread != self.thread.id and thread:
            if self.thread.id:
                return
            self.thread.adopt(thread)
            self._turn_key = 0
        if self.muted:
            if thread:
                self.boundary.own_id()
                self._mute()
            if self.muted:
                return
        if tier:
            self.thread.told("", tier)
        self.recorded, self._record = True, counts
        self._count(key_of_bytes(_RESPONSE + response.encode()) if response else self._next_key(), counts, time, place)

    def token_count(self, total: Counts | None, last: Counts | None, time: int, place: int) -> None:
        """Take the counts of a `token_count`, which tell of a request only where no record does."""
        if self.muted:
            self.counters.copy(total, last)
        elif not self.recorded and (last is None or last != self._record):
            counts = self.counters.step(total, last)
            if counts is not None:
                self._count(self._next_key(), counts, time, place)

    def _next_key(self) -> int:
        """Return the key of a request without an id: its number in its turn, which no rewriting changes."""
        number = self._number = self._number + 1
        if number == 1 or not self._turn_key:
            self._turn_key = key(NAME, self.thread.id, self.thread.turn)
        return self._turn_key ^ number

    def usage(self, usage: Usage, time: int, place: int) -> None:
        """Take all that a `token_count` may tell."""
        total, last, model, tier, limits = usage
        if self._is_parents(usage):
            self.counters.copy(total, last)
        else:
            if (model or tier) and not self.muted:
                self.thread.told(model, tier)
            self.token_count(total, last, time, place)
        if not self.muted and time // _MINUTE_MS != self._looked:
            self._looked = time // _MINUTE_MS
            if limits is not None:
                self._sample(limits, time, place)

    def _sample(self, limits: Limits, time: int, place: int) -> None:
        try:
            self._windows.sample(limits, time, self.thread.provider, self.found.limits)
        except Misshapen as fault:
            self.found.skip(place, str(fault))

    def wants_limits(self, time: int) -> bool:
        """Tell whether a `token_count`'s limits matter: in the first one of a minute, which is often enough."""
        if self.muted:
            return False
        return time // _MINUTE_MS != self._looked or self._may_repeat

    @property
    def _may_repeat(self) -> bool:
        """Whether the next totals may be those of a parent whose lines are not in this file."""
        return self.boundary.refers and self.counters.total is None and not self.recorded

    def _is_parents(self, usage: Usage) -> bool:
        """Tell whether a fork without copies repeats its parent's totals: new limits make it, before its first answer."""
        if not self._may_repeat:
            return False
        total, last, _, _, limits = usage
        return total is not None and last is not None and total != last and limits is not None and not self.pace.lines

    def _count(self, identity: int, counts: Counts, time: int, place: int) -> None:
        self._requests += 1
        thread, calls, found = self.thread, self.calls, self.found
        work = self.pace.usage(time)
        searches = calls.usage(identity, found.calls) if calls.asked else 0
        tokens = tokens_of(counts)
        # fmt: off
        said = (identity, 0, time, thread.variant, tokens, thread.context, FINISHED, False, False, work, searches, 0, None, place)
        # fmt: on
        event = tuple.__new__(UsageEvent, said)
        if thread.model or len(self._held) >= _HELD_MOST:
            found.events.append(event)
        else:
            self._held.append(event)

    def _release(self) -> None:
        """Tell of the requests that waited for a model, once a line has named it."""
        model = self.thread.model
        if model and self._held:
            self.found.events += [event._replace(variant=event.variant._replace(model=model)) for event in self._held]
            self._held.clear()

    def message(self, beginning: str, time: int, place: int, *, announced: bool) -> None:
        """Take a message in the user's name; `announced` by an event, not only found among what the model is given."""
        if self.muted or (self.announces and not announced):
            return
        self.pace.request(time)
        if is_typed(beginning, announced=announced):
            self._prompt(time, place, announced=announced)

    @property
    def announces(self) -> bool:
        """Whether this file has events for prompts, so that plain messages only repeat them."""
        return self._turns.announces

    def item(self, thread: str, time: int, place: int) -> None:
        """Take the `item_completed` of a person's message, or of a review that a person asked for."""
        if not self.muted and thread in ("", self.thread.id):
            self.pace.request(time)
            self._prompt(time, place, announced=True)

    def _prompt(self, time: int, place: int, *, announced: bool) -> None:
        if self.thread.agent:
            # What starts an agent comes from another agent, or from the tool.
            return
        name = self._turns.prompt(self.thread.turn, self._requests, announced=announced)
        if name:
            identity = key(NAME, "prompt", self.thread.id, name)
            self.found.prompts.append(Prompt(identity, time, self.thread.context, place))

    def request(self, time: int) -> None:
        """Take another agent's message, which the model answers."""
        if not self.muted:
            self.pace.request(time)

    def answer(self, time: int) -> None:
        """Take a line of an answer that says nothing but its time."""
        if not self.muted:
            self.pace.answer(time)

    def call(self, call: str, name: str, time: int) -> None:
        """Take a tool's use."""
        if not self.muted:
            self.pace.answer(time)
            self.calls.ask(call, name or "local_shell", time, self.found.calls)

    def search(self, call: str, time: int, *, billed: bool) -> None:
        """Take a web search."""
        if not self.muted:
            self.pace.answer(time)
            self.calls.search(call, time, self.found.calls, billed=billed)

    def output(self, call: str, time: int, *, failed: bool) -> None:
        """Take a tool's result."""
        if self.muted:
            return
        pace, calls = self.pace, self.calls
        if pace.lines:
            pace.next = time
        else:
            pace.begun = time
        told = calls.open.pop(call, None)
        if told is not None:
            identity, event, name, started = told
            said = (identity, event, name, started, max(time, started), failed)
            self.found.calls.append(tuple.__new__(ToolCall, said))
        elif calls.asked:
            calls.early(call, time, failed=failed)


def _kept(event: UsageEvent) -> list[Any]:
    """Return an event as plain values: what is named cannot be stored."""
    return [tuple(each) if isinstance(each, tuple) else each for each in event]


def _restored(said: list[Any]) -> UsageEvent:
    identity, request, time, variant, tokens, context, *rest = said
    return UsageEvent(identity, request, time, Variant(*variant), Tokens(*tokens), Context(*context), *rest)
