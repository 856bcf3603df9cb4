"""What the client keeps to itself: content always, and names as far as somebody says so."""

from pathlib import Path

import pytest
from tests.intake.push.clients import Client, outputs
from tests.intake.push.pythons import BOTH, OLDEST
from tests.intake.push.receiving import CODE, Receiver
from tests.intake.tree import answer, line, stamp, write

SECRET, HIDDEN, OPEN = "zq9secretzq9", "/home/dev/clients/zq9acmezq9/shop", "/home/dev/own"


def _private(home: Path) -> None:
    """Write logs of a project that is to be hidden, and of one that is not, with secrets wherever content can be."""
    nested = [{"type": "tool_use", "id": "t1", "name": "Bash", "input": {"deep": [{"er": SECRET}], "command": SECRET}}]
    name = HIDDEN.replace("/", "-")
    for project, session in ((HIDDEN, "zq9s1zq9"), (OPEN, "s2")):
        folder = home / ".claude/projects" / project.replace("/", "-")
        told = {"sessionId": session, "cwd": project, "gitBranch": "zq9branchzq9" if project == HIDDEN else "main"}
        write(folder / f"{session}.jsonl", b"".join((
            line(type="user", timestamp=stamp(1), uuid="u1" + session, message={"role": "user", "content": SECRET}, **told),
            answer(7 if project == HIDDEN else 8, 5, content=[*nested, {"type": "text", "text": SECRET}], **told),
            line(type="user", timestamp=stamp(3000), uuid="u2" + session, toolUseResult={"stdout": SECRET},
                 message={"role": "user", "content": [{"tool_use_id": "t1", "type": "tool_result", "content": [{"text": SECRET}]}]}, **told),
            line(type="ai-title", aiTitle="zq9titlezq9" if project == HIDDEN else "Own", sessionId=session),
            b"{" + SECRET.encode() + b"\n",
        )))  # fmt: skip
    rollout = home / ".codex/sessions/2026/rollout-2026-11-01T12-00-00-01a196fb-1600-7000-8000-000000000009.jsonl"
    write(rollout, b"".join((
        line(timestamp="2026-11-01T12:00:00.000Z", type="session_meta", payload={"id": "01a196fb-1600-7000-8000-000000000009", "cwd": HIDDEN, "cli_version": "0.98.0", "git": {"branch": "zq9branchzq9"}, "instructions": SECRET}),
        line(timestamp="2026-11-01T12:00:01.000Z", type="turn_context", payload={"cwd": HIDDEN, "model": "gpt-5", "summary": SECRET}),
        line(timestamp="2026-11-01T12:00:02.000Z", type="event_msg", payload={"type": "user_message", "message": SECRET}),
        line(timestamp="2026-11-01T12:00:03.000Z", type="event_msg", payload={"type": "token_count", "info": {"total_token_usage": {"input_tokens": 5, "output_tokens": 7}, "last_token_usage": {"input_tokens": 5, "output_tokens": 7}}}),
    )))  # fmt: skip
    assert name in str([path.parent.name for path in home.rglob("*.jsonl")])


@BOTH
@pytest.mark.parametrize("option", ["--project=pseudonym", "--path=/home/dev/clients/**=leave-out"])
def test_content_and_hidden_names_are_in_nothing_that_is_sent_or_kept(
    tmp_path: Path, server: Receiver, version: str, option: str
) -> None:
    client = Client(tmp_path, version)
    _private(client.home)
    everything = ("--branch=pseudonym", "--session=leave-out") if option.startswith("--project") else ()
    shown = client("--show", option, *everything)
    assert shown.returncode == 0
    client.join(server)
    sent = b"".join(server.bodies)
    assert len(outputs(server)) == 3
    for where in (sent, b"".join(server.raw), client.kept, shown.stdout):
        assert b"zq9" not in where
    # What may be seen can be: the test would see what may not.
    assert (OPEN.encode() in sent) is (not everything)
    assert b"Bash" in sent


def test_names_that_are_hidden_later_do_not_leave_with_what_waits(tmp_path: Path, server: Receiver) -> None:
    client = Client(tmp_path, OLDEST)
    _private(client.home)
    server.statuses = [(401, {})]
    assert client("--server", server.url, "--join", CODE).returncode == 4
    client.join(server, "--project=leave-out", "--branch=leave-out", "--session=pseudonym")
    assert len(outputs(server)) == 3
    assert b"zq9" not in b"".join(server.bodies)
    assert b"zq9" not in client.kept
