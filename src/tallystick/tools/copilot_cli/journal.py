"""A session's journal: `session.usage_record` tells of each request, and other lines of what went on around it.

Versions before 1.0.102 wrote no usage records. Of their sessions a journal has running totals only (`totals`), and
the calls one by one are in `session-store.db` (`store`).
"""

from typing import Any, ClassVar, Final

from tallystick.tools.copilot_cli.calls import Calls
from tallystick.tools.copilot_cli.counts import (
    Fields,
    Misshapen,
    cost_of,
    count,
    inner,
    moment,
    text,
    tokens_of,
)
from tallystick.tools.copilot_cli.names import GITHUB, TOOL, call_key, is_weak, provider_of
from tallystick.tools.copilot_cli.places import session_of
from tallystick.tools.copilot_cli.totals import Totals
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import State
from tallystick.usage.event import FINISHED, Context, Prompt, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS

_DAY_MS: Final = 86_400_000
_NOTICE: Final = "<system_notification>"
"""How a message begins that Copilot writes in a person's name."""
_SCARCE: Final = ("session", "project", "branch", "version", "model", "provider")


class Journal(JsonLines):
    """Reads one session's journal."""

    needles: ClassVar = (b'"session.', b'"assistant.message"', b'"user.message"', b'"tool.execution_')

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier reader."""
        super().__init__()
        self._about: dict[str, str] = dict.fromkeys(_SCARCE, "") | {"session": session_of(path), "provider": GITHUB}
        self._about |= state.get("about", {})
        self._calls = Calls(state.get("calls"))
        self._totals = Totals(state.get("totals"))
        self._contexts: dict[str, Context] = {}

    def state(self) -> State:
        """Return what another reader needs to go on after the lines taken so far."""
        return {"about": self._about, "calls": self._calls.state(), "totals": self._totals.state()}

    def feed(self, data: bytes | bytearray, start: int, end: int, offset: int) -> None:
        """Read the whole lines in `data[start:end]`; `offset` is the place of `data[start]` in the source."""
        if not offset and start < end and data.find(b'"data"', start, end) < 0:
            self.found.skip(0, "not a session's journal")
        super().feed(data, start, end, offset)

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line; one whose type says nothing about usage is passed over."""
        kind = line.get("type")
        handle = self._handlers.get(kind) if isinstance(kind, str) else None
        if handle is None:
            return
        try:
            data = inner(line, "data")
            handle(self, line, data, _time(line), offset)
        except Misshapen as fault:
            self.found.skip(offset, str(fault))

    def _begin(self, line: Fields, data: Fields, time: int, offset: int) -> None:
        session, version, model = (text(data, name) for name in ("sessionId", "copilotVersion", "selectedModel"))
        self._learn(session=session, version=version, model=model)
        self._place(line, inner(data, "context"), time, offset)

    def _resume(self, line: Fields, data: Fields, time: int, offset: int) -> None:
        self._learn(version=text(data, "copilotVersion"), model=text(data, "selectedModel"))
        self._place(line, inner(data, "context"), time, offset)

    def _place(self, _line: Fields, data: Fields, _time: int, _offset: int) -> None:
        self._learn(project=text(data, "cwd"), branch=text(data, "branch"))

    def _switch(self, line: Fields, data: Fields, _time: int, _offset: int) -> None:
        if not text(line, "agentId"):
            self._learn(model=text(data, "newModel"))

    def _usage(self, line: Fields, data: Fields, time: int, offset: int) -> None:
        usage = inner(data, "usage")
        tokens = tokens_of(
            count(usage, "inputTokens"),
            count(usage, "cacheReadTokens"),
            count(usage, "cacheWriteTokens"),
            count(usage, "outputTokens"),
            count(usage, "reasoningTokens"),
        )
        provider = provider_of(usage)
        self._about["provider"] = provider
        if tokens == NO_TOKENS:
            return
        identity, request = self._identity(line, usage, offset)
        agent = text(line, "agentId")
        source = text(inner(usage, "accounting"), "sourceSessionId")
        nano = count(inner(usage, "copilotUsage"), "totalNanoAiu") or count(usage, "totalNanoAiu")
        event = UsageEvent(
            identity,
            request,
            time,
            Variant(provider, text(usage, "model") or self._about["model"]),
            tokens,
            self._context(agent),
            FINISHED,
            # A subagent accounts for itself under an id of its own; anything else that names another session is its copy.
            copied=bool(source) and not agent and source != self._about["session"],
            work_ms=_worked(usage.get("duration")),
            cost_nano=cost_of(nano),
            offset=offset,
        )
        self.found.events.append(event)

    def _identity(self, line: Fields, usage: Fields, offset: int) -> tuple[int, int]:
        session = self._about["session"]
        answer = text(usage, "apiCallId") or text(inner(usage, "accounting"), "usageId")
        own = text(line, "id") or str(offset)
        if not answer:
            return key(TOOL, session, own), 0
        if is_weak(answer):
            return call_key(session, answer), key(own)
        header = text(usage, "providerCallId")
        return call_key(session, answer), key(header) if header else 0

    def _message(self, line: Fields, data: Fields, time: int, offset: int) -> None:
        answer = text(data, "apiCallId")
        event = call_key(self._about["session"], answer) if answer else 0
        asked = data.get("toolRequests")
        for each in asked if isinstance(asked, list) else ():
            call = each.get("toolCallId") if isinstance(each, dict) else None
            if isinstance(call, str) and call:
                self._calls.ask(call, event)
        variant = Variant(self._about["provider"], text(data, "model") or self._about["model"])
        identity = text(data, "messageId") or text(line, "id")
        context = self._context(text(line, "agentId"))
        output = count(data, "outputTokens")
        self.found.readings += self._totals.message((identity, time), variant, output, context, offset)

    def _prompt(self, line: Fields, data: Fields, time: int, offset: int) -> None:
        agent, source = text(line, "agentId"), text(data, "source")
        if agent or source not in {"", "user"}:
            return
        content = data.get("content")
        if isinstance(content, str) and content.startswith(_NOTICE):
            return
        identity = text(data, "messageId") or text(line, "id") or str(offset)
        self.found.prompts.append(Prompt(key(TOOL, "prompt", identity), time, self._context(""), offset))

    def _start(self, _line: Fields, data: Fields, time: int, _offset: int) -> None:
        call = text(data, "toolCallId")
        if not call:
            raise Misshapen("no toolCallId")
        self.found.calls.append(self._calls.start(call, text(data, "toolName"), time))

    def _end(self, _line: Fields, data: Fields, time: int, _offset: int) -> None:
        call = self._calls.end(text(data, "toolCallId"), time, failed=data.get("success") is False)
        if call is not None:
            self.found.calls.append(call)

    def _shutdown(self, _line: Fields, data: Fields, time: int, offset: int) -> None:
        readings, fault = self._totals.shutdown(data, time, self._about["provider"], self._context(""), offset)
        self.found.readings += readings
        if fault:
            self.found.skip(offset, fault)

    def _learn(self, **said: str) -> None:
        self._about |= {name: value for name, value in said.items() if value}
        self._contexts.clear()

    def _context(self, agent: str) -> Context:
        known = self._contexts.get(agent)
        if known is None:
            about = self._about
            known = Context(TOOL, about["session"], about["project"], about["branch"], agent, about["version"])
            self._contexts[agent] = known
        return known

    _handlers: ClassVar = {
        "session.start": _begin,
        "session.resume": _resume,
        "session.context_changed": _place,
        "session.model_change": _switch,
        "session.usage_record": _usage,
        "session.shutdown": _shutdown,
        "assistant.message": _message,
        "user.message": _prompt,
        "tool.execution_start": _start,
        "tool.execution_complete": _end,
    }
    """What each type of line is taken for; the others tell nothing that counts."""


def _time(line: Fields) -> int:
    time = moment(line.get("timestamp"))
    if not time:
        raise Misshapen("timestamp is not a time")
    return time


def _worked(duration: object) -> int:
    """Return how long a call took, as Copilot measured it in milliseconds; what cannot be is not believed."""
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not 0 <= duration <= _DAY_MS:
        return 0
    return int(duration)
