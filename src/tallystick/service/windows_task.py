"""Windows: a scheduled task that begins when the person logs on, without a window, as the Task Scheduler's schema has it."""

from typing import Final
from xml.etree import ElementTree as ET

from tallystick.errors import Unavailable
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
    under,
)

TASK: Final = "Tallystick"
RUN: Final = ("service", "run")
"""What `tally` is given by the task: a task has no place for an environment, so this command reads the plan from its file."""
NAMESPACE: Final = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_RUNNING: Final = 4
"""TASK_STATE_RUNNING; `schtasks /Query` would say it in the language of the system."""
_BOM: Final = b"\xff\xfe"
_STATE: Final = f"(Get-ScheduledTask -TaskName '{TASK}' -ErrorAction Stop).State.value__"


def arguments(words: tuple[str, ...]) -> str:
    """Return a command line that Windows programs take apart into these words again (CommandLineToArgvW)."""
    return " ".join(map(_word, words))


def _word(text: str) -> str:
    quote = '"' if not text or set(text) & set(" \t") else ""
    written, slashes = "", 0
    for sign in text:
        if sign == "\\":
            slashes += 1
            continue
        # Backslashes are doubled before a quote, and nowhere else.
        written += "\\" * (2 * slashes + 1 if sign == '"' else slashes) + sign
        slashes = 0
    return quote + written + "\\" * slashes * (2 if quote else 1) + quote


def windowless(interpreter: str) -> str:
    """Return the twin of an interpreter that opens no window."""
    folder, sign, name = interpreter.rpartition("\\")
    return f"{folder}{sign}pythonw.exe" if name.lower() == "python.exe" else interpreter


def _paths(person: Person) -> tuple[str, ...]:
    return (under(person.state, "task.xml"),)


def _files(plan: Plan, person: Person) -> tuple[Write, ...]:
    for text in (plan.interpreter, plan.folder):
        # There is no way to write these for themselves in an action.
        if text.count("%") > 1 or "$(" in text:
            raise Unavailable(
                f"Windows would read a variable in {text}. Install Tallystick in a folder without % and $(."
            )
    task = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    _filled(ET.SubElement(task, "RegistrationInfo"), Description="Tallystick: what AI coding tools consume")
    trigger = ET.SubElement(ET.SubElement(task, "Triggers"), "LogonTrigger")
    _filled(trigger, Enabled="true", UserId=person.account)
    principal = ET.SubElement(ET.SubElement(task, "Principals"), "Principal", {"id": "Author"})
    _filled(principal, UserId=person.account, LogonType="InteractiveToken", RunLevel="LeastPrivilege")
    settings = ET.SubElement(task, "Settings")
    _filled(
        settings,
        MultipleInstancesPolicy="IgnoreNew",
        DisallowStartIfOnBatteries="false",
        StopIfGoingOnBatteries="false",
        AllowHardTerminate="true",
        StartWhenAvailable="true",
        AllowStartOnDemand="true",
        Enabled="true",
        # By default a task is ended after three days, and runs behind everything else.
        ExecutionTimeLimit="PT0S",
        Priority="5",
    )
    _filled(ET.SubElement(settings, "RestartOnFailure"), Interval="PT1M", Count="5")
    action = ET.SubElement(ET.SubElement(task, "Actions", {"Context": "Author"}), "Exec")
    _filled(
        action,
        Command=windowless(plan.interpreter),
        Arguments=arguments((*plan.program, *RUN)),
        WorkingDirectory=plan.folder,
    )
    ET.indent(task)
    text = '<?xml version="1.0" encoding="UTF-16"?>\n' + ET.tostring(task, encoding="unicode") + "\n"
    return (Write(_paths(person)[0], _BOM + text.replace("\n", "\r\n").encode("utf-16-le")),)


def _filled(element: ET.Element, **children: str) -> None:
    for name, text in children.items():
        ET.SubElement(element, name).text = text


def _commands(verb: str, person: Person) -> tuple[Run, ...]:
    def schtasks(*words: str, needed: bool = True) -> Run:
        return Run(("schtasks", *words), needed=needed)

    end, run = schtasks("/End", "/TN", TASK, needed=False), schtasks("/Run", "/TN", TASK)
    return {
        CHECK: (schtasks("/Query", "/FO", "LIST"),),
        REGISTER: (end, schtasks("/Create", "/TN", TASK, "/XML", _paths(person)[0], "/F"), run),
        UNREGISTER: (end, schtasks("/Delete", "/TN", TASK, "/F", needed=False)),
        FORGET: (),
        START: (run,),
        STOP: (end,),
        RESTART: (end, run),
        ASK: (Run(("powershell", "-NoProfile", "-NonInteractive", "-Command", _STATE)),),
    }[verb]


def _read(code: int, out: str) -> Seen:
    state = out.strip()
    if code or not state.isdecimal():
        return Seen(running=False, words="Windows knows no such task")
    running = int(state) == _RUNNING
    return Seen(running, words="running" if running else "not running")


WINDOWS_TASK: Final = Service(
    name="windows-task",
    title="a scheduled task of Windows, at logon",
    platform="win32",
    paths=_paths,
    files=_files,
    commands=_commands,
    read=_read,
    missing="The Task Scheduler does not answer: see that the service «Schedule» of Windows runs. `tally up` runs it without.",
    hint="It runs while you are logged on.",
)
