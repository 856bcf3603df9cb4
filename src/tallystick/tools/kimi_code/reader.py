"""Kimi Code's reader: an agent's log, in which one `usage.record` tells of each request.

Counts are disjoint as they are stored. Of the lines around a record, `llm.request` before it names the model (the record
only names what the person calls it), and the uses of tools come after it; a `step.end` repeats its counts. A fork copies
the logs as they are, then goes on (all seen in the tool's own source, protocols 1.0 to 1.5).
"""

from typing import Any, ClassVar, Final

from tallystick.tools.fields import NO_TIME, moment, stamp, text_of, title_of
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import State
from tallystick.usage.activity import worked
from tallystick.usage.event import Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS, Tokens

NAME: Final = "kimi-code"
NO_COUNTS: Final = "no counts in a usage record"
_NAMES: Final = ("inputOther", "inputCacheRead", "inputCacheCreation", "output")
_MOST: Final = 2**40 - 1
"""More tokens than this in one call are taken for damage."""
_MOST_USES: Final = 64
"""Uses of tools that are remembered while they run; the oldest go first."""
_PROVIDERS: Final = {"kimi": "moonshotai", "anthropic": "anthropic", "google-genai": "google", "vertexai": "google"}
"""Who answers, by the API that was used; behind OpenAI's anybody may."""


class KimiLog(JsonLines):
    """Reads the log of one agent."""

    needles: ClassVar = (b'"usage.record"', b'"llm.request"', b'"turn.prompt"', b'"tool.call"', b'"tool.result"')

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier reader."""
        super().__init__()
        *_, session, _, agent, _ = ["", "", "", *path.replace("\\", "/").split("/")]
        about = _about(state)
        self._agent = agent
        self._forked: int = state.get("forked", 0) or (moment(about.get("createdAt")) if about.get("forkedFrom") else 0)
        """When the session was copied from another one, for a fork."""
        project = state.get("project") or text_of(about.get("workDir"))
        self._context = Context(NAME, text_of(session), project, agent="" if agent == "main" else text_of(agent))
        self._model: list[str] = state.get("model", ["", "", ""])
        """What the person calls the model, what it is called, and who answers."""
        self._asked: int = state.get("asked", 0)
        """When the request went out whose record is still to come; 0 when that is not known."""
        self._event: int = state.get("event", 0)
        self._uses: dict[str, list[Any]] = dict(state.get("uses", {}))
        # A title that the tool made is the beginning of the first prompt.
        if about.get("isCustomTitle") is True and not self._context.agent:
            self.found.titles.append(
                Title(self._context.session, title_of(about.get("title")), moment(about.get("updatedAt")))
            )

    def state(self) -> State:
        """Return what another reader needs to go on after the lines taken so far."""
        return {
            "project": self._context.project,
            "forked": self._forked,
            "model": self._model,
            "asked": self._asked,
            "event": self._event,
            "uses": self._uses,
        }

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line; what stands in others than these says nothing of interest."""
        time = stamp(line.get("time"))
        kind = line.get("type")
        if kind == "usage.record":
            self._record(line, time, offset)
        elif kind == "llm.request":
            called, model, provider = (text_of(line.get(name)) for name in ("modelAlias", "model", "provider"))
            self._model, self._asked = [called, model, _PROVIDERS.get(provider, "")], time
        elif kind == "turn.prompt" and time and not self._context.agent and _is_typed(line.get("origin")):
            self.found.prompts.append(Prompt(key(NAME, "prompt", str(time)), time, self._context, offset))
        elif kind == "context.append_loop_event" and time and isinstance(line.get("event"), dict):
            self._use(line["event"], time)

    def _record(self, line: dict[str, Any], time: int, offset: int) -> None:
        tokens = _tokens(line.get("usage"))
        if tokens is None or not time:
            self.found.skip(offset, NO_COUNTS if tokens is None else NO_TIME)
        elif tokens != NO_TOKENS:
            variant = self._variant(text_of(line.get("model")))
            # There is no id. A fork keeps agent, moment and counts, and no agent has two answers in one moment.
            self._event = key(NAME, self._agent, str(time), variant.model, *map(str, tokens))
            event = UsageEvent(
                self._event,
                0,
                time,
                variant,
                tokens,
                self._context,
                copied=time < self._forked,
                work_ms=worked(self._asked, [time]) if self._asked else 0,
                offset=offset,
            )
            self.found.events.append(event)
            self._asked = 0

    def _variant(self, called: str) -> Variant:
        asked, model, provider = self._model
        if model and called in {asked, model, ""}:
            return Variant(provider, model)
        return Variant(_PROVIDERS["kimi"] if called.startswith("kimi") else "", called)

    def _use(self, event: dict[str, Any], time: int) -> None:
        kind, use = event.get("type"), text_of(event.get("uuid") or event.get("parentUuid"))
        if kind == "tool.call" and use:
            name = text_of(event.get("name"))
            self._uses[use] = [self._event, name, time]
            while len(self._uses) > _MOST_USES:
                del self._uses[next(iter(self._uses))]
            self.found.calls.append(ToolCall(key(NAME, "tool", use), self._event, name, time))
        elif kind == "tool.result" and (known := self._uses.pop(use, None)):
            number, name, started = known
            result = event.get("result")
            failed = isinstance(result, dict) and result.get("isError") is True
            ended = max(time, started)
            self.found.calls.append(ToolCall(key(NAME, "tool", use), number, name, started, ended, failed=failed))


def _about(state: State) -> dict[str, Any]:
    """Return what `state.json` says of the session."""
    return next((each for each in state.get("companions", {}).values() if isinstance(each, dict)), {})


def _is_typed(origin: Any) -> bool:
    """Tell whether a person wrote a prompt or called for it with a slash; jobs, hooks and injections are the tool's own."""
    return not isinstance(origin, dict) or origin.get("kind") in (None, "user") or origin.get("trigger") == "user-slash"


def _tokens(usage: Any) -> Tokens | None:
    """Return the counts of a record; None when they are none."""
    if not isinstance(usage, dict) or not any(name in usage for name in _NAMES):
        return None
    counts = [usage.get(name, 0) for name in _NAMES]
    if any(not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MOST for count in counts):
        return None
    fresh, read, written, output = counts
    return Tokens(fresh, read, written, 0, output)
