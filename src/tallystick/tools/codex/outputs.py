"""Whether a tool failed, from the fields with which Codex surrounds what the tool printed.

Three forms are known: a heading ("Exit code: 1", or "Process exited with code 1" below the chunk's id)
before the text, an object with `metadata.exit_code` written as text, and an object with `success`.
What the tool itself printed is never looked at.
"""

import json
from typing import Any, Final

_EXIT: Final = b"Exit code: "
_CHUNK: Final = b"Chunk ID: "
_EXITED: Final = b"Process exited with code "
_WRAPPED: Final = b'{\\"'
_METADATA: Final = b'\\"metadata\\":{\\"exit_code\\":'
_HEADING: Final = 200
"""Bytes within which the heading ends."""
_TAIL: Final = 160
"""Bytes from the end within which the metadata stand."""
_ZERO: Final = (b"0\\n", b'0"', b"0,", b"0}")
"""Exit code 0 and what can follow it in the three forms."""


def failed(data: bytes | bytearray, at: int, stop: int) -> bool:
    """Tell from `data[at:stop]`, an output's JSON text from within its first quote to the end of its line."""
    if data.startswith(_EXIT, at):
        return not data.startswith(_ZERO, at + len(_EXIT))
    if data.startswith(_CHUNK, at):
        end = data.find(b"Output:", at, min(at + _HEADING, stop))
        exited = data.find(_EXITED, at, end) if end >= 0 else -1
        return exited >= 0 and not data.startswith(_ZERO, exited + len(_EXITED))
    if data.startswith(_WRAPPED, at):
        code = data.rfind(_METADATA, max(at, stop - _TAIL), stop)
        return code >= 0 and not data.startswith(_ZERO, code + len(_METADATA))
    return False


def failed_value(output: Any) -> bool:
    """Tell the same from a decoded output."""
    if isinstance(output, dict):
        return output.get("success") is False
    if not isinstance(output, str):
        return False
    raw = json.dumps(output, ensure_ascii=False).encode("utf-8", "replace")
    return failed(raw, 1, len(raw))
