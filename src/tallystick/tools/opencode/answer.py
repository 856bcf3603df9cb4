"""From one message and its parts to what it tells: the requests, the uses of tools, the person's prompt.

A message's own `tokens` are those of its latest step only; each step leaves a part `step-finish` with its own. So a
message that comes without those parts stands back behind a view of it that has them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from zlib import crc32

from tallystick.tools.fields import stamp
from tallystick.tools.opencode.counts import Implausible, cost_of, in_seconds, is_at_least, tokens_of
from tallystick.tools.opencode.dialect import Dialect
from tallystick.tools.opencode.identity import Moment, is_copy, prompt_key, request_of, step_key
from tallystick.tools.opencode.session import MAIN, Sessions
from tallystick.tools.opencode.shape import Counts, Message, Model, Part, decoded
from tallystick.tools.opencode.timing import model_time
from tallystick.tools.tool import Found
from tallystick.usage.event import FINISHED, PENDING, Prompt, ToolCall, UsageEvent, Variant

_PROVIDERS: Final = {
    "amazon-bedrock": "aws",
    "azure-cognitive-services": "azure",
    "fireworks-ai": "fireworks",
    "google-vertex": "google",
    "google-vertex-anthropic": "anthropic",
    "moonshotai-cn": "moonshotai",
    "togetherai": "together",
    "xai": "x-ai",
}
_APART: Final = ("google", "google-vertex")
"""Providers whose output never held the thoughts, whatever the version."""
_UNTYPED: Final = ("compaction", "step-start", "step-finish", "patch", "snapshot")
"""Parts of a person's message that the tool itself put there."""
_NO_COUNTS: Final = Counts()
_NEEDED: Final = {"tokens", "total", "input", "output", "reasoning", "cache", "read", "write"}


class Stored(NamedTuple):
    """A part as it is stored: its own id and when it was written."""

    id: str
    written: int | float | None
    part: Part


class Seen(NamedTuple):
    """A message as one place tells of it."""

    id: str
    session: str
    kind: str
    """`user` or `assistant`, `compaction` in version 2, or what is of no concern."""
    message: Message
    parts: Sequence[Stored]
    """In the order in which they were made."""
    created: int | float | None = None
    """When it was stored, where the message itself does not tell."""
    offset: int = 0
    agent_id: str = ""
    is_second: bool = False
    """True for version 2 and its tables, where each step is a message."""
    is_migrated: bool = False
    """True when version 1 still has the message as it was before it was taken over."""
    wrong: frozenset[str] = frozenset()
    """Fields that could not be read."""


class Step(NamedTuple):
    """One request of a message and what came of it."""

    counts: Counts
    cost: int | float | None
    end: int
    """When it was over; 0 for the last step, which ends with its message."""
    parts: Sequence[Stored]
    is_told: bool
    """True when the step has counts of its own."""


class Teller:
    """Tells what messages say, one after another."""

    __slots__ = ("_dialect", "_found", "_sessions", "_variants")

    def __init__(self, dialect: Dialect, sessions: Sessions, found: Found) -> None:
        """Tell into `found` what messages of the sessions say."""
        self._dialect, self._sessions, self._found = dialect, sessions, found
        self._variants: dict[tuple[str, str], Variant] = {}

    def tell(self, seen: Seen) -> bool:
        """Tell what a message says; return whether it is finished, so that it need not be looked at again."""
        times = seen.message.time
        stored = seen.created if times is None or not stamp(times.created) else times.created
        asked = Moment(stamp(stored), in_seconds(stored))
        if seen.kind not in ("user", "assistant", "compaction"):
            return True
        if not asked.ms:
            self._found.skip(seen.offset, "a message without a time")
            return True
        if seen.kind == "user":
            self._prompt(seen, asked)
            return True
        if seen.wrong & _NEEDED:
            self._found.skip(seen.offset, "token counts that are not numbers")
            return True
        try:
            self._answer(seen, asked)
        except Implausible as error:
            self._found.skip(seen.offset, str(error))
        return _is_finished(seen)

    def _prompt(self, seen: Seen, asked: Moment) -> None:
        """Tell of a turn that a person took: not of what a tool asked a subagent or told itself, nor of a fork's copy."""
        session = self._sessions.of(seen.session)
        kinds = [each.part for each in seen.parts]
        typed = not kinds or any(part.type not in _UNTYPED and not part.synthetic for part in kinds)
        if session.parent or seen.agent_id not in MAIN or not typed or is_copy(seen.id, asked, session.created):
            return
        context = self._sessions.context(seen.session, seen.message, seen.agent_id)
        self._found.prompts.append(Prompt(prompt_key(asked, seen.session), asked.ms, context, seen.offset))

    def _answer(self, seen: Seen, asked: Moment) -> None:
        context = self._sessions.context(seen.session, seen.message, seen.agent_id)
        variant, session = self._variant(seen), self._sessions.of(seen.session)
        apart = seen.is_second or variant.provider in _APART or is_at_least(session.version, self._dialect.apart_since)
        told = [(step, tokens_of(step.counts, apart=apart)) for step in steps_of(seen)]
        copied = seen.is_migrated or is_copy(seen.id, asked, session.created)
        request, begin, end = request_of(seen.session, seen.agent_id), asked.ms, _end_of(seen, asked.ms)
        for number, (step, tokens) in enumerate(told):
            key = step_key(asked, variant.model, number, tokens)
            until = min(max(step.end, begin), end) if step.end else end
            calls = runs_of(step.parts, key)
            self._found.calls += calls
            if tokens.total:
                time, work = _timed(step, calls, begin, until)
                grade = FINISHED if step.is_told or (seen.is_second and _is_finished(seen)) else PENDING
                if grade == FINISHED or not asked.in_seconds or _is_finished(seen):
                    cost = cost_of(step.cost, free_is_free=self._dialect.free_is_free)
                    self._found.events.append(
                        UsageEvent(key, request, time, variant, tokens, context, grade, copied, copied, work,
                                   cost_nano=cost, offset=seen.offset)
                    )  # fmt: skip
            begin = until

    def _variant(self, seen: Seen) -> Variant:
        message, model = seen.message, seen.message.model
        if model is None and not message.modelID:
            model, _ = decoded(Model, self._sessions.of(seen.session).model)
        provider = message.providerID or (model.providerID if model is not None else None) or ""
        name = message.modelID or ((model.id or model.modelID) if model is not None else None) or "unknown"
        found = self._variants.get((provider, name))
        if found is None:
            found = self._variants[provider, name] = Variant(_PROVIDERS.get(provider, provider), name)
        return found


def steps_of(seen: Seen) -> list[Step]:
    """Return the steps of an answer, a last one without counts of its own included where something came after."""
    ends = [
        place
        for place, stored in enumerate(seen.parts)
        if stored.part.tokens is not None and stored.part.type == "step-finish"
    ]
    if not ends:
        return [Step(seen.message.tokens or _NO_COUNTS, seen.message.cost, 0, seen.parts, is_told=False)]
    steps, begin = [], 0
    for place in ends:
        last = seen.parts[place]
        # The last step ends with its message, as soon as that has an end.
        end = 0 if place == ends[-1] and _is_finished(seen) else stamp(last.written)
        steps.append(Step(last.part.tokens or _NO_COUNTS, last.part.cost, end, seen.parts[begin:place], is_told=True))
        begin = place + 1
    if any(stored.part.type == "tool" for stored in seen.parts[begin:]):
        steps.append(Step(_NO_COUNTS, None, 0, seen.parts[begin:], is_told=True))
    return steps


def _timed(step: Step, calls: Sequence[ToolCall], begin: int, end: int) -> tuple[int, int]:
    """Return when the last part of an answer arrived and how long the model worked on it.

    A step ends when its tools have run. Where it is known to be one request, the answer was there when the last of
    them began.
    """
    starts = [call.started for call in calls if begin <= call.started <= end]
    last = max(starts) if starts and step.is_told else end
    moments = [
        stamp(each)
        for _, _, part in step.parts
        if part.time is not None and part.type in ("text", "reasoning")
        for each in (part.time.start, part.time.end)
    ]
    moments.sort()
    spans = [(call.started, call.ended or call.started) for call in calls if call.started]
    return last, model_time(begin, last, moments, spans)


def runs_of(parts: Iterable[Stored], event: int) -> list[ToolCall]:
    """Return the uses of tools in the parts of an answer."""
    return [_run(stored, event) for stored in parts if stored.part.type == "tool"]


def _run(stored: Stored, event: int) -> ToolCall:
    part = stored.part
    run, own = part.state, part.time
    times = run.time if run is not None else None
    if times is not None:
        started, ended = stamp(times.start), stamp(times.end)
    elif own is not None:
        started, ended = stamp(own.ran or own.created), stamp(own.completed)
    else:
        started = ended = 0
    code = run.metadata.exit if run is not None and run.metadata is not None else None
    # `invalid` is what a call becomes that names no tool or cannot be read.
    failed = part.tool == "invalid" or (run is not None and (run.status == "error" or bool(code)))
    known = crc32((part.callID or part.id or stored.id).encode("utf-8", "surrogatepass"))
    return ToolCall(event ^ known, event, part.tool or part.name or "", started or stamp(stored.written), ended, failed)


def _end_of(seen: Seen, begin: int) -> int:
    """Return when an answer was over, as far as is known."""
    times = seen.message.time
    stored = [stamp(times.streamed), stamp(times.completed)] if times is not None else []
    known = next((each for each in stored if each), 0)
    return max(begin, known or max((stamp(each.written) for each in seen.parts), default=0))


def _is_finished(seen: Seen) -> bool:
    """Tell whether nothing more is to come of an answer: it is completed and its tools have ended."""
    times = seen.message.time
    if seen.kind == "compaction":
        return seen.message.status != "running"
    if times is None or not stamp(times.completed):
        return False
    return not any(
        stored.part.state is not None and stored.part.state.status in ("pending", "running", "streaming")
        for stored in seen.parts
        if stored.part.type == "tool"
    )
