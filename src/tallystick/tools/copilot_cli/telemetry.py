"""Telemetry files: OpenTelemetry spans, one or many in a line, of which only those of single calls count.

An `invoke_agent` span repeats the sum of the calls within it, so that it is passed over. Where the journal tells of a
call too, the journal counts: spans of subagents were seen to hold several calls under one answer's id (1.0.80).
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, NamedTuple

from tallystick.tools.copilot_cli.counts import Fields, Misshapen, cost_of, count, moment, text, tokens_of
from tallystick.tools.copilot_cli.names import GITHUB, TOOL, call_key, model_of
from tallystick.tools.jsonl import JsonLines
from tallystick.tools.tool import State
from tallystick.usage.event import Context, UsageEvent, Variant
from tallystick.usage.identity import key
from tallystick.usage.tokens import NO_TOKENS, Tokens

_DAY_MS: Final = 86_400_000
_CHAT: Final = "chat"
_DETAILS: Final = "gen_ai.client.inference.operation.details"
_PAIR: Final = 2
_MOST_NANOSECONDS: Final = 10**19
"""Nanoseconds since 1970 up to the year 2286."""
_OURS: Final = "github-copilot"


class _Record(NamedTuple):
    """A span or a log record, whichever way it was written."""

    body: Fields
    attributes: Fields
    resource: Fields
    """Attributes of the program that wrote it."""


class Telemetry(JsonLines):
    """Reads one telemetry file; each line stands for itself."""

    needles: ClassVar = (b'"gen_ai.usage.',)

    def state(self) -> State:
        """Return nothing: a later line needs none of the earlier ones."""
        return {}

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Take a line: one record, or an export that holds many."""
        for record in _records(line):
            try:
                event = _event(record, offset)
            except Misshapen as fault:
                self.found.skip(offset, str(fault))
                continue
            if event is not None:
                self.found.events.append(event)


def _records(line: Fields) -> Iterator[_Record]:
    """Yield what a line holds, its attributes as one object each."""
    nested = False
    for resources, scopes, records in (
        ("resourceSpans", "scopeSpans", "spans"),
        ("resourceLogs", "scopeLogs", "logRecords"),
    ):
        if resources in line:
            nested = True
            for part in _objects(line.get(resources)):
                about = _attributes(part.get("resource"))
                for scope in _objects(part.get(scopes)):
                    for record in _objects(scope.get(records)):
                        yield _Record(record, _attributes(record), about)
    if not nested:
        yield _Record(line, _attributes(line), _attributes(line.get("resource")))


def _event(record: _Record, offset: int) -> UsageEvent | None:
    """Return the call that a record tells of; None when it tells of none."""
    body, said = record.body, record.attributes
    if not _is_call(body, said):
        return None
    tokens = _tokens(said)
    if tokens == NO_TOKENS:
        return None
    ended = _time(body, "endTimeUnixNano", "endTime", "timeUnixNano", "hrTime", "timestamp")
    if not ended:
        raise Misshapen("a call without a time")
    trace, span = _ids(body)
    session = text(said, "gen_ai.conversation.id") or text(said, "session.id") or trace
    answer = text(said, "gen_ai.response.id")
    if answer:
        identity = call_key(session, answer)
    elif span:
        identity = key(TOOL, "span", trace, span)
    else:
        raise Misshapen("a call without any id")
    vendor = text(said, "gen_ai.provider.name")
    model = model_of(text(said, "gen_ai.request.model"), text(said, "gen_ai.response.model"))
    version = text(record.resource, "service.version") if text(record.resource, "service.name") == _OURS else ""
    began = _time(body, "startTimeUnixNano", "startTime")
    return UsageEvent(
        identity,
        0,
        ended,
        Variant(GITHUB if vendor in {"", "github"} else vendor, model),
        tokens,
        Context(TOOL, session, version=version),
        replay=bool(answer),
        work_ms=ended - began if began and 0 <= ended - began <= _DAY_MS else 0,
        cost_nano=cost_of(count(said, "github.copilot.nano_aiu", "copilot_chat.copilot_usage_nano_aiu")),
        offset=offset,
    )


def _tokens(said: Fields) -> Tokens:
    return tokens_of(
        count(said, "gen_ai.usage.input_tokens"),
        count(said, "gen_ai.usage.cache_read.input_tokens"),
        count(said, "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"),
        count(said, "gen_ai.usage.output_tokens"),
        count(said, "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"),
    )


def _is_call(body: Fields, said: Fields) -> bool:
    """Tell whether a record is about one call to a model."""
    operation = said.get("gen_ai.operation.name")
    if operation is not None:
        return bool(operation == _CHAT)
    name = body.get("name")
    return said.get("event.name") == _DETAILS or (isinstance(name, str) and name.startswith(f"{_CHAT} "))


def _ids(body: Fields) -> tuple[str, str]:
    """Return the ids of trace and span."""
    context = body.get("spanContext")
    within = context if isinstance(context, dict) else {}
    return text(body, "traceId") or text(within, "traceId"), text(body, "spanId") or text(within, "spanId")


def _time(body: Fields, *names: str) -> int:
    """Return the first moment that is told: nanoseconds since 1970 as number or text, [seconds, nanoseconds], or an ISO text."""
    for name in names:
        value = body.get(name)
        if isinstance(value, list) and len(value) == _PAIR and all(isinstance(each, int) for each in value):
            found = moment(value[0]) and moment(value[0]) + value[1] // 1_000_000
        elif name.endswith("UnixNano"):
            found = moment(_whole(value) / 1_000_000)
        else:
            found = moment(value)
        if found > 0:
            return found
    return 0


def _whole(value: object) -> int:
    if isinstance(value, str) and value.isdecimal() and len(value) < len(str(_MOST_NANOSECONDS)):
        return int(value)
    return value if isinstance(value, int) and 0 <= value < _MOST_NANOSECONDS else 0


def _objects(value: object) -> Iterator[Fields]:
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _attributes(part: object) -> Fields:
    """Return the attributes of a part as one object, whether they are written as one or as a list of keys and typed values."""
    found = part.get("attributes") if isinstance(part, dict) else None
    if isinstance(found, dict):
        return found
    said: dict[str, Any] = {}
    for each in _objects(found):
        name, value = each.get("key"), each.get("value")
        if isinstance(name, str) and isinstance(value, dict) and len(value) == 1:
            said[name] = next(iter(value.values()))
    return said
