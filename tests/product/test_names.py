"""Names that a machine begins to hide: its server goes on counting what the machine counts, running totals included."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.product.fleet import Machine, Server

from tallystick.ledger.sqlite import maintenance

SESSION = "5e551012-0000-4000-8000-000000000001"
HIDING = (
    "",
    '[push]\nsession = "pseudonym"\n',
    '[push]\nproject = "leave-out"\nbranch = "leave-out"\nsession = "leave-out"\n',
    "",
)
"""What the config says of names, one after another."""


def line(minute: int, kind: str, **data: Any) -> str:  # noqa: ANN401  what Copilot writes
    """Return a line of a journal."""
    at = f"2026-11-20T10:{minute:02}:00.000Z"
    return (
        json.dumps({"type": kind, "data": data, "id": f"e-{minute}-{kind}", "timestamp": at, "parentId": None}) + "\n"
    )


def call(minute: int) -> str:
    """Return the line of a call with 1 000 tokens in and 10 out."""
    usage = {"model": "claude-opus-4.8", "inputTokens": 1_000, "outputTokens": 10, "apiCallId": f"msg_{minute:024}"}
    return line(minute, "session.usage_record", usage=usage)


def end(minute: int, calls: int) -> str:
    """Return the line of a session's end, which tells of so many calls like these since it began."""
    usage = {"inputTokens": 1_000 * calls, "outputTokens": 10 * calls}
    metrics = {"claude-opus-4.8": {"requests": {"count": calls}, "usage": usage}}
    return line(minute, "session.shutdown", sessionStartTime=1_795_168_800_000, modelMetrics=metrics)


PARTS = (
    # A call, and no total yet.
    line(0, "session.start", sessionId=SESSION, selectedModel="claude-opus-4.8", context={"cwd": "/home/dev/p"})
    + call(1),
    # The end tells of three calls, of which one is told by nothing else.
    call(2) + end(3, 3),
    # Goes on: one call more, and one that only the total knows.
    line(4, "session.resume", context={"cwd": "/home/dev/p"}) + call(5) + end(6, 5),
    line(7, "session.resume", context={"cwd": "/home/dev/p"}) + end(8, 6),
)


def counted(machine: Machine) -> tuple[int, int]:
    """Return the tokens in and out of a ledger."""
    _, totals = machine.figures()
    return totals["input"], totals["output"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 0, 3, 2)], ids=["hidden more and more", "hidden from the start"])
def test_a_session_whose_name_is_hidden_on_its_way_is_counted_once(
    server: Server, tmp_path: Path, order: tuple[int, ...]
) -> None:
    machine = Machine(tmp_path, "anna")
    server.pair(machine)
    config = machine.home / ".config" / "tallystick" / "config.toml"
    config.parent.mkdir(parents=True)
    journal = machine.home / ".copilot" / "session-state" / SESSION / "events.jsonl"
    journal.parent.mkdir(parents=True)
    for part, calls, choice in zip(PARTS, (1, 3, 5, 6), order, strict=True):
        config.write_text(HIDING[choice])
        with journal.open("a") as file:
            file.write(part)
        machine.tally("push")
        assert counted(machine) == (1_000 * calls, 10 * calls)
        assert counted(server) == counted(machine)
    rows, _ = server.figures()
    # It was told of under each of the names.
    assert len({row["session"] for row in rows}) > 1
    assert maintenance.verify(str(server.data / "ledger.db")) == []
