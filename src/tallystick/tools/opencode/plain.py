"""The same shapes read by the standard library, for where nothing may be installed: it stands in for `shape` there.

Both give objects with the same attributes and name the same fields as left out; a test holds them against one another.
"""

import json
from typing import Any, ClassVar, Final

from tallystick.tools.fields import text_of

_NUMBER: Final = (int, float)
_TEXT: Final = (str,)
_TRUTH: Final = (bool,)
_PARTS: Final = "content"
"""The one field that holds a list; what is no object in it is passed over."""


class Shape:
    """An object of which only named fields are known, each None where it is missing."""

    fields: ClassVar[dict[str, Any]] = {}
    """By name the types that a field may have, or the shape that it has."""

    def __init_subclass__(cls) -> None:
        """Let each field be None until it is set."""
        for name in cls.fields:
            setattr(cls, name, None)


class Cache(Shape):
    """Tokens read from and written to a cache."""

    fields: ClassVar[dict[str, Any]] = {"read": _NUMBER, "write": _NUMBER}


class Counts(Shape):
    """The tokens of one step."""

    fields: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(("total", "input", "output", "reasoning"), _NUMBER),
        "cache": Cache,
    }


class Times(Shape):
    """Moments."""

    fields: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("created", "completed", "streamed", "ran", "start", "end", "updated"), _NUMBER
    )


class Outcome(Shape):
    """What a tool said of itself."""

    fields: ClassVar[dict[str, Any]] = {"exit": _NUMBER}


class Run(Shape):
    """How the run of a tool stands."""

    fields: ClassVar[dict[str, Any]] = {"status": _TEXT, "time": Times, "metadata": Outcome}


class Part(Shape):
    """One part of a message."""

    fields: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(("type", "id", "callID", "tool", "name"), _TEXT),
        "synthetic": _TRUTH,
        "state": Run,
        "time": Times,
        "tokens": Counts,
        "cost": _NUMBER,
    }


class Model(Shape):
    """What was called."""

    fields: ClassVar[dict[str, Any]] = dict.fromkeys(("id", "modelID", "providerID"), _TEXT)


class Path(Shape):
    """Where the tool ran."""

    fields: ClassVar[dict[str, Any]] = dict.fromkeys(("cwd", "root"), _TEXT)


class Message(Shape):
    """One message of a session."""

    fields: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(("role", "id", "sessionID", "session_id", "modelID", "providerID"), _TEXT),
        **dict.fromkeys(("mode", "agent", "agentID", "status"), _TEXT),
        "model": Model,
        "path": Path,
        "cost": _NUMBER,
        "tokens": Counts,
        "time": Times,
        _PARTS: Part,
    }


class SessionFile(Shape):
    """What a session's own file says."""

    fields: ClassVar[dict[str, Any]] = {
        **dict.fromkeys(("id", "parentID", "directory", "title", "version"), _TEXT),
        "time": Times,
    }


def decoded(kind: type[Shape], raw: Any) -> tuple[Any, frozenset[str]]:
    """Return stored JSON, as bytes, text or decoded values, in its shape; None where it is no object.

    Besides the names of the fields that had to be left out, since they hold something else than they should.
    """
    try:
        value = (
            json.loads(raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw)
            if isinstance(raw, bytes | str)
            else raw
        )
        if not isinstance(value, dict):
            return None, frozenset()
        wrong: set[str] = set()
        return _read(kind, value, wrong), frozenset(wrong)
    except (ValueError, RecursionError):
        return None, frozenset()


def _read(kind: type[Shape], value: dict[str, Any], wrong: set[str]) -> Shape:
    made = kind()
    for name, wanted in kind.fields.items():
        given = value.get(name)
        if given is not None:
            setattr(made, name, _fitting(name, wanted, given, wrong))
    return made


def _fitting(name: str, wanted: Any, given: Any, wrong: set[str]) -> Any:
    if name == _PARTS:
        if isinstance(given, list):
            return [_read(wanted, each, wrong) for each in given if isinstance(each, dict)]
    elif not isinstance(wanted, tuple):
        if isinstance(given, dict):
            return _read(wanted, given, wrong)
    elif isinstance(given, wanted) and (wanted is _TRUTH or not isinstance(given, bool)):
        return text_of(given) if wanted is _TEXT else given
    wrong.add(name)
    return None
