"""Whether the proxy answers: what its file says, whether its process is there, and whether something takes calls."""

import json
import os
import socket
from typing import Final

_LONGEST: Final = 0.5
"""Seconds for a connection on loopback."""


def address(file: str) -> str:
    """Return the address of the proxy that a file tells of, such as `http://127.0.0.1:8377`; empty when none answers."""
    try:
        with open(file, "rb") as told:
            found = json.load(told)
        port, pid = int(found["port"]), int(found["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if not _lives(pid):
        return ""
    try:
        socket.create_connection(("127.0.0.1", port), _LONGEST).close()
    except (OSError, OverflowError):
        return ""
    return f"http://127.0.0.1:{port}"


def _lives(pid: int) -> bool:
    # On Windows this would end it.
    if os.name == "nt" or pid <= 0:
        return pid > 0
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True
