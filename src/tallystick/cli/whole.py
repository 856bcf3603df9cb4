"""Small files of our own, put in their places as a whole: whoever reads one finds the old one or the new one."""

import os
from contextlib import suppress


def put(path: str, text: str) -> None:
    """Write a file for its owner alone, its folder with it; raise OSError where that cannot be done, and leave nothing beside it."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, path)
    except OSError:
        with suppress(OSError):
            os.unlink(beside)
        raise
