"""The scheduled task of Windows: its file against the documented elements, its command line, its commands."""

import subprocess
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.service.world import GOLDEN, WINDOWS, WINDOWS_DEV

from tallystick.errors import Unavailable
from tallystick.service.service import REGISTER, STOP
from tallystick.service.windows_task import NAMESPACE, WINDOWS_TASK, arguments, windowless

ELEMENTS = {
    "Task": {"RegistrationInfo", "Triggers", "Principals", "Settings", "Actions", "Data"},
    "RegistrationInfo": {
        "URI",
        "SecurityDescriptor",
        "Source",
        "Date",
        "Author",
        "Version",
        "Description",
        "Documentation",
    },
    "Triggers": {"LogonTrigger"},
    "LogonTrigger": {"Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "UserId", "Delay"},
    "Principals": {"Principal"},
    "Principal": {"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"},
    "Settings": {
        "AllowStartOnDemand",
        "RestartOnFailure",
        "MultipleInstancesPolicy",
        "DisallowStartIfOnBatteries",
        "StopIfGoingOnBatteries",
        "AllowHardTerminate",
        "StartWhenAvailable",
        "Enabled",
        "Hidden",
        "ExecutionTimeLimit",
        "Priority",
    },
    "RestartOnFailure": {"Interval", "Count"},
    "Actions": {"Exec"},
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
}
"""The elements of the schema that Microsoft publishes (MS-TSCH 2.5), as far as a task of ours could have them."""
SEQUENCES = {
    "LogonTrigger": ["Enabled", "StartBoundary", "EndBoundary", "UserId", "Delay"],
    "RestartOnFailure": ["Interval", "Count"],
}
"""Where the schema has a sequence; elsewhere the order is free."""


def content() -> bytes:
    """Return the task's file."""
    return WINDOWS_TASK.files(WINDOWS, WINDOWS_DEV)[0].content


def test_the_task_is_as_it_was_agreed(*, update_samples: bool) -> None:
    (file,) = WINDOWS_TASK.files(WINDOWS, WINDOWS_DEV)
    golden = GOLDEN / "task.xml"
    if update_samples:
        golden.write_bytes(file.content)
    assert file.path == "C:\\Users\\dev\\AppData\\Local\\tallystick\\task.xml"
    assert file.content == golden.read_bytes()


def test_the_file_is_utf_16_and_says_so() -> None:
    assert content().startswith(b"\xff\xfe<\0?\0")
    assert content().decode("utf-16").startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n')


def test_only_documented_elements_stand_where_they_may() -> None:
    def check(element: ET.Element) -> None:
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        children = [each.tag.removeprefix(f"{{{NAMESPACE}}}") for each in element]
        assert set(children) <= ELEMENTS.get(name, set()), name
        assert len(set(children)) == len(children)
        if name in SEQUENCES:
            assert children == [each for each in SEQUENCES[name] if each in children]
        for each in element:
            check(each)

    root = ET.fromstring(content())  # noqa: S314  our own
    assert root.tag == f"{{{NAMESPACE}}}Task"
    assert root.get("version") == "1.2"
    check(root)


def test_the_action_says_what_was_meant() -> None:
    task = ET.fromstring(content())  # noqa: S314  our own
    found = {name: task.findtext(f".//{{{NAMESPACE}}}Exec/{{{NAMESPACE}}}{name}") for name in ELEMENTS["Exec"]}
    assert found == {
        "Command": "C:\\Program Files\\Été & Co\\pythonw.exe",
        "Arguments": "-P -m tallystick service run",
        "WorkingDirectory": "C:\\Users\\dev",
    }
    users = [each.text for each in task.iter(f"{{{NAMESPACE}}}UserId")]
    assert users == ["LAPTOP <1>\\dev"] * 2


def test_the_task_runs_for_ever_and_on_batteries() -> None:
    settings = ET.fromstring(content()).find(f"{{{NAMESPACE}}}Settings")  # noqa: S314  our own
    assert settings is not None
    found = {each.tag.removeprefix(f"{{{NAMESPACE}}}"): each.text for each in settings}
    assert found["ExecutionTimeLimit"] == "PT0S"
    assert found["DisallowStartIfOnBatteries"] == found["StopIfGoingOnBatteries"] == "false"
    assert found["MultipleInstancesPolicy"] == "IgnoreNew"


@pytest.mark.parametrize("interpreter", ["C:\\%USERNAME%\\python.exe", "C:\\a $(Arg0)\\python.exe"])
def test_what_windows_would_replace_is_refused(interpreter: str) -> None:
    with pytest.raises(Unavailable, match="Windows would read a variable"):
        WINDOWS_TASK.files(WINDOWS._replace(interpreter=interpreter), WINDOWS_DEV)


def test_one_percent_sign_is_no_variable() -> None:
    assert WINDOWS_TASK.files(WINDOWS._replace(interpreter="C:\\100%\\python.exe"), WINDOWS_DEV)


@pytest.mark.parametrize(
    "interpreter, found",
    [
        ("C:\\py\\python.exe", "C:\\py\\pythonw.exe"),
        ("C:\\py\\Python.EXE", "C:\\py\\pythonw.exe"),
        ("C:\\py\\pythonw.exe", "C:\\py\\pythonw.exe"),
        ("C:\\py\\pypy.exe", "C:\\py\\pypy.exe"),
    ],
)
def test_the_interpreter_opens_no_window(interpreter: str, found: str) -> None:
    assert windowless(interpreter) == found


@given(st.lists(st.text(st.sampled_from('ab \t"\\%$ü'))))
@example(["C:\\with space\\", 'a"b', "\\\\", '\\"', ""])
def test_words_are_joined_as_windows_takes_them_apart(words: list[str]) -> None:
    # Python's own reading of the same rules.
    assert arguments(tuple(words)) == subprocess.list2cmdline(words)


def test_installing_replaces_the_task_and_starts_it_anew() -> None:
    assert [step.arguments[1] for step in WINDOWS_TASK.commands(REGISTER, WINDOWS_DEV)] == ["/End", "/Create", "/Run"]
    create = WINDOWS_TASK.commands(REGISTER, WINDOWS_DEV)[1].arguments
    assert create[2:] == ("/TN", "Tallystick", "/XML", "C:\\Users\\dev\\AppData\\Local\\tallystick\\task.xml", "/F")
    assert not WINDOWS_TASK.commands(STOP, WINDOWS_DEV)[0].needed


@pytest.mark.parametrize(
    "code, out, running", [(0, "4\n", True), (0, "3\n", False), (1, "", False), (0, "Läuft", False)]
)
def test_the_state_is_a_number_in_every_language(code: int, out: str, *, running: bool) -> None:
    assert WINDOWS_TASK.read(code, out).running is running
