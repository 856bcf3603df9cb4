"""Where Copilot CLI keeps what it knows."""

import pytest

from tallystick.tools.copilot_cli.places import roots, session_of
from tallystick.tools.tool import DATABASE, LINES


def test_the_usual_places() -> None:
    found = roots("/home/dev", {})
    assert [(root.path, root.suffixes, root.form) for root in found] == [
        ("/home/dev/.copilot", ("session-store.db", "data.db"), DATABASE),
        ("/home/dev/.copilot/session-state", (".jsonl",), LINES),
        ("/home/dev/.copilot/otel", (".jsonl",), LINES),
    ]
    # Deeper down lie the session's own files, which may end with .jsonl too.
    assert [root.depth for root in found[:2]] == [0, 1]


def test_copilot_home_stands_for_the_usual_place() -> None:
    found = roots("/home/dev", {"COPILOT_HOME": "~/other/"})
    assert [root.path for root in found] == [
        "/home/dev/other",
        "/home/dev/other/session-state",
        "/home/dev/other/otel",
    ]
    assert roots("/home/dev", {"COPILOT_HOME": "  "}) == roots("/home/dev", {})


@pytest.mark.parametrize(
    "path, folder, name",
    [
        ("/home/dev/logs/copilot.json", "/home/dev/logs", "copilot.json"),
        ("~/copilot.jsonl", "/home/dev", "copilot.jsonl"),
        ("C:\\logs\\copilot.jsonl", "C:/logs", "copilot.jsonl"),
        ("/copilot.jsonl", "/", "copilot.jsonl"),
    ],
)
def test_telemetry_goes_to_the_one_file_that_is_named(path: str, folder: str, name: str) -> None:
    root = roots("/home/dev", {"COPILOT_OTEL_FILE_EXPORTER_PATH": path})[-1]
    assert (root.path, root.suffixes, root.prefix, root.depth, root.form) == (folder, (name,), name, 0, LINES)


@pytest.mark.parametrize("path", ["", "copilot.jsonl", "./copilot.jsonl", "~/.copilot/otel/run.jsonl"])
def test_a_file_that_is_found_anyway_or_nowhere_adds_no_place(path: str) -> None:
    assert roots("/home/dev", {"COPILOT_OTEL_FILE_EXPORTER_PATH": path}) == roots("/home/dev", {})


def test_a_journal_is_named_for_its_session() -> None:
    assert session_of("/home/dev/.copilot/session-state/abc/events.jsonl") == "abc"
    assert session_of("C:\\copilot\\session-state\\abc\\events.jsonl") == "abc"
    assert session_of("session-state/abc.jsonl") == "abc"
