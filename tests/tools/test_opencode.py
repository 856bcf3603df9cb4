"""OpenCode, Kilo CLI and MiMo Code as tools: their values, and that nothing of what people and models wrote leaves the reader."""

import json
from pathlib import Path

import pytest
from tests.tools.opencode.stored import NOON, Base, answered, counts, run, step

from tallystick.tools.opencode import KILO_CLI, MIMO_CODE, OPENCODE
from tallystick.tools.opencode.database import Database
from tallystick.tools.opencode.storage import StoredMessage
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import EXACT, Tool

FAMILY = (OPENCODE, KILO_CLI, MIMO_CODE)
EVERY = pytest.mark.parametrize("tool", FAMILY, ids=lambda tool: tool.name)


def test_each_is_on_the_shelf_under_its_own_name() -> None:
    assert [tool.name for tool in TOOLS if tool in FAMILY] == ["opencode", "kilo-cli", "mimo-code"]
    assert [tool.title for tool in FAMILY] == ["OpenCode", "Kilo CLI", "MiMo Code"]


@EVERY
def test_each_says_what_its_counts_are_worth(tool: Tool) -> None:
    assert tool.counts == EXACT
    assert any("title" in spot for spot in tool.blind_spots)
    assert any("cut off" in spot for spot in tool.blind_spots)


@EVERY
def test_a_path_tells_which_reader_it_needs(tool: Tool) -> None:
    assert isinstance(tool.reader("/storage/message/ses_a/msg_1.json", {}), StoredMessage)
    assert isinstance(tool.reader("/opencode.db", {}), Database)
    assert isinstance(tool.reader("/named-by-a-variable.sqlite", {}), Database)


@EVERY
def test_events_carry_the_name_of_the_tool(tmp_path: Path, tool: Tool) -> None:
    base = Base(tmp_path / "x.db")
    base.session()
    base.message(answered(NOON, counts(1, 1)))
    assert {event.context.tool for event in base.read(tool=tool)[0].events} == {tool.name}
    base.db.close()


def fill(base: Base) -> None:
    """Write marks wherever somebody's words, commands or files stand."""
    at = NOON
    base.session(summary_diffs="MARK", permission="MARK")
    times = {"created": at - 1}
    asked = base.message({"role": "user", "time": times, "system": "MARK", "summary": {"diffs": ["MARK"]}}, at - 1)
    base.part(asked, {"type": "text", "text": "MARK"})
    error = {"name": "MARK", "data": {"message": "MARK"}}
    message = base.message(answered(at, counts(1, 1), error=error, finish="MARK"))
    base.part(message, {"type": "text", "text": "MARK", "metadata": {"x": "MARK"}})
    said = {"input": {"command": "MARK"}, "output": "MARK", "title": "MARK", "metadata": {"x": "MARK"}}
    base.part(message, run("call_1", at, at + 1, **said))
    base.part(message, {**step(counts(1, 1)), "snapshot": "MARK"})
    base.second("user", {"text": "MARK", "time": {"created": at + 9}}, at + 9)
    content = [{"type": "text", "text": "MARK"}, {"type": "reasoning", "text": "MARK"}]
    base.second("assistant", {"content": content, "tokens": counts(2, 2), "time": {"created": at + 10}}, at + 10)
    summary = {"summary": "MARK", "recent": "MARK", "tokens": counts(2, 2), "time": {"created": at + 11}}
    base.second("compaction", summary, at + 11)
    base.message("MARK")


def test_nothing_that_was_written_or_run_leaves_the_reader(tmp_path: Path) -> None:
    base = Base(tmp_path / "opencode.db")
    fill(base)
    found, state = base.read()
    beside = {"/storage/part/msg_1/p.json": {"type": "text", "text": "MARK"}}
    reader = OPENCODE.reader("/storage/message/ses_a/msg_1.json", {"companions": beside})
    reader.take({**answered(NOON, counts(1, 1)), "system": "MARK"})
    more, left = reader.finish()
    kinds = ("events", "prompts", "calls", "titles", "skipped")
    assert [len(getattr(found, kind)) for kind in kinds] == [3, 2, 1, 1, 1]
    assert len(more.events) == 1
    told = [getattr(each, kind) for each in (found, more) for kind in kinds]
    assert "MARK" not in repr(told) + json.dumps([state, left])
    base.db.close()
