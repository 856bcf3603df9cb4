"""The same lines decoded by the standard library: for short tails, and to say what is wrong with a line.

`msgspec` takes longer to import than a few lines take to decode, and it refuses a line as a whole. Both
decoders give objects with the same attributes; a test holds them against one another.

What is wrong decides what becomes of a line. A field that counts depend on (the counts themselves, the ids
by which copies are known) makes the line unfit: a wrong total is worse than a line shown as skipped. Any
other field is set aside, named as skipped too, and the line's tokens count.
"""

import json
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, NoReturn

type Raw = bytes | bytearray | memoryview

_LONGEST_NUMBER: Final = 4_300
"""Digits of a whole number beyond which Python refuses it, and with it the whole line."""


class Misshapen(ValueError):
    """A line that is not of the expected shape; its text is the reason, without any content."""


class _Kind(NamedTuple):
    accepts: tuple[type, ...]
    word: str
    vital: bool = False


class _Object(NamedTuple):
    fields: dict[str, Any]
    vital: bool = False


class _List(NamedTuple):
    item: _Object
    vital: bool = False
    or_text: bool = False


_TEXT: Final = _Kind((str,), "a text")
_ID: Final = _Kind((str,), "a text", vital=True)
_WHOLE: Final = _Kind((int,), "a whole number")
_COUNT: Final = _Kind((int,), "a whole number", vital=True)
_NUMBER: Final = _Kind((int, float), "a number")
_TRUTH: Final = _Kind((bool,), "true or false")
_COUNTS: Final = {
    "input_tokens": _COUNT,
    "cache_creation_input_tokens": _COUNT,
    "cache_read_input_tokens": _COUNT,
    "output_tokens": _COUNT,
    "cache_creation": _Object({"ephemeral_1h_input_tokens": _COUNT, "ephemeral_5m_input_tokens": _COUNT}, vital=True),
}
_USAGE: Final = {
    **_COUNTS,
    "output_tokens_details": _Object({"thinking_tokens": _WHOLE}),
    "server_tool_use": _Object({"web_search_requests": _WHOLE, "web_fetch_requests": _WHOLE}),
    "service_tier": _TEXT,
    "inference_geo": _TEXT,
    "iterations": _List(_Object({**_COUNTS, "type": _ID, "model": _TEXT}, vital=True), vital=True),
    "speed": _TEXT,
}
_MESSAGE: Final = {
    "model": _TEXT,
    "id": _ID,
    "content": _List(_Object({"type": _TEXT, "id": _TEXT, "name": _TEXT}), or_text=True),
    "stop_reason": _TEXT,
    "usage": _Object(_USAGE, vital=True),
}
_LINE: Final = {
    "isSidechain": _TRUTH,
    "agentId": _TEXT,
    "message": _Object(_MESSAGE, vital=True),
    "isAbortedMidStream": _TRUTH,
    "requestId": _TEXT,
    "requestSessionId": _TEXT,
    "requestedModel": _TEXT,
    "type": _ID,
    "uuid": _TEXT,
    "timestamp": _ID,
    "apiError": _TEXT,
    "attributionAgent": _TEXT,
    "sessionKind": _TEXT,
    "costUSD": _NUMBER,
    "cwd": _TEXT,
    "sessionId": _TEXT,
    "version": _TEXT,
    "gitBranch": _TEXT,
}


def decode(raw: Raw) -> SimpleNamespace:
    """Return a line with the attributes of `shape.Line`; raise `Misshapen` when any field is of another type."""
    line, set_aside = look_again(raw)
    if set_aside:
        raise Misshapen(set_aside[0])
    return line


def look_again(raw: Raw) -> tuple[SimpleNamespace, list[str]]:
    """Return a line without the fields that are of another type, and what is wrong with those; raise `Misshapen`."""
    return look_at(load(raw))


def look_at(found: dict[str, Any]) -> tuple[SimpleNamespace, list[str]]:
    """Do the same for an object that is decoded already."""
    kind = found.get("type")
    if isinstance(kind, str) and kind != "assistant":
        # Other lines have other fields by the same names.
        found = {"type": kind}
    set_aside: list[str] = []
    return _object(found, _LINE, "", set_aside), set_aside


def load(raw: Raw) -> dict[str, Any]:
    """Return the JSON object in a line; raise `Misshapen` when there is none."""
    # Bytes that are no UTF-8 can stand in a text that does not matter, where msgspec does not see them either.
    text = bytes(raw).decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        found = json.loads(text, parse_constant=_refuse, parse_int=_whole)
    except RecursionError:
        raise Misshapen("nested too deeply") from None
    except ValueError:
        raise Misshapen("not JSON") from None
    if not isinstance(found, dict):
        raise Misshapen("not a JSON object")
    return found


def text_of(value: Any) -> str:
    """Return a text, empty for anything else; halves of characters, which no file can hold, become question marks."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_NUMBER else float("inf")


def _object(found: dict[str, Any], fields: dict[str, Any], where: str, set_aside: list[str]) -> SimpleNamespace:
    return SimpleNamespace(
        **{name: _value(found.get(name), kind, f"{where}{name}", set_aside) for name, kind in fields.items()}
    )


def _value(value: Any, kind: Any, where: str, set_aside: list[str]) -> Any:
    """Return a value as its kind has it; None for nothing and for what is set aside."""
    if value is None:
        return None
    if isinstance(kind, _Kind):
        if isinstance(value, kind.accepts) and isinstance(value, bool) is (kind is _TRUTH):
            return text_of(value) if isinstance(value, str) else value
        word = kind.word
    elif isinstance(kind, _Object):
        if isinstance(value, dict):
            return _object(value, kind.fields, f"{where}.", set_aside)
        word = "an object"
    else:
        if isinstance(value, list):
            items = (_value(item, kind.item, where, set_aside) for item in value)
            return [item for item in items if item is not None]
        if kind.or_text and isinstance(value, str):
            return value
        word = "a list"
    if kind.vital:
        raise Misshapen(f"{where} is not {word}")
    set_aside.append(f"{where} is not {word}; its line was counted without it")
    return None
