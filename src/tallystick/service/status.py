"""How the server fares: what its manager says, held against whether it answers."""

import os
from collections.abc import Mapping
from typing import Final, NamedTuple

from tallystick.errors import Unavailable
from tallystick.service import detached, parts, probe, process, running
from tallystick.service.planning import address, decoded, record
from tallystick.service.service import ASK, CHECK, Person, Plan, Seen, Service

RUNNING: Final = "running"
UNHEALTHY: Final = "unhealthy"
"""It runs and does not answer."""
FAILED: Final = "failed"
"""It is down because it failed."""
BROKEN: Final = "broken"
"""It cannot run as it is installed."""
STOPPED: Final = "stopped"
ABSENT: Final = "not installed"
"""Neither is a service installed, nor does a server run without one."""

AGAIN: Final = "run `tally service install` again"


class Grounds(NamedTuple):
    """Where servers run: for whom, under which manager, in which environment."""

    person: Person
    service: Service | None
    environ: Mapping[str, str]
    """For the commands of managers, and for a server without one."""


class Status(NamedTuple):
    """How the server fares."""

    state: str
    installed: bool
    manager: str = ""
    """Who keeps it running; empty for one without a manager, and for none."""
    pid: int | None = None
    address: str = ""
    version: str = ""
    uptime_seconds: float | None = None
    log: str = ""
    words: str = ""
    """The manager's own words."""
    todo: str = ""
    """What is wrong and what to do about it, in a sentence."""


def installed(grounds: Grounds) -> bool:
    """Whether a service is installed, running or not."""
    service = grounds.service
    return service is not None and os.path.exists(service.paths(grounds.person)[0])


def plan_of(grounds: Grounds) -> Plan | None:
    """Return the plan of the installed service."""
    return decoded(running.content(record(grounds.person)) or b"")


def status(grounds: Grounds) -> Status:
    """Look how the server fares."""
    if grounds.service is not None and installed(grounds):
        return _of_service(grounds, grounds.service)
    server = detached.alive(grounds.person)
    return Status(ABSENT, installed=False) if server is None else _of_process(server, grounds.person)


def _of_process(server: detached.Detached, person: Person) -> Status:
    return _answering(server.plan, (server.pid, person), Status(UNHEALTHY, installed=False))


def _of_service(grounds: Grounds, service: Service) -> Status:
    plan = plan_of(grounds)
    begun = Status(STOPPED, installed=True, manager=service.title)
    if plan is None:
        return begun._replace(state=BROKEN, todo=f"The record of how it was installed is gone: {AGAIN}.")
    begun = begun._replace(address=address(plan.host, plan.port), log=plan.log)
    seen = seen_by(service, grounds)
    if seen is None:
        found = _answering(plan, (None, grounds.person), begun)
        # Something answers as it should: it is running even if nobody here can say under whom.
        return found if found.state == RUNNING else begun._replace(todo=service.missing)
    begun = begun._replace(words=seen.words)
    gone = "" if os.path.exists(plan.interpreter) else _gone(plan)
    if seen.running:
        found = _answering(plan, (seen.pid, grounds.person), begun)
        return found._replace(todo=gone or found.todo)
    return _resting(plan, seen, begun, gone)


def _resting(plan: Plan, seen: Seen, begun: Status, gone: str) -> Status:
    """Return why a service that is installed does not run, and what to do about it."""
    if gone:
        return begun._replace(state=BROKEN, todo=gone)
    state, todo = STOPPED, "`tally up` starts it."
    if seen.failed:
        state, todo = FAILED, f"It failed ({seen.words}): `tally logs` tells why."
    if probe.ask(plan.host, plan.port).kind != probe.SILENT:
        todo = taken(plan)
    return begun._replace(state=state, todo=todo)


def seen_by(service: Service, grounds: Grounds) -> Seen | None:
    """Return what the manager says; None where it cannot be asked."""
    asked = service.commands(ASK, grounds.person)[0]
    try:
        outcome = running.run(asked.arguments, grounds.environ)
    except Unavailable:
        return None
    if outcome.code and not available(service, grounds):
        return None
    return service.read(outcome.code, outcome.out)


def available(service: Service, grounds: Grounds) -> bool:
    """Whether the manager can be reached."""
    try:
        return all(
            running.run(each.arguments, grounds.environ).code == 0 for each in service.commands(CHECK, grounds.person)
        )
    except Unavailable:
        return False


def taken(plan: Plan) -> str:
    """Return the sentence about a port that somebody else holds."""
    return (
        f"Port {plan.port} is taken by another program. Stop that one, or choose another port with "
        "`tally service install --port` (`tally up --port` without a service)."
    )


def _gone(plan: Plan) -> str:
    return f"The Python that it was installed with is gone, as after an upgrade ({plan.interpreter}): {AGAIN}."


def _answering(plan: Plan, whose: tuple[int | None, Person], begun: Status) -> Status:
    """Return what the address says about a server that is held to be running, by its process and for whom it runs."""
    pid, person = whose
    begun = begun._replace(address=address(plan.host, plan.port), log=plan.log, pid=pid)
    if pid is not None:
        begun = begun._replace(uptime_seconds=process.age_seconds(pid))
    answer = probe.ask(plan.host, plan.port)
    if answer.kind == probe.SILENT:
        return begun._replace(state=UNHEALTHY, todo="It runs and does not answer: `tally logs` tells more.")
    if answer.kind == probe.FOREIGN or (pid and answer.pid and not _is_its_own(answer.pid, pid, person)):
        return begun._replace(state=UNHEALTHY, todo=taken(plan))
    return begun._replace(
        state=RUNNING,
        pid=pid or answer.pid,
        version=answer.version,
        uptime_seconds=begun.uptime_seconds if answer.uptime_seconds is None else answer.uptime_seconds,
        todo="",
    )


def _is_its_own(answering: int, pid: int, person: Person) -> bool:
    """Whether a process that answers is the one that was started, or one that it keeps running."""
    # On Windows the process that was started may be the one that starts the other.
    if answering == pid or os.name == "nt":
        return True
    keeper = parts.told(person.state)
    server = keeper.part(parts.SERVER) if keeper is not None and keeper.pid == pid else None
    return server is not None and server.pid == answering
