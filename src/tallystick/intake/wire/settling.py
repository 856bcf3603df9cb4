"""Settling what the spool's reader holds: calls of tools whose logs keep no ids of the API go to the ledger once it is known as what.

A call that is found in a log is told as a view of the log's event, from a source of its own (`ALIGNED`). One that the log
leaves out (a title, a search, a choice of model) counts by itself: once the log has gone on beyond it, or a day has
passed. One that may be a call that the log has with other counts is never added; after a day it is noted as such.

None of this is for good. When a log comes late, be it by months, what only the wire has told by then is held against it
once more: a call that it has is withdrawn and told as a view of the log's event instead, and one that was not added for a
call's sake that another one explains is added.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from tallystick.intake.follow import kept, recalled
from tallystick.intake.packing import pack
from tallystick.intake.walk import text_of
from tallystick.intake.wire.candidates import (
    DAY_MS,
    WITNESS,
    Candidates,
    Logged,
    arrived,
    candidates,
    counts,
    lonely_days,
    names,
)
from tallystick.intake.wire.remembered import Memory, recall, state_of
from tallystick.ledger.aligning import AFTER_MS, BEFORE_MS, Alignment, Half, align, is_of
from tallystick.ledger.ledger import Batch, Ledger, Source
from tallystick.ledger.merging import ALIGNED
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Found
from tallystick.tools.wire import NAME
from tallystick.tools.wire.held import HELD, NEVER_ASKED, WAITING, Row, held, released
from tallystick.usage.event import UsageEvent
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS

APART: Final = "kept apart: it may be a call that the log has with other counts, and was not added"
_GRACE_MS: Final = 120_000
"""How long a log may take to write down what it is going to."""
_NAMELESS: Final = frozenset(tool.name for tool in TOOLS if tool.on_the_wire is None)
"""Tools whose logs keep no ids of the API."""
_HELD, _APART, _ALONE = range(3)
"""How a call stands: it waits, it was not added, it counts by itself."""
_PASSED: Final = 1_000
"""Events after which it is written down that they were looked at, even where nothing came of it."""


class _Call(NamedTuple):
    """A call of the wire, where it was told, and how it stands."""

    path: str
    event: UsageEvent
    parent: str
    asked: str
    stands: int


class _Spool(NamedTuple):
    """What is held of one file of a spool."""

    source: Source
    held: list[Row]
    waiting: list[Row]


def settle(folder: str, ledger: Ledger, whose: tuple[str, str], now: int) -> int:
    """Tell the ledger of what is held of a spool and can be told now; return how many calls that were.

    `whose` is the machine and the user, `now` is in milliseconds since 1970.
    """
    spools = _spools(folder, ledger)
    memory = recall(ledger)
    settling = _Settling(ledger, spools, memory, now)
    settling.run()
    batches = settling.batches(whose)
    if batches:
        ledger.add(batches)
    return settling.settled


def holds(folder: str, ledger: Ledger) -> bool:
    """Tell whether anything is held of a spool."""
    return bool(_spools(folder, ledger))


def _spools(folder: str, ledger: Ledger) -> dict[str, _Spool]:
    """Return the files of which something is held, by their paths."""
    found = {}
    within = text_of(folder)
    for path, *_ in ledger.ask("marks"):
        # Also of files that are long gone: what they held waits in the ledger.
        if path.startswith(within):
            source = Source(*ledger.ask("source", path=path)[0])
            state = recalled(source.state) or {}
            if state.get(HELD) or state.get(WAITING):
                found[path] = _Spool(source, list(state.get(HELD, ())), list(state.get(WAITING, ())))
    return found


class _Settling:
    """One time of settling."""

    def __init__(self, ledger: Ledger, spools: dict[str, _Spool], memory: Memory | None, now: int) -> None:
        self._ledger, self._spools, self._now = ledger, spools, now
        self._is_new = memory is None
        self._memory = memory or Memory(0, lonely_days(ledger, _NAMELESS), {}, [])
        self._before = self._memory
        self._aligned = Found()
        self._told: dict[str, Found] = {}
        self._left: dict[str, list[Row]] = {path: [] for path in spools}
        self.settled = 0

    def run(self) -> None:
        """Decide what can be decided."""
        self._ask_after()
        mine = [_Call(path, *each, _HELD) for path, spool in self._spools.items() for each in released(spool.held)]
        late = self._late()
        spans = [(call.event.time - call.event.work_ms - BEFORE_MS, call.event.time + DAY_MS) for call in mine] + late
        if not spans:
            return
        since, until = min(span[0] for span in spans), max(span[1] for span in spans)
        tools = _NAMELESS | {call.event.context.tool for call in mine}
        known = candidates(self._ledger, since, until, tools)
        # A file that was read anew holds again what was told before.
        calls = {(call.event.key, call.event.time): call for call in mine}
        for call in (*(self._alone(known) if late else ()), *self._apart()):
            if since <= call.event.time < until:
                calls.setdefault((call.event.key, call.event.time), call)
        counted = {event.key for event, _ in known.alone}
        for tool in {call.event.context.tool for call in calls.values()}:
            of_tool = [call for call in calls.values() if call.event.context.tool == tool]
            self._decide(of_tool, [each for each in known.logged if each.tool == tool], counted)

    def _alone(self, known: Candidates) -> Iterator[_Call]:
        for event, path in known.alone:
            if event.context.tool in _NAMELESS:
                yield _Call(path, event, "", self._memory.asked.get(event.key, ""), _ALONE)

    def _apart(self) -> Iterator[_Call]:
        for path, row in self._memory.apart:
            yield _Call(path, *released([row])[0], _APART)

    def _late(self) -> list[tuple[int, int]]:
        """Return the span of what logs have told of days on which calls count by themselves, since the last time."""
        memory = self._memory
        if not memory.days:
            return []
        if self._is_new:
            return [(min(memory.days) * DAY_MS, (max(memory.days) + 1) * DAY_MS)]
        newest, times = arrived(self._ledger, memory.newest, _NAMELESS.__contains__)
        self._memory = memory._replace(newest=newest)
        near = {each + aside for each in memory.days for aside in (-1, 0, 1)}
        times = [time for time in times if time // DAY_MS in near]
        return [(min(times) - AFTER_MS, max(times) + DAY_MS)] if times else []

    def _ask_after(self) -> None:
        """Let go of the calls of the background that somebody has asked for, and note those of which nobody has for a day."""
        due = [row for spool in self._spools.values() for row in spool.waiting if self._now - row[1] > DAY_MS]
        if not due:
            return
        since = min(row[1] for row in due) - DAY_MS
        known = {row[1] for row in self._ledger.ask("keys", since=since, until=self._now + DAY_MS)}
        for path, spool in self._spools.items():
            for row in [row for row in spool.waiting if row in due]:
                spool.waiting.remove(row)
                self.settled += 1
                if row[0] not in known:
                    self._of(path).skip(row[2], f"{NEVER_ASKED}{row[3]}")

    def _decide(self, calls: list[_Call], logged: list[Logged], counted: set[int]) -> None:
        """Divide the calls of one tool among what is aligned, what counts by itself, and what is left."""
        halves = [_half(number, call) for number, call in enumerate(calls)]
        found = align(halves, (each.half for each in logged))
        of_log = {each.half.number: each for each in logged}
        for number, call in enumerate(calls):
            age = self._now - call.event.time
            if number in found.pairs:
                log = of_log[found.pairs[number]]
                self._aligned.events.append(call.event._replace(key=log.key, request=log.request))
                if call.event.key in counted:
                    self._withdraw(call)
                self._resolve(call)
            elif call.stands == _ALONE:
                if number in found.apart:
                    self._withdraw(call)
                    self._keep_apart(call._replace(event=call.event._replace(key=key("again", str(call.event.key)))))
            elif _is_alone(halves[number], found, logged, age):
                self._count(call)
                self._resolve(call)
            elif call.stands == _HELD and age > DAY_MS:
                self._keep_apart(call)
            elif call.stands == _HELD:
                self._left[call.path].append(held(call.event, call.parent, call.asked))

    def _of(self, path: str) -> Found:
        return self._told.setdefault(path, Found())

    def _count(self, call: _Call) -> None:
        """Tell of a call by itself: of an agent as its log would, in the session that started it."""
        event, memory = call.event, self._memory
        if call.parent:
            context = event.context._replace(session=call.parent, agent=event.context.agent or "subagent")
            event = event._replace(context=context)
        self._of(call.path).events.append(event)
        asked = {**memory.asked, event.key: call.asked} if call.asked else memory.asked
        self._memory = memory._replace(days=memory.days | {event.time // DAY_MS}, asked=asked)

    def _withdraw(self, call: _Call) -> None:
        event = call.event._replace(tokens=NO_TOKENS, work_ms=0, web_searches=0, web_fetches=0, cost_nano=None)
        self._aligned.events.append(event)

    def _keep_apart(self, call: _Call) -> None:
        self._of(call.path).skip(call.event.offset, APART)
        row = held(call.event, call.parent, call.asked)
        self._memory = self._memory._replace(apart=[*self._memory.apart, (call.path, row)])
        self.settled += 1

    def _resolve(self, call: _Call) -> None:
        """Take note that a call is settled."""
        self.settled += 1
        if call.stands == _APART:
            apart = [each for each in self._memory.apart if each[1][0] != call.event.key]
            self._memory = self._memory._replace(apart=apart)

    def batches(self, whose: tuple[str, str]) -> list[Batch]:
        """Return what is to be told; nothing where nothing was settled."""
        if not self.settled and not self._is_worth_keeping():
            return []
        memory, (machine, user) = self._memory, whose
        if self._is_new or not self._before.days:
            # Nothing that is there by now is to be held against what counts by itself from now on.
            newest = self._ledger.ask("newest")
            memory = memory._replace(newest=newest[0][0] if newest else 0)
        source = Source(ALIGNED, NAME, WITNESS, state=state_of(memory))
        found = [pack(self._aligned, source, fresh=False, machine=machine, user=user)]
        found += (
            pack(self._told.get(path, Found()), self._after(path), fresh=False, machine=machine, user=user)
            for path in dict.fromkeys((*self._spools, *self._told))
        )
        return found

    def _is_worth_keeping(self) -> bool:
        """Tell whether what is remembered has changed so much that it is to be written down by itself."""
        before, after = self._before, self._memory
        return self._is_new or after.newest - before.newest > _PASSED or after.apart != before.apart

    def _after(self, path: str) -> Source:
        """Return a file of the spool as it is left."""
        spool = self._spools.get(path)
        if spool is None:
            return Source(*self._ledger.ask("source", path=path)[0])
        state = {name: rows for name, rows in ((HELD, self._left[path]), (WAITING, spool.waiting)) if rows}
        return spool.source._replace(state=kept(state))


def _half(number: int, call: _Call) -> Half:
    event = call.event
    models = frozenset(name for name in (event.variant.model, call.asked) if name)
    sessions = names(event.context.session, call.parent)
    return Half(number, event.time - event.work_ms, event.time, models, sessions, counts(event.tokens[:5]))


def _is_alone(half: Half, found: Alignment, logged: Iterable[Logged], age: int) -> bool:
    """Tell whether a log leaves a call out, as far as is known: it has nothing like it, and has gone on since."""
    if half.number in found.apart:
        return False
    gone_on = any(each.half.time >= half.began and is_of(half, each.half) for each in logged)
    return age > DAY_MS or (gone_on and age > _GRACE_MS)
