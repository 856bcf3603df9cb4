"""Reads the spool: calls become events under the names that the tools' own logs give them, and notes are kept as skipped."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tallystick.providers.provider import CUT, DONE, FAILED, MISSING, PREWARM
from tallystick.tools.fields import is_news, stamp, text_of
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import Named, Seen, State
from tallystick.tools.wire import NAME
from tallystick.tools.wire.held import HELD, NEVER_ASKED, WAITING, Row, held
from tallystick.tools.wire.line import FORM, Told, Unfit, told
from tallystick.usage.event import CUT_OFF, FINISHED, MOST_USED, RUN, Context, LimitSample, Tag, UsageEvent, Variant
from tallystick.usage.identity import key

_GRADES: Final = {DONE: FINISHED, CUT: CUT_OFF, MISSING: CUT_OFF}
"""Of the outcomes that may have cost something. What was told before the usage went missing is as good as a cut answer's."""
_FREE: Final = (FAILED, PREWARM)
_NO_CALLS: Final = ("refusal", "retrieval", "count_tokens")
"""Kinds that are billed nothing, or were billed before."""
_BEGUN: Final = "begun"
_LATER: Final = "later"
USAGE_MISSING: Final = "usage missing: "
"""How reasons begin that tell of a billed call without counts."""
NOT_SUMMING: Final = "the counts do not add up to the total that the vendor told; they were counted as they are"
_WHY: Final = {
    "refused-certificate": "not seen: the client refused our certificate and was let through undecrypted",
    "no-handshake": "not seen: the client broke off the handshake and was let through undecrypted",
    "undecodable": f"{USAGE_MISSING}the answer could not be decoded",
    "unreadable": f"{USAGE_MISSING}the answer could not be read",
    "spool-full": "not written down: the disk took nothing for too long",
    "unwritable": "not written down: a line could not be written",
}
_OF_MACHINE: Final = ("memory",)
"""Notes that say nothing of calls."""
_SAID: Final = "said"
_LONGEST: Final = 100
_HELD_MOST: Final = 10_000
"""Calls that wait for their logs; what is beyond counts at once."""
_LEAST_ID: Final = 16
"""Characters of an id that stands for one answer alone."""
_MOST: Final = 10**9

type Names = Mapping[str, Callable[[Seen], Named | None] | None]
"""By tool, what that tool's own log calls a call; None where it keeps no ids of the API."""


class SpoolLines(JsonLines):
    """Reads one file of the spool; lines stand for themselves, and only those that are held are remembered."""

    def __init__(self, names: Names, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        super().__init__()
        self._names = names
        self._held: list[Row] = list(state.get(HELD, ()))
        self._waiting: list[Row] = list(state.get(WAITING, ()))
        self._said: dict[str, list[float]] = dict(state.get(_SAID, {}))
        """What was said last of each window."""
        self._contexts: dict[Context, Context] = {}
        self._tagged: set[Tag] = set()

    def state(self) -> State:
        """Return the calls of which it is still to be found out whether a log has them, or what they used."""
        kept: State = {HELD: self._held, WAITING: self._waiting, _SAID: self._said}
        return {name: rows for name, rows in kept.items() if rows}

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line: a call, what a vendor said of a limit, or a note."""
        if line.get("v") != FORM:
            self.found.skip(offset, "a line of another form")
            return
        try:
            if "limit" in line:
                self._limit(line["limit"])
            elif "note" in line:
                self._note(line["note"], offset)
            else:
                self._call(told(line), offset)
        except Unfit as fault:
            self.found.skip(offset, str(fault))

    def _call(self, call: Told, offset: int) -> None:
        if call.outcome in _FREE or call.kind in _NO_CALLS:
            return
        if call.outcome not in _GRADES:
            raise Unfit("an outcome of an unknown kind")
        if call.kind == _BEGUN:
            self._wait(call, offset)
            return
        if call.mismatch:
            self.found.skip(offset, NOT_SUMMING)
        if call.outcome == MISSING or not call.tokens.total:
            self._lacking(call, offset)
        if not call.tokens.total:
            return
        self._note_tags(call)
        named = self._of_log(call)
        if named is None:
            named = self._alone(call)
            # A log that has no ids has no answers that broke off, either.
            if call.tool in self._names and call.outcome != CUT and len(self._held) < _HELD_MOST:
                self._held.append(held(self._event(call, named, offset), call.parent, call.asked))
                return
        self.found.events.append(self._event(call, named, offset))

    def _wait(self, call: Told, offset: int) -> None:
        """Remember a call that is worked out in the background, until somebody has asked for it."""
        if len(self._waiting) < _HELD_MOST:
            self._waiting.append(((self._of_log(call) or self._alone(call)).key, call.time, offset, _by(call)))
        else:
            self.found.skip(offset, f"{NEVER_ASKED}{_by(call)}")

    def _event(self, call: Told, named: Named, offset: int) -> UsageEvent:
        context = Context(call.tool, _session(call), call.project, agent=named.agent, version=call.version)
        return UsageEvent(
            named.key,
            named.request,
            call.time,
            Variant(call.provider, call.model, call.tier, call.speed, call.geo),
            call.tokens,
            self._contexts.setdefault(context, context),
            _GRADES[call.outcome],
            # Asking for what is ready takes no time of the model's.
            work_ms=0 if call.kind == _LATER else call.work_ms,
            web_searches=call.searches,
            web_fetches=call.fetches,
            cost_nano=call.cost_nano,
            offset=offset,
        )

    def _note_tags(self, call: Told) -> None:
        """Tell of what a run is tagged with, once for each session in it."""
        session = _session(call)
        for name, value in call.tags if session else ():
            tag = Tag(call.tool, session, name, value)
            if tag not in self._tagged:
                self._tagged.add(tag)
                self.found.tags.append(tag)

    def _lacking(self, call: Told, offset: int) -> None:
        """Note that a call may have been billed for more than is known; not where nobody answered, or nothing was used."""
        if call.outcome == MISSING:
            self.found.skip(offset, f"{USAGE_MISSING}the answer told no counts{_by(call)}")
        elif call.outcome == CUT and call.answered:
            self.found.skip(offset, f"{USAGE_MISSING}the answer broke off before its counts{_by(call)}")

    def _of_log(self, call: Told) -> Named | None:
        """Return what the tool's own log calls a call; None when that cannot be told."""
        of = self._names.get(call.tool)
        return of(Seen(call.session, call.answer, call.request, call.part, call.agent, call.parent)) if of else None

    def _alone(self, call: Told) -> Named:
        """Return what a call is called by itself: by its ids, else by the line's own number."""
        # Ollama draws its ids from a thousand: what is so short comes again.
        answer = call.answer if len(call.answer) >= _LEAST_ID else ""
        identity = answer or call.request or call.nonce or call.answer
        if not identity:
            raise Unfit("a call without any id")
        parts = (NAME, call.provider, identity, call.part) if call.part else (NAME, call.provider, identity)
        return Named(key(*parts), 0, call.agent)

    def _limit(self, said: Any) -> None:
        if not isinstance(said, dict):
            raise Unfit("a limit that is not an object")
        used, time = said.get("used_percent"), stamp(said.get("time"))
        if not isinstance(used, int | float) or isinstance(used, bool) or not 0 <= used <= MOST_USED or not time:
            raise Unfit("a limit without its share or its time")
        minutes = said.get("minutes")
        sample = LimitSample(
            text_of(said.get("provider")),
            text_of(said.get("window")),
            minutes if isinstance(minutes, int) and 0 <= minutes < _MOST else 0,
            float(used),
            stamp(said.get("resets_at")),
            time,
            text_of(said.get("plan")),
            text_of(said.get("account"))[:_LONGEST],
        )
        if is_news(sample, self._said):
            self.found.limits.append(sample)

    def _note(self, said: Any, offset: int) -> None:
        why = text_of(said.get("why")) if isinstance(said, dict) else ""
        if not why:
            raise Unfit("a note without a reason")
        if why in _OF_MACHINE:
            return
        count = said.get("count")
        number = f" ({count} lines)" if isinstance(count, int) and 0 < count < _MOST else ""
        self.found.skip(
            offset,
            f"{_WHY.get(why, 'not seen: for a reason of an unknown kind')}{number}{_at(text_of(said.get('host')))}",
        )


def _session(call: Told) -> str:
    """Return the session of a call; what names none is of the run in which it was made."""
    return call.session or (f"{RUN}{call.run}" if call.run else "")


def _by(call: Told) -> str:
    return _at(f"{call.tool} at {call.host}" if call.tool and call.host else call.tool or call.host)


def _at(host: str) -> str:
    return f" ({host[:_LONGEST]})" if host else ""
