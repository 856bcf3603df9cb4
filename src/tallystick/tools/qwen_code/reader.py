"""Qwen Code's reader: what the lines of one chat say together."""

from typing import Any, ClassVar, Final, NamedTuple
from zlib import crc32

from tallystick.tools.fields import NO_TIME, moment, text_of, title_of
from tallystick.tools.gemini_format import NOT_SUMMING, Implausible, Names, Stored, disjoint, is_typed, stored
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.qwen_code.lines import agent_of, is_copy, name_of, parts_of, result_of, tells_of_results
from tallystick.tools.qwen_code.pairs import Pairs
from tallystick.tools.qwen_code.places import session_of
from tallystick.tools.qwen_code.vendors import has_thoughts_inside, model_of, provider_of
from tallystick.tools.tool import State
from tallystick.usage.activity import worked
from tallystick.usage.event import Context, Prompt, Title, ToolCall, UsageEvent, Variant
from tallystick.usage.identity import key

NAME: Final = "qwen-code"
NO_RECORD: Final = "not a record of Qwen Code"
NO_TELEMETRY: Final = "telemetry without an event"
_OF_TELEMETRY: Final = (
    "input_token_count",
    "output_token_count",
    "cached_content_token_count",
    "thoughts_token_count",
    "tool_token_count",
    "total_token_count",
)
_OF_ANSWERS: Final = (
    "promptTokenCount",
    "candidatesTokenCount",
    "cachedContentTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "totalTokenCount",
)
_TYPED: Final = (None, "mid_turn_user_message")
"""Subtypes of a user's line that a person wrote; the others are notices, schedules and the like."""
_LONGEST_MS: Final = 7 * 86_400_000
_MOST_USES: Final = 64


class _Call(NamedTuple):
    """A request that is to be told: its identity, who answered, when, for whom."""

    number: int
    request: int
    model: str
    api: str
    time: int
    asked: int
    """When it went out; 0 when that is not known."""
    agent: str
    offset: int


class QwenLines(JsonLines):
    """Reads a chat, in which every line repeats session, directory, branch and version."""

    needles: ClassVar = (
        b'"uiEvent"', b'"usageMetadata"', b'"functionCall"', b'"type":"user"', b'"type": "user"', b'"tool_result"', b'"custom_title"',
    )  # fmt: skip

    def __init__(self, path: str, state: State) -> None:
        """Begin, or go on from the state of an earlier read."""
        super().__init__()
        self._session = session_of(path)
        self._asked: int = state.get("asked", 0)
        """When the last line came to which the model answers; 0 when that is not known."""
        self._event: int = state.get("event", 0)
        """The key of the last event on the main line."""
        self._told = bool(state.get("told", False))
        """Whether the chat has telemetry, which also tells of uses of tools."""
        self._pairs = Pairs(state.get("pairs"))
        self._uses: dict[str, list[Any]] = dict(state.get("uses", {}))
        """Without telemetry: the uses of tools that have no result yet."""
        self._context = Context(NAME)

    def state(self) -> State:
        """Return what another reader needs to go on after the lines taken so far."""
        state: State = {"asked": self._asked, "event": self._event, "told": self._told, "pairs": self._pairs.left()}
        return state | {"uses": self._uses} if self._uses else state

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line."""
        kind = line.get("type")
        if not isinstance(kind, str) or "sessionId" not in line:
            self.found.skip(offset, NO_RECORD)
        elif kind == "system":
            self._system(line, offset)
        elif kind == "assistant":
            self._answer(line, offset)
        elif kind == "user":
            self._request(line, offset)
        elif kind == "tool_result":
            self._results(line)

    def _matters(self, data: bytes | bytearray, position: int, stop: int) -> bool:
        # Results of tools are most of a chat's bytes; where telemetry tells how they went only their time is needed.
        if self._told and (time := moment(tells_of_results(data, position, stop))):
            self._asked = max(self._asked, time)
            return False
        return super()._matters(data, position, stop)

    def _about(self, line: dict[str, Any], agent: str) -> Context:
        session = text_of(line.get("sessionId")) or text_of(self._session)
        names = (text_of(line.get("cwd")), text_of(line.get("gitBranch")), agent, text_of(line.get("version")))
        context = Context(NAME, session, *names)
        if context != self._context:
            self._context = context
        return self._context

    def _request(self, line: dict[str, Any], offset: int) -> None:
        time, agent = moment(line.get("timestamp")), agent_of(line, {})
        if not time:
            return
        typed = line.get("subtype") in _TYPED and line.get("provenance") in (None, "real_user") and not agent
        if typed and is_typed(parts_of(line)):
            number = key(NAME, name_of(line), "prompt")
            self.found.prompts.append(Prompt(number, time, self._about(line, ""), offset))
        if not agent:
            self._asked = max(self._asked, time)

    def _system(self, line: dict[str, Any], offset: int) -> None:
        payload = line.get("systemPayload")
        payload = payload if isinstance(payload, dict) else {}
        event = payload.get("uiEvent")
        if line.get("subtype") == "ui_telemetry" and not isinstance(event, dict):
            self.found.skip(offset, NO_TELEMETRY)
        elif isinstance(event, dict):
            name = text_of(event.get("event.name"))
            if name.endswith(".api_response"):
                self._response(line, event, offset)
            elif name.endswith(".tool_call"):
                self._use(line, event)
        elif line.get("subtype") == "custom_title" and (title := title_of(payload.get("customTitle"))):
            session = text_of(line.get("sessionId")) or text_of(self._session)
            self.found.titles.append(Title(session, title, moment(line.get("timestamp"))))

    def _response(self, line: dict[str, Any], event: dict[str, Any], offset: int) -> None:
        """Take the telemetry of a request."""
        self._told = True
        time = moment(line.get("timestamp")) or moment(event.get("event.timestamp"))
        counts = self._counted(event, _OF_TELEMETRY, time, offset)
        if counts is None or not any(counts):
            return
        response, agent = text_of(event.get("response_id")), agent_of(line, event)
        # Gateways may use response ids again: the line's own id, which copies keep, tells such requests apart.
        number, request = (key(NAME, response), key(name_of(line))) if response else (key(NAME, name_of(line)), 0)
        if self._pairs.request((name_of(line), number, counts), text_of(line.get("parentUuid"))):
            return
        model, api = model_of(text_of(event.get("model"))), text_of(event.get("auth_type"))
        took = _span(event.get("duration_ms"))
        asked = time - took if took is not None else 0 if agent else self._asked
        self._tell(line, counts, _Call(number, request, model, api, time, asked, agent, offset))

    def _answer(self, line: dict[str, Any], offset: int) -> None:
        """Take an answer; it counts only where no telemetry told of it."""
        time, agent = moment(line.get("timestamp")), agent_of(line, {})
        number = self._event
        if line.get("usageMetadata") is not None:
            counts = self._counted(line["usageMetadata"], _OF_ANSWERS, time, offset)
            if counts is None:
                return
            number = self._pairs.answer(text_of(line.get("parentUuid")), counts)
            if not number and any(counts):
                number = key(NAME, name_of(line))
                model, asked = model_of(text_of(line.get("model"))), 0 if agent else self._asked
                self._tell(line, counts, _Call(number, 0, model, "", time, asked, agent, offset))
                self._pairs.alone((name_of(line), number, counts))
        if not self._told and time:
            self._ask(line, number or self._event, time)
        if not agent:
            self._asked = max(self._asked, time)

    def _counted(self, counts: Any, names: Names, time: int, offset: int) -> Stored | None:
        """Return a request's counts; None when it cannot be counted, which is noted then."""
        try:
            found = stored(counts, names)
        except Implausible as error:
            self.found.skip(offset, str(error))
            return None
        if not time and any(found):
            self.found.skip(offset, NO_TIME)
            return None
        return found

    def _tell(self, line: dict[str, Any], counts: Stored, call: _Call) -> None:
        try:
            tokens, adds_up = disjoint(counts, inside=has_thoughts_inside(call.model, call.api))
        except Implausible as error:
            self.found.skip(call.offset, str(error))
            return
        if not adds_up:
            self.found.skip(call.offset, NOT_SUMMING)
        self.found.events.append(
            UsageEvent(
                call.number,
                call.request,
                call.time,
                Variant(provider_of(call.model, call.api), call.model),
                tokens,
                self._about(line, call.agent),
                copied=is_copy(line),
                work_ms=worked(call.asked, [call.time]) if call.asked else 0,
                offset=call.offset,
            )
        )
        if not call.agent:
            self._event = call.number

    def _use(self, line: dict[str, Any], event: dict[str, Any]) -> None:
        """Take the telemetry of a tool's use."""
        ended, took = moment(line.get("timestamp")), _span(event.get("duration_ms")) or 0
        if not ended:
            return
        response = text_of(event.get("response_id"))
        of = key(NAME, response) if response else self._event
        failed = event.get("success") is False or event.get("status") in ("error", "cancelled")
        name = text_of(event.get("function_name"))
        self.found.calls.append(ToolCall(key(NAME, name_of(line), "call"), of, name, ended - took, ended, failed))

    def _ask(self, line: dict[str, Any], event: int, time: int) -> None:
        """Note the uses of tools that an answer asks for, where no telemetry will tell of them."""
        for part in parts_of(line):
            call = part.get("functionCall") if isinstance(part, dict) else None
            if isinstance(call, dict) and (use := text_of(call.get("id"))):
                name = text_of(call.get("name"))
                self._uses[use] = [event, name, time]
                if len(self._uses) > _MOST_USES:
                    del self._uses[next(iter(self._uses))]
                self.found.calls.append(ToolCall(event ^ crc32(use.encode()), event, name, time))

    def _results(self, line: dict[str, Any]) -> None:
        time = moment(line.get("timestamp"))
        for use, failed in result_of(line):
            if use in self._uses and time:
                event, name, started = self._uses.pop(use)
                ended = max(started, time)
                self.found.calls.append(ToolCall(event ^ crc32(use.encode()), event, name, started, ended, failed))
        if not agent_of(line, {}):
            self._asked = max(self._asked, time)


def _span(value: Any) -> int | None:
    """Return a length of time in milliseconds; None when it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_MS else None
