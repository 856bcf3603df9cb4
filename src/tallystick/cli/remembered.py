"""What a person chose in the live view, kept for the next one in a small file that may be deleted at any time."""

import json
import os
from contextlib import suppress
from typing import Final

from tallystick.cli import whole

_BYTES_MOST: Final = 1 << 12


def path(data: str) -> str:
    """Return where the file lies in a data folder."""
    return os.path.join(data, "live.json")


def read(file: str) -> str:
    """Return the name of the theme; empty where none is known."""
    try:
        with open(file, "rb") as opened:
            theme = json.loads(opened.read(_BYTES_MOST))["theme"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return theme if isinstance(theme, str) else ""


def write(file: str, theme: str) -> None:
    """Keep the name of the theme; where that cannot be done, the next view begins as this one did."""
    with suppress(OSError):
        whole.put(file, json.dumps({"theme": theme}))
