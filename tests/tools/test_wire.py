"""The spool as something that is read: where it lies, and which tools name its calls."""

from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Root
from tallystick.tools.wire import NAME, spool


def test_it_is_read_as_the_witness_wire_from_its_own_folder_only() -> None:
    tool = spool("/home/dev/spool", TOOLS)
    assert (tool.name, tool.witness) == (NAME, "wire")
    assert tool.roots("/home/dev/other", {}) == [Root("/home/dev/spool", (".jsonl",), depth=0)]


def test_all_logs_are_of_the_witness_log() -> None:
    assert {tool.witness for tool in TOOLS} == {"log"}


def test_those_that_keep_ids_of_the_api_are_known() -> None:
    assert [tool.name for tool in TOOLS if tool.on_the_wire] == ["claude-code", "codex", "copilot-cli", "qwen-code"]
