"""Installing, starting and stopping the server, with or without a manager of services."""

import time
from collections.abc import Callable
from typing import Final

from tallystick.errors import Refused, TallystickError, Unavailable
from tallystick.service import detached, probe, running
from tallystick.service.log_file import tail
from tallystick.service.planning import address, installing, record, uninstalling
from tallystick.service.service import RESTART, START, STOP, Plan, Service
from tallystick.service.status import (
    ABSENT,
    AGAIN,
    BROKEN,
    FAILED,
    RUNNING,
    Grounds,
    Status,
    available,
    installed,
    plan_of,
    seen_by,
    status,
    taken,
)

type Tell = Callable[[str], None]
"""Takes a sentence for the person."""

SECONDS_TO_ANSWER: Final = 20.0
"""How long a server may take from its start to its first answer."""
_STEP: Final = 0.1
_LINES: Final = 8
"""Lines of the log that a failure is told with."""


def manager(grounds: Grounds) -> Service:
    """Return the manager of this system; raise Unavailable where none is known."""
    if grounds.service is None:
        raise Unavailable("No manager of services is known for this system. `tally up` runs it without one.")
    return grounds.service


def install(grounds: Grounds, plan: Plan, tell: Tell) -> None:
    """Install the service, or bring the installed one up to date, and wait until it answers."""
    service = _reached(grounds)
    if grounds.person.uid == 0 and grounds.environ.get("SUDO_USER"):
        raise Refused("Run it without sudo: the service belongs to the person whose logs it reads.")
    with running.alone(grounds.person.state):
        steps = installing(service, plan, grounds.person)
        before = plan_of(grounds) if installed(grounds) else None
        server = detached.alive(grounds.person)
        if server is not None:
            detached.stop(server, grounds.person)
            tell(f"The server that ran without a service (process {server.pid}) was stopped.")
        seen = seen_by(service, grounds) if before else None
        own = seen is not None and seen.running and before is not None and before.port == plan.port
        if not own and probe.ask(plan.host, plan.port).kind != probe.SILENT:
            raise Unavailable(taken(plan))
        running.perform(steps, grounds.environ)
        found = _answered(grounds, plan)
    tell(f"{'Brought up to date' if before else 'Installed'}: {service.title}. It answers at {found.address}")
    if service.hint:
        tell(service.hint)


def uninstall(grounds: Grounds, tell: Tell) -> None:
    """Remove the service and all that belongs to it; the ledger and the logs stay."""
    service = manager(grounds)
    with running.alone(grounds.person.state):
        there, plan = installed(grounds), plan_of(grounds)
        if not there and running.content(record(grounds.person)) is None:
            tell("There is no service to remove.")
            return
        running.perform(uninstalling(service, grounds.person), grounds.environ)
    if plan is not None and _silent(plan) is False:
        raise TallystickError(
            f"The service is removed, but something still answers at {address(plan.host, plan.port)}."
        )
    logs = f" and its log ({plan.log})" if plan else " and its log"
    tell(f"Removed. What stays is the ledger{logs}.")


def _silent(plan: Plan) -> bool:
    """Whether nobody answers any more, a few seconds after a server was stopped."""
    return _within(5.0, lambda: probe.ask(plan.host, plan.port).kind == probe.SILENT)


def start(grounds: Grounds, tell: Tell) -> Status:
    """Start the installed service and wait until it answers."""
    return _started(grounds, tell, START)


def restart(grounds: Grounds, tell: Tell) -> Status:
    """Stop the installed service if it runs, start it, and wait until it answers."""
    return _started(grounds, tell, RESTART)


def _started(grounds: Grounds, tell: Tell, verb: str) -> Status:
    service, plan = _reached(grounds), plan_of(grounds)
    if not installed(grounds):
        raise Unavailable(
            "The service is not installed: `tally service install` does that, `tally up` runs it without."
        )
    with running.alone(grounds.person.state):
        now = status(grounds)
        if plan is None or now.state == BROKEN:
            raise Unavailable(now.todo)
        if now.state == RUNNING and verb == START:
            tell(f"It runs already: {now.address}")
            return now
        seen = seen_by(service, grounds)
        if not (seen and seen.running) and probe.ask(plan.host, plan.port).kind != probe.SILENT:
            raise Unavailable(taken(plan))
        running.perform(service.commands(verb, grounds.person), grounds.environ)
        found = _answered(grounds, plan)
    tell(f"It runs: {found.address}")
    return found


def stop(grounds: Grounds, tell: Tell) -> None:
    """Stop the installed service; it starts again when the person logs in again."""
    if not installed(grounds):
        tell("The service is not installed.")
        return
    service = _reached(grounds)
    with running.alone(grounds.person.state):
        running.perform(service.commands(STOP, grounds.person), grounds.environ)
        if not _within(detached.PATIENCE, lambda: not _is_running(service, grounds)):
            raise TallystickError("The service was told to stop and still runs.")
    tell("Stopped. It starts again when you log in; `tally service uninstall` removes it.")


def _is_running(service: Service, grounds: Grounds) -> bool:
    seen = seen_by(service, grounds)
    return seen is not None and seen.running


def up(grounds: Grounds, plan: Plan, tell: Tell) -> Status:
    """Make the server run: the service where one is installed, else a process of its own."""
    if installed(grounds):
        kept = plan_of(grounds)
        if kept is not None and (kept.host, kept.port) != (plan.host, plan.port):
            tell(f"The service is installed for {address(kept.host, kept.port)}; to change that, {AGAIN} with --port.")
        return start(grounds, tell)
    with running.alone(grounds.person.state):
        server = detached.alive(grounds.person)
        if server is not None:
            now = status(grounds)
            if now.state != RUNNING:
                raise TallystickError(f"Process {server.pid} runs and does not answer: `tally down`, then `tally up`.")
            tell(f"It runs already: {now.address}")
            return now
        if probe.ask(plan.host, plan.port).kind != probe.SILENT:
            raise Unavailable(taken(plan))
        detached.forget(grounds.person)
        detached.start(plan, grounds.person, grounds.environ)
        found = _answered(grounds, plan)
    tell(f"It runs: {found.address}")
    return found


def down(grounds: Grounds, tell: Tell) -> bool:
    """Stop whatever runs: the service, and a server without one; tell whether there was any."""
    server = detached.alive(grounds.person)
    if server is not None:
        with running.alone(grounds.person.state):
            detached.stop(server, grounds.person)
        tell(f"Stopped (process {server.pid}).")
    if installed(grounds):
        stop(grounds, tell)
    elif server is None:
        detached.forget(grounds.person)
        return False
    return True


def running_address(grounds: Grounds) -> str:
    """Return the address of the server that runs; raise Unavailable when none does."""
    now = status(grounds)
    if now.state == RUNNING:
        return now.address
    raise Unavailable(now.todo or "Nothing runs in the background: `tally up` starts it.")


def _reached(grounds: Grounds) -> Service:
    service = manager(grounds)
    if not available(service, grounds):
        raise Unavailable(service.missing)
    return service


def _answered(grounds: Grounds, plan: Plan) -> Status:
    """Wait until a server that was started answers; raise TallystickError with what it said when it does not."""
    found = status(grounds)
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while found.state not in {RUNNING, FAILED, ABSENT} and time.monotonic() < deadline:
        time.sleep(_STEP)
        found = status(grounds)
    if found.state == RUNNING:
        return found
    if found.state == ABSENT:
        detached.forget(grounds.person)
    said = last_words(plan)
    why = found.todo if found.state != ABSENT else "It ended at once."
    raise TallystickError("\n  ".join((f"It was started and does not answer. {why}", *said)))


def last_words(plan: Plan) -> list[str]:
    """Return the end of what a server said: outside of its log if that is all there is."""
    return tail(plan.first_words, _LINES) or tail(plan.log, _LINES)


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP)
    return True
