"""The product against what real clients wrote: each request that was logged counts exactly as it was answered."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.tools.gemini_cli import test_captured as gemini_cli
from tests.tools.opencode import test_captured as opencode
from tests.tools.qwen_code import test_captured as qwen_code
from tests.tools.test_copilot_cli import truth as of_copilot

from tallystick.intake.logs import bring_in, look
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.opencode import OPENCODE
from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Tool
from tallystick.usage.event import CUT_OFF
from tallystick.usage.identity import key

EVER = {"since": 0, "until": 2**62}
CLAUDE = "claude-code-2.1.330"


class Seen(NamedTuple):
    """An event of the ledger: (input, cache read, cache written, output), and its grade."""

    counts: tuple[int, int, int, int]
    grade: int


def counted(tool: Tool, home: Path, data: Path) -> dict[int, Seen]:
    """Return the events that the logs of a home hold, by their keys."""
    ledger = SqliteLedger(str(data / "ledger.db"), write=True)
    news, troubles = look([tool], str(home), {}, ledger)
    summary = bring_in(news, ledger, ("box", "dev"))
    assert not troubles
    assert not summary.troubles
    keys = dict(ledger.connection.execute("SELECT id, key FROM events").fetchall())
    rows = ledger.ask("events", **EVER)
    ledger.close()
    return {keys[row[0]]: Seen((row[4], row[5], row[6] + row[7], row[8]), row[10]) for row in rows}


def answered(folder: Path, provider: str) -> Iterator[dict[str, Any]]:
    """Yield the requests that got an answer, as the other side of the wire wrote them down."""
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        request: dict[str, Any] = json.loads(line)
        if request["provider"] == provider and request.get("response_id") and request.get("usage"):
            yield request


def truth(usage: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """Return the counts of an answer of either provider."""
    if "cache_read_input_tokens" in usage:
        fresh, read = usage["input_tokens"], usage["cache_read_input_tokens"]
        return fresh, read, usage["cache_creation_input_tokens"], usage["output_tokens"]
    cached = usage["input_tokens_details"]["cached_tokens"]
    return usage["input_tokens"] - cached, cached, 0, usage["output_tokens"]


@pytest.mark.parametrize(
    "folder, absent, cut_off",
    [
        # WebSearch's inner request and two of /compact.
        ("main", 3, 2),
        ("abort", 0, 1),
        # The request for a title.
        ("interactive", 1, 0),
        # WebSearch's inner request.
        ("otel-claude-json", 1, 1),
    ],
)
def test_claude_code(shared: Path, tmp_path: Path, folder: str, absent: int, cut_off: int) -> None:
    home = shared / "realclients" / "captured" / CLAUDE / folder
    seen = counted(CLAUDE_CODE, home, tmp_path)
    sessions = {path.stem for path in home.rglob("*.jsonl")}
    sent = [request for request in answered(home, "anthropic") if _session(request) in sessions]
    missing = [request for request in sent if request["usage_sent"] and key(request["response_id"]) not in seen]
    assert len(missing) == absent
    for request in sent:
        event = seen.get(key(request["response_id"]))
        if event and request["usage_sent"]:
            assert event.counts == truth(request["usage"]), request["response_id"]
            assert event.grade != CUT_OFF
        elif event:
            # Its final counts never left: what the log has is how the stream began.
            assert event.counts[:3] == truth(request["usage"])[:3]
            assert event.grade == CUT_OFF
    assert sum(event.grade == CUT_OFF for event in seen.values()) == cut_off
    known = {key(request["response_id"]) for request in answered(home, "anthropic")}
    assert set(seen) <= known, "an event that nobody answered"


def _session(request: Mapping[str, Any]) -> str:
    headers: Mapping[str, str] = request.get("headers") or {}
    return headers.get("x-claude-code-session-id", "")


@pytest.mark.parametrize("folder", ["websocket", "http", "websocket-faults", "http-faults"])
def test_codex(shared: Path, tmp_path: Path, folder: str) -> None:
    home = shared / "realclients" / "captured" / "codex-0.169.0" / folder
    seen = counted(CODEX, home, tmp_path)
    by_id = {key("codex", request["response_id"]): request for request in answered(home, "openai")}
    assert seen, "nothing was counted"
    assert set(seen) <= set(by_id), "an event that nobody answered"
    for number, event in seen.items():
        assert event.counts == truth(by_id[number]["usage"])
    absent = [request for number, request in by_id.items() if number not in seen and request["usage_sent"]]
    # A websocket is warmed up by a request that makes nothing; all others were logged.
    assert all(request["usage"]["total_tokens"] == 0 for request in absent), absent


def _five(tokens: tuple[int, ...]) -> tuple[int, ...]:
    """Return counts without the lifetimes of cache writes, which those tools do not tell."""
    return tokens if len(tokens) == 5 else (*tokens[:2], tokens[2] + tokens[3], *tokens[4:])


CAPTURED = (
    (GEMINI_CLI, "gemini-cli-0.61.0", gemini_cli.sent, {*gemini_cli.UNLOGGED[""], *gemini_cli.BROKEN[""]}),
    (GEMINI_CLI, "gemini-cli-0.61.0/otel-gemini", gemini_cli.sent, set(gemini_cli.UNLOGGED["otel-gemini"])),
    (QWEN_CODE, "qwen-code-0.15.10/mixed", qwen_code.sent, set(qwen_code.BROKEN["mixed"])),
    (QWEN_CODE, "qwen-code-0.15.10/faults", qwen_code.sent, set(qwen_code.BROKEN["faults"])),
    (OPENCODE, "opencode-1.18.33", opencode.sent, opencode.TITLES | opencode.CUT),
    *(
        (COPILOT_CLI, f"copilot-1.0.102/{run}", lambda request: of_copilot(request["usage"]), set())
        for run in ("mixed", "faults", "otel-copilot", "subagent-resume")
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "tool, folder, sent, absent", CAPTURED, ids=[folder.replace("/", "-") for _, folder, *_ in CAPTURED]
)
def test_every_request_that_a_tool_logged_is_in_the_ledger(
    shared: Path,
    tmp_path: Path,
    tool: Tool,
    folder: str,
    sent: Callable[[dict[str, Any]], tuple[int, ...]],
    absent: Collection[int],
) -> None:
    home = shared / "realclients" / "captured" / folder
    requests = [json.loads(line) for line in (home / "ledger.jsonl").read_text().splitlines()]
    # What Copilot was cut off in is told by no number: its counts never left.
    logged = [
        each
        for each in requests
        if each["status"] == 200 and each["n"] not in absent and (tool is not COPILOT_CLI or each["usage_sent"])
    ]
    with closing(SqliteLedger(str(tmp_path / "ledger.db"), write=True)) as ledger:
        news, troubles = look([tool], str(home), {}, ledger)
        assert not troubles
        assert not bring_in(news, ledger, ("box", "dev")).troubles
        rows = ledger.ask("events", **EVER)
    assert len(rows) == len(logged) > 0
    assert sorted(_five(row[4:10]) for row in rows) == sorted(_five(sent(each)) for each in logged)
