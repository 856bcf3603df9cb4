"""What a person chose in the live view, kept for the next one in a small file that may be deleted at any time."""

import json
import os
from contextlib import suppress
from typing import Final

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
    beside = f"{file}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump({"theme": theme}, opened)
        os.replace(beside, file)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
