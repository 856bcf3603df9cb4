"""The routes of tokengate: its keys and types, and the numbers of the local day."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from time import perf_counter
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi import FastAPI
from tests.answers.sample import CLI, CODEX, MAIN, OPUS, at, event
from tests.answers.stand import answers, fill

from tallystick.answers.desk import Desk
from tallystick.errors import Unavailable
from tallystick.faces.compat.tokengate import ALL, Adapter, router
from tallystick.intake.logs import bring_in, look
from tallystick.ledger.sqlite.engine import SqliteLedger
from tallystick.tools.shelf import TOOLS
from tallystick.usage.tokens import Tokens

EVENTS = (
    # The last minute of the day before in Kathmandu (UTC+5:45), and its first one.
    event("2026-11-21T18:14:59", OPUS, MAIN, Tokens(1, 10, 100, 1_000, 2)),
    event("2026-11-21T18:15:00", OPUS, MAIN, Tokens(4, 10, 100, 1_000, 8)),
    # The last of the day before in UTC, and the first.
    event("2026-11-21T23:59:59", OPUS, MAIN, Tokens(16, 10, 100, 1_000, 32)),
    event("2026-11-22T00:00:00", OPUS, MAIN, Tokens(64, 10, 100, 1_000, 128)),
    # Codex: of 1000 of input 900 were read from a cache and 5 written to one; 30 of 50 of output are reasoning.
    event("2026-11-22T00:10:00", CODEX, CLI, Tokens(95, 900, 5, 0, 50, 30)),
    # The last of the day before in New York (UTC-5), and the first.
    event("2026-11-22T04:59:59", OPUS, MAIN, Tokens(256, 10, 100, 1_000, 512)),
    event("2026-11-22T05:00:00", OPUS, MAIN, Tokens(1_024, 10, 100, 1_000, 2_048)),
)
NOW = "2026-11-22T05:00:30"


class Place(NamedTuple):
    """A site, as far as these routes go by it."""

    version: str
    timezone: str
    now: Callable[[], int]
    cache_ttl: float


class Stand:
    """The routes before a ledger, with a clock of their own."""

    def __init__(self, desk: Desk, zone: str = "UTC", ttl: float = 30, now: str = NOW) -> None:
        self.now, self.desk, self.collections = at(now), desk, 0
        titles = {tool.name: tool.title for tool in TOOLS}
        missing = {"opencode": "OpenCode is not on this machine."}
        adapters = [Adapter(name, titles[name], lambda name=name: missing.get(name, "")) for name in ALL]  # type: ignore[misc]
        self.app = FastAPI()
        self.app.include_router(router(self.desk, Place("9.9.9", zone, lambda: self.now, ttl), adapters))

    def get(self, path: str, times: int = 1) -> list[dict[str, Any]]:
        """Ask so many times at once."""
        return asyncio.run(self._get(path, times))

    async def _get(self, path: str, times: int) -> list[dict[str, Any]]:
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found = await asyncio.gather(*(client.get(path) for _ in range(times)))
        assert [each.status_code for each in found] == [200] * times
        return [each.json() for each in found]

    def usage(self) -> dict[str, Any]:
        """Ask for the usage of today."""
        (found,) = self.get("/usage")
        return found


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return a ledger around three midnights."""
    fill(tmp_path / "ledger.db", EVENTS)
    return tmp_path / "ledger.db"


@pytest.fixture
def desk(ledger: Path) -> Iterator[Desk]:
    """Return a desk before it."""
    made = Desk(lambda: answers(ledger), 2)
    yield made
    made.close()


def counts(inputs: int, outputs: int, reasoning: int = 0) -> dict[str, int]:
    """Return counts as they are told."""
    return {
        "inputTokens": inputs,
        "outputTokens": outputs,
        "reasoningTokens": reasoning,
        "totalTokens": inputs + outputs,
    }


def test_keys_types_and_order_are_those_of_tokengate(desk: Desk) -> None:
    (health,) = Stand(desk).get("/health")
    assert health == {"status": "ok", "version": "9.9.9", "adapters": ["claude-code", "opencode", "codex"]}
    found = Stand(desk).usage()
    assert list(found) == ["total", "breakdown", "timestamp", "periodStart", "periodEnd", "cached"]
    assert found["timestamp"] == "2026-11-22T05:00:30.000Z"
    assert found["cached"] is False
    claude, opencode, codex = found["breakdown"]
    # Cache reads and writes are left out; of Codex, tokengate leaves only the reads out of the input.
    assert claude == {"source": "claude-code", "displayName": "Claude Code"} | counts(
        64 + 256 + 1_024, 128 + 512 + 2_048
    ) | {"available": True}
    assert codex == {"source": "codex", "displayName": "Codex"} | counts(100, 50, 30) | {"available": True}
    assert opencode == {"source": "opencode", "displayName": "OpenCode"} | counts(0, 0) | {
        "available": False,
        "error": "OpenCode is not on this machine.",
    }
    assert found["total"] == counts(1_344 + 100, 2_688 + 50, 30)


@pytest.mark.parametrize(
    "zone, start, end, inputs",
    [
        ("UTC", "2026-11-22T00:00:00.000Z", "2026-11-23T00:00:00.000Z", 64 + 256 + 1_024),
        ("Asia/Kathmandu", "2026-11-21T18:15:00.000Z", "2026-11-22T18:15:00.000Z", 4 + 16 + 64 + 256 + 1_024),
        ("America/New_York", "2026-11-22T05:00:00.000Z", "2026-11-23T05:00:00.000Z", 1_024),
    ],
)
def test_today_is_the_local_day(desk: Desk, zone: str, start: str, end: str, inputs: int) -> None:
    found = Stand(desk, zone).usage()
    assert (found["periodStart"], found["periodEnd"]) == (start, end)
    assert found["breakdown"][0]["inputTokens"] == inputs
    assert found["breakdown"][0]["outputTokens"] == 2 * inputs


def test_a_day_on_which_clocks_change_has_its_own_length(desk: Desk) -> None:
    found = Stand(desk, "Europe/Berlin", now="2026-10-25T12:00:00").usage()
    assert (found["periodStart"], found["periodEnd"]) == ("2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z")


def test_fifty_who_ask_at_once_make_one_collection(ledger: Path) -> None:
    begun, go = [], threading.Event()

    def slowly() -> Any:  # noqa: ANN401  the answers
        begun.append(1)
        go.wait(5)
        return answers(ledger)

    desk = Desk(slowly, 4)
    try:
        stand = Stand(desk)
        threading.Timer(0.3, go.set).start()
        found = stand.get("/usage", 50)
    finally:
        desk.close()
    assert len(begun) == 1
    assert {each["total"]["totalTokens"] for each in found} == {1_444 + 2_738}
    assert {each["cached"] for each in found} == {False}


def test_an_answer_is_given_again_until_it_is_old_and_the_desk_is_not_asked(desk: Desk, ledger: Path) -> None:
    stand = Stand(desk, ttl=30)
    first = stand.usage()
    fill(ledger, [event("2026-11-22T05:00:20", OPUS, MAIN, Tokens(5, 0, 0, 0, 7))])
    desk.changed()
    stand.now += 29_999
    assert stand.usage() == first | {"cached": True}
    stand.now += 1
    later = stand.usage()
    assert later["cached"] is False
    assert later["total"]["totalTokens"] == first["total"]["totalTokens"] + 12
    # A clock that was set back makes nothing last longer.
    stand.now -= 60_000
    assert stand.usage()["cached"] is False


def test_without_a_time_to_live_nothing_is_kept(desk: Desk) -> None:
    stand = Stand(desk, ttl=0)
    assert [stand.usage()["cached"] for _ in range(3)] == [False] * 3


def test_at_midnight_the_old_day_is_dropped(desk: Desk) -> None:
    stand = Stand(desk, "America/New_York", ttl=3_600, now="2026-11-22T04:59:59.500")
    old = stand.usage()
    assert old["breakdown"][0]["inputTokens"] == 1 + 4 + 16 + 64 + 256
    stand.now += 500
    new = stand.usage()
    assert (new["cached"], new["periodStart"]) == (False, old["periodEnd"])
    assert new["breakdown"][0]["inputTokens"] == 1_024


def test_a_ledger_that_cannot_be_asked_is_told_within_the_answer_and_not_kept(ledger: Path) -> None:
    broken = [True]

    def opened() -> Any:  # noqa: ANN401  the answers
        if broken:
            raise Unavailable("The ledger is away.")
        return answers(ledger)

    desk = Desk(opened, 1)
    try:
        desk._supply.broken = Unavailable("known")  # so that nobody waits for it
        stand = Stand(desk)
        found = stand.usage()
        assert found["total"] == counts(0, 0)
        assert [(each["available"], each["error"]) for each in found["breakdown"]] == [
            (False, "The ledger is away.")
        ] * 3
        broken.clear()
        assert stand.usage()["total"]["totalTokens"] == 1_444 + 2_738
    finally:
        desk.close()


def test_warm_it_takes_less_than_ten_milliseconds(desk: Desk) -> None:
    stand = Stand(desk)

    async def timed() -> float:
        transport = httpx2.ASGITransport(app=stand.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.get("/usage")
            took = []
            for _ in range(50):
                began = perf_counter()
                await client.get("/usage")
                took.append(perf_counter() - began)
        return sorted(took)[25]

    assert asyncio.run(timed()) < 0.01


def _sent(folder: Path, logged: str) -> Iterator[Mapping[str, Any]]:
    """Yield what those requests consumed of which the log knows, as the other side of the wire has it."""
    for line in (folder / "ledger.jsonl").read_text().splitlines():
        request = json.loads(line)
        if request.get("response_id") and request.get("usage") and request["response_id"] in logged:
            yield request["usage"]


@pytest.mark.parametrize(
    "zone, now, there",
    [
        # It was captured from 01:44 to 02:00 UTC.
        ("UTC", "2026-11-22T23:59:59", True),
        ("UTC", "2026-11-23T00:00:00", False),
        ("America/New_York", "2026-11-22T04:59:59", True),
        ("America/New_York", "2026-11-22T05:00:00", False),
        ("Asia/Kathmandu", "2026-11-22T18:14:59", True),
        ("Asia/Kathmandu", "2026-11-22T18:15:00", False),
    ],
)
def test_what_real_clients_wrote(shared: Path, tmp_path: Path, zone: str, now: str, there: bool) -> None:  # noqa: FBT001
    captured = shared / "realclients" / "captured"
    claude, codex = captured / "claude-code-2.1.330" / "interactive", captured / "codex-0.169.0" / "http"
    copytree(claude / ".claude", tmp_path / "home" / ".claude")
    copytree(codex / ".codex", tmp_path / "home" / ".codex")
    ledger = tmp_path / "ledger.db"
    made = SqliteLedger(str(ledger), write=True)
    news, _ = look(TOOLS, str(tmp_path / "home"), {}, made)
    bring_in(news, made, ("box", "dev"))
    made.close()
    texts = {each: "".join(log.read_text() for log in each.rglob(".c*/**/*.jsonl")) for each in (claude, codex)}
    wanted = {"claude-code": [0, 0], "codex": [0, 0], "opencode": [0, 0]}
    for usage in _sent(claude, texts[claude]) if there else ():
        wanted["claude-code"][0] += usage["input_tokens"]
        wanted["claude-code"][1] += usage["output_tokens"]
    # Codex does not log the ids of answers; every one that it got was logged.
    answered = [json.loads(line) for line in (codex / "ledger.jsonl").read_text().splitlines()] if there else []
    for usage in [each["usage"] for each in answered if each.get("usage") and each["usage_sent"]]:
        wanted["codex"][0] += usage["input_tokens"] - usage["input_tokens_details"]["cached_tokens"]
        wanted["codex"][1] += usage["output_tokens"]
    assert not there or min(wanted["claude-code"] + wanted["codex"]) > 0
    desk = Desk(lambda: answers(ledger), 1)
    try:
        found = Stand(desk, zone, now=now).usage()
    finally:
        desk.close()
    assert {each["source"]: [each["inputTokens"], each["outputTokens"]] for each in found["breakdown"]} == wanted
    start = datetime.fromisoformat(found["periodStart"])
    assert start <= datetime.fromisoformat(now).replace(tzinfo=UTC) < datetime.fromisoformat(found["periodEnd"])
