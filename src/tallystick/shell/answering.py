"""Whether the proxy answers: what its file says, whether its process is there, and what it says of itself."""

import json
import os
import socket
from typing import Final

_LONGEST: Final = 0.5
"""Seconds for a connection on loopback, and for its answer."""
_WELL: Final = (b"HTTP/1.0 200 ", b"HTTP/1.1 200 ")


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
    return f"http://127.0.0.1:{port}" if _is_well(port) else ""


def _is_well(port: int) -> bool:
    """Tell whether it says so: one that is stopped still takes connections."""
    try:
        with socket.create_connection(("127.0.0.1", port), _LONGEST) as line:
            line.sendall(b"GET /health HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % port)
            with line.makefile("rb") as said:
                return said.read(len(_WELL[0])) in _WELL
    except (OSError, OverflowError):
        return False


def _lives(pid: int) -> bool:
    # On Windows this would end it.
    if os.name == "nt" or pid <= 0:
        return pid > 0
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True
