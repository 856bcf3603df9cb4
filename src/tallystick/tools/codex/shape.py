"""The shape of the lines that matter, decoded by msgspec in one pass over their bytes.

Only named fields are read; everything else in a line is passed over without becoming a value. A line
whose named fields have other types than these raises one of `REFUSALS` and is looked at again by `plain`,
whose functions return the same. Times are milliseconds since 1970.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final, TypedDict

import msgspec

from tallystick.tools.codex.counters import Counts
from tallystick.tools.codex.plain import MOST_IN_CALL, MOST_IN_TOTAL, Limits, Payload, Settings, Start, Turn, Usage
from tallystick.usage.instant import EPOCH

REFUSALS: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

type _Total = Annotated[int, msgspec.Meta(ge=0, le=MOST_IN_TOTAL)]
type _OfCall = Annotated[int, msgspec.Meta(ge=0, le=MOST_IN_CALL)]
type _Name = Annotated[str, msgspec.Meta(min_length=1)]
type _Time = Annotated[datetime, msgspec.Meta(tz=True)]
type _Number = Annotated[float, msgspec.Meta(ge=0, le=MOST_IN_TOTAL)]


class _Totals(msgspec.Struct, gc=False):
    input_tokens: _Total = 0
    cached_input_tokens: _Total = 0
    cache_write_input_tokens: _Total = 0
    output_tokens: _Total = 0
    reasoning_output_tokens: _Total = 0
    cache_read_input_tokens: _Total = 0


class _Counts(msgspec.Struct, gc=False):
    input_tokens: _OfCall = 0
    cached_input_tokens: _OfCall = 0
    cache_write_input_tokens: _OfCall = 0
    output_tokens: _OfCall = 0
    reasoning_output_tokens: _OfCall = 0
    cache_read_input_tokens: _OfCall = 0


class _Window(msgspec.Struct, gc=False):
    used_percent: _Number
    window_minutes: _Total = 0
    resets_at: _Number | str | None = None
    resets_in_seconds: _Number | None = None


class _Limits(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    limit_id: str | None = None
    plan_type: str | None = None
    primary: _Window | None = None
    secondary: _Window | None = None
    limit_name: msgspec.Raw = msgspec.Raw()
    credits: msgspec.Raw = msgspec.Raw()
    spend_control_reached: msgspec.Raw = msgspec.Raw()
    rate_limit_reached_type: msgspec.Raw = msgspec.Raw()
    # A line that has more windows, under this name or another one, is left to `plain`.
    individual_limit: None = None


class _Info(msgspec.Struct, gc=False):
    total_token_usage: _Totals | None = None
    last_token_usage: _Counts | None = None
    # Few versions wrote these; a line that has them is left to `plain`.
    model: None = None
    model_name: None = None
    service_tier: None = None


class _Limited(msgspec.Struct, gc=False):
    rate_limits: _Limits | None = None


class _LimitedLine(msgspec.Struct, gc=False):
    payload: _Limited


class _Record(msgspec.Struct, gc=False):
    usage: _Counts
    thread_id: str = ""
    response_id: str = ""
    service_tier: None = None


class _RecordLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _Record


class _JustCounts(msgspec.Struct, gc=False):
    info: _Info | None = None
    service_tier: None = None


class _JustCountsLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _JustCounts


class _Turn(msgspec.Struct, gc=False):
    turn_id: str = ""
    model: str = ""
    cwd: str = ""
    service_tier: str | None = None


class _TurnLine(msgspec.Struct, gc=False):
    payload: _Turn


class _Start(msgspec.Struct, gc=False):
    turn_id: str = ""
    started_at: _Number | None = None


class _StartLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _Start


class _Set(msgspec.Struct, gc=False):
    model: str = ""
    model_provider_id: str = ""
    service_tier: str | None = None


class _Settings(msgspec.Struct, gc=False):
    thread_settings: _Set
    thread_id: str = ""


class _SettingsLine(msgspec.Struct, gc=False):
    payload: _Settings


class _Call(msgspec.Struct, gc=False):
    call_id: _Name
    name: str = ""


class _CallLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _Call


class _Result(msgspec.Struct, gc=False):
    call_id: _Name


class _ResultLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _Result


class _Item(msgspec.Struct, gc=False):
    thread_id: str = ""


class _ItemLine(msgspec.Struct, gc=False):
    timestamp: _Time
    payload: _Item


class _Git(TypedDict, total=False):
    branch: Any


class _Seldom(TypedDict, total=False):
    """The named fields of all lines that are too few to have a shape of their own."""

    id: Any
    cwd: Any
    cli_version: Any
    source: Any
    thread_source: Any
    agent_role: Any
    agent_nickname: Any
    model_provider: Any
    timestamp: Any
    git: _Git | None
    forked_from_id: Any
    forked_from_ordinal_exclusive: Any
    subagent_history_start_ordinal: Any
    history_base: Any


class _SeldomLine(msgspec.Struct, gc=False):
    payload: _Seldom


_limited = msgspec.json.Decoder(_LimitedLine).decode
_just_counts = msgspec.json.Decoder(_JustCountsLine).decode
_record = msgspec.json.Decoder(_RecordLine).decode
_turn = msgspec.json.Decoder(_TurnLine).decode
_start = msgspec.json.Decoder(_StartLine).decode
_settings = msgspec.json.Decoder(_SettingsLine).decode
_call = msgspec.json.Decoder(_CallLine).decode
_result = msgspec.json.Decoder(_ResultLine).decode
_item = msgspec.json.Decoder(_ItemLine).decode
_seldom = msgspec.json.Decoder(_SeldomLine).decode
_fields: Callable[[Any], tuple[Any, ...]] = msgspec.structs.astuple


def counts_of(raw: bytes | bytearray) -> tuple[Counts | None, Counts | None, int]:
    """Return the totals and the last request that a line with a `token_count` tells, and its time."""
    line = _just_counts(raw)
    info, gap = line.payload.info, line.timestamp - EPOCH
    time = gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000
    if info is None:
        return None, None, time
    total: Any = info.total_token_usage
    last: Any = info.last_token_usage
    return total if total is None else _fields(total), last if last is None else _fields(last), time


def usage_of(raw: bytes | bytearray) -> tuple[Usage, int]:
    """Return all that a line with a `token_count` tells, and its time."""
    total, last, time = counts_of(raw)
    limits = _limited(raw).payload.rate_limits
    return (total, last, "", "", None if limits is None else _limits(limits)), time


def record_of(raw: bytes | bytearray) -> tuple[Counts, str, str, int]:
    """Return counts, thread and response that a line with a `token_usage_record` tells, and its time."""
    line = _record(raw)
    gap, record = line.timestamp - EPOCH, line.payload
    counts: Any = _fields(record.usage)
    time = gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000
    return counts, record.thread_id, record.response_id, time


def turn_of(raw: bytes | bytearray) -> Turn:
    """Return what a line with a `turn_context` tells."""
    turn = _turn(raw).payload
    return turn.turn_id, turn.model, turn.cwd, turn.service_tier or ""


def start_of(raw: bytes | bytearray) -> tuple[Start, int]:
    """Return what a line with a `task_started` tells, and its time."""
    line = _start(raw)
    gap = line.timestamp - EPOCH
    time = gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000
    return (line.payload.turn_id, line.payload.started_at), time


def settings_of(raw: bytes | bytearray) -> Settings:
    """Return what a line with `thread_settings_applied` tells."""
    payload = _settings(raw).payload
    settings = payload.thread_settings
    return payload.thread_id, settings.model, settings.model_provider_id, settings.service_tier or ""


def call_of(raw: bytes | bytearray) -> tuple[str, str, int]:
    """Return call id and name in a line with a tool's use, and its time."""
    line = _call(raw)
    gap, call = line.timestamp - EPOCH, line.payload
    return call.call_id, call.name, gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000


def result_of(raw: bytes | bytearray) -> tuple[str, int]:
    """Return the call id in a line with a tool's result, and its time."""
    line = _result(raw)
    gap = line.timestamp - EPOCH
    return line.payload.call_id, gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000


def item_of(raw: bytes | bytearray) -> tuple[str, int]:
    """Return the thread in a line with an `item_completed`, and its time."""
    line = _item(raw)
    gap = line.timestamp - EPOCH
    return line.payload.thread_id, gap.days * 86_400_000 + gap.seconds * 1000 + gap.microseconds // 1000


def payload_of(raw: bytes | bytearray) -> Payload:
    """Return the named fields of any other line."""
    found: Any = _seldom(raw).payload
    return found  # type: ignore[no-any-return]


def _limits(limits: _Limits) -> Limits:
    primary: Any = None if limits.primary is None else _fields(limits.primary)
    secondary: Any = None if limits.secondary is None else _fields(limits.secondary)
    return limits.limit_id or "", limits.plan_type or "", primary, secondary
