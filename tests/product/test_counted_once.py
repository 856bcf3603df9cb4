"""Counted once: what the wire saw of real clients and what they wrote themselves, in any order, is each call once and exact."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.providers.test_captures import counts, told
from tests.tools.wire.spooled import AT, CALL, encoded, line

from tallystick.house import House, Where
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.providers.clients import client
from tallystick.providers.provider import Asked
from tallystick.tools.claude_code import CLAUDE_CODE
from tallystick.tools.codex import CODEX
from tallystick.tools.copilot_cli import COPILOT_CLI
from tallystick.tools.gemini_cli import GEMINI_CLI
from tallystick.tools.opencode import OPENCODE
from tallystick.tools.qwen_code import QWEN_CODE
from tallystick.tools.tool import Tool
from tallystick.usage.event import CUT_OFF, FINISHED
from tallystick.usage.tokens import Tokens

LOG, WIRE = 1, 2
NOW_MS = 1_795_330_000_000
"""Some hours after the captures."""
CAPTURED = (
    (CLAUDE_CODE, "claude-code-2.1.330/main"),
    (CLAUDE_CODE, "claude-code-2.1.330/interactive"),
    (CLAUDE_CODE, "claude-code-2.1.330/abort"),
    (CODEX, "codex-0.169.0/http"),
    (CODEX, "codex-0.169.0/http-faults"),
    (CODEX, "codex-0.169.0/websocket"),
    (CODEX, "codex-0.169.0/websocket-faults"),
    (COPILOT_CLI, "copilot-1.0.102/mixed"),
    (COPILOT_CLI, "copilot-1.0.102/faults"),
    (COPILOT_CLI, "copilot-1.0.102/subagent-resume"),
    (QWEN_CODE, "qwen-code-0.15.10/mixed"),
    (QWEN_CODE, "qwen-code-0.15.10/faults"),
    (GEMINI_CLI, "gemini-cli-0.61.0"),
    (GEMINI_CLI, "gemini-cli-0.61.0/otel-gemini"),
    (OPENCODE, "opencode-1.18.33"),
)
EVERY_CAPTURE = pytest.mark.parametrize("tool, under", CAPTURED, ids=[under.replace("/", "-") for _, under in CAPTURED])
type Line = dict[str, Any]


class Stage(NamedTuple):
    """A data folder with a spool, and a home that has a tool's logs or none."""

    tool: Tool
    data: Path
    home: Path

    @property
    def file(self) -> Path:
        """Return the spool's file."""
        return self.data / "spool" / "1795311238000-7.jsonl"

    def spool(self, content: bytes) -> None:
        """Append to the spool."""
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("ab") as file:
            file.write(content)

    def read(self, *, logs: bool = True) -> None:
        """Bring in what is new, of the wire or of both."""
        with closing(self._house(logs=logs)) as house:
            assert not house.refresh().troubles

    def events(self) -> list[tuple[int, Tokens, int]]:
        """Return each event's witnesses, counts and grade."""
        with closing(self._house(logs=False)) as house:
            assert not house.verify()
            assert isinstance(house.ledger, SqliteLedger)
            rows = house.ledger.connection.execute(
                "SELECT seen, grade, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning FROM events"
            )
            return sorted((seen, Tokens(*tokens), grade) for seen, grade, *tokens in rows)

    def contexts(self) -> set[tuple[str, str, str]]:
        """Return tool, session and project of the events that both witnesses saw."""
        with closing(self._house(logs=False)) as house:
            text = (
                "SELECT c.tool, c.session, c.project FROM events e JOIN contexts c ON c.id = e.context WHERE e.seen = 3"
            )
            assert isinstance(house.ledger, SqliteLedger)
            return set(house.ledger.connection.execute(text))

    def _house(self, *, logs: bool) -> House:
        home = self.home if logs else self.data / "nobody"
        where = Where(str(self.data), str(home), {}, "box", "dev")
        return House(where, tools=(self.tool,), clock=lambda: NOW_MS * 1_000_000)


@pytest.fixture
def stage(shared: Path, tmp_path: Path, tool: Tool, under: str) -> Stage:
    """Return a stage with a capture as its home."""
    return Stage(tool, tmp_path, shared / "realclients" / "captured" / under)


def requests(home: Path) -> list[Line]:
    """Return what was asked and answered, as the other side of the wire wrote it down."""
    return [json.loads(each) for each in (home / "ledger.jsonl").read_text().splitlines()]


def lines(home: Path) -> Iterator[Line]:
    """Yield the spool's lines for what passed, as the providers' shelf tells it."""
    for request in requests(home):
        call, who = told(request), client(Asked("POST", "", "", request["headers"]))
        at = int(float(request.get("done") or request["ts"]) * 1000)
        yield CALL | who._asdict() | {
            "at": at,
            "began": int(request["ts"] * 1000),
            "provider": call.provider,
            "model": call.model,
            "id": call.id,
            "request": call.request,
            "status": call.status,
            "outcome": call.outcome,
            "tokens": list(call.tokens),
            "tier": call.tier,
            "searches": call.web_searches,
            "kind": call.kind,
            "nonce": f"{request['n']:016x}",
        }  # fmt: skip


def answered(home: Path) -> list[Tokens]:
    """Return the counts of every answer that left whole and was billed."""
    whole = [each for each in requests(home) if each["usage"] and each["usage_sent"]]
    return sorted(tokens for tokens in map(counts, whole) if tokens.total)


def begun(home: Path) -> int:
    """Return how many answers began with counts and broke off: what Anthropic tells first."""
    return sum(1 for each in requests(home) if each.get("start_usage") and not each["usage_sent"])


def _all_at_once(stage: Stage, spooled: list[Line]) -> None:
    stage.spool(encoded(*spooled))
    stage.read()


def _log_first(stage: Stage, spooled: list[Line]) -> None:
    stage.read()
    _all_at_once(stage, spooled)


def _wire_first(stage: Stage, spooled: list[Line]) -> None:
    stage.spool(encoded(*spooled))
    stage.read(logs=False)
    stage.read()


def _backwards_around_the_log(stage: Stage, spooled: list[Line]) -> None:
    half = len(spooled) // 2
    stage.spool(encoded(*spooled[:half:-1]))
    stage.read(logs=False)
    stage.read()
    stage.spool(encoded(*spooled[half::-1]))
    stage.read()


def _twice_and_read_anew(stage: Stage, spooled: list[Line]) -> None:
    _all_at_once(stage, spooled)
    content = stage.file.read_bytes()
    stage.file.unlink()
    stage.read()
    # The same calls once more, in a file of another name and with other lines' numbers in between.
    stage.spool(encoded({"v": 1, "note": {"at": 0, "host": "", "why": "memory"}}) + content)
    stage.read()


WAYS = (_all_at_once, _log_first, _wire_first, _backwards_around_the_log, _twice_and_read_anew)


@EVERY_CAPTURE
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_each_call_counts_once_and_exactly(stage: Stage, way: Callable[[Stage, list[Line]], None]) -> None:
    way(stage, list(lines(stage.home)))
    events = stage.events()
    whole = sorted(tokens for _, tokens, grade in events if grade == FINISHED)
    # Codex on the wire tells reasoning as its log does; of Copilot's log it is the wire's too, which counts.
    assert whole == answered(stage.home)
    assert sum(grade == CUT_OFF for *_, grade in events) == begun(stage.home)
    assert len(events) == len(whole) + begun(stage.home)


@EVERY_CAPTURE
def test_what_the_log_has_both_have_seen_and_the_log_says_whose_it_is(stage: Stage) -> None:
    stage.read()
    logged = len(stage.events())
    _all_at_once(stage, list(lines(stage.home)))
    seen = [each for each, *_ in stage.events()]
    assert logged > 0
    assert (seen.count(LOG | WIRE), seen.count(LOG)) == (logged, 0)
    assert all(session and project for _, session, project in stage.contexts())


@pytest.fixture
def small(tmp_path: Path) -> Stage:
    """Return a stage without logs."""
    return Stage(CLAUDE_CODE, tmp_path, tmp_path / "nobody")


def test_a_growing_spool_and_a_torn_last_line_are_read_on(small: Stage) -> None:
    first, second = encoded(line(id="msg_1")), encoded(line(id="msg_2"))
    small.spool(first + second[:200])
    small.read()
    assert len(small.events()) == 1
    small.spool(second[200:])
    small.read()
    assert len(small.events()) == 2
    small.spool(encoded(line(id="msg_1")))
    small.read()
    assert len(small.events()) == 2


def test_what_follows_the_logs_reads_the_spool_by_its_paths(small: Stage) -> None:
    small.spool(encoded(line(id="msg_1")))
    path = {str(small.file)}
    with closing(small._house(logs=False)) as house:
        # A file that is new to the ledger is found by a look at everything, one that has grown by its path alone.
        for number in (1, 2):
            assert house.refresh(paths=path).files == 1
            assert house.refresh(paths=path).files == 0
            assert len(house.ledger.ask("events", since=0, until=2**62)) == number
            small.spool(encoded(line(id=f"msg_{number + 1}")))
        assert small.data / "spool" in {Path(root.path) for _, root in house.places()}


def test_a_line_that_stays_torn_costs_itself_only(small: Stage) -> None:
    # As a full disk leaves it: the whole line stands in the next file.
    torn = encoded(line(id="msg_2"))
    small.spool(encoded(line(id="msg_1")) + torn[:100])
    small.file.with_name("1795311239000-7.jsonl").write_bytes(torn)
    small.read()
    assert len(small.events()) == 2


def test_a_spool_that_was_removed_lowers_nothing(small: Stage) -> None:
    small.spool(encoded(line()))
    os.utime(small.file, (NOW_MS // 1000 - 90_000,) * 2)
    small.read()
    # Read to its end and at rest for long, it has gone.
    assert not small.file.exists()
    assert len(small.events()) == 1
    small.read()
    assert len(small.events()) == 1


def test_without_a_spool_nothing_is_made(small: Stage) -> None:
    small.read()
    assert not small.file.parent.exists()


def test_what_is_held_is_told_when_its_time_has_come_without_any_news(small: Stage) -> None:
    small.spool(encoded(line(id="r1", request="", tool="gemini-cli", provider="google", model="gemini-3-pro")))
    where = Where(str(small.data), str(small.home), {}, "box", "dev")
    moment = [AT + 1_000]
    with closing(House(where, clock=lambda: moment[0] * 1_000_000)) as house:
        house.refresh()
        assert not house.ledger.ask("events", since=0, until=2**62)
        moment[0] += 86_400_001
        house.refresh()
        assert len(house.ledger.ask("events", since=0, until=2**62)) == 1
