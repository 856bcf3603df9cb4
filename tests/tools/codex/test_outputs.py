"""Outputs: whether a tool failed, from what Codex wrote around its text and never from the text."""

import json
from typing import Any

import pytest
from tests.tools.codex.rollouts import Json

from tallystick.tools.codex.outputs import failed, failed_value

OUTPUTS: list[tuple[Any, bool]] = [
    ("Exit code: 0\nWall time: 0.3 seconds\nOutput:\nfine", False),
    ("Exit code: 1\nWall time: 0.3 seconds\nOutput:\nfine", True),
    ("Exit code: 01", True),
    ("Exit code: 127\n", True),
    ("Exit code: 0", False),
    ("Chunk ID: a1\nWall time: 0.0 seconds\nProcess exited with code 0\nOutput:\nfine", False),
    ("Chunk ID: a1\nWall time: 0.0 seconds\nProcess exited with code 2\nOutput:\nfine", True),
    ("Chunk ID: a1\nProcess running with session ID 7\nOutput:\nProcess exited with code 2", False),
    ("Chunk ID: a1\nProcess exited with code 2", False),
    (
        json.dumps({"output": "fine", "metadata": {"exit_code": 0, "duration_seconds": 0.1}}, separators=(",", ":")),
        False,
    ),
    (
        json.dumps({"output": "fine", "metadata": {"exit_code": 1, "duration_seconds": 0.1}}, separators=(",", ":")),
        True,
    ),
    ("All tests passed.\nExit code: 1\n", False),
    ("", False),
]


@pytest.mark.parametrize("output,outcome", OUTPUTS)
def test_the_surroundings_tell(output: Json, outcome: bool) -> None:  # noqa: FBT001
    assert failed_value(output) is outcome
    raw = b'{"output":' + json.dumps(output).encode() + b"}}"
    assert failed(raw, len(b'{"output":"'), len(raw)) is outcome


@pytest.mark.parametrize(
    "output,outcome",
    [
        ({"content": "x", "success": False}, True),
        ({"content": "x", "success": True}, False),
        ({}, False),
        ([], False),
        (7, False),
        (None, False),
    ],
)
def test_an_object_tells_by_its_field(output: Json, outcome: bool) -> None:  # noqa: FBT001
    assert failed_value(output) is outcome
