"""The record of sending: when it last succeeded and what last went wrong, in a file beside the pairing."""

import os
from json import dumps, loads
from typing import NamedTuple


class Record(NamedTuple):
    """How sending fared."""

    success: int = 0
    """When something was last acknowledged: milliseconds since 1970, UTC; 0 when nothing ever was."""
    fault: str = ""
    """What last went wrong, in a sentence; empty when the last try succeeded."""
    failed: int = 0
    """When that was."""
    skew_ms: int = 0
    """How far the clock of this machine was ahead of the server's."""
    code: int = 0
    """The exit code of what last went wrong; 0 when nothing did."""


def read(path: str) -> Record:
    """Return what a file says; nothing where it is missing or of no use."""
    try:
        with open(path, "rb") as file:
            said = loads(file.read())
        # One that was written before there was a code has a fault at most that waiting mends.
        code = said.get("code", 1 if said["fault"] else 0)
        found = Record(said["success"], said["fault"], said["failed"], said["skew_ms"], code)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Record()
    # What a file holds may be anything.
    kinds = [type(each) for each in found]
    return found if kinds == [int, str, int, int, int] else Record()


def write(path: str, record: Record) -> None:
    """Keep a record; where that is not possible, sending goes on without it."""
    made = f"{path}.part"
    try:
        with open(made, "w", encoding="utf-8") as file:
            file.write(dumps(record._asdict()) + "\n")
        os.replace(made, path)
    except OSError:
        return
