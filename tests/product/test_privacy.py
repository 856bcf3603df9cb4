"""Privacy from one end to the other: what was said, and names that are to stay, are in nothing that leaves and in no byte of the server."""

import json
import re
from contextlib import closing
from pathlib import Path

from tests.product.fleet import Machine, Server
from tests.product.wire import Wire

SAID = "MARKERsaid"
"""In prompts, answers, thoughts, inputs and outputs of tools."""
NAMED = "MARKERnamed"
"""In the path, the branch and the title of a project that is to stay unnamed."""
POLICY = '[[push.paths]]\nmatch = "/home/dev/hidden-*/**"\nproject = "pseudonym"\nbranch = "leave-out"\nsession = "pseudonym"\n'


DEEP = {"command": f"cat {SAID}", "nested": {"edits": [{"old": SAID, SAID: {"new": SAID}}]}}
WHERE = f"/home/dev/hidden-{NAMED}/{NAMED}/src"
COMMON = {"sessionId": f"5e551010-{NAMED}", "cwd": WHERE, "gitBranch": f"fix/{NAMED}", "version": "2.1.300"}


def turn(number: int) -> list[dict[str, object]]:
    """Return the lines of a request, its answer and what a tool gave, with everything in them that may be said."""
    stamp = f"2026-11-01T10:0{number}"
    use = {"type": "tool_use", "id": f"toolu_{number}", "name": "Bash", "input": DEEP}
    content = [{"type": "thinking", "thinking": SAID, "signature": SAID}, {"type": "text", "text": SAID}, use]
    usage = {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": 7}
    model = {"id": f"msg_{number}", "model": "claude-opus-4-8", "role": "assistant", "stop_reason": "tool_use"}
    result = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": [{"type": "text", "text": SAID}]}
    given = {"stdout": SAID, "file": {"content": SAID, "filePath": f"{WHERE}/{NAMED}.py"}}
    messages: list[dict[str, object]] = [
        {"type": "user", "message": {"role": "user", "content": SAID}},
        {"type": "assistant", "requestId": f"req_{number}", "message": {**model, "content": content, "usage": usage}},
        {"type": "user", "message": {"role": "user", "content": [result]}, "toolUseResult": given},
    ]
    return [
        {**COMMON, "uuid": f"{each}-{number}", "timestamp": f"{stamp}:0{each}.000Z", **message}
        for each, message in enumerate(messages)
    ]


def talk(machine: Machine) -> int:
    """Have a session of Claude Code; return how many answers it has."""
    folder = machine.home / ".claude" / "projects" / WHERE.replace("/", "-")
    folder.mkdir(parents=True)
    title = {**COMMON, "type": "ai-title", "aiTitle": f"Mending {NAMED}", "timestamp": "2026-11-01T10:09:00.000Z"}
    lines = [*turn(0), *turn(1), *turn(2), title, {"type": "summary", "summary": f"About {NAMED}", "leafUuid": "0-0"}]
    text = "".join(json.dumps(line) + "\n" for line in lines) + f'{{"torn {SAID}\n'
    (folder / f"5e551010-{NAMED}.jsonl").write_text(text)
    return 3


def holding(folder: Path, marker: str) -> list[str]:
    """Return the files below a folder that hold a marker, in themselves or in their names."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [
        str(path.relative_to(folder)) for path in files if marker.encode() in path.read_bytes() or marker in str(path)
    ]


def test_nothing_that_was_said_and_no_name_that_is_to_stay_reaches_a_server(server: Server, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "anna")
    config = machine.home / ".config" / "tallystick" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(POLICY)
    with closing(Wire(server.port)) as wire:
        server.pair(machine, wire.port)
        number = talk(machine)
        shown = machine.tally("push", "--show")
        machine.tally("push")
        sent = wire.plain()
    rows, totals = server.figures()
    assert totals["requests"] == number
    assert totals["output"] == 5 * number
    # It is there, under names that say nothing.
    assert re.fullmatch(r"[0-9a-f]{16}", rows[0]["session"])
    assert b'"sources"' in sent
    for marker in (SAID, NAMED):
        assert marker not in shown
        assert marker.encode() not in sent
        assert holding(server.data, marker) == []
    # What was said is nowhere on the machine either, besides its log.
    assert holding(machine.data, SAID) == []
    assert holding(machine.data, NAMED) != []
