"""Where the messages of a process that goes on go: to a log of its own, or to where a person sees them."""

import logging
import os
import sys
from collections.abc import Mapping
from typing import Final

from tallystick.errors import Unavailable
from tallystick.settings import state_folder

OURS: Final = "tallystick"


def go_to(path: str | None, named: str = OURS) -> None:
    """Send messages to a file that is kept small; without one, what is wrong goes where a person's messages go.

    `named` is the logger whose news are written, too: ours, or with an empty name everybody's. Raises Unavailable for a file
    that cannot be written.
    """
    root = logging.getLogger()
    if path is None:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("tally: %(message)s"))
        root.addHandler(handler)
        return
    from tallystick.service import log_file

    try:
        if sys.stdout is None:
            # A program without a window (pythonw): what it prints goes into the log as well.
            log_file.begin(os.path.abspath(path))
        else:
            root.addHandler(log_file.handler(os.path.abspath(path)))
    except OSError as error:
        raise Unavailable(f"The log {path} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    logging.getLogger(named).setLevel(logging.INFO)


def proxy_log(environ: Mapping[str, str], home: str) -> str:
    """Return the file into which a proxy in the background writes its messages."""
    return os.path.join(state_folder(environ, home), "log", "proxy.log")


def first_words(log: str) -> list[str]:
    """Return the sentences that a process said before it wrote its log, or besides, without the name of the program."""
    try:
        with open(first_words_of(log), encoding="utf-8", errors="replace") as file:
            lines = [line.strip() for line in file if line.startswith("tally: ")]
    except OSError:
        return []
    return [line.removeprefix("tally: ") for line in lines]


def first_words_of(log: str) -> str:
    """Return the file for what a process in the background says outside of its log."""
    return f"{log}.first"
