"""The smallest manager of services: a script that starts, stops and knows one process, and what it promises."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tallystick.service.planning import encoded
from tallystick.service.process import identity
from tallystick.service.service import (
    ASK,
    CHECK,
    FORGET,
    REGISTER,
    RESTART,
    START,
    STOP,
    UNREGISTER,
    Person,
    Plan,
    Run,
    Seen,
    Service,
    Write,
)


def _paths(person: Person) -> tuple[str, ...]:
    return (f"{person.config}/tiny/service",)


def _files(plan: Plan, person: Person) -> tuple[Write, ...]:
    return (Write(_paths(person)[0], encoded(plan)),)


def _commands(verb: str, person: Person) -> tuple[Run, ...]:
    undoing = verb in {UNREGISTER, FORGET}
    return (Run((sys.executable, __file__, verb, _paths(person)[0]), needed=not undoing),)


def _read(code: int, out: str) -> Seen:
    if code:
        return Seen(running=False, words="tiny does not know it")
    told = json.loads(out)
    return Seen(told["running"], told["failed"], told["pid"], "tiny words")


TINY = Service(
    "tiny",
    "the tiny manager",
    "",
    _paths,
    _files,
    _commands,
    _read,
    missing="There is no tiny manager.",
    hint="A hint.",
)


def main() -> None:
    """Do what a verb says; a file beside the service's says which process it is, and another that there is no manager."""
    verb, file = sys.argv[1], Path(sys.argv[2])
    note = file.parent.with_suffix(".pid")
    if file.parent.with_suffix(".gone").exists():
        sys.exit("tiny is not here")
    pid = int(note.read_text()) if note.exists() else 0
    if verb in {STOP, UNREGISTER, RESTART, REGISTER} and pid:
        if identity(pid):
            os.kill(pid, signal.SIGTERM)
        while identity(pid):
            time.sleep(0.02)
        note.unlink()
    if verb in {START, RESTART, REGISTER}:
        note.write_text(str(_start(file)))
    if verb == ASK:
        if not file.exists():
            sys.exit("unknown")
        running = bool(identity(pid))
        print(json.dumps({"running": running, "failed": bool(pid) and not running, "pid": pid if running else None}))
    assert verb in {CHECK, REGISTER, UNREGISTER, FORGET, START, STOP, RESTART, ASK}


def _start(file: Path) -> int:
    plan = json.loads(file.read_text())
    command = [plan["interpreter"], *plan["program"], *plan["arguments"]]
    with open(os.devnull, "r+b") as nothing, Path(file.parent.parent / "said").open("wb") as said:
        begun = subprocess.Popen(
            command,
            env={"PATH": os.environ["PATH"], **plan["environment"]},
            cwd=plan["folder"],
            stdin=nothing,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    begun.returncode = 0
    return begun.pid


if __name__ == "__main__":
    main()
