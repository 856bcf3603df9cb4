"""A server without a manager: a process of its own, and the record by which it is found again."""

import json
import os
from collections.abc import Mapping
from typing import NamedTuple

from tallystick.service import process, running
from tallystick.service.planning import decoded, encoded
from tallystick.service.service import Person, Plan, Write, under

PATIENCE = 20.0
"""Seconds that a server has to end by itself."""


class Detached(NamedTuple):
    """A server that was started without a manager."""

    pid: int
    began: str
    """The identity of the process: a number alone may belong to another one by now."""
    plan: Plan


def _path(person: Person) -> str:
    return under(person.state, "server.json")


def alive(person: Person) -> Detached | None:
    """Return the server that runs; None when there is none, whatever a stale record says."""
    content = running.content(_path(person))
    try:
        told = json.loads(content or b"null")
        pid, began = int(told["pid"]), str(told["began"])
    except (ValueError, KeyError, TypeError):
        return None
    plan = decoded(content or b"")
    return Detached(pid, began, plan) if plan and process.identity(pid) == began else None


def start(plan: Plan, person: Person, environ: Mapping[str, str]) -> Detached | None:
    """Start a server and write down which process it is; return None when it has ended before that."""
    begun = running.begin(plan.command, plan.folder, plan.first_words, {**environ, **dict(plan.environment)})
    began = process.identity(begun.pid)
    # It goes on when this process ends, and is asked about by its number from here on.
    begun.returncode = 0
    if began is None:
        return None
    record = json.loads(encoded(plan)) | {"pid": begun.pid, "began": began}
    running.write(Write(_path(person), (json.dumps(record, indent=1) + "\n").encode()))
    return Detached(begun.pid, began, plan)


def stop(server: Detached, person: Person) -> None:
    """End a server and forget it."""
    process.end(server.pid, server.began, PATIENCE)
    forget(person)


def forget(person: Person) -> None:
    """Remove the record of a server, where there is one."""
    if os.path.exists(_path(person)):
        running.remove(_path(person))
