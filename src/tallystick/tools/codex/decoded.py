"""Lines decoded whole: those of an unusual layout, and all of them where only a few are read."""

from collections.abc import Callable
from typing import Any, Final, NoReturn

from tallystick.tools.codex import outputs, plain
from tallystick.tools.codex.account import Account
from tallystick.tools.codex.plain import Fields, Misshapen, Payload
from tallystick.tools.fields import EARLIEST, LATEST
from tallystick.usage.instant import instant


class Whole:
    """Stands for `shape` where few lines are read: leaves nearly all of them to be decoded whole."""

    REFUSALS: Final = (Misshapen,)

    @staticmethod
    def refuse(_raw: bytes | bytearray) -> NoReturn:
        """Refuse a line."""
        raise Misshapen

    usage_of = counts_of = record_of = turn_of = start_of = settings_of = item_of = payload_of = refuse

    @staticmethod
    def call_of(raw: bytes | bytearray) -> tuple[str, str, int]:
        """Return call id and name in a line with a tool's use, and its time."""
        line = Fields(plain.load(raw))
        payload, time = line.inner("payload"), _time_of(line)
        line.check()
        call, name = plain.call_of(payload.all if payload else {})
        return call, name, time

    @staticmethod
    def result_of(raw: bytes | bytearray) -> tuple[str, int]:
        """Return the call id in a line with a tool's result, and its time."""
        line = Fields(plain.load(raw))
        payload, time = line.inner("payload"), _time_of(line)
        line.check()
        if payload is None:
            raise Misshapen("no payload")
        return plain.call_of(payload.all)[0], time


type _Take = Callable[[Account, Payload, int, int], None]
"""Takes a payload with its line's time and place."""


def take(account: Account, raw: bytes | bytearray, place: int) -> None:
    """Take one line, whatever it is, and note what of it is not understood."""
    if not raw.strip():
        return
    try:
        line = Fields(plain.load(raw))
        kind, payload = line.text("type"), line.inner("payload")
        if account.boundary.copying:
            _place(account, line)
        _take(account, line, kind, payload, place)
    except Misshapen as fault:
        account.found.skip(place, str(fault))


def _take(account: Account, line: Fields, kind: str, payload: Fields | None, place: int) -> None:
    if payload is None:
        line.check()
        # Versions before the first ones that told usage wrote bare items, and a first line of their own.
        if not kind and not (line.has("record_type") or line.has("id")):
            raise Misshapen("no type")
        return
    by_kind = _KINDS.get(kind)
    handle = by_kind.get(payload.text("type")) if by_kind else _WHOLE.get(kind)
    if handle is not None:
        handle(account, payload.all, _time_or_none(line) if handle in _TIMELESS else _time_of(line), place)
    line.check()


def _place(account: Account, line: Fields) -> None:
    ordinal, time = line.whole("ordinal"), _time_or_none(line)
    if time:
        account.line(-1 if ordinal is None else ordinal, time)


def _time_of(line: Fields) -> int:
    try:
        time = instant(line.text("timestamp"))
    except ValueError:
        time = 0
    if not EARLIEST <= time < LATEST:
        raise Misshapen("timestamp is no time")
    return time


def _time_or_none(line: Fields) -> int:
    try:
        return _time_of(line)
    except Misshapen:
        return 0


def _token_count(account: Account, payload: Payload, time: int, place: int) -> None:
    usage, fault = plain.usage_of(payload, limits=account.wants_limits(time))
    account.usage(usage, time, place)
    _check(fault)


def _turn_context(account: Account, payload: Payload, _time: int, _place: int) -> None:
    turn, fault = plain.turn_of(payload)
    account.turn_context(turn)
    _check(fault)


def _started(account: Account, payload: Payload, time: int, _place: int) -> None:
    start, fault = plain.start_of(payload)
    account.started(start, time)
    _check(fault)


def _settings(account: Account, payload: Payload, _time: int, _place: int) -> None:
    settings, fault = plain.settings_of(payload)
    account.settings(settings)
    _check(fault)


def _check(fault: str) -> None:
    if fault:
        raise Misshapen(fault)


def _record(account: Account, payload: Payload, time: int, place: int) -> None:
    counts, thread, response, tier = plain.record_of(payload)
    account.record(counts, (thread, response), time, place, tier)


def _call(account: Account, payload: Payload, time: int, _place: int) -> None:
    if not account.muted:
        account.call(*plain.call_of(payload), time)


def _output(account: Account, payload: Payload, time: int, _place: int) -> None:
    call, _ = plain.call_of({**payload, "name": None})
    account.output(call, time, failed=outputs.failed_value(payload.get("output")))


def _search(account: Account, payload: Payload, time: int, _place: int) -> None:
    fields = Fields(payload)
    action = fields.inner("action")
    kind = action.text("type") if action else ""
    # Opening a page that was found, or looking within one, is no search of its own.
    account.search(fields.text("id"), time, billed=kind in ("", "search"))
    fields.absorb(action)
    fields.check()


def _answer(account: Account, _payload: Payload, time: int, _place: int) -> None:
    account.answer(time)


def _agents_message(account: Account, _payload: Payload, time: int, _place: int) -> None:
    account.request(time)


def _message(account: Account, payload: Payload, time: int, place: int) -> None:
    role = payload.get("role")
    if role == "assistant":
        account.answer(time)
    elif role == "user":
        account.message(_beginning(payload.get("content")), time, place, announced=False)


def _beginning(content: Any) -> str:
    first = content[0] if isinstance(content, list) and content else None
    text = first.get("text") if isinstance(first, dict) else None
    return text if isinstance(text, str) else ""


def _said(account: Account, payload: Payload, time: int, place: int) -> None:
    text = payload.get("message")
    account.message(text if isinstance(text, str) else "", time, place, announced=True)


def _review(account: Account, _payload: Payload, time: int, place: int) -> None:
    account.message("", time, place, announced=True)


def _item(account: Account, payload: Payload, time: int, place: int) -> None:
    fields = Fields(payload)
    item = fields.inner("item")
    if item and item.text("type") in ("UserMessage", "EnteredReviewMode"):
        account.item(fields.text("thread_id"), time, place)
    fields.absorb(item)
    fields.check()


_TIMELESS: Final = (Account.meta, _turn_context, _settings)
"""What tells nothing for which a time would be needed."""
_WHOLE: Final[dict[str, _Take]] = {
    "session_meta": Account.meta,
    "turn_context": _turn_context,
    "token_usage_record": _record,
}
_KINDS: Final[dict[str, dict[str, _Take]]] = {
    "event_msg": {
        "token_count": _token_count,
        "task_started": _started,
        "thread_settings_applied": _settings,
        "user_message": _said,
        "item_completed": _item,
        "entered_review_mode": _review,
    },
    "response_item": {
        "function_call": _call,
        "custom_tool_call": _call,
        "local_shell_call": _call,
        "function_call_output": _output,
        "custom_tool_call_output": _output,
        "local_shell_call_output": _output,
        "web_search_call": _search,
        "reasoning": _answer,
        "message": _message,
        "agent_message": _agents_message,
    },
}
