"""Lines decoded by the standard library: what is wrong with them, and what counts nevertheless."""

import json
from typing import Any

import pytest
from tests.tools.claude_code.transcripts import Fields, answer, line, usage

from tallystick.tools.claude_code.plain import Misshapen, decode, load, look_again, look_at, text_of


def changed(*path: str | int, to: object) -> bytes:
    """Return an answer's line with one field changed."""
    passes = [{"type": "message", "input_tokens": 3, "output_tokens": 10, "model": "m"}]
    more: Fields = {"output_tokens_details": {"thinking_tokens": 1}, "server_tool_use": {"web_search_requests": 0}}
    fields: Any = json.loads(answer(1, 1, usage(iterations=passes, speed="fast", inference_geo="us", **more)))
    inner = fields
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return line(fields)


MESSAGE, USAGE = ("message",), ("message", "usage")
WRONG_COUNTS: list[object] = ["3", 3.0, True, [3], {"n": 3}, float("1e308")]


@pytest.mark.parametrize(
    "path",
    [
        *[(*USAGE, name) for name in ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")],
        *[(*USAGE, "cache_creation", name) for name in ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")],
        *[(*USAGE, "iterations", 0, name) for name in ("input_tokens", "output_tokens")],
    ],
    ids=lambda path: path[-1],
)  # fmt: skip
@pytest.mark.parametrize("to", WRONG_COUNTS, ids=repr)
def test_a_count_that_is_none_makes_a_line_unfit(path: tuple[str | int, ...], to: object) -> None:
    raw = changed(*path, to=to)
    name = ".".join(str(step) for step in path if step != 0)
    with pytest.raises(Misshapen, match=f"^{name} is not a whole number$"):
        look_again(raw)
    with pytest.raises(Misshapen):
        decode(raw)


@pytest.mark.parametrize(
    "path, to, reason",
    [
        ((*MESSAGE, "id"), 5, "message.id is not a text"),
        (("timestamp",), 1_795_311_478, "timestamp is not a text"),
        (("type",), ["assistant"], "type is not a text"),
        (MESSAGE, "hello", "message is not an object"),
        (USAGE, [], "message.usage is not an object"),
        ((*USAGE, "cache_creation"), 7, "message.usage.cache_creation is not an object"),
        ((*USAGE, "iterations"), {}, "message.usage.iterations is not a list"),
        ((*USAGE, "iterations"), [7], "message.usage.iterations is not an object"),
        ((*USAGE, "iterations", 0, "type"), 7, "message.usage.iterations.type is not a text"),
    ],
)
def test_so_does_whatever_counts_and_identity_depend_on(path: tuple[str, ...], to: object, reason: str) -> None:
    with pytest.raises(Misshapen, match=f"^{reason}$"):
        look_again(changed(*path, to=to))


@pytest.mark.parametrize(
    "path, to, word",
    [
        *[((name,), 5, "a text") for name in ("uuid", "sessionId", "cwd", "gitBranch", "version", "requestId")],
        *[((name,), [], "a text") for name in ("agentId", "attributionAgent", "requestSessionId", "requestedModel", "apiError")],
        (("sessionKind",), {}, "a text"),
        *[(("isSidechain",), no_truth, "true or false") for no_truth in ("no", 0, 1)],
        (("isAbortedMidStream",), "no", "true or false"),
        *[(("costUSD",), no_number, "a number") for no_number in ("1", True)],
        ((*MESSAGE, "model"), 5, "a text"),
        ((*MESSAGE, "stop_reason"), 5, "a text"),
        ((*MESSAGE, "content"), 5, "a list"),
        ((*MESSAGE, "content"), {}, "a list"),
        ((*MESSAGE, "content"), ["text", {"type": "text"}], "an object"),
        *[((*MESSAGE, "content", 0, name), 5, "a text") for name in ("type", "id", "name")],
        *[((*USAGE, name), 5, "a text") for name in ("speed", "service_tier", "inference_geo")],
        ((*USAGE, "output_tokens_details"), "x", "an object"),
        ((*USAGE, "output_tokens_details", "thinking_tokens"), 1.5, "a whole number"),
        ((*USAGE, "server_tool_use"), 5, "an object"),
        ((*USAGE, "server_tool_use", "web_search_requests"), "2", "a whole number"),
        ((*USAGE, "iterations", 0, "model"), 5, "a text"),
    ],
)  # fmt: skip
def test_any_other_field_is_set_aside_and_named(path: tuple[str | int, ...], to: object, word: str) -> None:
    raw = changed(*path, to=to)
    found, set_aside = look_again(raw)
    name = ".".join(str(step) for step in path if step != 0)
    assert set_aside == [f"{name} is not {word}; its line was counted without it"]
    counts = found.message.usage
    assert (counts.input_tokens, counts.output_tokens) == (3, 10)
    with pytest.raises(Misshapen):
        decode(raw)


@pytest.mark.parametrize("path", [MESSAGE, USAGE, (*USAGE, "cache_creation"), (*MESSAGE, "content"), ("cwd",)])
def test_nothing_is_no_wrong_type(path: tuple[str, ...]) -> None:
    found, set_aside = look_again(changed(*path, to=None))
    assert set_aside == []
    for step in path:
        found = getattr(found, step)
    assert found is None


def test_what_is_listed_beside_nothing_stays() -> None:
    found, set_aside = look_again(changed(*MESSAGE, "content", to=[None, {"type": "text"}, None]))
    assert ([block.type for block in found.message.content], set_aside) == (["text"], [])


def test_other_kinds_of_lines_are_not_looked_at() -> None:
    # Their fields have other meanings, so that nothing in them is wrong.
    fields: Fields = {"type": "attachment", "message": 5, "timestamp": 7, "cwd": []}
    found, set_aside = look_at(fields)
    assert (found.type, found.message, set_aside) == ("attachment", None, [])


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b"not json", "not JSON"),
        (b"", "not JSON"),
        (b"\x00" * 300, "not JSON"),
        (b'{"type":"assistant"', "not JSON"),
        (b'{"type":"assistant"}x', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":Infinity}', "not JSON"),
        (b'{"a":"\x01"}', "not JSON"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"[1]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_what_is_no_object_is_told_without_its_content(raw: bytes, reason: str) -> None:
    with pytest.raises(Misshapen, match=f"^{reason}$"):
        load(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b'\xef\xbb\xbf{"type":"user"}',
        b'{"type":"user"}\r',
        b'  {"type":"user","text":"\xff\xfe"} ',
        b'{"type":"user","text":"\\ud800"}',
        b'{"type":"user","n":' + b"9" * 5_000 + b"}",
        b'{"type":"user","n":1e400}',
    ],
)
def test_damage_that_does_not_matter_is_passed_over(raw: bytes) -> None:
    assert load(raw)["type"] == "user"
    assert load(memoryview(raw))["type"] == load(bytearray(raw))["type"] == "user"


def test_a_number_of_any_length_is_no_count() -> None:
    raw = answer(1, 1, usage(output=10)).replace(b'"output_tokens":10', b'"output_tokens":' + b"9" * 5_000)
    with pytest.raises(Misshapen, match=r"^message\.usage\.output_tokens is not a whole number$"):
        look_again(raw)


@pytest.mark.parametrize(
    "value, expected",
    [("plain", "plain"), ("schön", "schön"), ("half \ud83d", "half ?"), ("\udcff", "?"), (5, ""), (None, ""), ([], "")],
)
def test_texts_are_made_fit_to_keep(value: object, expected: str) -> None:
    assert text_of(value) == expected
    text_of(value).encode()


def test_texts_of_a_line_are_made_fit_too() -> None:
    raw = answer(cwd="/home/dev/sh\ud83dop").replace(b"main", b"m\xffn")
    found, set_aside = look_again(raw)
    assert (found.cwd, found.gitBranch, set_aside) == ("/home/dev/sh???op", "m?n", [])
