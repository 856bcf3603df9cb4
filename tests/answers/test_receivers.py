"""What came in from each tool, and what there is of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.answers.sample import NOBODY, NOW, at
from tests.answers.stand import BOOK, answers, fill
from tests.ledger.sample import batch

from tallystick.answers.answers import Answers
from tallystick.answers.receivers import receivers
from tallystick.ledger.ledger import Source
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.wire import NAME as WIRE


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Answers]:
    """Return answers from the sample's ledger."""
    fill(tmp_path / "ledger.db")
    with closing(answers(tmp_path / "ledger.db")) as made:
        yield made


def test_each_tool_tells_what_was_read_and_what_was_not_understood(asked: Answers) -> None:
    told = asked.receivers(NOW).told()
    by_tool = {each["tool"]: each for each in told["tools"]}
    # Four of the sample's six events are Claude Code's, in one file.
    assert [by_tool["claude-code"][name] for name in ("files_read", "events", "skipped")] == [1, 4, 1]
    assert by_tool["claude-code"]["reasons"][0]["reason"] == "not JSON"
    assert [by_tool["codex"][name] for name in ("files_read", "events", "skipped")] == [1, 2, 0]
    assert by_tool["codex"]["newest"] == at("2026-11-02T09:05:00")
    # 7 + 3 tokens.
    assert told["unpriced"] == [{"model": NOBODY.model, "tokens": 10}]


def test_tools_that_were_never_used_are_told_too(asked: Answers) -> None:
    told = asked.tools(NOW).told()["tools"]
    events = {each["tool"]: each["events"] for each in told}
    assert (events["claude-code"], events["codex"], events["opencode"]) == (4, 2, 0)
    assert all(each["meaning"] for each in told)


def test_the_wire_is_told_of_once_something_came_from_it() -> None:
    spool = Source("/home/dev/spool/1-2.jsonl", WIRE, "wire", size=900)
    with closing(SqliteLedger(":memory:", write=True)) as ledger:
        assert WIRE not in {each["tool"] for each in receivers(ledger, BOOK, NOW).told()["tools"]}
        ledger.add([batch(spool, skipped=[(0, "usage missing")])])
        (wire,) = [each for each in receivers(ledger, BOOK, NOW).told()["tools"] if each["tool"] == WIRE]
    assert (wire["files_read"], wire["bytes_read"], wire["skipped"]) == (1, 900, 1)
