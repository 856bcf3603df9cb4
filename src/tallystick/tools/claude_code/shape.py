"""The shape of an answer's line, decoded by msgspec in one pass over its bytes.

Only named fields are read; everything else in a line is passed over without becoming a value. A line
whose named fields have other types than these is refused here and looked at again by `plain`. Fields
stand in the order in which newer versions write them, which is how msgspec finds them fastest.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from tallystick.tools.claude_code import plain


class Split(msgspec.Struct, gc=False):
    """Cache writes by lifetime, in tokens."""

    ephemeral_1h_input_tokens: int | None = None
    ephemeral_5m_input_tokens: int | None = None


class OutputDetails(msgspec.Struct, gc=False):
    """What the output consists of, in tokens."""

    thinking_tokens: int | None = None


class ServerTools(msgspec.Struct, gc=False):
    """Uses of tools that the provider runs and bills by use."""

    web_search_requests: int | None = None
    web_fetch_requests: int | None = None


class Iteration(msgspec.Struct, gc=False):
    """One model pass inside an answer; some have a model and a bill of their own."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: Split | None = None
    type: str | None = None
    model: str | None = None


class Usage(msgspec.Struct, gc=False):
    """The counts of one answer; input is without what was read from or written to a cache."""

    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None
    output_tokens_details: OutputDetails | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    cache_creation: Split | None = None
    inference_geo: str | None = None
    iterations: list[Iteration] | None = None
    speed: str | None = None


class Block(msgspec.Struct, gc=False):
    """A part of a message: only what tells the use of a tool from the rest."""

    type: str | None = None
    id: str | None = None
    name: str | None = None


class Message(msgspec.Struct, gc=False):
    """The provider's answer as the tool kept it, without its text."""

    model: str | None = None
    id: str | None = None
    content: list[Block] | str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class Line(msgspec.Struct, gc=False):
    """A line of type `assistant`."""

    isSidechain: bool | None = None  # noqa: N815 - the tool's own field name, as are the following
    agentId: str | None = None  # noqa: N815
    message: Message | None = None
    isAbortedMidStream: bool | None = None  # noqa: N815
    requestId: str | None = None  # noqa: N815
    requestSessionId: str | None = None  # noqa: N815
    requestedModel: str | None = None  # noqa: N815
    type: str | None = None
    uuid: str | None = None
    timestamp: str | None = None
    apiError: str | None = None  # noqa: N815
    attributionAgent: str | None = None  # noqa: N815
    sessionKind: str | None = None  # noqa: N815
    costUSD: float | None = None  # noqa: N815
    cwd: str | None = None
    sessionId: str | None = None  # noqa: N815
    version: str | None = None
    gitBranch: str | None = None  # noqa: N815


decode: Callable[[bytes | bytearray | memoryview], Line] = msgspec.json.Decoder(Line).decode
"""From a line to its named fields; raises ValueError or RecursionError on whatever else it is."""

load: Callable[[bytes | bytearray | memoryview], Any] = msgspec.json.Decoder().decode
"""From a line to plain values; raises as `decode` does."""


def look_at(found: dict[str, Any]) -> tuple[Any, list[str]]:
    """Return the named fields of an object that `load` gave, and what is set aside; raise `Misshapen`."""
    try:
        return msgspec.convert(found, Line), []
    except msgspec.ValidationError:
        return plain.look_at(found)
