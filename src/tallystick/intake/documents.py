"""Documents: sources that are one JSON value each, read whole whenever they change."""

import json
from typing import Final

from tallystick.tools.tool import DocumentReader

LONGEST: Final = 256 << 20
"""Bytes; a longer document is not loaded."""


def load(path: str, reader: DocumentReader) -> str:
    """Hand a document to its reader; return why that could not be, empty when all went well. Raise OSError."""
    with open(path, "rb") as file:
        content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        return f"a document longer than {LONGEST >> 20} MiB"
    if not content.strip():
        return "an empty document"
    try:
        document = json.loads(content)
    except RecursionError:
        return "nested too deeply"
    except ValueError:
        return "not JSON"
    reader.take(document)
    return ""
