"""The real clients through the proxy and the gateway: what was counted, against what the other side answered."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.product.realclients import Client, Ground, Turn, apart, ground, installed
from tests.product.wiretruth import Held, Truth, held

from tallystick.house import House, Where
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.usage.event import FINISHED

CHECKOUT = Path(__file__).resolve().parents[2]
ALL = bool(os.environ.get("TALLY_CLIENTS_ALL"))
"""Whether every client does everything by either way, which takes minutes; else each does what sets it apart."""
AT_ONCE = 4
LONG = "one two three four five six seven eight nine ten " * 8
WAYS = ("proxy", "gateway")

EVENTS = (
    "SELECT c.tool, e.seen, e.grade, e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.output, e.reasoning "
    "FROM events e JOIN contexts c ON c.id = e.context"
)
SAID = (b"@@mock", b"Working on it", b"mock-tool-output", b"Mock thinking", b"Mock reasoning", b"dummy")
"""Of prompts, answers, what tools said, and keys."""
TROUBLES = ("traffic goes on", "not metered")
"""What proxy and gateway say where a part of theirs fails."""
WIRE = 2
HOUR_NS = 3_600_000_000_000

TOOLS = ({"tools": ["shell", "read"]}, {"text": "done", "think": True})
SEARCH = ({"tool": "websearch"}, "text")
CLAUDE_SEARCH = ({"tool": "WebSearch", "force": True, "args": {"query": "mock search"}}, "text")
"""It asks for that tool by its name, which it is not told of before."""
BUSY = ({"tool": "shell", "fault": {"status": 429, "retry_after": 1, "times": 1}}, "text")
OVERLOADED = ({"text": "done", "fault": {"status": 529, "times": 1}},)
CUT = ({"text": "some words that are cut in the middle of it", "fault": {"cut": "mid", "times": 1}},)
CUT_LAST = ({"text": "some words that are cut at the very end of it", "fault": {"cut": "end", "times": 1}},)
BROKEN = ({"text": "done", "fault": {"error_event": "overloaded_error", "times": 1}},)
SLOW = ({"text": "one two three four five", "slow": 0.1},)
ABORT = Turn(({"text": LONG, "slow": 0.2},), abort=True)


class Part(NamedTuple):
    """A client with a model or a transport."""

    client: str
    model: str = ""
    transport: str = "ws"
    upstream: str = ""
    """Another one of the gateway's than its vendor."""

    @property
    def name(self) -> str:
        """Name it in few words."""
        kind = self.transport.removeprefix("ws")
        return "-".join(filter(None, (self.client, self.model.rpartition("/")[2], kind, self.upstream)))


CLAUDE, GEMINI, QWEN = Part("claude"), Part("gemini"), Part("qwen")
GEMINI_CHOOSING = Part("gemini", "auto")
"""It asks a small model which one to ask."""
CODEX, CODEX_HTTP = Part("codex"), Part("codex", transport="http")
CODEX_REFUSED = Part("codex", upstream="plain")
"""Where websockets are answered with 426 it goes on with plain requests."""
OPENCODE, OPENCODE_GOOGLE = Part("opencode", "anthropic/claude-sonnet-4-5"), Part("opencode", "google/gemini-2.5-pro")
OPENCODE_OPENAI = Part("opencode", "openai/gpt-5")
COPILOT, COPILOT_CLAUDE = Part("copilot"), Part("copilot", "claude-sonnet-4-5")


def task(part: Part, count: int = 1) -> Sequence[Any]:
    """Return the steps of a turn with subagents."""
    asked: dict[str, Any] = {"tool": "task", "steps": ["shell", "text"], "count": count}
    if part.client == "opencode":
        asked["agent"] = "general"
    if part.client == "claude":
        asked["background"] = False
    # Codex would end its turn, and the process, while the subagent still runs.
    return [asked, *(["wait"] if part.client == "codex" else []), "text"]


def some() -> dict[tuple[Part, str], list[Turn]]:
    """Return what each client does, by its way: all that can go wrong at least once in all, as fast as it can be had."""
    found: dict[tuple[Part, str], list[Turn]] = {}
    for way in WAYS:
        found[CLAUDE, way] = [Turn((*TOOLS[:1], *BUSY[:1], *CLAUDE_SEARCH[:1], *task(CLAUDE, 2)[:1], *CUT)), ABORT]
        found[CODEX, way] = [Turn((*TOOLS[:1], *BUSY[:1], *CUT)), Turn(BROKEN), ABORT]
        found[CODEX_HTTP, way] = [Turn((*TOOLS[:1], *BUSY[:1], *CUT_LAST)), Turn(BROKEN), ABORT]
    found[CLAUDE, "gateway"] += [Turn(CUT_LAST), Turn(BROKEN), Turn(SLOW)]
    found[CODEX, "gateway"] += [Turn(task(CODEX))]
    found[CODEX_REFUSED, "gateway"] = [Turn((*TOOLS[:1], *CUT))]
    found[GEMINI_CHOOSING, "proxy"] = [Turn((*TOOLS[:1], *SEARCH[:1], *CUT))]
    found[GEMINI, "gateway"] = [Turn((*BUSY[:1], *CUT_LAST)), ABORT]
    found[OPENCODE, "proxy"] = [Turn((*TOOLS[:1], *BUSY[:1], *CUT))]
    found[OPENCODE_GOOGLE, "gateway"] = [Turn((*TOOLS[:1], *CUT_LAST))]
    found[OPENCODE_OPENAI, "gateway"] = [Turn(TOOLS[1:])]
    found[QWEN, "proxy"] = [Turn((*TOOLS[:1], *BUSY[:1], *CUT))]
    found[QWEN, "gateway"] = [Turn((*TOOLS[:1], *CUT_LAST))]
    found[COPILOT, "proxy"] = [Turn((*TOOLS[:1], *BUSY[:1], *CUT)), ABORT]
    found[COPILOT_CLAUDE, "gateway"] = [Turn((*TOOLS[:1], *CUT_LAST))]
    return found


def everything() -> dict[tuple[Part, str], list[Turn]]:
    """Return that every client does everything, by either way."""
    parts = (
        CLAUDE,
        CODEX,
        CODEX_HTTP,
        GEMINI,
        GEMINI_CHOOSING,
        OPENCODE,
        OPENCODE_GOOGLE,
        OPENCODE_OPENAI,
        QWEN,
        COPILOT,
        COPILOT_CLAUDE,
    )
    found: dict[tuple[Part, str], list[Turn]] = {}
    for part in parts:
        steps = [TOOLS, task(part), CLAUDE_SEARCH if part == CLAUDE else SEARCH, BUSY, OVERLOADED, CUT, CUT_LAST, SLOW]
        steps += [BROKEN] if part.client in {"claude", "codex"} else []
        forks = [Turn(("text",), fork=True)] if part.client in {"claude", "codex", "opencode"} else []
        for way in WAYS:
            found[part, way] = [*map(Turn, steps), *forks, ABORT]
    found[CODEX_REFUSED, "gateway"] = [*map(Turn, (TOOLS, BUSY, CUT, BROKEN)), ABORT]
    return found


_TO_NOTE_S = 20.0


class Played(NamedTuple):
    """What came of it."""

    place: Ground
    held: Held

    def of(self, part: Part, way: str) -> list[Truth]:
        """Return what a client did for its prompts."""
        return [one for one, _ in self.held.pairs if one.job.startswith(f"{_ident(part, way)}-")]


def _ident(part: Part, way: str) -> str:
    return f"{part.name}-by-{way}".replace(".", "")


SCRIPT = everything() if ALL else some()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """Have all clients do their turns, once for the module."""
    shared = Path(os.environ.get("TALLY_SHARED") or CHECKOUT.parent / "shared").resolve()
    if not (shared / "realclients").is_dir():
        assert not os.environ.get("TALLY_REQUIRE_SHARED"), f"TALLY_REQUIRE_SHARED is set, and {shared} is not there"
        pytest.skip(f"no shared folder at {shared}; TALLY_SHARED can name one")
    clients = installed()
    if clients is None:
        pytest.skip("THE REAL CLIENTS WERE NOT RUN: npm is not here, or reaches no registry")
    with ExitStack() as stack:
        within = stack.enter_context(apart())
        if within is None:
            pytest.skip("THE REAL CLIENTS WERE NOT RUN: this system allows no network namespace to keep them in")
        folder = tmp_path_factory.mktemp("clients")
        place = stack.enter_context(ground(shared, clients, within, folder, "--compress", "off" if ALL else "gzip"))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda each: _play(place, *each), SCRIPT))
        # The other side writes down that somebody has left when it next wants to send them something.
        deadline = time.monotonic() + _TO_NOTE_S
        while (found := held(place.truth(), place.spooled())).wrong and time.monotonic() < deadline:
            time.sleep(0.25)
        yield Played(place, found)


def _play(place: Ground, part: Part, way: str) -> None:
    more = {"transport": part.transport, "upstream": part.upstream, **({"model": part.model} if part.model else {})}
    client = Client(place, part.client, way, _ident(part, way), **more)
    for turn in SCRIPT[part, way]:
        client.turn(turn)


@pytest.mark.slow
def test_every_call_is_counted_once_and_to_the_token(played: Played) -> None:
    assert not played.held.wrong, "\n".join(played.held.wrong)
    assert len(played.held.pairs) == len(played.place.truth())
    _tell(played)


@pytest.mark.slow
@pytest.mark.parametrize("part, way", SCRIPT, ids=[_ident(part, way) for part, way in SCRIPT])
def test_each_client_came_into_what_it_was_led_into(played: Played, part: Part, way: str) -> None:
    outcomes = Counter(one.outcome for one in played.of(part, way))
    turns = SCRIPT[part, way]
    faults = [step["fault"] for turn in turns for step in turn.steps if isinstance(step, dict) and "fault" in step]
    assert outcomes["done"], "nothing was done"
    # A request is cut off by a fault, by whoever is interrupted, and by an error that comes in the middle of an answer.
    cuts = sum("cut" in fault for fault in faults) + sum(turn.abort for turn in turns)
    errors = sum("error_event" in fault for fault in faults)
    assert outcomes["cut"] == cuts + (errors if part.client == "claude" else 0)
    refused = sum(fault["times"] for fault in faults if "status" in fault)
    assert outcomes["failed"] == refused + (errors if part.client == "codex" else 0)


@pytest.mark.slow
def test_nothing_that_was_said_is_kept_and_nothing_failed_on_the_way(played: Played) -> None:
    for path in filter(Path.is_file, played.place.data.rglob("*")):
        content = path.read_bytes()
        assert not [word for word in SAID if word in content], path
    log = (played.place.folder / "log").read_text()
    assert not [word for word in TROUBLES if word in log], log


@pytest.mark.slow
def test_what_no_log_tells_was_among_it(played: Played) -> None:
    seen = [one for one, _ in played.held.pairs]
    assert any(one.searches for one in seen), "no search of the web"
    assert any(one.client == "gemini" and not one.job for one in seen), (
        "no search of Gemini CLI, which is a request of its own"
    )
    assert any(one.client == "gemini" and one.side for one in seen), "no choice of a model"
    assert any(one.client == "opencode" and one.side for one in seen), "no request for a title"
    assert {one.way for one in seen if one.outcome == "prewarm"} == set(WAYS), "no connection that was warmed up"
    assert {one.way for one in seen if one.agent and one.client == "claude"} == set(WAYS), "no subagents"
    assert any(one.session for one in seen if one.client == "codex")


@pytest.mark.slow
def test_read_with_the_logs_each_call_counts_once(played: Played, tmp_path: Path) -> None:
    rows = _ledger(played.place, tmp_path)
    seen = [one for one, _ in played.held.pairs]
    whole = Counter(one.tokens for one in seen if one.outcome == "done")
    assert Counter(tuple(tokens) for _, _, grade, *tokens in rows if grade == FINISHED) == whole
    # What broke off is kept as what was told of it by then, and marked.
    cut = Counter(
        tuple(line["tokens"]) for one, line in played.held.pairs if one.outcome == "cut" and any(line["tokens"])
    )
    assert Counter(tuple(tokens) for _, _, grade, *tokens in rows if grade != FINISHED) == cut
    assert all(witnesses & WIRE for _, witnesses, *_ in rows)


@pytest.mark.slow
def test_only_what_tools_do_not_log_was_seen_by_the_wire_alone(played: Played, tmp_path: Path) -> None:
    alone = Counter(
        tool
        for tool, witnesses, grade, *_ in _ledger(played.place, tmp_path)
        if witnesses == WIRE and grade == FINISHED
    )
    unlogged = Counter(
        one.tool for one, _ in played.held.pairs if one.outcome == "done" and (one.side or one.searches or not one.job)
    )
    # Of Codex, a subagent's answer that comes as the main turn ends may be logged or not.
    assert {tool: number for tool, number in alone.items() if tool != "codex"} == unlogged


def _ledger(place: Ground, data: Path) -> list[tuple[Any, ...]]:
    """Read what was spooled and every client's logs into a ledger: tool, witnesses, grade and counts of each event."""
    shutil.copytree(place.data / "spool", data / "spool")
    homes = [str(home) for home in sorted(place.folder.glob("home-*"))]
    _refreshed(data, homes, 0)
    # What no log has after some time, no log will have.
    return _refreshed(data, homes, 24 * HOUR_NS)


def _refreshed(data: Path, homes: Sequence[str], later_ns: int) -> list[tuple[Any, ...]]:
    where = Where(str(data), homes[0], {}, "box", "dev", tuple(homes[1:]))
    with closing(House(where, clock=lambda: time.time_ns() + later_ns)) as house:
        assert not house.refresh().troubles
        assert isinstance(house.ledger, SqliteLedger)
        return list(house.ledger.connection.execute(EVENTS))


def _tell(played: Played) -> None:
    """Print how many calls of each client were counted by each way, and how they ended."""
    for client, way in sorted({(one.client, one.way) for one, _ in played.held.pairs}):
        ends = Counter(one.outcome for one, _ in played.held.pairs if (one.client, one.way) == (client, way))
        print(f"{client:9} {way:8} {ends.total():4} calls, exact: {dict(ends)}")


LINE = {
    "n": 1,
    "provider": "anthropic",
    "model": "claude-opus-5-5",
    "transport": "http",
    "kind": "turn",
    "directive": "claude-by-proxy-0",
    "headers": {"user-agent": "claude-cli/2.1.330", "host": "api.anthropic.com", "x-claude-code-session-id": "s"},
    "request_id": "req_1",
    "response_id": "msg_1",
    "status": 200,
    "usage": {
        "input_tokens": 3,
        "cache_read_input_tokens": 5,
        "cache_creation": {"ephemeral_5m_input_tokens": 7, "ephemeral_1h_input_tokens": 11},
        "output_tokens": 13,
    },
    "usage_sent": True,
}
SPOOLED = {
    "via": "proxy",
    "provider": "anthropic",
    "model": "claude-opus-5-5",
    "asked": "claude-opus-5-5",
    "id": "msg_1",
    "request": "req_1",
    "status": 200,
    "outcome": "done",
    "tokens": [3, 5, 7, 11, 13, 0],
    "searches": 0,
    "part": 0,
    "mismatch": False,
    "tool": "claude-code",
    "session": "s",
    "agent": "",
    "parent": "",
}


def test_a_line_that_fits_is_found() -> None:
    assert held([LINE], [SPOOLED]).wrong == []


@pytest.mark.parametrize(
    "name, value",
    [
        ("tokens", [3, 5, 7, 11, 12, 0]),
        ("tokens", [3, 5, 11, 7, 13, 0]),
        ("outcome", "cut"),
        ("model", "claude-opus-4-8"),
        ("asked", ""),
        ("session", ""),
        ("tool", ""),
        ("request", ""),
        ("via", "gateway"),
        ("searches", 1),
    ],
)
def test_a_line_that_differs_is_told(name: str, value: object) -> None:
    (wrong,) = held([LINE], [{**SPOOLED, name: value}]).wrong
    assert wrong.startswith(f"{name}:")


def test_what_is_missing_and_what_is_too_much_is_told() -> None:
    assert held([LINE], []).wrong[0].startswith("not counted")
    assert held([LINE], [SPOOLED, SPOOLED]).wrong[0].startswith("nobody answered this")
    assert held([LINE], [SPOOLED, {"v": 1, "note": {"why": "undecodable"}}]).wrong[0].startswith("a note")
