"""Systemd: a unit of the person's own service manager, as systemd.service(5), systemd.exec(5) and systemd.unit(5) have it."""

from string import ascii_letters, digits
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

UNIT: Final = f"{NAME}.service"
_PLAIN: Final = frozenset(ascii_letters + digits + "@+=:,./_-")
_NOT_IN_EXECUTABLES: Final = frozenset("'\"\\$")
"""Systemd takes no quote and no backslash in the path of an executable however it is written, and leaves `$$` there as it is."""
_SHELL: Final = ("/bin/sh", "-c", 'exec "$0" "$@"')
_PROPERTIES: Final = "LoadState,ActiveState,SubState,MainPID,Result"


def word(text: str) -> str:
    """Return a text as one word of a command line or an assignment, its signs standing for themselves.

    Double quotes keep spaces together, in them a backslash escapes, and `%` begins a specifier in quotes as elsewhere.
    """
    if text and set(text) <= _PLAIN:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def command_line(words: tuple[str, ...]) -> str:
    """Return a command line for ExecStart, where `$` would begin a variable."""
    if set(words[0]) & _NOT_IN_EXECUTABLES:
        # The shell gives way to the program, so that the process is the same.
        words = (*_SHELL, *words)
    return " ".join((word(words[0]), *(word(each).replace("$", "$$") for each in words[1:])))


def _paths(person: Person) -> tuple[str, ...]:
    folder = f"{person.config}/systemd/user"
    # The link is systemd's own; it is left over when the manager was out of reach while the unit was removed.
    return f"{folder}/{UNIT}", f"{folder}/default.target.wants/{UNIT}"


def _files(plan: Plan, person: Person) -> tuple[Write, ...]:
    lines = [
        "[Unit]",
        "Description=Tallystick: what AI coding tools consume",
        # Five failures within five minutes are no accident: then it stays down, and status says so.
        "StartLimitIntervalSec=300",
        "StartLimitBurst=5",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={command_line(plan.command)}",
        *(f"Environment={word(f'{name}={value}')}" for name, value in plan.environment),
        *_working_directory(plan.folder),
        "Restart=on-failure",
        "RestartSec=5",
        # Wrong usage stays wrong however often it is tried.
        "RestartPreventExitStatus=2 4",
        "SuccessExitStatus=130 143",
        "TimeoutStopSec=20",
        "UMask=0077",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return (Write(_paths(person)[0], "\n".join(lines).encode()),)


def _working_directory(folder: str) -> tuple[str, ...]:
    """Return the line for it; here quotes are part of the path, and what would be lost at its end cannot be written."""
    if folder != folder.strip() or folder.endswith("\\"):
        return ()
    return (f"WorkingDirectory=-{folder.replace('%', '%%')}",)


def _commands(verb: str, person: Person) -> tuple[Run, ...]:
    def systemctl(*words: str, needed: bool = True) -> Run:
        return Run(("systemctl", "--user", *words), needed=needed)

    unit = _paths(person)[0]
    # After it failed too often systemd starts it only once that is forgotten.
    again = systemctl("reset-failed", UNIT, needed=False)
    return {
        CHECK: (systemctl("show", "--property=Version"),),
        # By its path: the manager may look elsewhere than this shell's XDG_CONFIG_HOME says, and then links it.
        REGISTER: (systemctl("daemon-reload"), systemctl("enable", unit), again, systemctl("restart", UNIT)),
        UNREGISTER: (systemctl("disable", "--now", UNIT, needed=False),),
        FORGET: (systemctl("daemon-reload", needed=False), again),
        START: (again, systemctl("start", UNIT)),
        STOP: (systemctl("stop", UNIT),),
        RESTART: (again, systemctl("restart", UNIT)),
        ASK: (systemctl("show", UNIT, f"--property={_PROPERTIES}"),),
    }[verb]


def _read(code: int, out: str) -> Seen:
    told = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    active, sub = told.get("ActiveState", "unknown"), told.get("SubState", "")
    if code or told.get("LoadState") == "not-found":
        return Seen(running=False, words="systemd does not know it")
    waiting = sub == "auto-restart"
    result = told.get("Result", "success")
    words = f"{active} ({sub})" if result == "success" else f"{active} ({sub}): {result}"
    return Seen(
        running=active in {"active", "activating", "reloading"} and not waiting,
        failed=active == "failed" or waiting,
        pid=int(told.get("MainPID", "0")) or None,
        words=words,
    )


SYSTEMD: Final = Service(
    name="systemd",
    title="systemd, for this user",
    platform="linux",
    paths=_paths,
    files=_files,
    commands=_commands,
    read=_read,
    missing="There is no systemd session for this user (after su or in a container there is none: log in directly, or "
    "run `loginctl enable-linger` once). `tally up` runs it without systemd.",
    hint="It runs while you are logged in. `loginctl enable-linger` lets it run from boot on, whoever is logged in.",
)
