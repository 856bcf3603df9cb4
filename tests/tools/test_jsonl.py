"""JSON lines: which lines are decoded, which are passed over, and what becomes of those that are no objects."""

import json
from typing import Any, ClassVar

import pytest

from tallystick.tools.jsonl import NO_OBJECT, JsonLines, decoded
from tallystick.tools.tool import State


class Plain(JsonLines):
    """Takes every line."""

    def __init__(self) -> None:
        """Begin with nothing taken."""
        super().__init__()
        self.taken: list[tuple[dict[str, Any], int]] = []

    def take(self, line: dict[str, Any], offset: int) -> None:
        """Keep the line and its place."""
        self.taken.append((line, offset))

    def state(self) -> State:
        """Return how many lines were taken."""
        return {"taken": len(self.taken)}


class Choosy(Plain):
    """Takes lines that hold one of two words."""

    needles: ClassVar = (b'"usage"', b'"model"')


def fed(reader: Plain, data: bytes, offset: int = 0) -> Plain:
    """Feed all of some bytes."""
    reader.feed(data, 0, len(data), offset)
    return reader


def test_each_line_comes_with_its_place_in_the_source() -> None:
    assert fed(Plain(), b'{"a":1}\n{"b":2}\n', 100).taken == [({"a": 1}, 100), ({"b": 2}, 108)]


def test_it_reads_a_part_of_a_buffer() -> None:
    reader = Plain()
    reader.feed(bytearray(b'xx{"a":1}\n{"b":2}\nyy'), 2, 18, 50)
    assert reader.taken == [({"a": 1}, 50), ({"b": 2}, 58)]


def test_a_last_line_needs_no_end() -> None:
    assert fed(Plain(), b'{"a":1}\n{"b":2}').taken == [({"a": 1}, 0), ({"b": 2}, 8)]


def test_lines_without_any_of_the_words_are_passed_over_undecoded() -> None:
    reader = fed(Choosy(), b'{"text":"x"}\n{broken}\n{"usage":1}\r\n{"model":"m"}\n')
    assert [line for line, _ in reader.taken] == [{"usage": 1}, {"model": "m"}]
    assert reader.found.skipped == []


@pytest.mark.parametrize("raw", [b"[1]", b"5", b'"usage"', b'{"usage":', b"x", b'{"usage":\xff}', b"[" * 100_000])
def test_what_is_no_object_is_skipped_with_its_place(raw: bytes) -> None:
    reader = fed(Choosy(), b'{"model":1}\n' + raw + b'\n{"model":2}\n')
    assert [(each.offset, each.reason) for each in reader.found.skipped] == [(12, NO_OBJECT)]
    assert [line["model"] for line, _ in reader.taken] == [1, 2]


def test_empty_lines_are_nothing() -> None:
    reader = fed(Plain(), b"\n  \n\r\n")
    assert reader.taken == []
    assert reader.found.skipped == []


def test_what_was_found_is_given_once_with_the_state() -> None:
    reader = fed(Plain(), b'{"a":1}\n[]\n')
    found, state = reader.finish()
    assert (len(found.skipped), state) == (1, {"taken": 1})
    assert reader.finish()[0].skipped == []


def test_what_cannot_be_decoded_is_none() -> None:
    assert decoded(b'{"a":[1]}') == {"a": [1]}
    assert [decoded(raw) for raw in (b"{", b"", b"\xff", b"[" * 100_000, b"9" * 5_000)] == [None] * 5
    assert decoded(bytearray(json.dumps("schön").encode())) == "schön"
