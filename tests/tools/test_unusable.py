"""Tools that cannot be counted: each is told in full, found on every system, and on no other shelf."""

import re

import pytest

from tallystick.tools.shelf import TOOLS
from tallystick.tools.unusable import UNUSABLE, Unusable, off_the_shelf, places_of

EACH = pytest.mark.parametrize("tool", UNUSABLE, ids=lambda tool: tool.name)
BY_NAME = {tool.name: tool for tool in UNUSABLE}


def test_no_tool_is_told_twice_nor_told_uncountable_that_is_counted() -> None:
    names = [tool.name for tool in UNUSABLE]
    titles = [tool.title for tool in UNUSABLE]
    assert len(set(names)) == len(names)
    assert len(set(titles)) == len(titles)
    assert not set(names) & {tool.name for tool in TOOLS}
    assert not set(titles) & {tool.title for tool in TOOLS}


def test_those_without_counts_come_first() -> None:
    order = [tool.keeps_counts for tool in UNUSABLE]
    assert order == sorted(order)
    assert {True, False} == set(order)


@EACH
def test_each_is_told_in_sentences(tool: Unusable) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]*", tool.name)
    assert tool.title.strip() == tool.title != ""
    assert tool.places
    for sentence in (tool.why, tool.instead):
        assert sentence[0].isupper() or sentence[0] == "`"
        assert sentence.endswith(".")


@EACH
def test_each_is_looked_for_below_home_only(tool: Unusable) -> None:
    found = places_of(tool, "/home/dev", {})
    assert found
    for place in found:
        assert place.startswith("/home/dev/")
        assert "{" not in place
        assert "//" not in place


def test_where_cursor_lies_on_each_system() -> None:
    file = "Cursor/User/globalStorage/state.vscdb"
    assert places_of(BY_NAME["cursor"], "/home/dev", {}) == [
        f"/home/dev/.config/{file}",
        f"/home/dev/Library/Application Support/{file}",
        f"/home/dev/AppData/Roaming/{file}",
        "/home/dev/.cursor/projects",
    ]


def test_where_an_extension_lies_in_each_editor() -> None:
    found = places_of(BY_NAME["roo-code"], "/home/dev", {})
    task = "User/globalStorage/rooveterinaryinc.roo-cline/tasks"
    for folder in (
        ".config/Code",
        ".config/VSCodium",
        "Library/Application Support/Code - Insiders",
        "AppData/Roaming/Cursor",
        ".vscode-server/data",
    ):
        assert f"/home/dev/{folder}/{task}" in found


def test_the_folders_of_a_system_may_be_elsewhere() -> None:
    environ = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "APPDATA": "/r", "LOCALAPPDATA": "/l"}
    tool = Unusable("a", "A", ("{config}/a", "{data}/b", "{local}/c"), "Why.", "Instead.")
    support = "/home/dev/Library/Application Support"
    assert places_of(tool, "/home/dev", environ) == [
        "/c/a",
        f"{support}/a",
        "/r/a",
        "/d/b",
        f"{support}/b",
        "/l/b",
        "/l/c",
    ]


def test_the_tools_own_variable_counts_first() -> None:
    found = places_of(BY_NAME["grok-build"], "/home/dev", {"GROK_HOME": "/elsewhere, ~/grok,"})
    assert found == ["/elsewhere", "/home/dev/grok", "/home/dev/.grok/sessions"]


def test_what_gets_a_reader_leaves_the_list() -> None:
    assert BY_NAME["goose"] not in off_the_shelf(UNUSABLE, ["codex", "goose"])
    assert len(off_the_shelf(UNUSABLE, ["codex", "goose"])) == len(UNUSABLE) - 1
