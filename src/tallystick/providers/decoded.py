"""JSON from strangers: decoded where it can be, and values of the right kind or nothing."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

MOST: Final = 2**40 - 1
"""More tokens than this (10¹²) in one call are taken for damage."""
_LONGEST: Final = 200
"""Characters of an id or a model's name that are kept."""
_DEAREST: Final = 1e6
"""Dollars; a told cost beyond is damage."""
_TRIES: Final = 64
"""Closing braces after which an object that should have ended is given up."""
_HEAD: Final = 2**18

_load: Final[Callable[[bytes], object]] = msgspec.json.Decoder().decode


def decoder[T](shape: type[T]) -> Callable[[bytes], T | None]:
    """Return a function from bytes to the named fields of a shape; it gives None for whatever is not so."""
    decode = msgspec.json.Decoder(shape).decode

    def decoded(data: bytes) -> T | None:
        try:
            return decode(data)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None

    return decoded


def plain(data: bytes) -> object:
    """Return what JSON text holds; None when it is none."""
    try:
        return _load(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def count(value: object) -> int:
    """Return a count of tokens; 0 for what is none, as are negative and absurdly large numbers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST:
        return 0
    return value


def first(fields: dict[str, Any], *names: str) -> int:
    """Return the first count among some names that is there and not zero."""
    for name in names:
        found = count(fields.get(name))
        if found:
            return found
    return 0


def text(value: object) -> str:
    """Return a text, shortened to 200 characters; empty for anything else."""
    return value[:_LONGEST] if isinstance(value, str) else ""


def inner(fields: object, *names: str) -> dict[str, Any]:
    """Return the first object among some names within another one; empty when there is none."""
    if isinstance(fields, dict):
        for name in names:
            found = fields.get(name)
            if isinstance(found, dict):
                return found
    return {}


def nano(dollars: object) -> int | None:
    """Return billionths of a dollar for a number of dollars; None for what is no amount."""
    if not isinstance(dollars, int | float) or isinstance(dollars, bool) or not 0 <= dollars < _DEAREST:
        return None
    return round(dollars * 1_000_000_000)


def gleaned(data: bytes, names: Iterable[str]) -> dict[str, Any]:
    """Return the last whole object under one of some names in JSON that is damaged, cut off or only kept in part.

    In a text within JSON every quotation mark has a backslash, so that `"usage":{` is never a part of one.
    """
    for name in names:
        place = len(data)
        mark = b'"' + name.encode() + b'"'
        while (place := data.rfind(mark, 0, place)) >= 0:
            found = _object_at(data, place + len(mark))
            if found:
                return found
    return {}


_VALUE: Final = re.compile(rb"\s*:\s*(?=\{)")


def _object_at(data: bytes, place: int) -> dict[str, Any]:
    begins = _VALUE.match(data, place)
    if not begins:
        return {}
    end = begins.end()
    for _ in range(_TRIES):
        end = data.find(b"}", end) + 1
        if not end:
            break
        found = plain(data[begins.end() : end])
        if isinstance(found, dict):
            return found
    return {}


def gleaned_text(data: bytes, name: str) -> str:
    """Return the first text under a name in the beginning of JSON that is damaged, cut off or only kept in part."""
    found = re.search(rb'"' + name.encode() + rb'"\s*:\s*"([^"\\]{1,200})"', data[:_HEAD])
    return found[1].decode("utf-8", "replace") if found else ""
