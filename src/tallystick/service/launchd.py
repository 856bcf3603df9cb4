"""Launchd: an agent of the person's session on macOS, as launchd.plist(5) and launchctl(1) have it."""

import plistlib
import re
from typing import Final

from tallystick.service.service import (
    ASK,
    CHECK,
    FORGET,
    NAME,
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

LABEL: Final = f"{NAME}.server"
_TEARING_DOWN: Final = 20
"""Tries, half a second apart: launchd takes a service in only when the one before it is gone, which it does not wait for."""


def _paths(person: Person) -> tuple[str, ...]:
    return (f"{person.home}/Library/LaunchAgents/{LABEL}.plist",)


def _files(plan: Plan, person: Person) -> tuple[Write, ...]:
    agent = {
        "Label": LABEL,
        "ProgramArguments": list(plan.command),
        "EnvironmentVariables": dict(plan.environment),
        "WorkingDirectory": plan.folder,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        # No sooner than so many seconds after it was started before.
        "ThrottleInterval": 10,
        "ExitTimeOut": 20,
        "Umask": 0o077,
        # Only what it says outside of its log, which it rotates by itself.
        "StandardOutPath": plan.first_words,
        "StandardErrorPath": plan.first_words,
    }
    return (Write(_paths(person)[0], plistlib.dumps(agent, sort_keys=False)),)


def _commands(verb: str, person: Person) -> tuple[Run, ...]:
    session = f"gui/{person.uid}"
    target = f"{session}/{LABEL}"

    def launchctl(*words: str, needed: bool = True, tries: int = 1) -> Run:
        return Run(("launchctl", *words), needed=needed, tries=tries)

    out = launchctl("bootout", target, needed=False)
    taken_in = launchctl("bootstrap", session, _paths(person)[0], tries=_TEARING_DOWN)
    return {
        CHECK: (launchctl("print", session),),
        # One that was disabled by hand would not be taken in.
        REGISTER: (out, launchctl("enable", target), taken_in),
        UNREGISTER: (out,),
        FORGET: (),
        # Started like this an agent that is already there stays as it is.
        START: (
            launchctl("enable", target),
            taken_in._replace(needed=False, tries=1),
            launchctl("kickstart", target, needed=False),
        ),
        STOP: (out,),
        RESTART: (out, launchctl("enable", target), taken_in),
        ASK: (launchctl("print", target),),
    }[verb]


def _read(code: int, out: str) -> Seen:
    if code:
        return Seen(running=False, words="launchd does not hold it")
    # What `launchctl print` says is meant for people: anything may be missing.
    state, pid = re.search(r"^\s*state = (.+)$", out, re.MULTILINE), re.search(r"^\s*pid = (\d+)$", out, re.MULTILINE)
    left = re.search(r"^\s*last exit code = (\d+)", out, re.MULTILINE)
    running = bool(pid) or bool(state and state[1].strip() == "running")
    failed = not running and bool(left and int(left[1]))
    words = state[1].strip() if state else "unknown"
    return Seen(
        running, failed, int(pid[1]) if pid else None, f"{words}: exit code {left[1]}" if failed and left else words
    )


LAUNCHD: Final = Service(
    name="launchd",
    title="launchd, for this user",
    platform="darwin",
    paths=_paths,
    files=_files,
    commands=_commands,
    read=_read,
    missing="launchd has no session of this user on the screen (over ssh there is none until somebody logs in there). "
    "`tally up` runs it without launchd.",
    hint="It runs while you are logged in.",
)
