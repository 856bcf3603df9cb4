"""Both decoders against one another: whatever one makes of a line, the other makes of it too."""

import re
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from tests.tools.claude_code import worlds
from tests.tools.claude_code.transcripts import Fields, answer, usage

from tallystick.tools.claude_code import plain, shape


def values(shaped: Any) -> Any:  # noqa: ANN401 - either decoder's objects
    """Return what a decoder made of a line, as plain values."""
    if isinstance(shaped, msgspec.Struct):
        return {name: values(getattr(shaped, name)) for name in shaped.__struct_fields__}
    if isinstance(shaped, SimpleNamespace):
        return {name: values(value) for name, value in vars(shaped).items()}
    return [values(each) for each in shaped] if isinstance(shaped, list) else shaped


@given(worlds.damaged())
def test_what_msgspec_takes_means_the_same_to_the_standard_library(raw: bytes) -> None:
    try:
        fast = shape.decode(raw)
    except (ValueError, RecursionError):
        return
    if fast.type == "assistant" or fast.type is None:
        assert values(plain.decode(raw)) == values(fast)
    else:
        assert plain.decode(raw).type == fast.type


@given(worlds.damaged())
def test_what_the_standard_library_refuses_msgspec_refuses_too(raw: bytes) -> None:
    try:
        plain.decode(raw)
    except plain.Misshapen:
        with pytest.raises((ValueError, RecursionError)):
            shape.decode(raw)


@given(worlds.damaged())
def test_objects_are_the_same_to_both(raw: bytes) -> None:
    try:
        fast = shape.load(raw)
    except (ValueError, RecursionError):
        return
    if isinstance(fast, dict):
        assert plain.load(raw) == fast


@given(worlds.damaged())
def test_what_is_found_in_an_object_is_the_same_to_both(raw: bytes) -> None:
    try:
        line = shape.load(raw)
    except (ValueError, RecursionError):
        return
    if not isinstance(line, dict):
        return
    try:
        slow, set_aside = plain.look_at(line)
    except plain.Misshapen as fault:
        with pytest.raises(plain.Misshapen, match=re.escape(str(fault))):
            shape.look_at(line)
        return
    fast, also = shape.look_at(line)
    assert also == set_aside
    assert values(fast) == values(slow) if slow.type in ("assistant", None) else fast.type == slow.type


def test_an_object_with_a_field_of_another_type_is_looked_at_by_the_standard_library() -> None:
    line = shape.load(answer(1, 1, usage(), costUSD="much"))
    looked, set_aside = shape.look_at(line)
    assert looked.message.usage.output_tokens == 10
    assert looked.costUSD is None
    assert set_aside == ["costUSD is not a number; its line was counted without it"]


def test_every_field_is_read() -> None:
    part = {"type": "message", "model": "m", "input_tokens": 1, "output_tokens": 2}
    more: Fields = {
        "iterations": [part],
        "speed": "fast",
        "inference_geo": "us",
        "output_tokens_details": {"thinking_tokens": 1},
        "server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 2},
    }
    names = ("agentId", "requestSessionId", "requestedModel", "apiError", "attributionAgent", "sessionKind")
    raw = answer(1, 1, usage(**more), costUSD=0.5, isAbortedMidStream=True, **dict.fromkeys(names, "x"))
    line = shape.decode(raw)
    assert values(line) == values(plain.decode(raw))
    shapes: list[Any] = [line, line.message, line.message and line.message.usage]
    for each in shapes:
        assert each is not None
        assert all(getattr(each, name) is not None for name in each.__struct_fields__)
