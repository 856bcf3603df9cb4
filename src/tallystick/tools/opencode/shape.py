"""The shape of what is stored, decoded by msgspec in one pass: only named fields are read.

The messages of version 1 (`message`, `part`) and of version 2 (`session_message`) share these shapes, since no field
means one thing here and another there. What has another type than it should is left out, and its name is told.
"""

from typing import Any, get_args

import msgspec

from tallystick.tools.fields import text_of

type Number = int | float | None


class Cache(msgspec.Struct, gc=False):
    """Tokens read from and written to a cache."""

    read: int | float | None = None
    write: int | float | None = None


class Counts(msgspec.Struct, gc=False):
    """The tokens of one step; `input` is without what was read from or written to a cache."""

    total: int | float | None = None
    input: int | float | None = None
    output: int | float | None = None
    reasoning: int | float | None = None
    cache: Cache | None = None


class Times(msgspec.Struct, gc=False):
    """Moments: milliseconds since 1970, in some builds seconds."""

    created: int | float | None = None
    completed: int | float | None = None
    streamed: int | float | None = None
    """When the answer had arrived and tools were still to be run (version 2)."""
    ran: int | float | None = None
    start: int | float | None = None
    end: int | float | None = None
    updated: int | float | None = None


class Outcome(msgspec.Struct, gc=False):
    """What a tool said of itself."""

    exit: int | float | None = None


class Run(msgspec.Struct, gc=False):
    """How the run of a tool stands."""

    status: str | None = None
    time: Times | None = None
    metadata: Outcome | None = None


class Part(msgspec.Struct, gc=False):
    """One part of a message: a text, a thought, the use of a tool, the end of a step."""

    type: str | None = None
    id: str | None = None
    callID: str | None = None  # noqa: N815 - the field's name
    tool: str | None = None
    name: str | None = None
    synthetic: bool | None = None
    state: Run | None = None
    time: Times | None = None
    tokens: Counts | None = None
    cost: int | float | None = None


class Model(msgspec.Struct, gc=False):
    """What was called."""

    id: str | None = None
    modelID: str | None = None  # noqa: N815 - the field's name
    providerID: str | None = None  # noqa: N815 - the field's name


class Path(msgspec.Struct, gc=False):
    """Where the tool ran."""

    cwd: str | None = None
    root: str | None = None


class Message(msgspec.Struct, gc=False):
    """One message of a session."""

    role: str | None = None
    id: str | None = None
    sessionID: str | None = None  # noqa: N815 - the field's name
    session_id: str | None = None
    modelID: str | None = None  # noqa: N815 - the field's name
    providerID: str | None = None  # noqa: N815 - the field's name
    model: Model | None = None
    mode: str | None = None
    agent: str | None = None
    agentID: str | None = None  # noqa: N815 - the field's name
    status: str | None = None
    path: Path | None = None
    cost: int | float | None = None
    tokens: Counts | None = None
    time: Times | None = None
    content: list[Part] | None = None


class SessionFile(msgspec.Struct, gc=False):
    """What a session's own file says."""

    id: str | None = None
    parentID: str | None = None  # noqa: N815 - the field's name
    directory: str | None = None
    title: str | None = None
    version: str | None = None
    time: Times | None = None


def decoded[Kind: msgspec.Struct](kind: type[Kind], raw: Any) -> tuple[Kind | None, frozenset[str]]:
    """Return stored JSON, as bytes, text or decoded values, in its shape; None where it is no object.

    Besides the names of the fields that had to be left out, since they hold something else than they should.
    """
    is_text = isinstance(raw, bytes | str)
    try:
        if is_text:
            return msgspec.json.decode(raw, type=kind), frozenset()
        return _storable(msgspec.convert(raw, kind)), frozenset()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        value = _plainly(raw) if is_text else raw
        if not isinstance(value, dict):
            return None, frozenset()
        wrong: set[str] = set()
        return _storable(_read(kind, value, wrong)), frozenset(wrong)
    except (ValueError, RecursionError):
        return None, frozenset()


def _plainly(raw: bytes | str) -> Any:
    # Takes what msgspec refuses: numbers of any size, half a surrogate.
    import json

    return json.loads(raw if isinstance(raw, str) else raw.decode("utf-8", "replace"))


def _storable[Kind: msgspec.Struct](made: Kind) -> Kind:
    """Take half surrogates, which are no characters, out of all texts: msgspec refuses them, Python's JSON does not."""
    for name in made.__struct_fields__:
        value = getattr(made, name)
        if isinstance(value, str):
            setattr(made, name, text_of(value))
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, msgspec.Struct):
                _storable(each)
    return made


def _read[Kind: msgspec.Struct](kind: type[Kind], value: dict[str, Any], wrong: set[str]) -> Kind:
    made = kind()
    for field in msgspec.structs.fields(kind):
        if value.get(field.name) is not None:
            setattr(made, field.name, _fitting(field, value[field.name], wrong))
    return made


def _fitting(field: msgspec.structs.FieldInfo, value: Any, wrong: set[str]) -> Any:
    choices = get_args(field.type)
    inner = next((each for each in choices if isinstance(each, type) and issubclass(each, msgspec.Struct)), None)
    if inner is not None and isinstance(value, dict):
        return _read(inner, value, wrong)
    if field.name == "content" and isinstance(value, list):
        return [_read(Part, each, wrong) for each in value if isinstance(each, dict)]
    try:
        return msgspec.convert(value, field.type)
    except (msgspec.ValidationError, OverflowError, UnicodeError):
        wrong.add(field.name)
        return None
